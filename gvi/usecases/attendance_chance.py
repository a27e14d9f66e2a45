"""How likely single people are to come to a call-in: set by somebody who knows them, and why."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.models import AttendanceChance, CallIn, Person
from gvi.store.queries.attendance import ChanceRow
from gvi.usecases.facts import log_change
from gvi.usecases.invitee import must_be_to_come
from gvi.usecases.plan import Chance
from gvi.usecases.rights import the

NO_CHANCE = N_("No chance of coming is set for this person.")


def set_chance(
    db: Session, viewer: Viewer, call_in_id: int, person_id: int, chance: Chance, *, at: datetime
) -> AttendanceChance:
    """Set how likely somebody is to come to a call-in that is to come; it stands before all else.

    Raises NotFoundError for somebody who is not for the viewer.
    """
    call_in = _planned(db, viewer, call_in_id)
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    row = _set(db, call_in, person.id)
    if row is None:
        row = AttendanceChance(
            programme_id=viewer.programme_id, call_in_id=call_in.id, person_id=person.id
        )
        db.add(row)
    row.probability, row.reason = chance.probability, chance.reason.strip()
    row.set_at, row.set_by_id = at, viewer.user_id
    db.flush()
    log_change(db, viewer, "chance:set", at=at, call_in=call_in.id, person=person.id)
    return row


def drop_chance(
    db: Session, viewer: Viewer, call_in_id: int, person_id: int, *, at: datetime
) -> None:
    """Count with the usual chance again; the reason goes with it."""
    call_in = _planned(db, viewer, call_in_id)
    row = _set(db, call_in, person_id)
    if row is None:
        raise NotFoundError(NO_CHANCE)
    db.delete(row)
    log_change(db, viewer, "chance:dropped", at=at, call_in=call_in.id, person=person_id)


def chances_known(rows: Iterable[ChanceRow]) -> dict[int, Chance]:
    """Give the chances that were set, as a plan counts with them."""
    return {row.person_id: Chance(probability=row.probability, reason=row.reason) for row in rows}


def _planned(db: Session, viewer: Viewer, call_in_id: int) -> CallIn:
    call_in = the(db, viewer, CallIn, call_in_id, "call_in:plan")
    must_be_to_come(call_in)
    return call_in


def _set(db: Session, call_in: CallIn, person_id: int) -> AttendanceChance | None:
    return db.scalars(
        select(AttendanceChance).where(
            AttendanceChance.call_in_id == call_in.id, AttendanceChance.person_id == person_id
        )
    ).one_or_none()
