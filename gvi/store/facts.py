"""Filling `domain.facts` from the database: the viewer's rights and the as-of instant first.

A nation has a million rows: they are taken from the driver in small blocks and turned into columns
at once, without an object for each row.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from itertools import compress
from sys import intern
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.orm import Session, aliased

from gvi.domain.access import Viewer, allows
from gvi.domain.facts import (
    Facts,
    GroupFacts,
    IncidentFacts,
    InvolvementFacts,
    MembershipFacts,
    PersonFacts,
    RelationFacts,
    TieFacts,
)
from gvi.domain.grading import Certainty
from gvi.domain.group import UNCOUNTED_STATUSES as UNCOUNTED_GROUPS
from gvi.domain.incident import UNCOUNTED_STATUSES as UNCOUNTED_INCIDENTS
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.tie import DEFAULT_STRENGTH
from gvi.domain.time import local_day
from gvi.store.known import known, valid_at
from gvi.store.models import (
    Group,
    GroupRelation,
    Incident,
    Involvement,
    Membership,
    Person,
    Tie,
)
from gvi.store.queries.rights import asker, visible
from gvi.store.types import Instant

PERMISSION = "score:read"
"""Facts for scores are read under the right to scores; what it may not see does not count."""

AS_OF: ColumnElement[datetime] = bindparam("as_of", type_=Instant)
"""The instant asked about, left open in the questions so that they are written once a viewer."""

ENTERED_BY: ColumnElement[datetime] = bindparam("entered_by", type_=Instant)
"""The instant by which it had come into the database, for making a kept list again."""

ROWS_AT_ONCE = 500
"""Larger blocks are slower: so many short-lived rows at once set off Python's garbage collector."""

CODES = frozenset(("kind", "gmi", "role", "certainty"))
"""Columns of few words, each kept in memory once: a nation has 1.6 million of them."""

Columns = list[Sequence[Any]]
"""Whole numbers as arrays, the rest as tuples: Python's garbage collector looks through long lists
again and again, but not through these."""
T = TypeVar("T", MembershipFacts, TieFacts, RelationFacts, InvolvementFacts)


def facts(
    db: Session,
    viewer: Viewer,
    as_of: datetime,
    zone: ZoneInfo,
    *,
    ties: bool = True,
    entered_by: datetime | None = None,
) -> Facts:
    """Read everything the scores need, as this viewer may know it at `as_of`.

    `entered_by` leaves out what came into the database later, however early a file dates it.
    Without `ties` those are left empty: the most rows of all, and sums over groups need none.
    Raises NotAllowedError for a role that may not receive scores.
    """
    ask = _questions(asker(viewer), as_entered=entered_by is not None)
    moments = {"as_of": as_of} | ({} if entered_by is None else {"entered_by": entered_by})

    def read(question: Select[Any]) -> Columns:
        return _columns(db, question, moments)

    person_ids, keys, code_names, births = read(ask.persons)
    group_ids, group_keys, group_names = read(ask.groups)
    incident_ids, incident_keys, occurred, kinds, gmi = read(ask.incidents)
    members, relations = read(ask.memberships)[1:], read(ask.relations)
    tied: Columns = read(ask.ties) if ties else [() for _ in fields(TieFacts)]
    parts = read(ask.involvements)[1:]
    return Facts(
        as_of=as_of,
        as_of_day=local_day(as_of, zone),
        persons=PersonFacts(
            id=person_ids, key=keys, code_name=code_names, birth_date=_days(births)
        ),
        groups=GroupFacts(id=group_ids, key=group_keys, name=group_names),
        memberships=_table(MembershipFacts, members, person=person_ids, group=group_ids),
        ties=_table(TieFacts, tied, a=person_ids, b=person_ids),
        relations=_table(RelationFacts, relations, group_a=group_ids, group_b=group_ids),
        incidents=IncidentFacts(
            id=incident_ids, key=incident_keys, occurred_at=_instants(occurred), kind=kinds, gmi=gmi
        ),
        involvements=_table(InvolvementFacts, parts, incident=incident_ids, person=person_ids),
    )


