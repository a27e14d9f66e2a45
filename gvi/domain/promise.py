"""What a call-in promises: to a group the consequence of its next violence, to a person help.

A promise is read from the ledger and not written beside it: what was said is what was promised.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from gvi.domain.message import MessagePart


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What one group was promised, through those of it who came."""

    consequence_heard: int
    """How many heard that the next violence has consequences for the whole group."""
    help_heard: int
    """How many were promised help, each for themselves."""


def promised(heard: Iterable[tuple[int | None, Collection[MessagePart]]]) -> Mapping[int, Promised]:
    """Sum what was promised, from the group each person carries it to and the parts they heard.

    Example:
        >>> promised([(1, {MessagePart.HELP}), (1, set(MessagePart)), (None, set(MessagePart))])
        {1: Promised(consequence_heard=1, help_heard=2)}
    """
    said = [(group, parts) for group, parts in heard if group is not None]
    return {
        group: Promised(
            consequence_heard=sum(MessagePart.CONSEQUENCES in p for g, p in said if g == group),
            help_heard=sum(MessagePart.HELP in p for g, p in said if g == group),
        )
        for group in sorted({group for group, _ in said})
    }
