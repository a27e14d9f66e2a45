"""Taking everything that belongs to one thing out of all tables, and putting it back exactly.

What belongs to it is found by walking the foreign keys of the whole schema, so that a table made
tomorrow is walked too; superseded values and the trails without foreign keys come along.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnDefault,
    Date,
    LargeBinary,
    Table,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.domain.clearance import SIDE_OF_JUDGEMENT, ClearanceKind
from gvi.domain.disclosure import Party
from gvi.domain.grading import Compartment
from gvi.domain.removal import Side, side_of
from gvi.domain.section import SECTIONS, AccessKind, Section
from gvi.store.belongings import Belongings, Bundle, Key, Pointer, Row
from gvi.store.models import (
    AccessGrant,
    AccessNotice,
    AccessSection,
    Base,
    Clearance,
    ClientAssignment,
    Person,
    RiskCheck,
    User,
)
from gvi.store.older_rows import renewed
from gvi.store.sealing import bound, numbered
from gvi.store.types import Instant
from gvi.store.wall import behind_the_wall

_STAY = ("audit_subjects", "removals")
TRAILS = tuple(
    table.name
    for table in Base.metadata.sorted_tables
    if {"thing", "thing_id"} <= set(table.c.keys()) and table.name not in _STAY
)
"""Tables that point to any thing by its noun and number; the log and the tombstones stay."""
PERSONS = Person.__tablename__
_ASSIGNMENTS = ClientAssignment.__tablename__
_GRANTS = AccessGrant.__tablename__
_SECTIONS = AccessSection.__tablename__
JUDGEMENTS = frozenset({Clearance.__tablename__})
"""What each side judged of an invitation: it goes with that, which is the police side's."""
ACCESS = frozenset({_GRANTS, _SECTIONS, AccessNotice.__tablename__})
"""Who was let in by exception: kept while a side stays whose part it opens, no work of its own."""
_SOCIAL_WORKERS = (Role.OUTREACH.value, Role.OUTREACH_LEAD.value, Role.COORDINATOR_MUNICIPAL.value)
_POLICE = frozenset({Side.POLICE})
_PROBATIONS: frozenset[Side] = frozenset()


def table_called(name: str) -> Table:
    """Give a table by its name."""
    return Base.metadata.tables[name]


def noun_of(table: str) -> str:
    """Give the noun under which trails point to a table's rows: persons → person."""
    return table.removesuffix("s")


def key_of(table: Table, row: Mapping[str, Any]) -> Key:
    """Give the values of a row's primary key."""
    return tuple(row[column.name] for column in table.primary_key)


