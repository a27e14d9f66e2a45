"""Moving one invitee from one session of a call-in to another, by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import TAKES_A_SEAT, TICKED, InviteeStatus
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.store.models import Invitee
from gvi.store.queries.apart import ApartPair
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.invitee import InviteeRow, bars_of, invitees, standing
from gvi.usecases.apart import (
    RIVALS,
    accepted_rivals,
    meeting,
    others_of,
    seated_in,
    seats_of,
    unaccepted,
)
from gvi.usecases.call_in_session import check_none_over, papers_change
from gvi.usecases.changes import status_changed
from gvi.usecases.facts import log_change
from gvi.usecases.invitee import (
    NOUN,
    WHY_BARRED,
    move_invitee,
    must_be_to_come,
    the_invitee,
)

SESSION = "session"
"""The field of a status change that says in which session somebody sits now."""


def move_to_session(
    db: Session,
    viewer: Viewer,
    invitee_id: int,
    session: int,
    *,
    reason: str,
    at: datetime,
    zone: ZoneInfo,
) -> Invitee:
    """Let an invitee sit in another session of a call-in that is to come.

    Who had said yes is asked again; letters printed before are out of date, and safety is to be
    looked at again. Raises RuleError where the session is full, the person cannot come then or was
    ticked at a door, or would meet somebody they are kept apart from and nobody says why that is
    accepted.
    """
    invitee, call_in = the_invitee(db, viewer, invitee_id, "invitee_session:write")
    must_be_to_come(call_in)
    card = call_in_card(db, viewer, call_in.id)
    rows = invitees(db, viewer, card, at=at, zone=zone)
    row = next(each for each in rows if each.id == invitee_id)
    _check_may_move(card, rows, row, session)
    check_none_over(db, call_in, [session], at=at)
    on = card.session(session).starts_at or at
    bar = bars_of(db, viewer, [row.person_id], on=on, zone=zone).get(row.person_id)
    if bar:
        raise RuleError(WHY_BARRED[bar], name=row.code_name)
    said = reason.strip()
    moved = replace(row, session=session)
    meets = meeting(db, viewer, card, rows, moved, at=at, zone=zone)
    _accept(db, viewer, card, row, meets, reason=said, at=at)
    old, new = str(invitee.session), str(session)
    status_changed(
        db, viewer, NOUN, invitee.id, old=old, new=new, at=at, reason=said, field=SESSION
    )
    invitee.session = session
    invitee.is_obliged = row.person_id in standing(db, viewer, as_of=at, on=on).obliged
    if invitee.status == InviteeStatus.CONFIRMED:
        move_invitee(db, viewer, invitee, InviteeStatus.INVITED, at=at)
    papers_change(call_in, at)
    log_change(
        db,
        viewer,
        "invitee:moved",
        at=at,
        call_in=call_in.id,
        invitee=invitee.id,
        person=invitee.person_id,
    )
    return invitee


def _check_may_move(
    card: CallInCard, rows: Sequence[InviteeRow], row: InviteeRow, session: int
) -> None:
    if not 1 <= session <= len(card.sessions):
        raise RuleError(N_("Choose one of the sessions."), field=SESSION)
    if session == row.session:
        raise RuleError(N_("%(name)s sits there already."), field=SESSION, name=row.name)
    if row.status in TICKED:
        raise RuleError(N_("%(name)s was ticked at the door: take that back first."), name=row.name)
    if row.status not in TAKES_A_SEAT:
        raise RuleError(N_("%(name)s has no seat: propose them again first."), name=row.name)
    share = seats_of(card)
    if seated_in(rows)[session] >= share:
        raise RuleError(
            N_("Session %(session)s is full: it has %(seats)s seats."),
            field=SESSION,
            session=session,
            seats=share,
        )


def _accept(
    db: Session,
    viewer: Viewer,
    card: CallInCard,
    row: InviteeRow,
    meets: Sequence[ApartPair],
    *,
    reason: str,
    at: datetime,
) -> None:
    """Let somebody meet whom they are kept apart from, where a person says why.

    Groups whose meeting was accepted for this call-in need no other word.
    """
    before = accepted_rivals(db, viewer, card.id)
    groups = {each for pair in meets for each in pair.groups if frozenset(each) not in before}
    new = unaccepted(db, viewer, card, meets)
    if new and not reason:
        raise RuleError(
            N_(
                "%(name)s would meet whom they are kept apart from: %(others)s."
                " Say why that is accepted, or choose another session."
            ),
            field="reason",
            name=row.name,
            others=others_of(row, new),
        )
    for one, other in sorted(groups):
        accepted = f"{one}-{other}"
        status_changed(
            db,
            viewer,
            "call_in",
            card.id,
            old=None,
            new=accepted,
            at=at,
            reason=reason,
            field=RIVALS,
        )
