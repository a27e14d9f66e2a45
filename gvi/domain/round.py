"""Rounds of custom notifications: a batch of visits within some days, answered for by one."""

from enum import StrEnum


class RoundStatus(StrEnum):
    """Whether people may still be added, and visits made under it."""

    OPEN = "open"
    CLOSED = "closed"


class Remains(StrEnum):
    """What becomes of a visit that was not delivered when its round is closed."""

    STAYS = "stays"
    """It stays as a single custom notification, with a day of its own."""
    NOT_DELIVERABLE = "not_deliverable"
    CANCELLED = "cancelled"


MOST_VISITS = 60
"""So many visits may be asked for at once; rounds held in Sweden had 21 to 24 (domain §1.7)."""
USUAL_VISITS = 8
