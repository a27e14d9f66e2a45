"""The message of Group Violence Intervention and its four parts (Swedish national police)."""

from datetime import timedelta
from enum import StrEnum


class MessagePart(StrEnum):
    """What was said; each delivery records which parts, to whom, when and by whom."""

    NOT_DIE = "not_die"
    NOT_KILL = "not_kill"
    CONSEQUENCES = "consequences"
    HELP = "help"


class SpokenLanguage(StrEnum):
    """In what language somebody was told; codes of ISO 639. A message not understood is none."""

    SV = "sv"
    NB = "nb"
    EN = "en"
    AR = "ar"
    BS = "bs"
    FA = "fa"
    KU = "ku"
    PL = "pl"
    RO = "ro"
    SO = "so"
    SQ = "sq"
    TI = "ti"
    TR = "tr"
    OTHER = "other"


MESSAGE_LASTS = timedelta(days=365)
"""A message older than twelve months no longer counts as heard (design §5)."""


class Occasion(StrEnum):
    """Where the message was given."""

    CALL_IN = "call_in"
    CUSTOM_NOTIFICATION = "custom_notification"
