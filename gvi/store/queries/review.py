"""Records to review: what is due or overdue, whose it is, and which longer times wait for a yes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    Table,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotFoundError
from gvi.domain.review import SOON_DAYS, ExtensionOutcome, Reviewed, removed_on
from gvi.domain.text import N_
from gvi.store.models import (
    Fact,
    Group,
    GroupRelation,
    Incident,
    Involvement,
    Membership,
    Person,
    ReviewExtension,
    Supervision,
    Tie,
    User,
)
from gvi.store.queries.person import names_of, seen_whole
from gvi.store.queries.rights import asker, visible
from gvi.store.wall import behind_the_wall

FACTS: Mapping[Reviewed, type[Fact]] = MappingProxyType(
    {
        Reviewed.PERSON: Person,
        Reviewed.MEMBERSHIP: Membership,
        Reviewed.TIE: Tie,
        Reviewed.SUPERVISION: Supervision,
        Reviewed.INVOLVEMENT: Involvement,
        Reviewed.INCIDENT: Incident,
        Reviewed.GROUP: Group,
        Reviewed.GROUP_RELATION: GroupRelation,
    }
)
_POINTERS = ("person_id", "person_a_id", "person_b_id", "group_id", "group_a_id", "group_b_id")
_PEOPLE = ("person_id", "person_a_id", "person_b_id")
_GROUPS = ("group_id", "group_a_id", "group_b_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One record whose review day is near or past."""

    kind: Reviewed
    id: int
    due_on: date
    is_overdue: bool
    removed_on: date
    """The day on which it goes by itself."""
    owner_id: int | None
    owner: str
    """Who recorded it; blank for an import by the operator."""
    is_mine: bool
    people: Mapping[int, str]
    groups: Mapping[int, str]
    incident_id: int | None
    incident_kind: str
    occurred_at: datetime | None
    pending_id: int | None
    """The longer time that waits for somebody's yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCounts:
    """How many records wait for the viewer's side."""

    overdue: int
    mine_overdue: int
    to_confirm: int
    """Longer times somebody else asked for, which the viewer may decide."""


def records_to_review(
    db: Session, viewer: Viewer, *, on: date, limit: int = 10_000_000
) -> tuple[ReviewRow, ...]:
    """List the records due within 30 days or overdue that the viewer may look at, mine first."""
    question = _due(asker(viewer), on)
    rows = db.execute(question, {"until": on + timedelta(days=SOON_DAYS)}).all()
    rows = sorted(rows, key=lambda row: (row.owner_id != viewer.user_id, row.due_on, row.id))
    return _told(db, viewer, rows[:limit], on=on)


def record_to_review(
    db: Session, viewer: Viewer, kind: Reviewed, thing_id: int, *, on: date
) -> ReviewRow:
    """Give one record with a review day, however far ahead; raises NotFoundError."""
    rows = _these(db, viewer, [(kind, thing_id)], on=on)
    if not rows:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return _told(db, viewer, rows, on=on)[0]


def review_counts(db: Session, viewer: Viewer, *, on: date) -> ReviewCounts:
    """Count what waits for a review, without naming anything."""
    row = db.execute(_counts(asker(viewer), on), {"until": on - timedelta(days=1)}).one()
    waiting = db.execute(_waiting(asker(viewer))).all()
    mine_to_decide = [each for each in waiting if _may_decide(each, viewer)]
    return ReviewCounts(
        overdue=row.overdue,
        mine_overdue=row.mine,
        to_confirm=len(_these(db, viewer, _things(mine_to_decide), on=on)),
    )


@lru_cache(maxsize=512)
def _counts(viewer: Viewer, on: date) -> Select[Any]:
    due = _due(viewer, on).subquery()
    mine = func.sum(case((due.c.owner_id == (viewer.user_id or 0), 1), else_=0))
    return select(func.count().label("overdue"), func.coalesce(mine, 0).label("mine"))


