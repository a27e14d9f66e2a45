"""The message of Group Violence Intervention and its four parts (Swedish national police)."""

from enum import StrEnum


class MessagePart(StrEnum):
    """What was said; each delivery records which parts, to whom, when and by whom."""

    NOT_DIE = "not_die"
    NOT_KILL = "not_kill"
    CONSEQUENCES = "consequences"
    HELP = "help"
