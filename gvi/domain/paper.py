"""Paper: what is printed of a call-in, the code on it, and the words of an invitation."""

import re
import secrets
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0, O, 1 or I: a code is read from paper and typed."""
_LENGTH = 10


class PaperKind(StrEnum):
    """What is printed of a call-in."""

    LETTERS = "letters"
    ROSTER = "roster"
    DOOR_LIST = "door_list"
    RUN_SHEET = "run_sheet"
    SEAT_PLAN = "seat_plan"
    VISIT_LETTERS = "visit_letters"
    """Of a round of custom notifications; all others are of a call-in."""


class LetterKind(StrEnum):
    """What a letter is for; each has its own words."""

    INVITATION = "invitation"
    VISIT = "visit"


class LetterLanguage(StrEnum):
    """Languages an invitation is written in; more than the pages have."""

    SV = "sv"
    NB = "nb"
    EN = "en"


PLACES: Mapping[LetterKind, frozenset[str]] = MappingProxyType(
    {
        LetterKind.INVITATION: frozenset({"name", "day", "time", "venue", "programme"}),
        LetterKind.VISIT: frozenset({"name", "exposure", "programme"}),
    }
)
"""What a letter may leave open, each written in braces: {name}."""
NEEDED: Mapping[LetterKind, tuple[str, ...]] = MappingProxyType(
    {LetterKind.INVITATION: ("name",), LetterKind.VISIT: ("name", "exposure")}
)
"""Without which a letter would not be to this person."""
_PLACE = re.compile(r"\{([^{}]*)\}")


def new_code() -> str:
    """Draw the code of one paper: 50 bits, so that nobody meets another by guessing."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return f"{drawn[:5]}-{drawn[5:]}"


def read_code(typed: str) -> str:
    """Give a code as it is kept, however somebody typed it.

    >>> read_code(" k7qmx 2rdab ")
    'K7QMX-2RDAB'
    """
    bare = re.sub(r"[\s\-–]", "", typed).upper()
    return f"{bare[:5]}-{bare[5:]}"


def unknown_places(text: str, kind: LetterKind = LetterKind.INVITATION) -> list[str]:
    """Name what stands in braces and is nothing a letter can fill in, such as a misspelt place.

    >>> unknown_places("Dear {name}, on {dya}")
    ['dya']
    """
    return sorted(set(_PLACE.findall(text)) - PLACES[kind])


def filled(text: str, **values: str) -> str:
    """Fill the places of a letter; values are taken as they are, braces in them too.

    >>> filled("Dear {name}.", name="{day}")
    'Dear {day}.'
    """
    return _PLACE.sub(lambda found: values[found[1]], text)