def _these(
    db: Session, viewer: Viewer, things: Sequence[tuple[Reviewed, int]], *, on: date
) -> list[Any]:
    """Give those of the records that the viewer may look at, one question for each kind."""
    ids: dict[Reviewed, list[int]] = {}
    for kind, thing_id in things:
        ids.setdefault(kind, []).append(thing_id)
    return [
        row
        for kind, which in ids.items()
        for row in db.execute(_due(asker(viewer), on, kind), {"until": date.max, "which": which})
    ]


@lru_cache(maxsize=512)
def _due(viewer: Viewer, on: date, kind: Reviewed | None = None) -> Select[Any]:
    kinds = [kind] if kind else list(Reviewed)
    parts = [_of_kind(viewer, on, each, one=kind is not None) for each in kinds]
    return select(union_all(*parts).subquery("due")) if len(parts) > 1 else parts[0]


def _of_kind(viewer: Viewer, on: date, kind: Reviewed, *, one: bool) -> Select[Any]:
    table = _table(FACTS[kind])
    nothing = cast(null(), Integer)
    columns = [table.c.get(name, nothing) for name in _POINTERS]
    incident = table.c.incident_id if "incident_id" in table.c else nothing
    question = select(
        literal(kind.value).label("kind"),
        table.c.id,
        table.c.review_due_on.label("due_on"),
        table.c.recorded_by_id.label("owner_id"),
        *[column.label(name) for column, name in zip(columns, _POINTERS, strict=True)],
        incident.label("incident_id"),
    ).where(
        visible(table.c, viewer, "review:list"),
        table.c.withdrawn_at.is_(None),
        table.c.review_due_on <= bindparam("until"),
    )
    if one:
        question = question.where(table.c.id.in_(bindparam("which", expanding=True)))
    for name in _PEOPLE:
        if name in table.c:
            person = _table(Person).alias(f"{name}_{kind}")
            question = question.join(person, person.c.id == table.c[name]).where(
                visible(person.c, viewer, "person:read", person=person.c.id),
                true() if kind is Reviewed.INVOLVEMENT else seen_whole(person.c, viewer, on),
            )
    if kind is Reviewed.PERSON:
        question = question.where(visible(table.c, viewer, "person:read", person=table.c.id))
    elif not allows(viewer, f"{kind.value}:read"):
        question = question.where(false())
    return question


def _table(model: type[Fact]) -> Table:
    if not isinstance(model.__table__, Table):
        raise TypeError(model)
    return model.__table__


