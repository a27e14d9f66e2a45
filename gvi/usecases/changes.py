"""The trail every thing keeps: changes of status and moved due dates, signed and reasoned."""

from datetime import datetime

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.store.models import DueChange, StatusChange


def reasoned(reason: str) -> str:
    """Give a reason without the spaces around it; raises RuleError where there is none."""
    said = reason.strip()
    if not said:
        raise RuleError(N_("Say why, in a few words."), field="reason")
    return said


def status_changed(
    db: Session,
    viewer: Viewer,
    thing: str,
    thing_id: int,
    *,
    old: str | None,
    new: str,
    at: datetime,
    reason: str = "",
    field: str = "status",
) -> None:
    """Keep one change of status (or of another `field`, such as the owner) of anything."""
    db.add(
        StatusChange(
            programme_id=viewer.programme_id,
            thing=thing,
            thing_id=thing_id,
            field=field,
            old=old,
            new=new,
            changed_at=at,
            changed_by_id=viewer.user_id,
            reason=reason,
        )
    )


def due_moved(
    db: Session,
    viewer: Viewer,
    thing: str,
    thing_id: int,
    *,
    old: datetime | None,
    new: datetime,
    at: datetime,
    reason: str,
) -> None:
    """Keep one moving of a due date, with its reason."""
    db.add(
        DueChange(
            programme_id=viewer.programme_id,
            thing=thing,
            thing_id=thing_id,
            old_due_at=old,
            new_due_at=new,
            changed_at=at,
            changed_by_id=viewer.user_id,
            reason=reason,
        )
    )
