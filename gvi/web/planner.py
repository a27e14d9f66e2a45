"""The planner's desk: what is asked, what stands already, and the plans to set side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from gvi.domain.call_in import InviteeStatus
from gvi.domain.text import N_
from gvi.network.plan import Objective, Outcome, Plan
from gvi.network.reach import outcome
from gvi.network.selection import best_plan, best_worth, plan_known, seats_of
from gvi.store.queries.attendance import chances_set
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.call_in_session import moved_by_hand
from gvi.store.queries.invitee import invitees
from gvi.store.queries.person import names_of
from gvi.usecases.apart import accepted_rivals
from gvi.usecases.attendance_chance import chances_known
from gvi.usecases.call_in import MOST_SEATS
from gvi.usecases.plan import Chance, Ground, Question, ground, problem
from gvi.web.call_in_picture import Curve, People, curve_of
from gvi.web.forms import Form
from gvi.web.opaque import NOBODY
from gvi.web.prover import Prover
from gvi.web.visit import Visit

VISITS = 4
"""So many custom notifications are proposed beside the best plan of the obliged."""
MOST_DRAFTS = 3
MOST_SESSIONS = 9
FURTHER_SEATS = 8
CURVE_AT = (1, 2, 3, 4, 6, 8, 12, 16, 24, 40)
SECONDS_WAITED, SECONDS_BESIDE = 0.5, 0.2
"""So long the solver may take while somebody waits: for the best plan, and for each beside it."""
UNTOUCHED = (InviteeStatus.PROPOSED, InviteeStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the page is asked, read from the address or from the form."""

    question: Question
    ticked: frozenset[int]
    is_counted: bool
    """Whether somebody has ticked; else the page ticks what stands, or the best plan."""
    before: frozenset[int] | None
    """Who was ticked before the last change; None where nothing was changed."""
    drafts: tuple[frozenset[int], ...]
    """Plans kept beside the one ticked, to be compared."""
    draws_curve: bool
    """Whether the curve over seats is asked for, which takes as long as all the rest."""


def read_wish(
    form: Form, card: CallInCard, stood_on: Ground, chances: Mapping[int, Chance]
) -> Wish:
    """Read what is asked; groups not addressed and people who do not count fall away.

    Where nothing is asked yet, sessions and chances are those with which it was saved.
    """
    is_asked = form.value("size") != "" or form.value("act") != ""
    addressed = frozenset(group_id for group_id, _ in card.groups)
    # Where none of them counts any more nobody is asked about: none at all would mean everybody.
    targets = (addressed & stood_on.members.keys()) or addressed
    groups = (targets & set(form.integers("group"))) or targets
    universe = stood_on.universe(groups)
    size = form.integer("size", least=1, most=MOST_SEATS)
    question = Question(
        seats=card.seats if size is None or form.error("size") else size,
        exactly=form.ticked("exactly"),
        objective=form.choice("objective", Objective) or Objective.REACH,
        supervised_only=form.ticked("supervised"),
        groups=groups,
        locked=universe & _ruled(form, universe, "lock"),
        excluded=universe & _ruled(form, universe, "exclude"),
        accepted=frozenset(
            frozenset(pair)
            for pair in stood_on.conflicts
            if form.has("accept", f"{pair[0]}-{pair[1]}")
        ),
        min_per_group=_minimums(form, groups),
        keep_apart=_kept_apart(form, universe),
        sessions=_sessions(form, card),
        learned=form.ticked("learned") if is_asked else card.counts_own_attendance,
        chances=chances,
    )
    return Wish(
        question=question,
        ticked=universe & set(form.integers("p")),
        before=_before(form, universe),
        drafts=_drafts(form, universe),
        is_counted=form.value("counted") == "1" or form.value("act") != "",
        draws_curve=form.value("curve") == "1",
    )


def _sessions(form: Form, card: CallInCard) -> int:
    """Read how many sessions share the seats, a seat in each at least."""
    seats = form.integer("size") or card.seats
    sessions = form.integer("sessions", least=1, most=max(1, min(seats, MOST_SESSIONS)))
    return len(card.sessions) if sessions is None or form.error("sessions") else sessions


def _ruled(form: Form, universe: Iterable[int], rule: str) -> set[int]:
    """Read who is locked in or excluded: a list in the address, an answer for each in the form."""
    chosen = {person for person in universe if form.value(f"rule-{person}") == rule}
    return chosen | set(form.integers(rule))


def _minimums(form: Form, groups: Iterable[int]) -> dict[int, int]:
    """Read how many of each group must be invited: an answer for each."""
    found = {group: form.integer(least_of(group), least=0, most=MOST_SEATS) for group in groups}
    return {
        group: least for group, least in found.items() if least and not form.error(least_of(group))
    }


def least_of(group_id: int) -> str:
    """Name the field that asks how many of a group must be invited."""
    return f"least-{group_id}"


