"""Planning a call-in: from what is known to the proposal of the planner (design §5).

The tool proposes, people decide: nothing here invites anybody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import Attendance, Bar
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.facts import Facts
from gvi.domain.group import RelationKind
from gvi.domain.person import is_adult
from gvi.domain.policy import ScoringPolicy
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.network.plan import RULES_ABOUT_GROUPS, Objective, Plan, SelectionProblem
from gvi.network.reach import attendance_probability, learned_probability, tied_pairs
from gvi.store.facts import facts
from gvi.store.queries.attendance import own_attendance
from gvi.store.queries.invitee import standing
from gvi.store.queries.message import people_told
from gvi.usecases.policy import in_force
from gvi.usecases.ranking import UNDER_18, person_called
from gvi.usecases.rights import require


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """How likely somebody is to come, set by a person who knows them, and why.

    Raises RuleError for what is no probability, and where no reason is given.
    """

    probability: float
    reason: str

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if not 0.0 <= self.probability <= 1.0:
            raise RuleError(N_("Give the chance of coming between 0 and 100 per cent."))
        if not self.reason.strip():
            raise RuleError(N_("Say why this chance of coming is known better."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the planner, as ids.

    `groups` empty asks about everybody. `accepted` are pairs of groups in open conflict whose
    members may meet all the same, because a named person has accepted it. `learned` counts with
    the programme's own attendance instead of the published figures; `chances` are those set for a
    single person, and stand before both.
    """

    seats: int
    exactly: bool = False
    objective: Objective = Objective.REACH
    supervised_only: bool = False
    groups: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()
    excluded: frozenset[int] = frozenset()
    min_per_group: Mapping[int, int] = field(default_factory=dict)
    accepted: frozenset[frozenset[int]] = frozenset()
    sessions: int = 1
    keep_apart: Sequence[tuple[int, int]] = ()
    learned: bool = False
    chances: Mapping[int, Chance] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Everything a plan stands on: the network at T, and each person's standing on the day."""

    facts: Facts
    policy: ScoringPolicy
    on: datetime
    day: date
    """The local day of the call-in; age is judged on it."""
    obliged: frozenset[int]
    in_custody: frozenset[int]
    left_out: frozenset[int]
    """Protected people and exit clients: neither counted nor listed."""
    told: frozenset[int]
    """Who heard the message in the last twelve months."""
    attendance: Attendance
    """The programme's own, so far."""

    @cached_property
    def ties(self) -> tuple[tuple[int, int], ...]:
        """The pairs along which a message spreads."""
        return tied_pairs(self.facts, self.policy)

    @cached_property
    def members(self) -> dict[int, frozenset[int]]:
        """Who is in each group, those left out apart."""
        found: dict[int, set[int]] = {group: set() for group in self.facts.groups.id}
        table = self.facts.memberships
        for person, group in zip(table.person, table.group, strict=True):
            found[group].add(person)
        return {group: frozenset(people) - self.left_out for group, people in found.items()}

    @cached_property
    def minors(self) -> frozenset[int]:
        """Who is under 18 on the day."""
        people = self.facts.persons
        pairs = zip(people.id, people.birth_date, strict=True)
        return frozenset(person for person, born in pairs if not is_adult(born, self.day))

    @cached_property
    def conflicts(self) -> tuple[tuple[int, int], ...]:
        """The pairs of groups in open conflict, each once."""
        table = self.facts.relations
        rows = zip(table.group_a, table.group_b, table.kind, strict=True)
        pairs = {
            (min(a, b), max(a, b)) for a, b, kind in rows if kind == RelationKind.OPEN_CONFLICT
        }
        return tuple(sorted(pairs))

    def universe(self, groups: Collection[int]) -> frozenset[int]:
        """Give the people who count as reached: the groups' members, or everybody."""
        if not groups:
            return frozenset(self.facts.persons.id) - self.left_out
        return frozenset().union(*(self.members.get(group, frozenset()) for group in groups))

    def chance(self, person_id: int, asked: Question) -> float:
        """Give how likely somebody is to come if invited: set for them, learned, or published."""
        if person_id in asked.chances:
            return asked.chances[person_id].probability
        obliged = person_id in self.obliged
        if not asked.learned:
            return attendance_probability(obliged=obliged)
        own = self.attendance.of(obliged=obliged)
        return learned_probability(obliged=obliged, came=own.came, invited=own.invited)

    def bar(self, person_id: int) -> Bar | None:
        """Say why somebody may never be invited; None for whoever may be."""
        if person_id in self.left_out:
            return Bar.LEFT_OUT
        if person_id in self.minors:
            return Bar.UNDER_18
        return Bar.IN_CUSTODY if person_id in self.in_custody else None

    def main_group(self, person_id: int, among: Collection[int]) -> int | None:
        """Give the group a person stands for, of some groups: that of the strongest part in it."""
        table = self.facts.memberships
        rows = zip(table.person, table.group, table.role, strict=True)
        weights = [
            (-self.policy.membership_role.get(role, 0.0), group)
            for person, group, role in rows
            if person == person_id and (not among or group in among)
        ]
        return min(weights)[1] if weights else None

    def rivals_meeting(self, session_of: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
        """Give the pairs of groups in open conflict that would meet in a session."""
        return tuple(
            (a, b)
            for a, b in self.conflicts
            if any(
                one != other and session_of[one] == session_of[other]
                for one in self.members[a] & session_of.keys()
                for other in self.members[b] & session_of.keys()
            )
        )


def ground(db: Session, viewer: Viewer, *, as_of: datetime, on: datetime, zone: ZoneInfo) -> Ground:
    """Read what a plan for a call-in at `on` stands on, as known at `as_of`.

    Raises NotAllowedError for a role that may not plan.
    """
    require(viewer, "call_in:plan")
    stands = standing(db, viewer, as_of=as_of, on=on)
    return Ground(
        facts=facts(db, viewer, as_of, zone),
        policy=in_force(db, viewer),
        on=on,
        day=local_day(on, zone),
        obliged=stands.obliged,
        in_custody=stands.in_custody,
        left_out=stands.left_out,
        told=people_told(db, viewer, as_of),
        attendance=own_attendance(db, viewer, as_of),
    )


def problem(stood_on: Ground, asked: Question) -> SelectionProblem:
    """Write the question as the planner needs it."""
    universe = stood_on.universe(asked.groups)
    may_come = universe - stood_on.minors - stood_on.in_custody
    return SelectionProblem(
        universe=sorted(universe),
        ties=stood_on.ties,
        candidates=may_come,
        attendance={person: stood_on.chance(person, asked) for person in may_come},
        seats=asked.seats,
        sessions=asked.sessions,
        exactly=asked.exactly,
        objective=asked.objective,
        obliged=stood_on.obliged & may_come,
        supervised_only=asked.supervised_only,
        locked=asked.locked,
        excluded=asked.excluded,
        groups=stood_on.members,
        min_per_group=asked.min_per_group,
        conflicts=[pair for pair in stood_on.conflicts if frozenset(pair) not in asked.accepted],
        keep_apart=asked.keep_apart,
        delivered=stood_on.told,
        barred={person: bar for person in asked.locked if (bar := stood_on.bar(person))},
    )


def read_question(
    known: Facts,
    *,
    size: int,
    exactly: bool = False,
    supervised_only: bool = False,
    objective: str = Objective.REACH.value,
    groups: Sequence[str] = (),
    lock: Sequence[str] = (),
    exclude: Sequence[str] = (),
    keep_apart: Sequence[Sequence[str]] = (),
    sessions: int = 1,
    learned: bool = False,
    chances: Sequence[tuple[str, Chance]] = (),
    least: Sequence[tuple[str, int]] = (),
) -> Question:
    """Read a question asked in names: external ids, code names, names of groups (design §9).

    `least` says how many of a group must be invited. Raises RuleError for a name nobody bears, for
    a size below one, and for sessions that would not have a seat each.
    """
    if size < 1:
        raise RuleError(N_("Ask for at least one seat."), field="size")
    if not 1 <= sessions <= size:
        raise RuleError(N_("Ask for at least one session, and a seat in each."), field="sessions")
    apart = [
        [_person_called(known, name, field="keep_apart") for name in pair] for pair in keep_apart
    ]
    return Question(
        seats=size,
        exactly=exactly,
        objective=Objective(objective),
        supervised_only=supervised_only,
        groups=frozenset(_group_called(known, name) for name in groups),
        locked=frozenset(_person_called(known, name, field="lock") for name in lock),
        excluded=frozenset(_person_called(known, name, field="exclude") for name in exclude),
        sessions=sessions,
        keep_apart=[(one, other) for one, other in apart],
        learned=learned,
        chances={_person_called(known, name, field="chances"): chance for name, chance in chances},
        min_per_group={_group_called(known, name): number for name, number in least},
    )


def _group_called(known: Facts, name: str) -> int:
    groups = known.groups
    for column in (groups.key, groups.name):
        if column.count(name) > 1:
            raise RuleError(
                N_("Several groups are called %(name)s; give the external id."),
                field="group",
                name=name,
            )
        if name in column:
            return groups.id[column.index(name)]
    raise RuleError(
        N_("There is no group %(name)s; give the external id or the name."),
        field="group",
        name=name,
    )


def _person_called(known: Facts, name: str, *, field: str) -> int:
    try:
        return person_called(known, name)
    except NotFoundError as error:
        raise RuleError(error.message, field=field, **error.params) from error


def plan_document(stood_on: Ground, plan: Plan, *, names_minors: bool) -> dict[str, object]:
    """Give a plan in the machine format of design §9.

    `names_minors` False says only that somebody is under 18, for viewers who may know no more:
    under 18 on the day of the call-in, or as of now.
    Where no plan keeps all rules, `nearest` is the plan that gives up least, and what it gives up
    (design §5).
    """
    known = stood_on.facts
    people = dict(zip(known.persons.id, known.persons.key, strict=True))
    groups = dict(zip(known.groups.id, known.groups.key, strict=True))
    if not names_minors:
        births = zip(known.persons.id, known.persons.birth_date, strict=True)
        now = {person for person, born in births if not is_adult(born, known.as_of_day)}
        people |= dict.fromkeys((stood_on.minors | now) & people.keys(), UNDER_18)
    found = plan.outcome
    near = plan.nearest
    nearest: dict[str, object] = {}
    if near is not None:
        given_up = near.concession
        nearest["nearest"] = {
            "extra_seats": given_up.extra_seats,
            "empty_seats": given_up.empty_seats,
            "unlocked": [people[person] for person in given_up.dropped_locks],
            "plan": plan_document(stood_on, near.plan, names_minors=names_minors),
        }
    return {
        "invitees": [people[person] for person in found.invitees],
        "reach": found.reach,
        "expected": found.expected,
        "covered": found.covered,
        "reached": [people[person] for person in found.reached],
        "not_reached": [people[person] for person in found.not_reached],
        "universe": plan.universe,
        "status": plan.status.value,
        "gap": plan.gap,
        "clashes": [
            {
                "rule": clash.rule.value,
                "ids": [
                    (groups if clash.rule in RULES_ABOUT_GROUPS else people)[id_]
                    for id_ in clash.ids
                ],
                "reason": clash.reason,
            }
            for clash in plan.clashes
        ],
        "clashes_are_least": plan.are_least,
        "alternatives": plan.alternatives,
        **_seated(plan, people),
        **nearest,
    }


def _seated(plan: Plan, people: Mapping[int, str]) -> dict[str, object]:
    """Say who sits together, where there are several sessions."""
    if len(plan.sessions) < 2:
        return {}
    return {"sessions": [[people[person] for person in session] for session in plan.sessions]}


def people_in(plan: Plan) -> frozenset[int]:
    """Give everybody a plan's document speaks of, for the audit log."""
    found = plan.outcome
    named = (clash.ids for clash in plan.clashes if clash.rule not in RULES_ABOUT_GROUPS)
    return frozenset((*found.reached, *found.not_reached)).union(*named)
