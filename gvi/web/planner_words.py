"""What the planner says of its plans: the answer, the proof, and which rules clash."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from gvi.domain.naming import folded
from gvi.domain.text import N_
from gvi.network.plan import RULES_ABOUT_GROUPS, Objective, Outcome, Plan, PlanStatus
from gvi.store.queries.attendance import ChanceRow
from gvi.web.call_in_picture import PickGroup, PickRow, PlanColumn, column_of
from gvi.web.format import say_number
from gvi.web.planner import Desk, address, dashed
from gvi.web.text import translate_plural
from gvi.web.visit import Visit

MOST_CLASHES = 12
"""So many rules that clash are named one by one."""
MOST_SINGLES = 12
"""So many people are shown to be given a rule of their own; of more, those looked for."""


def answer(visit: Visit, desk: Desk) -> str:
    """Say what yours and the best plan reach."""
    yours, best, universe = desk.yours, desk.best.outcome, desk.plan.universe
    if not yours.invitees and not desk.best.is_found:
        return visit.say(N_("Nobody is ticked, and no plan is known that keeps all the rules."))
    if not yours.invitees:
        return visit.say(
            N_("Nobody is ticked. The best plan reaches %(best)s of %(universe)s."),
            best=len(best.reached),
            universe=universe,
        )
    first = visit.say(
        N_("Your %(number)s reach %(reached)s of %(universe)s if all come."),
        number=len(yours.invitees),
        reached=len(yours.reached),
        universe=universe,
    )
    return f"{first} {_compared(visit, desk)}"


def _compared(visit: Visit, desk: Desk) -> str:
    yours, best = desk.yours, desk.best.outcome
    if not desk.best.is_found:
        return visit.say(N_("No plan is known that keeps all the rules."))
    if rivals(visit, desk):
        return visit.say(
            N_(
                "Groups in open conflict would meet; "
                "the best plan without that reaches %(reached)s."
            ),
            reached=len(best.reached),
        )
    if len(best.reached) > len(yours.reached):
        return visit.say(
            N_("The best %(number)s would reach %(reached)s."),
            number=len(best.invitees),
            reached=len(best.reached),
        )
    by_expectation = desk.question.objective is Objective.EXPECTED
    if by_expectation and best.expected > yours.expected:
        return visit.say(N_("More can be expected of the best plan."))
    if desk.fixed:
        return visit.say_plural(
            "No plan with the %(num)s who was asked already reaches more.",
            "No plan with the %(num)s who were asked already reaches more.",
            len(desk.fixed),
        )
    return visit.say(N_("No plan within these rules reaches more."))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """The groups addressed of whom nobody is in the best plan, for one session cannot hold all."""

    said: tuple[str, ...]
    url: str
    """Where two sessions are planned for."""


def left_out(visit: Visit, desk: Desk) -> LeftOut | None:
    """Say which groups an open conflict keeps out of the best plan; None where it keeps none."""
    asked, here = desk.question, {group_id for group_id, _ in desk.groups}
    if asked.sessions > 1 or not desk.best.is_found:
        return None
    chosen, members = frozenset(desk.best.outcome.invitees), desk.stood_on.members
    pairs = [
        (out, other)
        for a, b in desk.stood_on.conflicts
        for out, other in ((a, b), (b, a))
        if {a, b} <= here and frozenset((a, b)) not in asked.accepted
        if not members[out] & chosen and members[other] & chosen
    ]
    said = tuple(
        visit.say(
            N_(
                "Nobody of %(group)s is in the best plan: they are in open conflict with %(other)s,"
                " and one session cannot hold both."
            ),
            group=desk.group_names[out],
            other=desk.group_names[other],
        )
        for out, other in pairs
    )
    two = replace(desk.wish, question=replace(desk.wish.question, sessions=2))
    return LeftOut(said=said, url=address(desk.card, two, None)) if said else None


def gone(visit: Visit, names: Sequence[str]) -> str:
    """Say which groups a call-in names that count no more; nothing where all do."""
    if not names:
        return ""
    return visit.say_plural(
        "%(names)s no longer counts as a group: it was rejected or merged.",
        "%(names)s no longer count as groups: they were rejected or merged.",
        len(names),
        names=", ".join(names),
    )


def columns(visit: Visit, desk: Desk) -> list[PlanColumn]:
    """Give the plans side by side: yours, the best, and the best of the obliged."""
    best = desk.best.outcome
    title = visit.say(N_("Best %(seats)s"), seats=len(best.invitees))
    shown = [_column(desk, desk.yours, visit.say(N_("Yours")), visit.say(N_("your choice")))]
    if desk.best.is_found:
        shown.append(_column(desk, best, title, proof(visit, desk.best)))
    if desk.obliged is not None:
        title = visit.say(N_("Best of those who must come"))
        shown.append(_column(desk, desk.obliged.outcome, title, proof(visit, desk.obliged)))
    return shown


def drafts(visit: Visit, desk: Desk) -> list[PlanColumn]:
    """Give the plans kept to be compared, each with where it is no longer kept."""
    shown = []
    for place, found in enumerate(desk.drafts):
        rest = tuple(each for at, each in enumerate(desk.wish.drafts) if at != place)
        column = _column(
            desk,
            found,
            visit.say(N_("Draft %(number)s"), number=place + 1),
            visit.say(N_("kept by you")),
        )
        drop = address(desk.card, replace(desk.wish, drafts=rest), desk.yours.invitees)
        shown.append(replace(column, drop_url=drop))
    return shown


def _column(desk: Desk, found: Outcome, title: str, said: str) -> PlanColumn:
    is_yours = found is desk.yours
    return column_of(
        desk.stood_on,
        desk.problem,
        found,
        groups=desk.groups,
        title=title,
        proof=said,
        session_of=desk.session_of(found),
        is_yours=is_yours,
        url=""
        if is_yours
        else address(desk.card, desk.wish, found.invitees, before=desk.yours.invitees),
    )


def proof(visit: Visit, plan: Plan) -> str:
    """Say how good a plan is known to be."""
    if plan.status is PlanStatus.BEST_FOUND:
        gap = say_number(100 * plan.gap, visit.manner, 1)
        return visit.say(N_("best found, at most %(gap)s per cent from the best"), gap=gap)
    return visit.say(N_("proved best"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Equals:
    """The other plans that are as good as the best: how many, and some of them."""

    said: str
    examples: tuple[tuple[str, str], ...]
    """Where each is ticked, and how it differs from the best."""


def equals(visit: Visit, desk: Desk) -> Equals | None:
    """Say how many other plans are as good; None where there is none, or nothing is proved."""
    plan, say = desk.best, visit.say
    if plan.status is not PlanStatus.PROVED_BEST or plan.alternatives == 1:
        return None
    best, shown = frozenset(plan.outcome.invitees), []
    for each in plan.examples:
        said = say(
            N_("%(others)s instead of %(these)s"),
            others=_names(desk, frozenset(each) - best),
            these=_names(desk, best - frozenset(each)),
        )
        url = address(desk.card, desk.wish, each, before=desk.yours.invitees)
        shown.append((url, said))
    if plan.alternatives is not None:
        said = visit.say_plural(
            "%(num)s other plan is as good.",
            "%(num)s other plans are as good.",
            plan.alternatives - 1,
        )
    elif shown:
        said = say(N_("Many other plans are as good, some of them:"))
    else:
        said = say(N_("Others may be as good: too many to count."))
    return Equals(said=said, examples=tuple(shown))


def _names(desk: Desk, people: Iterable[int]) -> str:
    return ", ".join(sorted(desk.called(person) for person in people))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """How the proof of the best plan stands."""

    said: str
    is_running: bool


def proving(visit: Visit, desk: Desk) -> Proving | None:
    """Say how the proof of the best plan stands; None where there is nothing to be proved."""
    plan, proof = desk.plan, desk.proof
    if plan.status is not PlanStatus.BEST_FOUND or (proof is not None and proof.is_done):
        return None
    if proof is None:
        return Proving(
            said=visit.say(N_("A proof takes longer than anybody waits: seconds, or minutes.")),
            is_running=False,
        )
    said = visit.say(N_("Being proved for %(seconds)s seconds."), seconds=f"{proof.seconds:.0f}")
    return Proving(said=said, is_running=True)


def clashes(visit: Visit, desk: Desk) -> list[str]:
    """Say which rules cannot be kept together, and about whom; of very many, the first."""
    said, found = [], desk.plan.clashes
    for clash in found[:MOST_CLASHES]:
        about_groups = clash.rule in RULES_ABOUT_GROUPS
        names = [
            desk.group_names.get(id_, "") if about_groups else desk.called(id_) for id_ in clash.ids
        ]
        reason = (
            visit.say_plural(clash.message, clash.messages, clash.number, **clash.params)
            if clash.messages
            else visit.say(clash.message, **clash.params)
        )
        said.append(f"{', '.join(names)}: {reason}" if names else reason)
    if len(found) > MOST_CLASHES:
        more = len(found) - MOST_CLASHES
        said.append(visit.say_plural("%(num)s more rule", "%(num)s more rules", more))
    return said


def concessions(visit: Visit, desk: Desk) -> Iterator[str]:
    """Say what the nearest possible plan gives up, and what was not found in time."""
    if not desk.plan.are_least:
        yield visit.say(N_("There was no time to find the fewest: some of these could be kept."))
    if desk.plan.nearest is None:
        yield visit.say(N_("The nearest plan was not found in time. Take a rule back."))
        return
    yield visit.say(N_("The nearest plan that is possible stands below."))
    given, language = desk.plan.nearest.concession, visit.viewer.language
    if given.extra_seats:
        yield translate_plural(
            "It takes %(num)s more seat.",
            "It takes %(num)s more seats.",
            given.extra_seats,
            language,
        )
    if given.empty_seats:
        yield translate_plural(
            "%(num)s seat stays empty.", "%(num)s seats stay empty.", given.empty_seats, language
        )
    for group_id, fewer in sorted(given.dropped_minimums.items()):
        yield visit.say_plural(
            "%(group)s gets %(num)s invitee fewer than asked for.",
            "%(group)s gets %(num)s invitees fewer than asked for.",
            fewer,
            group=desk.group_names.get(group_id, ""),
        )
    if given.dropped_locks:
        names = ", ".join(desk.called(person) for person in given.dropped_locks)
        yield visit.say(N_("Not invited although locked in: %(names)s."), names=names)


def rivals(visit: Visit, desk: Desk) -> list[str]:
    """Name the pairs of groups in open conflict that would meet and nobody has said why."""
    return [
        visit.say(N_("%(one)s and %(other)s"), one=desk.group_names[a], other=desk.group_names[b])
        for a, b in desk.stood_on.rivals_meeting(desk.session_of(desk.yours))
        if frozenset((a, b)) not in desk.let_meet
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """The visits that would fill the gap of those who must come."""

    people: tuple[tuple[int, str], ...]
    reach: int
    url: str
    """Where a round begins that makes them."""


def visits(desk: Desk) -> Visits | None:
    """Name whom to visit beside the best plan of the obliged; None where no visit adds anybody."""
    if desk.obliged is None or desk.visits is None:
        return None
    called = frozenset(desk.obliged.outcome.invitees)
    people = [each for each in desk.visits.invitees if each not in called]
    if not people:
        return None
    return Visits(
        people=tuple((person, desk.called(person)) for person in people),
        reach=len(desk.visits.reached),
        url=_round_with(desk, called, people),
    )


def _round_with(desk: Desk, called: frozenset[int], people: Sequence[int]) -> str:
    pairs = [("call_in", desk.card.id), ("called", dashed(called)), *(("p", p) for p in people)]
    return f"/rounds/new?{urlencode(pairs)}"


def pairs(visit: Visit, desk: Desk) -> list[tuple[str, str]]:
    """Give the pairs to be kept apart: value and names."""
    shown = []
    for pair in desk.question.keep_apart:
        one, other = sorted(desk.called(person) for person in pair)
        names = visit.say(N_("%(one)s and %(other)s"), one=one, other=other)
        shown.append((dashed(pair), names))
    return sorted(shown, key=lambda each: each[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session of what is ticked."""

    number: int
    seats: int
    names: tuple[str, ...]