def _kept_apart(form: Form, universe: frozenset[int]) -> tuple[tuple[int, int], ...]:
    """Read the pairs who are not to meet: those that stand, and one chosen anew."""
    pairs = {frozenset(_numbers(pair)) for pair in form.all("apart")}
    new = (form.integer("apart_one"), form.integer("apart_other"))
    if (new[0] or new[1]) and len(set(new) - {None}) < 2:
        form.add_error("apart_other", N_("Choose two different people."))
    pairs.add(frozenset(person for person in new if person is not None))
    kept = (pair for pair in pairs if len(pair) == 2 and pair <= universe)
    return tuple(sorted((min(pair), max(pair)) for pair in kept))


def _numbers(pair: str) -> list[int]:
    return [int(part) for part in pair.split("-") if part.isdecimal()]


def _before(form: Form, universe: frozenset[int]) -> frozenset[int] | None:
    """Read who was ticked before; somebody who never was says that nobody was."""
    return universe & set(form.integers("was")) if form.all("was") else None


def _drafts(form: Form, universe: frozenset[int]) -> tuple[frozenset[int], ...]:
    """Read the plans kept to be compared."""
    return latest(universe & set(_numbers(draft)) for draft in form.all("draft"))


def latest(drafts: Iterable[frozenset[int]]) -> tuple[frozenset[int], ...]:
    """Give so many of the latest drafts as stand side by side, each once and none empty."""
    return tuple(draft for draft in dict.fromkeys(drafts) if draft)[-MOST_DRAFTS:]


def address(
    card: CallInCard,
    wish: Wish,
    ticked: Iterable[int] | None,
    *,
    before: Iterable[int] | None = None,
) -> str:
    """Give the address that asks this; ticks left out show what stands, or the best plan.

    `before` is who was ticked until then: what is taken back by one step.
    """
    asked = wish.question
    pairs: list[tuple[str, object]] = [("size", asked.seats), ("objective", asked.objective.value)]
    pairs += [("exactly", "on")] * asked.exactly + [("supervised", "on")] * asked.supervised_only
    pairs += [("group", group) for group in sorted(asked.groups)]
    pairs += [("lock", person) for person in sorted(asked.locked)]
    pairs += [("exclude", person) for person in sorted(asked.excluded)]
    pairs += [("accept", "-".join(map(str, sorted(pair)))) for pair in asked.accepted]
    pairs += [("sessions", asked.sessions)] + [("learned", "on")] * asked.learned
    pairs += [("apart", dashed(pair)) for pair in asked.keep_apart]
    pairs += [(least_of(group), least) for group, least in sorted(asked.min_per_group.items())]
    pairs += [("draft", dashed(draft)) for draft in wish.drafts]
    if wish.draws_curve:
        pairs.append(("curve", 1))
    if ticked is not None:
        pairs += [("counted", 1), *(("p", person) for person in sorted(ticked))]
    if before is not None:
        pairs += [("was", person) for person in sorted(before) or [NOBODY]]
    return f"/call-ins/{card.id}/plan?{urlencode(pairs)}"


def dashed(people: Iterable[int]) -> str:
    """Write some people as one value of an address."""
    return "-".join(map(str, sorted(people)))


def _drawn(seats: int, most: int) -> list[int]:
    """Choose the numbers of seats the curve is worked out for: dense at first, where it bends."""
    return sorted(n for n in {*CURVE_AT, seats, most} if 1 <= n <= most)


def ground_of(visit: Visit, db: Session, card: CallInCard) -> Ground:
    """Read what a plan for this call-in stands on now."""
    on = card.starts_at or visit.now
    return ground(db, visit.viewer, as_of=visit.now, on=on, zone=visit.zone)


def prover_of(visit: Visit) -> Prover:
    """Give what works out proofs beside the server."""
    found: Prover = visit.request.app.state.prover
    return found


