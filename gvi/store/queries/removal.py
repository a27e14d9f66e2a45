"""What was removed: the list of what can be put back, and of what was erased."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, grant
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.removal import Removable, RemovalCause, Side, sides_of
from gvi.domain.text import N_
from gvi.store import bundle
from gvi.store.belongings import Bundle
from gvi.store.models import Removal, User
from gvi.store.wall import behind_the_wall


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalRow:
    """One removal; once erased nothing but that it was, and when."""

    id: int
    thing: Removable
    side: Side
    called: str
    """What people call it; blank once erased."""
    cause: RemovalCause
    removed_at: datetime
    removed_by: str
    """Blank where the retention rule did it."""
    reason: str
    erase_at: datetime
    erased_at: datetime | None
    keeps_out: bool
    """Whether an import is stopped that names the same id."""


def sides_held(viewer: Viewer, permission: str) -> frozenset[Side]:
    """Tell for which sides the viewer may act; raises NotAllowedError for none at all."""
    held = grant(viewer, permission)
    if held is None:
        raise NotAllowedError(N_("Your role does not give access to this."))
    return sides_of(held.compartments)


def removals(
    db: Session, viewer: Viewer, *, erased: bool = False, limit: int = 500
) -> tuple[RemovalRow, ...]:
    """List what the viewer's side removed, the latest first; the erased apart from the others."""
    where = Removal.erased_at.is_not(None) if erased else Removal.erased_at.is_(None)
    return _rows(db, viewer, where, limit=limit)


def removal(db: Session, viewer: Viewer, removal_id: int) -> RemovalRow:
    """Give one removal; raises NotFoundError where there is none for the viewer's side."""
    found = _rows(db, viewer, Removal.id == removal_id, limit=1)
    if not found:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return found[0]


def _rows(db: Session, viewer: Viewer, where: Any, *, limit: int) -> tuple[RemovalRow, ...]:
    sides = sorted(sides_held(viewer, "removal:list"))
    rows = db.execute(
        select(*Removal.__table__.columns, User.display_name)
        .outerjoin(User, User.id == Removal.removed_by_id)
        .where(Removal.programme_id == viewer.programme_id, Removal.side.in_(sides), where)
        .order_by(Removal.removed_at.desc(), Removal.id.desc())
        .limit(limit)
    )
    return tuple(_row(row) for row in rows)


def _row(row: Any) -> RemovalRow:
    return RemovalRow(
        id=row.id,
        thing=Removable(row.thing),
        side=Side(row.side),
        called=opened(row.bundle)[1] if row.bundle is not None else "",
        cause=RemovalCause(row.cause),
        removed_at=row.removed_at,
        removed_by=row.display_name or "",
        reason=row.reason,
        erase_at=row.erase_at,
        erased_at=row.erased_at,
        keeps_out=row.fingerprint is not None,
    )


def opened(content: str) -> tuple[Bundle, str]:
    """Open what a removal keeps, and give what its thing is called."""
    return bundle.read(content)


def closed(content: Bundle, *, called: str) -> str:
    """Close what a removal keeps: the one place through which bundles go into the database."""
    return bundle.write(content, called=called)


def kept_out(
    db: Session, viewer: Viewer, thing: Removable, fingerprints: Iterable[str]
) -> dict[str, tuple[Side, datetime]]:
    """Tell which ids of a file were removed here, by whom and when; by their fingerprints."""
    with behind_the_wall(db, "an id stays out of files, whichever side removed it"):
        return _kept_out(db, viewer, thing, sorted(set(fingerprints)))


def _kept_out(
    db: Session, viewer: Viewer, thing: Removable, wanted: list[str]
) -> dict[str, tuple[Side, datetime]]:
    found = {}
    for start in range(0, len(wanted), 500):
        rows = db.execute(
            select(Removal.fingerprint, Removal.side, Removal.removed_at).where(
                Removal.programme_id == viewer.programme_id,
                Removal.thing == thing.value,
                Removal.fingerprint.in_(wanted[start : start + 500]),
            )
        )
        found.update(
            {row.fingerprint: (Side(row.side), row.removed_at) for row in rows if row.fingerprint}
        )
    return found


def keeps_anything_out(db: Session, viewer: Viewer) -> bool:
    """Tell whether any id of a file is kept out at all, to spare the hashing."""
    question = select(Removal.id).where(
        Removal.programme_id == viewer.programme_id, Removal.fingerprint.is_not(None)
    )
    with behind_the_wall(db, "an id stays out of files, whichever side removed it"):
        return db.execute(question.limit(1)).first() is not None
