"""Access tokens of the API: how they are written, what they cover, how long they may live."""

import secrets
import string
import zlib
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

PREFIX = "gvi_"
"""What secret scanners look for in files that should not hold a token."""
LONGEST_LIFE = timedelta(days=180)
MOST_TOKENS = 10
"""In force at the same time, for one user."""

_LETTERS = string.ascii_letters + string.digits
_RANDOM, _CHECK = 40, 6


class TokenScope(StrEnum):
    """What a token may do, by family of records; never more than its user's role may."""

    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    GROUPS_READ = "groups:read"
    GROUPS_WRITE = "groups:write"
    INCIDENTS_READ = "incidents:read"
    INCIDENTS_WRITE = "incidents:write"
    CALL_INS_READ = "call_ins:read"
    CALL_INS_WRITE = "call_ins:write"
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_WRITE = "notifications:write"
    SUPPORT_READ = "support:read"
    SUPPORT_WRITE = "support:write"
    ACTIONS_READ = "actions:read"
    ACTIONS_WRITE = "actions:write"
    ANALYSIS_READ = "analysis:read"


_FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "person": "people",
        "membership": "people",
        "tie": "people",
        "group": "groups",
        "group_relation": "groups",
        "incident": "incidents",
        "involvement": "incidents",
        "call_in": "call_ins",
        "custom_notification": "notifications",
        "support": "support",
        "contact": "support",
        "action": "actions",
        "score": "analysis",
        "scorecard": "analysis",
        "network": "analysis",
    }
)


def scope_for(permission: str) -> TokenScope | None:
    """Give the scope a token needs to enter under a permission; None where no token may enter."""
    thing, _, act = permission.partition(":")
    if permission == "call_in:plan":  # asks about scores and writes nothing
        return TokenScope.ANALYSIS_READ
    family = _FAMILIES.get(thing)
    if family is None:
        return None
    return TokenScope(f"{family}:{'write' if act == 'write' else 'read'}")


def new_token() -> str:
    """Make a token: the prefix, 238 random bits, and a check that finds typing mistakes."""
    body = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))
    return f"{PREFIX}{body}{_check_of(body)}"


def is_token(text: str) -> bool:
    """Tell whether a text is written as a token is; nothing else is looked up.

    Example:
        >>> is_token(new_token()), is_token("gvi_" + "a" * 46), is_token("secret")
        (True, False, False)
    """
    body, check = text[len(PREFIX) : -_CHECK], text[-_CHECK:]
    right_length = len(text) == len(PREFIX) + _RANDOM + _CHECK
    return text.startswith(PREFIX) and right_length and check == _check_of(body)


def _check_of(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), []
    for _ in range(_CHECK):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(reversed(letters))