@cache
def _pointing_at(name: str) -> tuple[tuple[Table, Column[Any]], ...]:
    """Give every column of the schema that points to a table."""
    return tuple(
        (table, column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == name
    )


def people_columns(table: Table) -> list[Column[Any]]:
    """Give the columns that name a person, in a table or in the one that keeps its past."""
    present = Base.metadata.tables.get(table.name.removesuffix("_revisions"), table)
    names = [
        column.name
        for column in present.columns
        if any(key.column.table.name == PERSONS for key in column.foreign_keys)
    ]
    return [table.c[name] for name in names]


# Finding


def belongings(db: Session, name: str, thing_id: int) -> Belongings:
    """Find everything that belongs to one row; nothing is changed."""
    with behind_the_wall(db, "each side's share is found, and whether the other still needs it"):
        return _Walk(db).from_root(table_called(name), thing_id)


class _Walk:
    def __init__(self, db: Session) -> None:
        self._db = db
        self._found = Belongings()
        self._waiting: list[tuple[Table, list[Any]]] = []

    def from_root(self, root: Table, thing_id: int) -> Belongings:
        for row in self._rows(root, root.c.id == thing_id):
            self._take(root, row, _POLICE)
        self._waiting.append((root, [thing_id]))
        while self._waiting:
            parent, ids = self._waiting.pop(0)
            for child, column in _pointing_at(parent.name):
                self._children(parent, child, column, ids)
        self._past()
        if root.name == PERSONS:
            self._past_of_others(thing_id)
        self._trails()
        return self._found

    def _rows(self, table: Table, where: Any) -> Iterator[Row]:
        for row in self._db.execute(select(table).where(where)).mappings():
            yield dict(row)

    def _take(self, table: Table, row: Row, inherited: frozenset[Side]) -> bool:
        """Put a row among the found; False for one that is there already."""
        key = key_of(table, row)
        if (table.name, key) in self._found.sides:
            return False
        self._found.bundle.add(table.name, key, row)
        self._found.sides[table.name, key] = self._sides(table, row, inherited)
        if _is_marked(table, row):
            self._found.marked.add((table.name, key))
        if table.name == _ASSIGNMENTS and self._role(row["user_id"]) == Role.PROBATION:
            self._found.workers.add((table.name, key))
        return True

    def _sides(self, table: Table, row: Row, inherited: frozenset[Side]) -> frozenset[Side]:
        if "compartment" in row:
            return frozenset({side_of(row["compartment"])})
        if "side" in row:
            return _discloser(row["side"])
        if table.name == _ASSIGNMENTS:
            return self._worker(row["user_id"])
        if table.name == _GRANTS:
            return self._opened(row)
        return _by_what_it_says(table, row) or inherited

    def _worker(self, user_id: int) -> frozenset[Side]:
        is_social = self._role(user_id) in _SOCIAL_WORKERS
        return frozenset({Side.SOCIAL if is_social else Side.POLICE})

    def _role(self, user_id: int) -> str:
        return self._db.execute(select(User.role).where(User.id == user_id)).scalar_one()

    def _opened(self, row: Row) -> frozenset[Side]:
        """Tell whose parts a grant opens; of parts everybody shares, whose act it was."""
        sections = self._db.execute(
            select(AccessSection.section).where(AccessSection.grant_id == row["id"])
        ).scalars()
        sides = frozenset[Side]().union(*[_of_section(each) for each in sections])
        if sides:
            return sides
        if row["kind"] == AccessKind.BREAK_GLASS.value:
            return frozenset(Side)
        return self._worker(row["given_by_id"])

    def _children(self, parent: Table, child: Table, column: Column[Any], ids: list[Any]) -> None:
        new = []
        for row in self._rows(child, column.in_(ids)):
            if not self._belongs(parent, column, row, child):
                pointer = Pointer(child.name, key_of(child, row), column.name, row[column.name])
                self._found.bundle.pointers.append(pointer)
                continue
            # What names the person itself and no secrecy is work both sides know of.
            above = _POLICE
            if parent.name != PERSONS:
                above = self._found.sides[parent.name, (row[column.name],)]
            if not self._take(child, row, above):
                continue
            if child.name in JUDGEMENTS:
                place = child.name, key_of(child, row)
                self._found.hanging[place] = parent.name, (row[column.name],)
            if "id" in child.c:
                new.append(row["id"])
        if new:
            self._waiting.append((child, new))

    def _belongs(self, parent: Table, column: Column[Any], row: Row, child: Table) -> bool:
        """Tell whether a row goes with what it points to, or only loses the pointer."""
        if parent.name == PERSONS or not column.nullable:
            return True
        gone = {key[0] for key in self._found.bundle.rows.get(PERSONS, {})}
        named = {row[each.name] for each in people_columns(child)} - {None}
        return named <= gone

    def _past(self) -> None:
        """Take the superseded values of everything found."""
        for name in list(self._found.bundle.rows):
            past = Base.metadata.tables.get(f"{name}_revisions")
            if past is None:
                continue
            keys = self._found.bundle.rows[name]
            for row in self._rows(past, past.c.id.in_([key[0] for key in keys])):
                self._take_past(past, row, self._found.sides[name, (row["id"],)])

    def _take_past(self, past: Table, row: Row, sides: frozenset[Side]) -> None:
        """A past value goes with the row as it is now, whatever secrecy it stood under then."""
        key = key_of(past, row)
        if (past.name, key) not in self._found.sides:
            self._found.bundle.add(past.name, key, row)
            self._found.sides[past.name, key] = sides

    def _past_of_others(self, person_id: int) -> None:
        """Take earlier values that named the person, of records that name somebody else now."""
        for table in Base.metadata.sorted_tables:
            columns = people_columns(table)
            if not columns or not table.name.endswith("_revisions"):
                continue
            for row in self._rows(table, or_(*[column == person_id for column in columns])):
                self._take_past(table, row, frozenset({side_of(row["compartment"])}))

    def _trails(self) -> None:
        for trail in TRAILS:
            table = table_called(trail)
            for name, rows in list(self._found.bundle.rows.items()):
                ids = [key[0] for key in rows if len(key) == 1]
                if name.endswith("_revisions") or name in TRAILS:
                    continue
                same = and_(table.c.thing == noun_of(name), table.c.thing_id.in_(ids))
                for row in self._rows(table, same):
                    self._take_past(table, row, self._found.sides[name, (row["thing_id"],)])


def _is_marked(table: Table, row: Row) -> bool:
    secrecy = row.get("compartment", Compartment.SHARED.value)
    return secrecy != Compartment.SHARED.value or "side" in row or table.name == _ASSIGNMENTS


def _discloser(side: str) -> frozenset[Side]:
    """Tell whose a disclosure is, and what leads to it: the side's that gives."""
    return _PROBATIONS if side == Party.PROBATION.value else frozenset({side_of(side)})


def _by_what_it_says(table: Table, row: Row) -> frozenset[Side]:
    """Tell whose an opened section or a judgement is by its own words; none for anything else."""
    if table.name in JUDGEMENTS:
        return frozenset({SIDE_OF_JUDGEMENT[ClearanceKind(row["kind"])]})
    return _of_section(row["section"]) if table.name == _SECTIONS else frozenset()


def _of_section(section: str) -> frozenset[Side]:
    """Tell which side answers for a part of the record; none for what everybody shares."""
    side = SECTIONS[Section(section)].side
    return frozenset() if side is Compartment.SHARED else frozenset({side_of(side)})


# Taking out


def take_out(db: Session, bundle: Bundle) -> None:
    """Take a bundle's rows out of their tables, and blank the pointers to them."""
    gone = {(name, key[0]) for name, rows in bundle.rows.items() for key in rows}
    bundle.pointers = [
        each
        for each in bundle.pointers
        if (_pointed_to(each), each.value) in gone
        and each.key not in bundle.rows.get(each.table, {})
    ]
    for each in bundle.pointers:
        table = table_called(each.table)
        db.execute(update(table).where(_is(table, each.key)).values({each.column: None}))
    for table in reversed(Base.metadata.sorted_tables):
        for key in bundle.rows.get(table.name, {}):
            db.execute(delete(table).where(_is(table, key)))


def _pointed_to(pointer: Pointer) -> str:
    (key,) = table_called(pointer.table).c[pointer.column].foreign_keys
    return key.column.table.name


def _is(table: Table, key: Key) -> Any:
    return and_(*[column == value for column, value in zip(table.primary_key, key, strict=True)])


# Putting back


def put_back(db: Session, bundle: Bundle, keep: Callable[[str, int, str, Key, Row], bool]) -> None:
    """Put a bundle's rows back where they are missing.

    A row whose own thing is missing too goes to `keep(table, id, …)` of that thing's bundle, which
    tells whether it has one; where it was erased, the row is left out with it. Of a person who
    stayed with the other side the columns come back that nobody changed since.
    """
    if bundle.person is not None:
        _person_again(db, bundle.person, bundle.altered)
    for table in Base.metadata.sorted_tables:
        for key, row in bundle.rows.get(table.name, {}).items():
            if _exists(db, table, key):
                continue
            if not _left_out(db, table, key, row, keep):
                db.execute(insert(table).values(bound(table, row)))
    _number(db, bundle.unnumbered)
    for each in bundle.pointers:
        table = table_called(each.table)
        parent = table_called(_pointed_to(each))
        if _exists(db, parent, (each.value,)):
            blank = and_(_is(table, each.key), table.c[each.column].is_(None))
            db.execute(update(table).where(blank).values({each.column: each.value}))


def _number(db: Session, fresh: Mapping[str, list[Row]]) -> None:
    for name, rows in fresh.items():
        db.execute(insert(table_called(name)), numbered(db, table_called(name), rows))


def _person_again(db: Session, person: Row, altered: Mapping[str, tuple[Any, Any]]) -> None:
    table = table_called(PERSONS)
    key = (person["id"],)
    now = db.execute(select(table).where(_is(table, key))).mappings().one_or_none()
    if now is None:
        db.execute(insert(table).values(bound(table, person)))
        return
    same = {name: before for name, (before, after) in altered.items() if now[name] == after}
    if same:
        db.execute(update(table).where(_is(table, key)).values(bound(table, same, key[0])))


def _exists(db: Session, table: Table, key: Key) -> bool:
    return db.execute(select(*table.primary_key).where(_is(table, key))).first() is not None


def _left_out(
    db: Session,
    table: Table,
    key: Key,
    row: Row,
    keep: Callable[[str, int, str, Key, Row], bool],
) -> bool:
    for column in table.columns:
        for pointer in column.foreign_keys:
            parent, value = pointer.column.table, row[column.name]
            if value is None or _exists(db, parent, (value,)):
                continue
            if keep(parent.name, value, table.name, key, row) or not column.nullable:
                return True
            row[column.name] = None
    return False


# As one text


def write(bundle: Bundle, *, called: str) -> str:
    """Write a bundle down; `called` is what people call the thing, for the list of the removed."""
    tables = {name: [_plain(row) for row in rows.values()] for name, rows in bundle.rows.items()}
    content = {
        "called": called,
        "rows": tables,
        "pointers": [[p.table, list(p.key), p.column, p.value] for p in bundle.pointers],
        "altered": {name: [_said(each) for each in pair] for name, pair in bundle.altered.items()},
        "person": None if bundle.person is None else _plain(bundle.person),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def read(content: str) -> tuple[Bundle, str]:
    """Read a bundle, and what its thing is called."""
    found = json.loads(content)
    bundle = Bundle()
    for name, rows in found["rows"].items():
        table = table_called(name)
        for plain in rows:
            now, check = renewed(name, plain)
            row = _typed(table, now)
            bundle.add(name, key_of(table, row), row)
            if check is not None:
                checks = table_called(RiskCheck.__tablename__)
                bundle.unnumbered.setdefault(checks.name, []).append(_typed(checks, check))
    bundle.pointers = [Pointer(t, tuple(k), c, v) for t, k, c, v in found["pointers"]]
    people = table_called(PERSONS)
    bundle.altered = {
        name: (_meant(people.c[name], before), _meant(people.c[name], after))
        for name, (before, after) in found["altered"].items()
    }
    if found["person"] is not None:
        bundle.person = _typed(people, found["person"])
    return bundle, found["called"]


def _plain(row: Row) -> Row:
    return {name: _said(value) for name, value in row.items() if value is not None}


def _said(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _typed(table: Table, plain: Row) -> Row:
    return {
        column.name: _meant(column, plain.get(column.name, _usual(column)))
        for column in table.columns
    }


def _usual(column: Column[Any]) -> Any:
    """Give what a column holds that was not there yet when the bundle was written."""
    default = column.default
    if not isinstance(default, ColumnDefault) or not default.is_scalar or column.nullable:
        return None
    return default.arg


def _meant(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) else value
