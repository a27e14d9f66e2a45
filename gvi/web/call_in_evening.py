"""The evening of a call-in as its page sums it up: what was said and by whom, cards, notes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gvi.domain.call_in import ATTENDANCE_POSSIBLE, AWAITS_OUTCOME, DOORS_OPEN
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.invitee import InviteeRow, SpokenLine, spoken_parts
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
        may_open_door=(
            visit.may("attendance:write")
            and is_open
            and card.is_to_come
            and card.status in ATTENDANCE_POSSIBLE
        ),
        may_read_notes=visit.may("evening_note:read") and has_begun,
    )
