"""The evening of a call-in as its page sums it up: what was said and by whom, cards, notes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gvi.domain.call_in import ATTENDANCE_POSSIBLE, AWAITS_OUTCOME, DOORS_OPEN, InviteeStatus
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.custom_notification import notifications
from gvi.store.queries.invitee import InviteeRow, SpokenLine, spoken_parts
from gvi.web.round import barred_of
from gvi.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """What is known of one evening, and what the visitor may do about it."""

    said: tuple[SpokenLine, ...]
    cards: int
    """Cards with the number for help, to invitees and to others."""
    to_confirm: tuple[str, ...]
    """Who left early, and nobody has said what they heard."""
    without_outcome: int
    """Of how many who were asked to what was held nobody has said whether they came."""
    absent: tuple[int, ...]
    """Who did not come, may be visited, and has an open visit in no round: for a round."""
    may_open_door: bool
    may_read_notes: bool


def evening_of(visit: Visit, db: Session, card: CallInCard, rows: Sequence[InviteeRow]) -> Evening:
    """Sum up one evening, as far as the visitor may know of it."""
    has_begun = card.starts_at is not None and card.starts_at <= visit.now
    is_open = card.starts_at is not None and card.starts_at - DOORS_OPEN <= visit.now
    is_held = card.status in ATTENDANCE_POSSIBLE and not card.is_to_come
    counts_cards = visit.may("message:read")
    return Evening(
        said=spoken_parts(db, visit.viewer, card.id),
        cards=sum(row.has_card for row in rows) + card.other_cards if counts_cards else 0,
        to_confirm=tuple(row.name for row in rows if row.is_to_confirm),
        without_outcome=(
            sum(row.status in AWAITS_OUTCOME for row in rows)
            if is_held and visit.may("attendance:write")
            else 0
        ),
        absent=_absent(visit, db, rows) if is_held and visit.may("round:write") else (),
        may_open_door=(
            visit.may("attendance:write")
            and is_open
            and card.is_to_come
            and card.status in ATTENDANCE_POSSIBLE
        ),
        may_read_notes=visit.may("evening_note:read") and has_begun,
    )


def _absent(visit: Visit, db: Session, rows: Sequence[InviteeRow]) -> tuple[int, ...]:
    """Give who did not come and can be put into a round: with their open visits they come along."""
    away = {row.person_id for row in rows if row.status is InviteeStatus.NO_SHOW}
    if not away:
        return ()
    every = notifications(db, visit.viewer, at=visit.now, on=visit.today)
    mine = [row for row in every if row.person_id in away and row.is_still_possible]
    free = {row.person_id for row in mine if not row.is_in_open_round}
    return tuple(sorted(free - set(barred_of(visit, db, free))))
