"""The message of Group Violence Intervention and its four parts (Swedish national police)."""

from datetime import timedelta
from enum import StrEnum


class MessagePart(StrEnum):
    """What was said; each delivery records which parts, to whom, when and by whom."""

    NOT_DIE = "not_die"
    NOT_KILL = "not_kill"
    CONSEQUENCES = "consequences"
    HELP = "help"


MESSAGE_LASTS = timedelta(days=365)
"""A message older than twelve months no longer counts as heard (design §5)."""


class Occasion(StrEnum):
    """Where the message was given."""

    CALL_IN = "call_in"
    CUSTOM_NOTIFICATION = "custom_notification"
