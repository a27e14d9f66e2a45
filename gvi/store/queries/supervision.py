"""Supervision and custody, as much of it as each role may know (design §7)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Scope, Viewer, allows, grant
from gvi.domain.supervision import SupervisionKind
from gvi.store.asked import Asked
from gvi.store.known import known
from gvi.store.models import Person, Supervision
from gvi.store.queries.person import seen_whole
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionRow:
    """One supervision or custody; `note` is None for everybody but probation."""

    id: int
    kind: SupervisionKind
    obliges_attendance: bool
    valid_from: datetime | None
    valid_to: datetime | None
    is_now: bool
    note: str | None

    @property
    def tone(self) -> str:
        """Grey for what no longer holds."""
        return "" if self.is_now else "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionView:
    """What one viewer may know of a person's supervision."""

    is_under: bool | None
    """Whether there is any now; None for those who may not even know that."""
    until: datetime | None = None
    """To when, for those who may know it: the person's own workers and probation."""
    rows: tuple[SupervisionRow, ...] | None = None
    """The records themselves; None for those who may know yes or no only."""


def supervision_of(db: Session, viewer: Viewer, person_id: int, asked: Asked) -> SupervisionView:
    """Give a person's supervision: in full, yes or no with its end, yes or no, or nothing."""
    if allows(viewer, "supervision:read"):
        rows = _rows(db, viewer, person_id, asked)
        now = [row for row in rows if row.is_now]
        return SupervisionView(is_under=bool(now), until=_latest(now), rows=rows)
    held = grant(viewer, "supervision_flag:read")
    if held is None:
        return SupervisionView(is_under=None)
    query = _query(viewer, person_id, asked, "supervision_flag:read")
    found = [row for row in db.execute(query) if row.is_now]
    until = _latest(found) if held.scope is not Scope.ALL else None
    return SupervisionView(is_under=bool(found), until=until)


def _latest(rows: list[Any]) -> datetime | None:
    ends = [row.valid_to for row in rows]
    return None if not ends or None in ends else max(ends)


def _rows(db: Session, viewer: Viewer, person_id: int, asked: Asked) -> tuple[SupervisionRow, ...]:
    reads_note = grant(viewer, "supervision_note:read")
    return tuple(
        SupervisionRow(
            id=row.id,
            kind=SupervisionKind(row.kind),
            obliges_attendance=row.obliges_attendance,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            is_now=bool(row.is_now),
            note=row.note if reads_note and row.compartment in reads_note.compartments else None,
        )
        for row in db.execute(_query(viewer, person_id, asked, "supervision:read"))
    )


def _query(viewer: Viewer, person_id: int, asked: Asked, permission: str) -> Any:
    s, p = known(Supervision, asked.as_of), known(Person, asked.as_of)
    now = and_(
        or_(s.c.valid_from.is_(None), s.c.valid_from <= asked.at),
        or_(s.c.valid_to.is_(None), s.c.valid_to > asked.at),
    )
    columns = [s.c.id, s.c.kind, s.c.obliges_attendance, s.c.compartment]
    if allows(viewer, "supervision_note:read"):
        columns.append(s.c.note)
    return (
        select(*columns, s.c.valid_from, s.c.valid_to, now.label("is_now"))
        .join(p, p.c.id == s.c.person_id)
        .where(
            s.c.person_id == person_id,
            visible(s.c, viewer, permission, person=s.c.person_id),
            visible(p.c, viewer, "person:read", person=p.c.id),
            seen_whole(p.c, viewer, asked.on),
        )
        .order_by(now.desc(), s.c.valid_from.desc().nulls_last(), s.c.id)
    )
