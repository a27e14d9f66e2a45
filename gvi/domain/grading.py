"""How much a piece of information is trusted: certainty of the fact, grade of its source."""

from enum import StrEnum


class Certainty(StrEnum):
    """How sure the fact is (konstaterat, sannolikt, möjligt); blank counts as possible, flagged."""

    CONFIRMED = "confirmed"
    PROBABLE = "probable"
    POSSIBLE = "possible"


class Compartment(StrEnum):
    """Whose secrecy a record stands under; rights are given for each compartment (design §7)."""

    POLICE = "police"
    SOCIAL = "social"
    PROBATION = "probation"
    CHILD = "child"
    SHARED = "shared"


ADMIRALTY_GRADES: tuple[str, ...] = tuple(f"{s}{i}" for s in "ABCDEF" for i in "123456")
"""Reliability of the source A–F, credibility of the information 1–6 (the Admiralty scale)."""
