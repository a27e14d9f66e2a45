"""The exchange format as a table: which files, which columns, what names a row (design §9).

The same table is used to read files, to read the database for an export, and to write both, so
that what is exported can be imported again without a difference.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from gvi.domain.grading import ADMIRALTY_GRADES, Certainty, Compartment
from gvi.domain.group import GroupKind, GroupStatus, RelationKind
from gvi.domain.incident import Gmi, IncidentStatus, InvolvementRole
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.supervision import SupervisionKind
from gvi.domain.tie import DIRECTED_TIES, TieKind

Key = tuple[object, ...]
"""What names a row: its id, or the values of its natural key."""


class CellKind(StrEnum):
    """What a cell holds, which decides how it is read and written."""

    NAME = "name"
    """An id or another short text: one line, single spaces."""
    PROSE = "prose"
    CODE = "code"
    INSTANT = "instant"
    DAY = "day"
    STRENGTH = "strength"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    FLAG = "flag"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a file."""

    name: str
    kind: CellKind = CellKind.NAME
    codes: tuple[str, ...] = ()
    is_required: bool = False
    refers_to: str = ""
    """The file whose ids stand in this column."""
    takes_any: bool = False
    """A word outside the codes is reported and kept as `otherwise`; the contract lists no codes."""
    otherwise: str | None = None


@dataclass(frozen=True, kw_only=True)
class FileLayout:
    """One file: its columns in order, and what names a row."""

    name: str
    noun: str
    """The noun of rights, status changes and the audit log."""
    own: tuple[Column, ...]
    key: tuple[str, ...]
    pair: tuple[str, ...] = ()
    """The first two columns, where their order says nothing unless the kind is in `directed`."""
    directed: frozenset[str] = frozenset()
    dated_by: str = ""
    """The column that says when it occurred or became valid."""
    compartment: str = Compartment.POLICE.value
    """Whose secrecy a new row stands under, where the file does not say."""

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns that may stand in the file, those of every file last."""
        return self.own + EVERYWHERE

    @cached_property
    def places(self) -> dict[str, int]:
        """Column name → its place in the values of a row."""
        return {column.name: place for place, column in enumerate(self.columns)}

    @property
    def has_ids(self) -> bool:
        """Whether other files refer to rows of this one."""
        return self.key == ("id",)

    @cached_property
    def references(self) -> tuple[tuple[int, Column], ...]:
        """The columns that hold ids of another file, with their places."""
        return tuple((i, column) for i, column in enumerate(self.columns) if column.refers_to)

    @cached_property
    def _key_places(self) -> tuple[int, ...]:
        return tuple(self.places[name] for name in self.key)

    def key_of(self, values: Sequence[object]) -> Key:
        """Give what names a row; an undirected pair is put in one order.

        Example:
            >>> TIES.key_of(("P2", "P1", "friend", None))
            ('P1', 'P2', 'friend', None)
            >>> TIES.key_of(("P2", "P1", "recruiter", None))
            ('P2', 'P1', 'recruiter', None)
        """
        key = tuple([values[place] for place in self._key_places])
        return (key[1], key[0], *key[2:]) if self._is_turned(key) else key

    def in_order(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """Give a row's values with an undirected pair in the order of the key."""
        turned = self._is_turned(tuple([values[place] for place in self._key_places]))
        return (values[1], values[0], *values[2:]) if turned else values

    def _is_turned(self, key: Key) -> bool:
        return bool(self.pair) and key[2] not in self.directed and str(key[0]) > str(key[1])


def _codes(vocabulary: Iterable[StrEnum]) -> tuple[str, ...]:
    return tuple(code.value for code in vocabulary)


_ID = Column(name="id", is_required=True)
_AREA = Column(name="area")
_VALID_FROM = Column(name="valid_from", kind=CellKind.INSTANT)
_VALID_TO = Column(name="valid_to", kind=CellKind.INSTANT)
_CERTAINTY = Column(name="certainty", kind=CellKind.CODE, codes=_codes(Certainty))


def _person(name: str) -> Column:
    return Column(name=name, is_required=True, refers_to="persons.csv")


def _group(name: str) -> Column:
    return Column(name=name, is_required=True, refers_to="groups.csv")


def _code(name: str, vocabulary: Iterable[StrEnum], *, is_required: bool = False) -> Column:
    codes = _codes(vocabulary)
    return Column(name=name, kind=CellKind.CODE, codes=codes, is_required=is_required)


EVERYWHERE: tuple[Column, ...] = (
    Column(name="source"),
    Column(name="grade", kind=CellKind.CODE, codes=ADMIRALTY_GRADES),
    Column(name="recorded_at", kind=CellKind.INSTANT),
    _code("compartment", Compartment),
)
"""Columns that may stand in every file. `compartment` is written only where a row's secrecy is not
the file's usual one, so that an export never carries a social record into the police's."""

