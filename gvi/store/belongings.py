"""What belongs to a thing, each row with the side whose it is; and a part of it, taken out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from gvi.domain.removal import Side

Key = tuple[Any, ...]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pointer:
    """A pointer of a row that stays to one that goes: blank while that is gone."""

    table: str
    key: Key
    column: str
    value: Any


@dataclass
class Bundle:
    """Rows by table, and what must be mended around them when they come back."""

    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)
    pointers: list[Pointer] = field(default_factory=list)
    unnumbered: dict[str, list[Row]] = field(default_factory=dict)
    """Rows by table that get their number when they come back: they were part of others."""
    altered: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """Columns of a person who stays with the other side: name → before, after."""
    person: Row | None = None
    """That person as they were."""

    def count(self, table: str) -> int:
        """Count the rows of one table."""
        return len(self.rows.get(table, {}))

    def add(self, table: str, key: Key, row: Row) -> None:
        """Put a row in."""
        self.rows.setdefault(table, {})[key] = row


@dataclass
class Belongings:
    """Everything that belongs to a thing, each row with the side whose it is.

    A broken glass may have opened parts of both sides: that row is both sides'. What probation
    disclosed, and asked and consented to it, is neither's: it stands in probation's own register.
    """

    bundle: Bundle = field(default_factory=Bundle)
    sides: dict[tuple[str, Key], frozenset[Side]] = field(default_factory=dict)
    marked: set[tuple[str, Key]] = field(default_factory=set)
    """Rows that are one side's by their own secrecy or worker, not by what they hang on."""
    workers: set[tuple[str, Key]] = field(default_factory=set)
    """Who in probation works with the person: the police side's, as all of probation's work."""
    hanging: dict[tuple[str, Key], tuple[str, Key]] = field(default_factory=dict)
    """Rows that cannot stay without another, which may be another side's: row → that other."""

    def of(self, sides: Iterable[Side], *, without: Iterable[str] = ()) -> Bundle:
        """Give what belongs to some sides and to no other, but for the tables named.

        What hangs on it goes along, whosever it is.
        """
        wanted, every = frozenset(sides), frozenset(Side)
        part = self._part(lambda held: held <= wanted and (bool(held) or wanted == every), without)
        for (table, key), (above, parent) in self.hanging.items():
            if parent in part.rows.get(above, {}):
                part.add(table, key, self.bundle.rows[table][key])
        return part

    def seen_by(self, sides: Iterable[Side], *, without: Iterable[str] = ()) -> Bundle:
        """Give what belongs to some sides, if not to them alone, but for the tables named."""
        wanted, every = frozenset(sides), frozenset(Side)
        return self._part(lambda held: bool(held & wanted) or wanted == every, without)

    @property
    def has_probations(self) -> bool:
        """Tell whether probation has disclosed something, or was asked to."""
        return not all(self.sides.values())

    def with_register(self) -> "Belongings":
        """Give the same with probation's workers beside its register, where it has one.

        Without them nobody could open the register: they stay with it, whoever else leaves.
        """
        if not self.has_probations:
            return self
        staying = dict.fromkeys(self.workers, frozenset[Side]())
        return replace(self, sides=self.sides | staying, marked=self.marked - self.workers)

    def _part(self, is_wanted: Callable[[frozenset[Side]], bool], without: Iterable[str]) -> Bundle:
        left = frozenset(without)
        part = Bundle(pointers=list(self.bundle.pointers))
        for table, rows in self.bundle.rows.items():
            for key, row in rows.items():
                if table not in left and is_wanted(self.sides[table, key]):
                    part.add(table, key, row)
        return part

    def any_of(self, side: Side, *, without: Iterable[str] = (), marked_only: bool = False) -> bool:
        """Tell whether a side has any row here, but for the tables named."""
        left = frozenset(without)
        return any(
            side in each and (not marked_only or place in self.marked)
            for place, each in self.sides.items()
            if place[0] not in left
        )
