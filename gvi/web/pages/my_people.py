"""My people: whom to meet, whom to ring back, what is stuck; for outreach, lead and probation."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.domain.text import N_
from gvi.store.queries.access import AccessRow, notices_for
from gvi.store.queries.action import ActionRow, actions
from gvi.store.queries.client import (
    ClientCard,
    ConflictWarning,
    client_cards,
    conflict_warnings,
    probation_cards,
)
from gvi.store.queries.inbound_call import CallRow, calls_to_return
from gvi.store.queries.support import NeedRow, stuck_needs
from gvi.web.format import sentence_start
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

MOST_STUCK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckNeed:
    """A need that has been open for too long, with whose it is."""

    name: str
    need: NeedRow


@router.get("/my-people", response_class=HTMLResponse)
def my_people(visit: Annotated[Visit, may("my_people:see")], db: ReadDb) -> HTMLResponse:
    """Show one's own clients, each role with what it works with."""
    warnings = conflict_warnings(db, visit.viewer, visit.now)
    if visit.viewer.role is Role.PROBATION:
        return _probation(visit, db, warnings)
    return _outreach(visit, db, warnings)


def _notices(visit: Visit, db: Session) -> tuple[AccessRow, ...]:
    """Give the broken glasses the visitor must hear of."""
    notices = notices_for(db, visit.viewer, at=visit.now)
    visit.shows("person", [each.person_id for each in notices])
    return notices


def _outreach(visit: Visit, db: Session, warnings: tuple[ConflictWarning, ...]) -> HTMLResponse:
    cards = client_cards(db, visit.viewer, visit.now, visit.zone, warnings)
    calls = calls_to_return(db, visit.viewer, visit.now, visit.zone)
    workers = sorted({(card.owner_id, card.owner) for card in cards if card.owner_id is not None})
    worker = visit.request.query_params.get("worker", "")
    shown = tuple(card for card in cards if worker in ("", str(card.owner_id)))
    stuck = _stuck(visit, db, shown)
    visit.shows("person", [card.person_id for card in shown])
    visit.shows("person", [call.person_id for call in calls if call.person_id is not None])
    visit.shows("inbound_call", [call.id for call in calls])
    return visit.render(
        "my_people/outreach.html",
        notices=_notices(visit, db),
        answer=_answer(visit, shown, calls),
        cards=[card for card in shown if card.case_id is not None],
        without_case=[card for card in shown if card.case_id is None],
        viewer_id=visit.viewer.user_id,
        calls=calls,
        stuck=stuck[:MOST_STUCK],
        stuck_count=len(stuck),
        warnings=warnings,
        promised=_promised(visit, db),
        workers=_worker_segments(visit, workers, worker),
    )


def _probation(visit: Visit, db: Session, warnings: tuple[ConflictWarning, ...]) -> HTMLResponse:
    cards = probation_cards(db, visit.viewer, visit.now, visit.zone, warnings)
    visit.shows("person", [card.person_id for card in cards])
    count = sum(card.call_in_id is not None for card in cards)
    asked = count or visit.say(N_("nobody"))
    answer = visit.say_plural(
        "%(num)s client, %(asked)s asked to a call-in.",
        "%(num)s clients, %(asked)s asked to a call-in.",
        len(cards),
        asked=asked,
    )
    return visit.render(
        "my_people/probation.html",
        answer=answer,
        cards=cards,
        notices=_notices(visit, db),
        warnings=warnings,
    )


def _stuck(visit: Visit, db: Session, cards: tuple[ClientCard, ...]) -> tuple[StuckNeed, ...]:
    names = {card.case_id: card.name for card in cards}
    needs = stuck_needs(db, visit.viewer, visit.today)
    return tuple(
        StuckNeed(name=names[need.case_id], need=need) for need in needs if need.case_id in names
    )


def _promised(visit: Visit, db: Session) -> dict[int, list[ActionRow]]:
    """Give what the viewer promised to each person and has not done yet."""
    promised: dict[int, list[ActionRow]] = {}
    for row in actions(db, visit.viewer, on=visit.today, open_only=True):
        if row.person_id is not None and row.owner_id == visit.viewer.user_id:
            promised.setdefault(row.person_id, []).append(row)
    return promised


def _worker_segments(
    visit: Visit, workers: list[tuple[int, str]], chosen: str
) -> list[tuple[str, str, bool]]:
    """Offer a lead each worker's people; nothing where there is one worker."""
    if len(workers) < 2:
        return []
    everybody = (visit.say(N_("Everybody")), "/my-people", chosen == "")
    return [
        everybody,
        *((name, f"/my-people?worker={key}", chosen == str(key)) for key, name in workers),
    ]


def _answer(visit: Visit, cards: tuple[ClientCard, ...], calls: tuple[CallRow, ...]) -> str:
    if not cards and not calls:
        return visit.say(N_("You have no clients yet. The coordinator or your lead assigns them."))
    due = sum(
        card.next_contact_on is not None and card.next_contact_on <= visit.today for card in cards
    )
    to_meet = visit.say_plural(
        "%(num)s to meet or call today", "%(num)s to meet or call today", due
    )
    to_ring = visit.say_plural("%(num)s call to return", "%(num)s calls to return", len(calls))
    first = visit.say(
        N_("%(meet)s, %(ring)s."),
        meet=to_meet if due else visit.say(N_("nobody is due today")),
        ring=to_ring if calls else visit.say(N_("no calls to return")),
    )
    silent = max((card for card in cards if card.days_silent), key=_silence, default=None)
    if silent is None:
        return sentence_start(first)
    if silent.owner_id == visit.viewer.user_id:
        longest = visit.say_plural(
            "You have not heard from %(name)s since yesterday.",
            "You have not heard from %(name)s for %(num)s days.",
            _silence(silent),
            name=silent.name,
        )
    else:
        longest = visit.say_plural(
            "Nobody has heard from %(name)s since yesterday.",
            "Nobody has heard from %(name)s for %(num)s days.",
            _silence(silent),
            name=silent.name,
        )
    return f"{sentence_start(first)} {longest}"


def _silence(card: ClientCard) -> int:
    return card.days_silent or 0