def _told(db: Session, viewer: Viewer, rows: Sequence[Any], *, on: date) -> tuple[ReviewRow, ...]:
    people = names_of(db, viewer, _ids(rows, _PEOPLE, Reviewed.PERSON), on=on)
    group_ids = _ids(rows, _GROUPS, Reviewed.GROUP)
    groups = _names(db, select(Group.id, Group.name), Group.id, group_ids)
    incident_ids = _ids(rows, ("incident_id",), Reviewed.INCIDENT)
    incidents = {
        row.id: row
        for row in _some(
            db,
            select(Incident.id, Incident.kind, Incident.occurred_at),
            Incident.id,
            incident_ids,
        )
    }
    owners = _names(db, select(User.id, User.display_name), User.id, _ids(rows, ("owner_id",)))
    question = select(ReviewExtension.id, ReviewExtension.thing, ReviewExtension.thing_id).where(
        ReviewExtension.programme_id == viewer.programme_id,
        ReviewExtension.decided_at.is_(None),
    )
    with behind_the_wall(db, "a longer time is asked for once, also of what changed its secrecy"):
        pending = {(row.thing, row.thing_id): row.id for row in db.execute(question)}
    return tuple(
        _row(row, viewer, on, _Names(people, groups, incidents, owners, pending)) for row in rows
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """What the things are called that the records point to."""

    people: Mapping[int, str]
    groups: Mapping[int, str]
    incidents: Mapping[int, Any]
    owners: Mapping[int, str]
    pending: Mapping[tuple[str, int], int]


def _row(row: Any, viewer: Viewer, on: date, names: _Names) -> ReviewRow:
    kind = Reviewed(row.kind)
    incident_id = row.id if kind is Reviewed.INCIDENT else row.incident_id
    incident = names.incidents.get(incident_id)
    return ReviewRow(
        kind=kind,
        id=row.id,
        due_on=row.due_on,
        is_overdue=row.due_on < on,
        removed_on=removed_on(row.due_on),
        owner_id=row.owner_id,
        owner=names.owners.get(row.owner_id, ""),
        is_mine=row.owner_id is not None and row.owner_id == viewer.user_id,
        people={each: names.people[each] for each in _ids([row], _PEOPLE, Reviewed.PERSON)},
        groups={each: names.groups[each] for each in _ids([row], _GROUPS, Reviewed.GROUP)},
        incident_id=incident_id,
        incident_kind=incident.kind if incident else "",
        occurred_at=incident.occurred_at if incident else None,
        pending_id=names.pending.get((row.kind, row.id)),
    )


def _ids(rows: Sequence[Any], names: Sequence[str], itself: Reviewed | None = None) -> list[int]:
    found = {getattr(row, name) for row in rows for name in names} - {None}
    if itself is not None:
        found |= {row.id for row in rows if row.kind == itself.value}
    return sorted(found)


def _some(db: Session, question: Any, column: Any, ids: Sequence[int]) -> list[Any]:
    found: list[Any] = []
    for start in range(0, len(ids), 500):
        found += db.execute(question.where(column.in_(ids[start : start + 500]))).all()
    return found


def _names(db: Session, question: Any, column: Any, ids: Sequence[int]) -> dict[int, str]:
    return {row[0]: row[1] for row in _some(db, question, column, ids)}


# Longer times


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRow:
    """A longer time that was asked for, with its record."""

    id: int
    record: ReviewRow
    old_due_on: date | None
    new_due_on: date
    reason: str
    asked_at: datetime
    asked_by_id: int
    asked_by: str
    outcome: ExtensionOutcome | None
    may_decide: bool
    """Somebody else than who asked."""


def pending_extensions(db: Session, viewer: Viewer, *, on: date) -> tuple[ExtensionRow, ...]:
    """List the longer times that wait for a yes, the oldest first."""
    return _extensions(db, viewer, _waiting(asker(viewer)), on=on)


def extension(db: Session, viewer: Viewer, extension_id: int, *, on: date) -> ExtensionRow:
    """Give one longer time that was asked for; raises NotFoundError."""
    question = _asked(asker(viewer)).where(ReviewExtension.id == extension_id)
    found = _extensions(db, viewer, question, on=on)
    if not found:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return found[0]


def _extensions(
    db: Session, viewer: Viewer, question: Select[Any], *, on: date
) -> tuple[ExtensionRow, ...]:
    rows = db.execute(question).all()
    due = _told(db, viewer, _these(db, viewer, _things(rows), on=on), on=on)
    records = {(record.kind.value, record.id): record for record in due}
    return tuple(
        ExtensionRow(
            id=row.id,
            record=records[row.thing, row.thing_id],
            old_due_on=row.old_due_on,
            new_due_on=row.new_due_on,
            reason=row.reason,
            asked_at=row.asked_at,
            asked_by_id=row.asked_by_id,
            asked_by=row.display_name,
            outcome=ExtensionOutcome(row.outcome) if row.outcome else None,
            may_decide=_may_decide(row, viewer),
        )
        for row in rows
        if (row.thing, row.thing_id) in records
    )


@lru_cache(maxsize=512)
def _asked(viewer: Viewer) -> Select[Any]:
    table = ReviewExtension.__table__
    return (
        select(*table.columns, User.display_name)
        .join(User, User.id == ReviewExtension.asked_by_id)
        .where(visible(table.c, viewer, "review:list"))
        .order_by(ReviewExtension.asked_at, ReviewExtension.id)
    )


@lru_cache(maxsize=512)
def _waiting(viewer: Viewer) -> Select[Any]:
    return _asked(viewer).where(ReviewExtension.decided_at.is_(None))


def _things(rows: Sequence[Any]) -> list[tuple[Reviewed, int]]:
    return [(Reviewed(row.thing), row.thing_id) for row in rows]


def _may_decide(row: Any, viewer: Viewer) -> bool:
    another = row.asked_by_id != viewer.user_id
    return another and row.outcome is None and allows(viewer, "review:extend")
