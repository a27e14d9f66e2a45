"""What is disputed of a person's score, and who checks it by when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.action import OPEN_ACTIONS, ActionKind
from gvi.domain.correction import Disputed
from gvi.store.models import Action, User
from gvi.store.queries.rights import Columns, visible


def without_disputes(columns: Columns, viewer: Viewer) -> ColumnElement[bool]:
    """Give the clause that leaves corrections out of actions for who may not see scores.

    A dispute speaks of a score, and that there is one tells that there is a score: its owner, too,
    sees it only while in a role with scores. `columns` are those of the actions.
    """
    if allows(viewer, "score:read"):
        return true()
    kind: ColumnElement[str] = columns["kind"]
    return kind != ActionKind.CORRECTION.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One correction that is open; the same words for everybody who sees the score."""

    id: int
    disputed: Disputed
    disputed_id: int | None
    text: str
    owner: str
    due_at: datetime
    may_open: bool
    """Whether the viewer may open it as an action: whose it is, or who reads all."""


def corrections_of(db: Session, viewer: Viewer, person_id: int) -> tuple[Correction, ...]:
    """Give what is disputed now, what is due first first."""
    a, owner = Action.__table__.c, User.__table__
    may_open = visible(a, viewer, "action_text:read", owner=a.owner_id)
    rows = db.execute(
        select(
            a.id,
            a.disputed,
            a.disputed_id,
            a.text,
            owner.c.display_name,
            a.due_at,
            may_open.label("may_open"),
        )
        .join_from(Action.__table__, owner, owner.c.id == a.owner_id, isouter=True)
        .where(*_open(viewer), a.person_id == person_id)
        .order_by(a.due_at, a.id)
    )
    return tuple(
        Correction(
            id=row.id,
            disputed=Disputed(row.disputed),
            disputed_id=row.disputed_id,
            text=row.text,
            owner=row.display_name or "",
            due_at=row.due_at,
            may_open=bool(row.may_open),
        )
        for row in rows
    )


def people_disputed(db: Session, viewer: Viewer) -> frozenset[int]:
    """Find the people of whose score something is disputed now."""
    a = Action.__table__.c
    return frozenset(db.scalars(select(a.person_id).where(*_open(viewer))))


def _open(viewer: Viewer) -> Iterable[ColumnElement[bool]]:
    """Narrow to open corrections, under the right to scores: whoever sees one sees its dispute."""
    a = Action.__table__.c
    return (
        visible(a, viewer, "score:read"),
        a.kind == ActionKind.CORRECTION.value,
        a.status.in_(sorted(OPEN_ACTIONS)),
    )