def knows_person(db: Session, viewer: Viewer, as_of: datetime, person_id: int) -> bool:
    """Tell whether somebody is among the people `facts` would read.

    Raises NotAllowedError for a role that may not receive scores.
    """
    people = _questions(asker(viewer), as_entered=False).persons.order_by(None).subquery().c
    one = select(people.id).where(people.id == person_id)
    return db.execute(one, {"as_of": as_of}).first() is not None


def count_facts(db: Session, viewer: Viewer, as_of: datetime) -> int:
    """Count the ties and involvements that `facts` would read, which are nearly all its rows.

    Only those between people the viewer may know: what is hidden is not counted either. Raises
    NotAllowedError for a role that may not receive scores.
    """
    ask = _questions(asker(viewer), as_entered=False)
    people = select(ask.persons.order_by(None).subquery().c.id)
    ties, parts = (each.order_by(None).subquery().c for each in (ask.ties, ask.involvements))
    between = and_(ties.person_a_id.in_(people), ties.person_b_id.in_(people))
    counts = (
        select(func.count(ties.id)).where(between),
        select(func.count(parts.id)).where(parts.person_id.in_(people)),
    )
    return sum(db.execute(each, {"as_of": as_of}).scalar_one() for each in counts)


def _columns(db: Session, question: Select[Any], asked: Mapping[str, datetime]) -> Columns:
    """Read a question's columns as the driver gives them, without an object for each row."""
    columns: list[Any] = []
    add: list[Callable[[tuple[Any, ...]], None]] = []
    for name, column in question.selected_columns.items():
        columns.append(array("q") if isinstance(column.type, Integer) else [])
        add.append(_adder(columns[-1], is_code=name in CODES))
    result = db.connection().execute(question, asked)
    while block := result.cursor.fetchmany(ROWS_AT_ONCE):
        for add_to_column, values in zip(add, zip(*block, strict=True), strict=True):
            add_to_column(values)
    result.close()
    return [tuple(each) if isinstance(each, list) else each for each in columns]


def _adder(column: Any, *, is_code: bool) -> Callable[[tuple[Any, ...]], None]:
    if isinstance(column, array):
        return lambda values: column.fromlist(list(values))
    return (lambda values: column.extend(map(intern, values))) if is_code else column.extend


def _table(table: type[T], columns: Columns, **known: Sequence[int]) -> T:
    """Fill a table, keeping the rows that name only people, groups and incidents that are known."""
    names = [field.name for field in fields(table)]
    kept = np.ones(len(columns[0]), dtype=np.bool_)
    for name, ids in known.items():
        kept &= np.isin(np.asarray(columns[names.index(name)]), np.asarray(ids))
    if not kept.all():
        columns = [_only(column, kept.tolist()) for column in columns]
    return table(**dict(zip(names, columns, strict=True)))


def _only(column: Sequence[Any], kept: Sequence[bool]) -> Sequence[Any]:
    some = compress(column, kept)
    return array("q", some) if isinstance(column, array) else tuple(some)


def _days(column: Iterable[str | date | None]) -> Sequence[date | None]:
    """Read days: SQLite's driver gives text, PostgreSQL's gives days."""
    return tuple(date.fromisoformat(each) if isinstance(each, str) else each for each in column)


def _instants(column: Iterable[str | datetime]) -> Sequence[datetime]:
    """Read instants: SQLite keeps them as text in UTC."""
    return tuple(
        datetime.fromisoformat(f"{each}+00:00") if isinstance(each, str) else each.astimezone(UTC)
        for each in column
    )


def shown_facts(db: Session, viewer: Viewer, as_of: datetime, zone: ZoneInfo) -> Facts:
    """Read the facts that may be shown one by one: children by those who work with them only.

    Raises NotAllowedError for a role that may not receive scores.
    """
    known_facts = facts(db, viewer, as_of, zone)
    return known_facts if allows(viewer, "under_18:read") else known_facts.of_adults()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Questions:
    """One question for each table of `Facts`; its columns are the table's fields, in order.

    Memberships and involvements have their id before these: otherwise SQLite would sort all of them
    instead of reading them as they stand.
    """

    persons: Select[Any]
    groups: Select[Any]
    memberships: Select[Any]
    ties: Select[Any]
    relations: Select[Any]
    incidents: Select[Any]
    involvements: Select[Any]


