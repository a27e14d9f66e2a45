"""The colours people decided, for lists, for Today and for the person's own page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, Select, Subquery, bindparam, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotFoundError
from gvi.domain.person import is_adult
from gvi.domain.risk import RiskColour
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.known import Moment, known
from gvi.store.models import Person, RiskDecision, User
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import asker, visible
from gvi.store.types import Instant

_MOST_NAMED = 500
"""Up to so many people are named in the question; beyond that all decisions are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """What was decided about a person, last before the instant asked about."""

    colour: RiskColour
    decided_on: date
    expires_on: date
    is_expired: bool
    """The day it was decided to hold until has passed: it must be decided again."""
    decided_by: str


def colours_of(
    db: Session, viewer: Viewer, person_ids: Iterable[int], at: datetime, *, zone: ZoneInfo
) -> dict[int, Colour]:
    """Give the latest decided colour of each person, as it stood at an instant.

    People without a decision, people under 18 and people outside the viewer's right are left out;
    a role without the right to colours gets none. An expired colour is given, marked as such.
    """
    wanted = set(person_ids)
    if not wanted or not allows(viewer, "risk:read"):
        return {}
    day = local_day(at, zone)
    latest = _latest(viewer, at, wanted)
    rows = db.execute(_with_person(latest, known(Person, None)))
    return {
        row.person_id: _colour(row, day, zone)
        for row in rows
        if row.person_id in wanted and is_adult(row.birth_date, day)
    }


def _latest(viewer: Viewer, at: Moment, person_ids: Collection[int] | None) -> Subquery:
    """Select each person's last decision, the viewer's rights and the instant applied first."""
    table = RiskDecision.__table__
    rank = func.row_number().over(
        partition_by=table.c.person_id, order_by=[table.c.decided_at.desc(), table.c.id.desc()]
    )
    decisions = select(*table.c, rank.label("rank")).where(
        visible(table.c, viewer, "risk:read", person=table.c.person_id),
        table.c.decided_at <= at,
    )
    if person_ids is not None and len(person_ids) <= _MOST_NAMED:
        decisions = decisions.where(table.c.person_id.in_(sorted(person_ids)))
    ranked = decisions.subquery()
    return select(ranked).where(ranked.c.rank == 1).subquery("latest")


def _with_person(latest: Subquery, people: Subquery) -> Select[Any]:
    return (
        select(
            latest.c.person_id,
            latest.c.colour,
            latest.c.decided_at,
            latest.c.expires_on,
            User.display_name.label("decided_by"),
            people.c.code_name,
            people.c.birth_date,
        )
        .join(people, people.c.id == latest.c.person_id)
        .join(User, User.id == latest.c.decided_by_id)
        .order_by(latest.c.expires_on, people.c.code_name)
    )


def _colour(row: Any, day: date, zone: ZoneInfo) -> Colour:
    return Colour(
        colour=RiskColour(row.colour),
        decided_on=local_day(row.decided_at, zone),
        expires_on=row.expires_on,
        is_expired=row.expires_on < day,
        decided_by=row.decided_by,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiringColour:
    """A colour that must be decided again, and whose it is."""

    person_id: int
    name: str
    """The name where the viewer may see it, the code name otherwise."""
    code_name: str
    colour: Colour


def colours_expiring(
    db: Session, viewer: Viewer, at: datetime, within_days: int, *, zone: ZoneInfo
) -> tuple[ExpiringColour, ...]:
    """List the colours that expire within so many days or have expired, the oldest first.

    Somebody taken off the list is not asked about again. A role without the right to colours
    gets none.
    """
    if not allows(viewer, "risk:read"):
        return ()
    day = local_day(at, zone)
    asked = {"at": at, "until": day + timedelta(days=within_days)}
    found = db.execute(_expiring(asker(viewer)), asked)
    rows = [row for row in found if is_adult(row.birth_date, day)]
    names = names_of(db, viewer, [row.person_id for row in rows], on=day)
    return tuple(
        ExpiringColour(
            person_id=row.person_id,
            name=names[row.person_id],
            code_name=row.code_name,
            colour=_colour(row, day, zone),
        )
        for row in rows
    )


@lru_cache(maxsize=256)
def _expiring(viewer: Viewer) -> Select[Any]:
    latest = _latest(viewer, bindparam("at", type_=Instant), None)
    people = known(Person, None)
    return _with_person(latest, people).where(
        latest.c.expires_on <= bindparam("until", type_=Date),
        latest.c.colour != RiskColour.OFF_LIST.value,
        visible(people.c, viewer, "person:read", person=people.c.id),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision about a person, as the page about them lists it."""

    id: int
    colour: RiskColour
    decided_at: datetime
    decided_by: str
    expires_on: date
    is_latest: bool
    is_expired: bool
    """Its last day has passed, and no later decision took its place."""
    reason: str | None
    """None where the viewer may see the colour but not why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCard:
    """A person and everything that was decided about them, the latest first."""

    person_id: int
    name: str
    code_name: str
    is_adult: bool
    decisions: tuple[Decision, ...]

    @property
    def latest(self) -> Decision | None:
        """The decision that stands, if only as expired."""
        return self.decisions[0] if self.decisions else None


def risk_card(
    db: Session, viewer: Viewer, person_id: int, at: datetime, *, zone: ZoneInfo
) -> RiskCard:
    """Give a person's decided colours as they stood at an instant.

    Somebody under 18 on that day has none, whatever was decided before their birth date was known.
    Raises NotFoundError where the person is not for the viewer.
    """
    people = known(Person, None)
    person = db.execute(
        select(people.c.id, people.c.code_name, people.c.birth_date).where(
            people.c.id == person_id,
            visible(people.c, viewer, "person:read", person=people.c.id),
            visible(people.c, viewer, "risk:read", person=people.c.id),
        )
    ).one_or_none()
    if person is None:
        raise NotFoundError(N_("There is no such person, or they are not for you."))
    day = local_day(at, zone)
    adult = is_adult(person.birth_date, day)
    return RiskCard(
        person_id=person.id,
        name=names_of(db, viewer, [person.id], on=day).get(person.id, person.code_name),
        code_name=person.code_name,
        is_adult=adult,
        decisions=_decisions(db, viewer, person_id, at, day) if adult else (),
    )


def _decisions(
    db: Session, viewer: Viewer, person_id: int, at: datetime, day: date
) -> tuple[Decision, ...]:
    table = RiskDecision.__table__
    columns = [table.c.id, table.c.colour, table.c.decided_at, table.c.expires_on]
    if allows(viewer, "risk_reason:read"):
        columns.append(table.c.reason)
    rows = db.execute(
        select(*columns, User.display_name.label("decided_by"))
        .join(User, User.id == table.c.decided_by_id)
        .where(
            visible(table.c, viewer, "risk:read", person=table.c.person_id),
            table.c.person_id == person_id,
            table.c.decided_at <= at,
        )
        .order_by(table.c.decided_at.desc(), table.c.id.desc())
    ).all()
    return tuple(
        Decision(
            id=row.id,
            colour=RiskColour(row.colour),
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            expires_on=row.expires_on,
            is_latest=place == 0,
            is_expired=place == 0 and row.expires_on < day,
            reason=row._mapping.get("reason"),  # noqa: SLF001 — the row's public mapping view
        )
        for place, row in enumerate(rows)
    )
