"""Call-ins: who may be called, the list, one call-in's page, attendance, and what is due."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.supervision import SupervisionKind
from gvi.store.known import known, valid_at
from gvi.store.models import Person, Supervision
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who can be obliged to come on a day, who cannot come at all, and who is never asked."""

    obliged: frozenset[int]
    in_custody: frozenset[int]
    left_out: frozenset[int]


def standing(db: Session, viewer: Viewer, *, as_of: datetime, on: datetime) -> Standing:
    """Read how everybody stands at the instant `on`, as known at `as_of`."""
    s, p = known(Supervision, as_of), known(Person, as_of)
    rows = db.execute(
        select(s.c.person_id, s.c.kind, s.c.obliges_attendance).where(
            visible(s.c, viewer, "supervision_flag:read", person=s.c.person_id), *valid_at(s, on)
        )
    ).all()
    custody = frozenset(r.person_id for r in rows if r.kind == SupervisionKind.CUSTODY)
    left_out = db.execute(
        select(p.c.id).where(
            visible(p.c, viewer, "call_in:plan"), or_(p.c.is_protected, p.c.is_exit_client)
        )
    ).scalars()
    return Standing(
        obliged=frozenset(r.person_id for r in rows if r.obliges_attendance) - custody,
        in_custody=custody,
        left_out=frozenset(left_out),
    )