class Desk:
    """One showing of the planner: each plan is worked out when it is asked for, and once."""

    def __init__(self, visit: Visit, db: Session, card: CallInCard, form: Form) -> None:
        """Read the ground, what is asked, and who is invited already."""
        self.card = card
        self.whose = f"{visit.viewer.programme_id} {visit.viewer.user_id} {card.id}"
        self.stood_on = ground_of(visit, db, card)
        self.chances = chances_set(db, visit.viewer, card.id)
        """The chances of coming that somebody set for single people."""
        self.wish = read_wish(form, card, self.stood_on, chances_known(self.chances))
        rows = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
        self.invited = frozenset(row.person_id for row in rows if row.takes_a_seat)
        self.fixed = frozenset(
            row.person_id for row in rows if row.takes_a_seat and row.status not in UNTOUCHED
        )
        """Who is further along than proposed, and stays in every plan."""
        by_hand = moved_by_hand(db, [row.id for row in rows])
        self._kept = {
            row.person_id: row.session - 1
            for row in rows
            if row.person_id in self.fixed or (row.takes_a_seat and row.id in by_hand)
        }
        self.let_meet = accepted_rivals(db, visit.viewer, card.id)
        """Groups in open conflict whose meeting was accepted, with a reason, when it was saved."""
        asked = self.wish.question
        self.question = replace(
            asked,
            locked=asked.locked | self.fixed,
            accepted=asked.accepted | self.let_meet,
        )
        self.problem = problem(self.stood_on, self.question)
        counted = asked.groups & self.stood_on.members.keys()
        self.groups = tuple(each for each in card.groups if each[0] in counted)
        self.gone = tuple(name for id_, name in card.groups if id_ not in self.stood_on.members)
        """Groups the call-in names that were rejected or merged since."""
        self.people = self._people(visit, db)
        self.proof = prover_of(visit).look(self.whose, self.problem)
        """How far the proof of this question is that the viewer asked for; None where none is."""

    def _people(self, visit: Visit, db: Session) -> People:
        known, universe = self.stood_on.facts.persons, self.problem.universe
        minor = visit.say(N_("person under 18"))
        grown = frozenset(universe) - self.stood_on.minors
        names = names_of(db, visit.viewer, grown, on=min(self.stood_on.day, visit.today))
        return People(
            names={person: names.get(person, minor) for person in universe},
            code_names=dict(zip(known.id, known.code_name, strict=True)),
            group_of={
                person: self.stood_on.main_group(person, self.question.groups)
                for person in universe
            },
            minors=self.stood_on.minors,
        )

    def called(self, person_id: int) -> str:
        """Say what somebody is called here, also one who does not count."""
        return self.people.names.get(person_id) or self.people.code_names.get(person_id, "")

    @cached_property
    def group_names(self) -> dict[int, str]:
        """Names of all groups that count."""
        known = self.stood_on.facts.groups
        return dict(zip(known.id, known.name, strict=True))

    @cached_property
    def plan(self) -> Plan:
        """The answer to the question: the best plan as far as it is known, or why there is none."""
        proof = self.proof
        if proof is None:
            return best_plan(self.problem, time_limit_seconds=SECONDS_WAITED)
        return plan_known(
            self.problem,
            proof.places,
            gap=proof.gap,
            alternatives=proof.alternatives,
            examples=proof.examples,
        )

    @cached_property
    def best(self) -> Plan:
        """The best plan, or the nearest one that is possible."""
        return self.plan.nearest.plan if self.plan.nearest else self.plan

    @cached_property
    def obliged(self) -> Plan | None:
        """The best plan of the obliged alone; None where it was asked for, or is impossible."""
        if self.question.supervised_only:
            return None
        asked = replace(self.problem, supervised_only=True, exactly=False)
        plan = best_plan(asked, time_limit_seconds=SECONDS_BESIDE)
        return plan if plan.is_found else None

    @cached_property
    def visits(self) -> Outcome | None:
        """The obliged, and the visits that fill the gap best; a visit is no meeting of rivals."""
        if self.obliged is None:
            return None
        called = frozenset(self.obliged.outcome.invitees)
        filled = replace(
            self.problem,
            objective=Objective.REACH,
            locked=called,
            excluded=self.problem.excluded - called,
            seats=len(called) + VISITS,
            exactly=False,
            conflicts=(),
            keep_apart=(),
        )
        return best_plan(filled, time_limit_seconds=SECONDS_BESIDE).outcome

    @cached_property
    def yours(self) -> Outcome:
        """What is ticked; at first what stands already, else the best plan."""
        if self.wish.is_counted:
            ticked = self.wish.ticked
        else:
            ticked = self.invited or frozenset(self.best.outcome.invitees)
        allowed = {person for person in ticked if self.stood_on.bar(person) is None}
        return outcome(self.problem, allowed | self.fixed)

    @cached_property
    def drafts(self) -> tuple[Outcome, ...]:
        """What the plans kept to be compared give, those aside who may no longer be invited."""
        return tuple(
            outcome(
                self.problem,
                {person for person in draft if self.stood_on.bar(person) is None} | self.fixed,
            )
            for draft in self.wish.drafts
        )

    def session_of(self, found: Outcome) -> dict[int, int]:
        """Say in which session each of a plan's people sits, counted from 1.

        Who is asked already, or was moved by hand, keeps their session, where it is still held.
        """
        sessions = self.problem.sessions
        kept = {person: session for person, session in self._kept.items() if session < sessions}
        seats = seats_of(self.problem, found.invitees, kept)
        return {person: session + 1 for person, session in seats.items()}

    @property
    def undo_url(self) -> str:
        """Where those are ticked who were before the last change; blank where none was made."""
        before, now = self.wish.before, frozenset(self.yours.invitees)
        if before is None or before | self.fixed == now:
            return ""
        return address(self.card, self.wish, before, before=now)

    @cached_property
    def curve(self) -> Curve | None:
        """What each further seat would give, where that is asked for."""
        if not self.wish.draws_curve:
            return None
        asked = replace(self.problem, locked=frozenset(), exactly=False)
        most = min(self.question.seats + FURTHER_SEATS, len(asked.candidates))
        drawn = _drawn(self.question.seats, most)
        seconds = SECONDS_WAITED / max(1, len(drawn))
        best = {
            seats: best_worth(asked, seats=seats, time_limit_seconds=seconds) for seats in drawn
        }
        is_reach = self.question.objective is Objective.REACH
        worth = self.yours.reach if is_reach else self.yours.expected
        return curve_of(best, yours=(len(self.yours.invitees), worth), universe=self.plan.universe)
