"""Risk decisions: a colour set by people, with a reason and an expiry; never computed."""

from enum import StrEnum

DEFAULT_VALIDITY_DAYS = 21
"""Three weeks, the rhythm of the Trefas meeting (domain §1.13); a decision may set another day."""


class RiskColour(StrEnum):
    """What the meeting decided: red is acute danger to kill or be killed (Trefas)."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    OFF_LIST = "off_list"
