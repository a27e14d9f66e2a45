"""Who moves between two lists of the same score: who came, who went, who stands elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

TOP = 20
"""How many people from the top are compared as a set: about as many as anybody acts on."""


class Standing(NamedTuple):
    """Where a person stands on one list: rank, score and parts in harm units."""

    rank: int
    score: float
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One person's standing before and after; None is not on that list."""

    person_id: int
    before: Standing | None
    after: Standing | None

    @property
    def change(self) -> float:
        """How much the score changed, in harm units; not being listed is 0."""
        return (self.after.score if self.after else 0.0) - (
            self.before.score if self.before else 0.0
        )

    @property
    def parts(self) -> dict[str, float]:
        """How much each part changed."""
        before = self.before.parts if self.before else {}
        after = self.after.parts if self.after else {}
        names = dict.fromkeys((*before, *after))
        return {name: after.get(name, 0.0) - before.get(name, 0.0) for name in names}

    @property
    def is_moved(self) -> bool:
        """Whether the person came, went or has another rank."""
        if self.before is None or self.after is None:
            return True
        return self.before.rank != self.after.rank


def moves(before: Mapping[int, Standing], after: Mapping[int, Standing]) -> tuple[Move, ...]:
    """Pair everybody of two lists, by the later rank, those who went last, by the earlier one."""
    paired = [
        Move(person_id=person, before=before.get(person), after=after.get(person))
        for person in {**after, **before}
    ]
    return tuple(sorted(paired, key=_place))


def _place(move: Move) -> tuple[bool, int]:
    standing = move.after or move.before
    return move.after is None, standing.rank if standing else 0


def changed_at_the_top(found: Iterable[Move], top: int = TOP) -> int:
    """Count the people of the later top who were not in the earlier one."""
    return sum(
        move.after is not None
        and move.after.rank <= top
        and (move.before is None or move.before.rank > top)
        for move in found
    )
