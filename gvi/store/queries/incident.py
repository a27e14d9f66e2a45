"""Incidents: the list, one incident's facts, and what was logged lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotFoundError
from gvi.domain.incident import OTHER_KIND, UNCOUNTED_STATUSES, Gmi, IncidentStatus
from gvi.domain.policy import EXAMPLE_HARM
from gvi.domain.text import N_
from gvi.store.known import known
from gvi.store.models import Incident, Involvement, User
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One incident in a list; what follows `gmi` is None for roles that see the basics only."""

    id: int
    occurred_at: datetime
    kind: str
    area: str
    gmi: Gmi
    external_id: str | None = None
    place: str | None = None
    status: IncidentStatus | None = None
    injured: int | None = None
    killed: int | None = None
    grade: str | None = None
    involved: int | None = None
    """How many different people are known to have had a part."""

    @property
    def counts(self) -> bool:
        """Whether the incident counts; on hold or unfounded it does not."""
        return self.status not in UNCOUNTED_STATUSES

    @property
    def hurt(self) -> int | None:
        """How many were injured or killed."""
        return None if self.injured is None else self.injured + (self.killed or 0)

    @property
    def tone(self) -> str:
        """How the list shows the row: quiet where it counts for nothing."""
        return "" if self.counts else "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentQuestion:
    """What is asked of the list of incidents; blank fields narrow nothing.

    `kind` "other" asks for every kind that is not among the usual ones. Search and status need the
    full right: they would tell of fields the basics do not show.
    """

    q: str = ""
    kind: str = ""
    gmi: str = ""
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "occurred_at"
    descending: bool = True
    offset: int = 0
    limit: int = 50


def list_incidents(
    db: Session, viewer: Viewer, asked: IncidentQuestion, *, as_of: datetime | None
) -> tuple[tuple[IncidentRow, ...], int]:
    """Give one page of incidents and how many there are, as known at `as_of`.

    Roles without the full right get date, kind, area and GMI only, and only of incidents that
    count: they could not tell the others from these.
    """
    full = allows(viewer, "incident_full:read")
    i = known(Incident, as_of)
    narrowed = and_(visible(i.c, viewer, "incident:list"), *_narrowed(i, asked, full=full))
    total = db.execute(select(func.count()).select_from(i).where(narrowed)).scalar_one()
    query = (
        _row_columns(i, full=full)
        .where(narrowed)
        .order_by(*_order(i, asked, full=full), i.c.id.desc())
        .offset(asked.offset)
        .limit(asked.limit)
    )
    return _rows(db, viewer, query, as_of), total


def incidents_after(
    db: Session, viewer: Viewer, asked: IncidentQuestion, *, after: int, as_of: datetime | None
) -> tuple[IncidentRow, ...]:
    """Give the incidents that follow an id, by id, for a reader who pages with a cursor."""
    full = allows(viewer, "incident_full:read")
    i = known(Incident, as_of)
    query = (
        _row_columns(i, full=full)
        .where(
            visible(i.c, viewer, "incident:list"), *_narrowed(i, asked, full=full), i.c.id > after
        )
        .order_by(i.c.id)
        .limit(asked.limit)
    )
    return _rows(db, viewer, query, as_of)


def _row_columns(i: Subquery, *, full: bool) -> Select[Any]:
    columns = [i.c.id, i.c.occurred_at, i.c.kind, i.c.area, i.c.gmi]
    if full:
        columns += [i.c.external_id, i.c.place, i.c.status, i.c.injured, i.c.killed, i.c.grade]
    return select(*columns)


def _rows(
    db: Session, viewer: Viewer, query: Select[Any], as_of: datetime | None
) -> tuple[IncidentRow, ...]:
    found = db.execute(query).mappings().all()
    counts = involved_counts(db, viewer, [row["id"] for row in found], as_of=as_of)
    return tuple(incident_row(row, counts.get(row["id"])) for row in found)


def incident_row(row: Mapping[Any, Any], involved: int | None = None) -> IncidentRow:
    """Make a row of the columns the viewer's right let through."""
    status = row.get("status")
    return IncidentRow(
        id=row["id"],
        occurred_at=row["occurred_at"],
        kind=row["kind"],
        area=row["area"],
        gmi=Gmi(row["gmi"]),
        external_id=row.get("external_id"),
        place=row.get("place"),
        status=None if status is None else IncidentStatus(status),
        injured=row.get("injured"),
        killed=row.get("killed"),
        grade=row.get("grade"),
        involved=involved,
    )


def involved_counts(
    db: Session, viewer: Viewer, incident_ids: Sequence[int], *, as_of: datetime | None
) -> dict[int, int]:
    """Count the different people involved in each incident; empty without the right to know."""
    if not incident_ids or not allows(viewer, "involvement:read"):
        return {}
    v = known(Involvement, as_of)
    query = (
        select(v.c.incident_id, func.count(v.c.person_id.distinct()))
        .where(v.c.incident_id.in_(incident_ids), visible(v.c, viewer, "involvement:read"))
        .group_by(v.c.incident_id)
    )
    found = {row[0]: row[1] for row in db.execute(query)}
    return {incident: found.get(incident, 0) for incident in incident_ids}


def _narrowed(i: Subquery, asked: IncidentQuestion, *, full: bool) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [] if full else [_counts(i)]
    if asked.kind == OTHER_KIND:
        clauses.append(i.c.kind.not_in(sorted(EXAMPLE_HARM)))
    elif asked.kind:
        clauses.append(i.c.kind == asked.kind)
    if asked.gmi:
        clauses.append(i.c.gmi == asked.gmi)
    if asked.status and full:
        clauses.append(i.c.status == asked.status)
    if asked.since:
        clauses.append(i.c.occurred_at >= asked.since)
    if asked.until:
        clauses.append(i.c.occurred_at <= asked.until)
    texts = [i.c.area, i.c.kind]
    if full:
        texts += [i.c.place, i.c.summary, i.c.external_id]
    clauses += [_mentions(texts, word) for word in asked.q.split()]
    return clauses