def sessions(desk: Desk) -> tuple[Session, ...]:
    """Say who of those ticked sits together; nothing where there is one session."""
    number = desk.question.sessions
    if number < 2:
        return ()
    seats, session_of = desk.question.seats, desk.session_of(desk.yours)
    return tuple(
        Session(
            number=session,
            seats=seats // number + (session <= seats % number),
            names=tuple(
                sorted(desk.called(who) for who, where in session_of.items() if where == session)
            ),
        )
        for session in range(1, number + 1)
    )


def chances(desk: Desk) -> list[tuple[ChanceRow, str]]:
    """Give the chances of coming that were set, each with the person's name."""
    known = frozenset(desk.stood_on.facts.persons.id)
    named = [(row, desk.called(row.person_id)) for row in desk.chances if row.person_id in known]
    return sorted(named, key=lambda each: each[1])


def attendance(visit: Visit, desk: Desk) -> str:
    """Say which chance of coming the plans count with."""
    if not desk.question.learned:
        return visit.say(
            N_("Who must come is counted as coming; of others one in six comes (published figure).")
        )
    own = desk.stood_on.attendance
    return visit.say(
        N_(
            "Counted with your own call-ins so far: %(must_came)s of %(must)s who had to came, "
            "and %(others_came)s of %(others)s others."
        ),
        must_came=own.obliged.came,
        must=own.obliged.invited,
        others_came=own.voluntary.came,
        others=own.voluntary.invited,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Singles:
    """People to give a rule of their own: those who have one, and those found."""

    rows: tuple[PickRow, ...]
    more: int
    """So many more were found than are shown."""
    searches: bool
    """Whether they are too many to show all of them."""


def singles(picks: Iterable[PickGroup], name: str) -> Singles:
    """Give whom a rule can be given: all where they are few, else who is called like that."""
    rows = [row for group in picks for row in group.rows + group.more]
    rows = [row for row in rows if not row.bar and not row.is_fixed]
    if len(rows) <= MOST_SINGLES:
        return Singles(rows=tuple(rows), more=0, searches=False)
    looked_for = folded(name)
    ruled = [row for row in rows if row.rule]
    found = [
        row
        for row in rows
        if looked_for and not row.rule and looked_for in folded(f"{row.name} {row.code_name}")
    ]
    found.sort(key=lambda row: row.name.casefold())
    return Singles(
        rows=(*found[:MOST_SINGLES], *ruled),
        more=max(0, len(found) - MOST_SINGLES),
        searches=True,
    )


def pickable(desk: Desk) -> list[tuple[str, str]]:
    """Give everybody who may be invited, by name, to choose a pair from."""
    people = sorted(desk.problem.candidates, key=lambda person: desk.called(person).casefold())
    return [(str(person), desk.called(person)) for person in people]
