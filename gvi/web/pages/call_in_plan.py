"""The planner: who is ticked, what that reaches, what would be best, and who is still missed.

Everything asked stands in the address; ticking invites nobody until somebody saves it by name.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.text import N_
from gvi.network.plan import Objective, PlanStatus
from gvi.network.reach import would_add
from gvi.store.models import CallIn
from gvi.store.queries.attendance import chances_set
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import invitees
from gvi.store.queries.message import last_message_of_people
from gvi.usecases.apart import meeting_anew
from gvi.usecases.attendance_chance import NO_CHANCE, drop_chance, set_chance
from gvi.usecases.invitee import Proposal, propose_invitees
from gvi.usecases.plan import Chance
from gvi.web import planner_words as words
from gvi.web.call_in_picture import PickGroup, missed_by_group, pick_groups
from gvi.web.forms import Form
from gvi.web.numbers import whole_number
from gvi.web.planner import (
    Desk,
    Wish,
    address,
    dashed,
    latest,
    least_of,
    prover_of,
)
from gvi.web.planner_people import Reasons, chosen_people, incidents_lately
from gvi.web.stale import SEEN
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Planner = Annotated[Visit, may("call_in:plan")]

CHANCE = "chance-"
"""What begins the name of an act about a chance of coming; the person whose is dropped follows."""
PROOFS = ("prove", "unprove")
OBJECTIVES = {
    Objective.REACH: N_("As many as possible, if all come"),
    Objective.EXPECTED: N_("As many as can be expected, by who comes"),
}


@router.get("/call-ins/{call_in_id}/plan", response_class=HTMLResponse)
def show(visit: Planner, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Show what the ticked people reach, beside the best plan."""
    language, zone = visit.viewer.language, visit.zone
    form = Form(visit.request.query_params.multi_items(), language=language, zone=zone)
    card = _to_come(visit, db, call_in_id)
    form.acts_on(_stands(visit, db, card), "invitees")
    return _page(visit, db, Desk(visit, db, card, form), form)


def _stands(visit: Visit, db: Session, card: CallInCard) -> Form:
    """Give who is invited, how far and where, and the chances set; saving writes over it."""
    rows = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    chances = chances_set(db, visit.viewer, card.id)
    values = {
        "person_id": [
            *(f"{row.person_id} {row.status} {row.session}" for row in rows),
            *(f"{row.person_id} {row.probability} {row.reason}" for row in chances),
        ]
    }
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