@lru_cache(maxsize=256)
def _questions(viewer: Viewer, *, as_entered: bool) -> _Questions:
    then = partial(known, as_of=AS_OF, entered_by=ENTERED_BY if as_entered else None)
    latest: FromClause = aliased(Person.__table__, name="people_now")
    if as_entered:
        latest = known(Person, ENTERED_BY, entered_by=ENTERED_BY, name="people_now")
    return _Questions(
        persons=_persons(viewer, then(Person), latest),
        groups=_groups(viewer, then(Group)),
        memberships=_memberships(viewer, then(Membership)),
        ties=_ties(viewer, then(Tie)),
        relations=_relations(viewer, then(GroupRelation)),
        incidents=_incidents(viewer, then(Incident)),
        involvements=_involvements(viewer, then(Involvement)),
    )


def _persons(viewer: Viewer, rows: Subquery, latest: FromClause) -> Select[Any]:
    """Select people; their age goes by the latest birth date, not by the one known at the instant.

    Whoever is known by now to have been under 18 is ranked as of no day (decision 0080). A kept
    list is made again by what was known when it was made.
    """
    p = rows.c
    key = func.coalesce(p.external_id, p.code_name)
    return (
        select(p.id, key, p.code_name, func.coalesce(latest.c.birth_date, p.birth_date))
        .outerjoin(latest, latest.c.id == p.id)
        .where(visible(p, viewer, PERMISSION))
        .order_by(p.id)
    )


def _groups(viewer: Viewer, rows: Subquery) -> Select[Any]:
    g = rows.c
    counts = g.status.not_in(sorted(UNCOUNTED_GROUPS))
    return (
        select(g.id, func.coalesce(g.external_id, g.name), g.name)
        .where(visible(g, viewer, PERMISSION), counts)
        .order_by(g.id)
    )


def _memberships(viewer: Viewer, m: Subquery) -> Select[Any]:
    role = func.coalesce(m.c.role, MembershipRole.MEMBER.value)
    return (
        select(m.c.id, m.c.person_id, m.c.group_id, role.label("role"), _certainty(m))
        .where(
            visible(m.c, viewer, PERMISSION),
            m.c.status == MembershipStatus.CURRENT.value,
            role != MembershipRole.FORMER.value,
            *valid_at(m, AS_OF),
        )
        .order_by(m.c.id)
    )


def _ties(viewer: Viewer, t: Subquery) -> Select[Any]:
    strength = func.coalesce(t.c.strength, DEFAULT_STRENGTH)
    return (
        select(t.c.id, t.c.person_a_id, t.c.person_b_id, t.c.kind, strength, _certainty(t))
        .where(visible(t.c, viewer, PERMISSION), *valid_at(t, AS_OF))
        .order_by(t.c.id)
    )


def _relations(viewer: Viewer, r: Subquery) -> Select[Any]:
    return (
        select(r.c.group_a_id, r.c.group_b_id, r.c.kind)
        .where(visible(r.c, viewer, PERMISSION), *valid_at(r, AS_OF))
        .order_by(r.c.id)
    )


def _incidents(viewer: Viewer, rows: Subquery) -> Select[Any]:
    i = rows.c
    # One without an external id goes by its number, as no file gave it a name.
    key = func.coalesce(i.external_id, "incident-" + cast(i.id, String))
    counts = i.status.not_in(sorted(UNCOUNTED_INCIDENTS))
    return (
        select(i.id, key, i.occurred_at, i.kind, i.gmi)
        .where(visible(i, viewer, PERMISSION), counts)
        .order_by(i.id)
    )


def _involvements(viewer: Viewer, v: Subquery) -> Select[Any]:
    return (
        select(v.c.id, v.c.incident_id, v.c.person_id, v.c.role, _certainty(v))
        .where(visible(v.c, viewer, PERMISSION))
        .order_by(v.c.id)
    )


def _certainty(table: Subquery) -> Any:
    return func.coalesce(table.c.certainty, Certainty.POSSIBLE.value).label("certainty")