GROUPS = FileLayout(
    name="groups.csv",
    noun="group",
    own=(
        _ID,
        Column(name="name"),
        Column(name="kind", kind=CellKind.CODE, codes=_codes(GroupKind), takes_any=True),
        _code("status", GroupStatus),
        _AREA,
    ),
    key=("id",),
)
GROUP_RELATIONS = FileLayout(
    name="group_relations.csv",
    noun="group_relation",
    own=(
        _group("group_a"),
        _group("group_b"),
        _code("kind", RelationKind, is_required=True),
        _VALID_FROM,
        _VALID_TO,
    ),
    key=("group_a", "group_b", "kind", "valid_from"),
    pair=("group_a", "group_b"),
    dated_by="valid_from",
)
PERSONS = FileLayout(
    name="persons.csv",
    noun="person",
    own=(
        _ID,
        Column(name="name"),
        Column(name="birth_date", kind=CellKind.DAY),
        Column(name="sex"),
        _AREA,
    ),
    key=("id",),
)
MEMBERSHIPS = FileLayout(
    name="memberships.csv",
    noun="membership",
    own=(
        _person("person"),
        _group("group"),
        _VALID_FROM,
        _VALID_TO,
        _code("role", MembershipRole),
        _CERTAINTY,
        _code("status", MembershipStatus),
    ),
    key=("person", "group", "valid_from"),
    dated_by="valid_from",
)
TIES = FileLayout(
    name="ties.csv",
    noun="tie",
    own=(
        _person("person_a"),
        _person("person_b"),
        _code("kind", TieKind, is_required=True),
        _VALID_FROM,
        _VALID_TO,
        Column(name="strength", kind=CellKind.STRENGTH),
        _CERTAINTY,
    ),
    key=("person_a", "person_b", "kind", "valid_from"),
    pair=("person_a", "person_b"),
    directed=frozenset(DIRECTED_TIES),
    dated_by="valid_from",
)
INCIDENTS = FileLayout(
    name="incidents.csv",
    noun="incident",
    own=(
        _ID,
        Column(name="occurred_at", kind=CellKind.INSTANT, is_required=True),
        Column(name="kind", is_required=True),
        _code("status", IncidentStatus),
        _code("gmi", Gmi),
        Column(name="place"),
        Column(name="latitude", kind=CellKind.LATITUDE),
        Column(name="longitude", kind=CellKind.LONGITUDE),
        _AREA,
        Column(name="summary", kind=CellKind.PROSE),
    ),
    key=("id",),
    dated_by="occurred_at",
)
INVOLVEMENTS = FileLayout(
    name="involvements.csv",
    noun="involvement",
    own=(
        Column(name="incident", is_required=True, refers_to="incidents.csv"),
        _person("person"),
        _code("role", InvolvementRole, is_required=True),
        _CERTAINTY,
    ),
    key=("incident", "person", "role"),
)
SUPERVISIONS = FileLayout(
    name="supervisions.csv",
    noun="supervision",
    own=(
        _person("person"),
        Column(
            name="kind",
            kind=CellKind.CODE,
            codes=_codes(SupervisionKind),
            is_required=True,
            takes_any=True,
            otherwise=SupervisionKind.OTHER.value,
        ),
        _VALID_FROM,
        _VALID_TO,
        Column(name="obliges_attendance", kind=CellKind.FLAG),
    ),
    key=("person", "kind", "valid_from"),
    dated_by="valid_from",
    compartment=Compartment.PROBATION.value,
)

FILES: tuple[FileLayout, ...] = (
    GROUPS,
    GROUP_RELATIONS,
    PERSONS,
    MEMBERSHIPS,
    TIES,
    INCIDENTS,
    INVOLVEMENTS,
    SUPERVISIONS,
)
"""All files, in the order in which they are read and written: what is referred to comes first."""

LAYOUTS = {layout.name: layout for layout in FILES}
LATER = frozenset({"attendances.csv"})
"""Files the format names and this version does not read yet."""

BLANK_MEANS: dict[str, dict[str, object]] = {
    GROUPS.name: {"status": GroupStatus.ACTIVE.value, "area": ""},
    PERSONS.name: {"area": ""},
    MEMBERSHIPS.name: {"status": MembershipStatus.CURRENT.value},
    INCIDENTS.name: {
        "status": IncidentStatus.NEW.value,
        "gmi": Gmi.UNKNOWN.value,
        "place": "",
        "area": "",
        "summary": "",
    },
    SUPERVISIONS.name: {"obliges_attendance": False},
}
"""What a new row gets where its cell is blank; everything else stays unknown. A blank cell of a row
that is stored already says nothing: a file never deletes."""


def tidy(text: str, kind: CellKind = CellKind.NAME) -> str:
    """Put a text as files keep and compare it: composed letters, no stray spaces or line ends."""
    whole = unicodedata.normalize("NFC", text)
    if kind is CellKind.PROSE:
        return whole.replace("\r\n", "\n").replace("\r", "\n").strip()
    return " ".join(whole.split())


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One stored fact in the columns of its file.

    `recorded_at` is blank where it was assumed. `is_sealed`: the viewer may know that the person
    is there but not everything the file would say, so an import neither reads nor changes it.
    """

    id: int
    values: tuple[object, ...]
    is_by_hand: bool = False
    is_withdrawn: bool = False
    is_sealed: bool = False


def ids_for_files(rows: Iterable[tuple[int, str | None, str]]) -> dict[int, str]:
    """Name each thing for a file: by its external id, else by what it is called.

    `rows` are (id, external id, what it is called), in the order of ids. A name that is taken gets
    a number, the same one every time, so that a file written today still fits tomorrow.

    Example:
        >>> ids_for_files([(1, "P1", "Lom"), (2, None, "Tärna"), (3, None, "P1")])
        {1: 'P1', 2: 'Tärna', 3: 'P1-2'}
    """
    given = list(rows)
    taken = {external_id for _, external_id, _ in given if external_id is not None}
    named: dict[int, str] = {}
    for thing_id, external_id, called in given:
        if external_id is None:
            external_id = free_name(called, taken)  # noqa: PLW2901 — the name it goes by
            taken.add(external_id)
        named[thing_id] = external_id
    return named


def free_name(wanted: str, taken: Collection[str], *, fold: Callable[[str], str] = str) -> str:
    """Give a name nobody has: the one wanted, or with the first free number after it.

    `taken` holds names as `fold` gives them.
    """
    name, number = wanted, 1
    while fold(name) in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