@router.post("/call-ins/{call_in_id}/plan", response_class=RedirectResponse)
def act(visit: Planner, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Count again, or save who is ticked as proposed."""
    hold(db, CallIn, call_in_id)
    card = _to_come(visit, db, call_in_id)
    desk = Desk(visit, db, card, form)
    does = form.value("act")
    if does == "save" or does.startswith(CHANCE):
        form.acts_on(_stands(visit, db, card), "invitees")
        if does == "save":
            if _save(visit, db, desk, form):
                return done(f"/call-ins/{card.id}", "proposed")
        elif _set_chance(visit, db, desk, form):
            return RedirectResponse(_asked(desk.card, desk.wish, form, "q"), status_code=303)
        return _page(visit, db, Desk(visit, db, card, form), form, status_code=422)
    if does in PROOFS and not form.errors:
        attempt(db, form, lambda: _prove(visit, desk, does))
    if form.errors:
        return _page(visit, db, desk, form, status_code=422)
    wish = desk.wish
    if does == "keep":
        wish = replace(wish, drafts=latest((*wish.drafts, wish.ticked)))
    return RedirectResponse(_asked(card, wish, form, SEEN, "q"), status_code=303)


def _prove(visit: Visit, desk: Desk, does: str) -> None:
    """Begin to prove the best plan beside the server, or end it."""
    if does == "unprove":
        prover_of(visit).stop(desk.whose)
    elif desk.plan.status is PlanStatus.BEST_FOUND:
        prover_of(visit).begin(desk.whose, desk.problem, desk.plan)


def _asked(card: CallInCard, wish: Wish, form: Form, *kept: str) -> str:
    """Give the address that asks what the form asks, with these of its fields as they came."""
    here = urlencode({name: form.value(name) for name in kept if form.value(name)})
    return f"{address(card, wish, wish.ticked, before=wish.before)}&{here}"


def _save(visit: Visit, db: Session, desk: Desk, form: Form) -> bool:
    proposal = Proposal(
        session_of=dict.fromkeys(desk.wish.ticked, 1) | desk.session_of(desk.yours),
        sessions=desk.question.sessions,
        counts_own_attendance=desk.question.learned,
        rivals_reason=form.text("rivals_reason", most=2000),
    )
    if form.errors:
        return False
    who, at, zone = visit.viewer, visit.now, visit.zone
    saved = attempt(
        db, form, lambda: propose_invitees(db, who, desk.card.id, proposal, at=at, zone=zone)
    )
    return saved is not None


def _set_chance(visit: Visit, db: Session, desk: Desk, form: Form) -> bool:
    """Set the chance of coming of one person, or count with the usual one again."""
    person = form.value("act").removeprefix(CHANCE)
    if person:
        number = whole_number(person)
        if number is None:
            raise NotFoundError(NO_CHANCE)
        drop_chance(db, visit.viewer, desk.card.id, number, at=visit.now)
        return True
    who = form.one_of("chance_of", map(str, desk.problem.candidates), required=True)
    per_cent = form.number("chance", required=True, least=0, most=100)
    reason = form.text("chance_reason", required=True, most=500)
    if form.errors:
        return False
    chance = Chance(probability=per_cent / 100, reason=reason)
    set_chance(db, visit.viewer, desk.card.id, int(who), chance, at=visit.now)
    return True


def _to_come(visit: Visit, db: Session, call_in_id: int) -> CallInCard:
    card = call_in_card(db, visit.viewer, call_in_id)
    if not card.is_to_come:
        raise RuleError(N_("This call-in has been held or cancelled; that cannot be changed now."))
    return card


def _page(
    visit: Visit, db: Session, desk: Desk, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    card = desk.card
    visit.shows("call_in", [card.id])
    visit.shows("person", desk.problem.universe)
    visit.shows("group", desk.question.groups)
    yours = desk.yours
    added = would_add(desk.problem, yours.invitees)
    reasons, lately = Reasons(visit, desk, added), incidents_lately(visit, desk)
    visit.shows("incident", [each.id for each in lately])
    picks = _picks(desk, added, reasons)
    told = last_message_of_people(db, visit.viewer, visit.now)
    return visit.render(
        "call_in/plan.html",
        status_code=status_code,
        **_rules(visit, desk, picks, form.value("q")),
        card=card,
        form=form,
        answer=words.answer(visit, desk),
        gone=words.gone(visit, desk.gone),
        universe=desk.plan.universe,
        picks=picks,
        chosen=chosen_people(desk, reasons, told, lately),
        lately=lately,
        sessions=words.sessions(desk),
        drafts=[dashed(draft) for draft in desk.wish.drafts],
        undo_url=desk.undo_url,
        proving=words.proving(visit, desk),
        share_url=address(card, desk.wish, yours.invitees),
        columns=words.columns(visit, desk),
        kept=words.drafts(visit, desk),
        group_names=[name for _, name in desk.groups],
        equals=words.equals(visit, desk),
        is_first=not desk.wish.is_counted and not desk.invited and bool(desk.yours.invitees),
        visits=words.visits(desk),
        attendance=words.attendance(visit, desk),
        **_impossible(visit, desk),
        rivals=words.rivals(visit, desk),
        apart=_people_meeting(visit, db, desk),
        curve=desk.curve,
        curve_url=address(card, replace(desk.wish, draws_curve=True), yours.invitees),
        draws_curve=desk.wish.draws_curve,
        missed=missed_by_group(desk.people, yours.not_reached, desk.groups),
        not_reached=len(yours.not_reached),
        may_save=visit.may("call_in:write"),
        may_visit=visit.may("custom_notification:write"),
    )


def _impossible(visit: Visit, desk: Desk) -> dict[str, object]:
    """Say what the rules do not let in, and which plans there are none of."""
    return {
        "clashes": words.clashes(visit, desk),
        "left_out": words.left_out(visit, desk),
        "is_obliged_possible": desk.question.supervised_only or desk.obliged is not None,
        "is_unknown": desk.plan.status is PlanStatus.NOT_FOUND,
        "concessions": list(words.concessions(visit, desk)),
    }


def _people_meeting(visit: Visit, db: Session, desk: Desk) -> list[str]:
    """Name the people who are kept apart and would be seated together anew."""
    session_of = desk.session_of(desk.yours)
    return [
        visit.say(N_("%(one)s and %(other)s"), one=desk.called(one), other=desk.called(other))
        for one, other in meeting_anew(db, visit.viewer, desk.card.id, session_of, at=visit.now)
    ]


def _rules(visit: Visit, desk: Desk, picks: tuple[PickGroup, ...], name: str) -> dict[str, object]:
    """Give what is asked of the best plan, and what can be asked."""
    return {
        "question": desk.question,
        "objectives": [(code.value, visit.say(text)) for code, text in OBJECTIVES.items()],
        "singles": words.singles(picks, name),
        "chances": words.chances(desk),
        "pairs": words.pairs(visit, desk),
        "pickable": words.pickable(desk),
        "least_of": least_of,
        "conflicts": _conflicts(desk),
    }


def _picks(desk: Desk, added: Mapping[int, float], reasons: Reasons) -> tuple[PickGroup, ...]:
    asked = desk.wish.question
    rules = dict.fromkeys(asked.locked, "lock") | dict.fromkeys(asked.excluded, "exclude")
    return pick_groups(
        desk.stood_on,
        desk.people,
        groups=desk.groups,
        universe=desk.problem.universe,
        yours=desk.yours,
        best=desk.best.outcome,
        added=added,
        fixed=desk.fixed,
        rules=rules,
        why_not=reasons.why_not,
    )


def _conflicts(desk: Desk) -> list[tuple[str, str, bool]]:
    """Give the open conflicts among the groups addressed: value, names, whether accepted."""
    here = {group_id for group_id, _ in desk.card.groups}
    return [
        (
            f"{a}-{b}",
            f"{desk.group_names[a]} – {desk.group_names[b]}",
            frozenset((a, b)) in desk.question.accepted,
        )
        for a, b in desk.stood_on.conflicts
        if {a, b} <= here
    ]