def _counts(i: Subquery) -> ColumnElement[bool]:
    return i.c.status.not_in(sorted(UNCOUNTED_STATUSES))


def _mentions(texts: Sequence[ColumnElement[Any]], word: str) -> ColumnElement[bool]:
    """Look for a word anywhere; SQLite folds only a–z, so Å, Ä and Ö are tried in each case."""
    forms = {word, word.lower(), word.upper(), word.capitalize()}
    return or_(*(text.icontains(form, autoescape=True) for text in texts for form in sorted(forms)))


def _order(i: Subquery, asked: IncidentQuestion, *, full: bool) -> list[ColumnElement[Any]]:
    keys: dict[str, ColumnElement[Any]] = {
        "occurred_at": i.c.occurred_at,
        "kind": i.c.kind,
        "area": i.c.area,
        "gmi": case({code.value: place for place, code in enumerate(Gmi)}, value=i.c.gmi),
    }
    if full:
        statuses = {code.value: place for place, code in enumerate(IncidentStatus)}
        keys |= {"place": i.c.place, "status": case(statuses, value=i.c.status)}
    key = keys.get(asked.sort, i.c.occurred_at)
    order: list[ColumnElement[Any]] = [key.desc() if asked.descending else key.asc()]
    return order if asked.sort == "occurred_at" else [*order, i.c.occurred_at.desc()]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCard:
    """One incident's facts; `detail` is None for roles that see only the basics."""

    id: int
    occurred_at: datetime
    kind: str
    area: str
    gmi: Gmi
    detail: "IncidentDetail | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDetail:
    """What only roles with the full right see of an incident, and where it comes from."""

    external_id: str | None
    status: IncidentStatus
    place: str
    latitude: float | None
    longitude: float | None
    injured: int
    killed: int
    summary: str
    source: str
    grade: str | None
    ground: str
    review_due_on: date | None
    recorded_at: datetime
    recorded_assumed: bool
    recorded_by: str | None

    @property
    def counts(self) -> bool:
        """Whether the incident counts; on hold or unfounded it does not."""
        return self.status not in UNCOUNTED_STATUSES


_DETAIL = (
    "external_id",
    "place",
    "latitude",
    "longitude",
    "injured",
    "killed",
    "summary",
    "source",
    "grade",
    "ground",
    "review_due_on",
    "recorded_at",
    "recorded_assumed",
)


def incident_card(
    db: Session, viewer: Viewer, incident_id: int, *, as_of: datetime | None
) -> IncidentCard:
    """Give one incident as known at `as_of`.

    Raises NotFoundError where there is none for the viewer.
    """
    full = allows(viewer, "incident_full:read")
    i = known(Incident, as_of)
    columns = [i.c.id, i.c.occurred_at, i.c.kind, i.c.area, i.c.gmi]
    if full:
        columns += [i.c.status, User.display_name.label("recorded_by")]
        columns += [i.c[name] for name in _DETAIL]
    query = select(*columns).where(
        i.c.id == incident_id,
        visible(i.c, viewer, "incident_full:read" if full else "incident:read"),
    )
    if full:
        query = query.outerjoin(User, User.id == i.c.recorded_by_id)
    else:
        query = query.where(_counts(i))
    row = db.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(N_("There is no such incident, or it is not for you."))
    return IncidentCard(
        id=row["id"],
        occurred_at=row["occurred_at"],
        kind=row["kind"],
        area=row["area"],
        gmi=Gmi(row["gmi"]),
        detail=_detail(row) if full else None,
    )


def _detail(row: Mapping[Any, Any]) -> IncidentDetail:
    return IncidentDetail(
        status=IncidentStatus(row["status"]),
        recorded_by=row["recorded_by"],
        **{name: row[name] for name in _DETAIL},
    )


LATELY = timedelta(days=3)


def logged_lately(db: Session, viewer: Viewer, at: datetime) -> tuple[IncidentRow, ...]:
    """List what happened in the last three days, so that nothing is logged twice."""
    asked = IncidentQuestion(since=at - LATELY, limit=8)
    return list_incidents(db, viewer, asked, as_of=None)[0]


def known_areas(db: Session, viewer: Viewer) -> tuple[str, ...]:
    """List the areas incidents have been logged in, to be suggested while typing."""
    i = known(Incident, None)
    return tuple(
        db.execute(
            select(i.c.area)
            .where(visible(i.c, viewer, "incident:list"), i.c.area != "")
            .distinct()
            .order_by(i.c.area)
            .limit(200)
        ).scalars()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTally:
    """How many incidents there were, how many GMI unknown, and how many nobody has reviewed."""

    total: int
    gmi_unknown: int
    to_review: int | None
    """None where the viewer may not see the status."""


def tally_incidents(
    db: Session, viewer: Viewer, *, since: datetime, as_of: datetime | None
) -> IncidentTally:
    """Count the incidents since an instant, but those that count for nothing."""
    full = allows(viewer, "incident_full:read")
    i = known(Incident, as_of)
    columns = [func.count(), _times(i.c.gmi == Gmi.UNKNOWN.value)]
    if full:
        columns.append(_times(i.c.status == IncidentStatus.NEW.value))
    row = db.execute(
        select(*columns).where(
            visible(i.c, viewer, "incident:list"), _counts(i), i.c.occurred_at >= since
        )
    ).one()
    return IncidentTally(total=row[0], gmi_unknown=row[1], to_review=row[2] if full else None)


def _times(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
