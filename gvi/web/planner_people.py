"""The people of a plan: why each is in it or not, and what to take care of before they meet."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from gvi.domain.call_in import Bar
from gvi.domain.incident import DOING_ROLES, VICTIM_ROLES
from gvi.domain.text import N_
from gvi.network.plan import Objective
from gvi.network.reach import VOLUNTARY
from gvi.store.queries.message import LastMessage
from gvi.web.format import say_date, say_number
from gvi.web.labels import kind_label
from gvi.web.planner import Desk
from gvi.web.visit import Visit

LATELY = timedelta(days=7)
"""An incident of the last week asks once more whether to hold the call-in (domain §2)."""

WHY_NEVER: Mapping[Bar, str] = {
    Bar.UNDER_18: N_("Under 18 on the day: never invited."),
    Bar.IN_CUSTODY: N_("In custody on the day: cannot come."),
    Bar.LEFT_OUT: N_("Protected, or in an exit programme: not invited."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A violent incident of the last seven days in which the groups called had a part."""

    id: int
    occurred_at: datetime
    kind: str
    groups: tuple[str, ...]
    people: frozenset[int]
    """Who had a part in it."""
    members: frozenset[int]
    """Everybody in these groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """What to take care of with one invitee: a badge and what it is about."""

    status: str
    title: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One person who is ticked."""

    person_id: int
    name: str
    code_name: str
    group: str
    must_come: bool
    session: int
    comes: float
    """The probability of coming that the plan counts with."""
    comes_why: str
    """Where that is from."""
    told: LastMessage | None
    why: str
    cares: tuple[Care, ...]


class Reasons:
    """Why people are ticked, and why others are not; said for what is ticked now."""

    def __init__(self, visit: Visit, desk: Desk, added: Mapping[int, float]) -> None:
        """Take what each of the others would add."""
        self._visit, self._desk, self._added = visit, desk, added
        self._chosen = frozenset(desk.yours.invitees)
        self._session_of = desk.session_of(desk.yours)
        self._knows: dict[int, set[int]] = defaultdict(set)
        universe = frozenset(desk.problem.universe)
        for one, other in desk.problem.ties:
            if {one, other} <= universe:
                self._knows[one].add(other)
                self._knows[other].add(one)

    def why(self, person_id: int) -> str:
        """Say why somebody is in the plan."""
        say = self._visit.say
        said = [self._reaches(person_id)]
        if person_id in self._desk.wish.question.locked:
            said.append(say(N_("You asked for this person.")))
        elif person_id in self._desk.best.outcome.invitees:
            said.append(say(N_("In the best plan too.")))
        else:
            said.append(say(N_("Not in the best plan.")))
        return " ".join(said)

    def _reaches(self, person_id: int) -> str:
        reaches = len(self._knows[person_id]) + 1
        alone = sum(self._heard_from[each] == 1 for each in {person_id, *self._knows[person_id]})
        if not alone:
            return self._visit.say_plural(
                "Reaches %(num)s, whom others ticked reach as well.",
                "Reaches %(num)s, all of whom others ticked reach as well.",
                reaches,
            )
        if alone == reaches:
            return self._visit.say_plural(
                "Reaches %(num)s, whom nobody else ticked reaches.",
                "Reaches %(num)s, none of whom anybody else ticked reaches.",
                reaches,
            )
        return self._visit.say(
            N_("Reaches %(number)s, %(alone)s of them as the only one ticked."),
            number=reaches,
            alone=alone,
        )

    @cached_property
    def _heard_from(self) -> Counter[int]:
        """How many of those ticked reach each person."""
        return Counter(
            reached for person in self._chosen for reached in {person, *self._knows[person]}
        )

    def why_comes(self, person_id: int) -> str:
        """Say where the chance of coming is from; nothing of a published figure, said for all."""
        say, desk = self._visit.say, self._desk
        set_by = next((row for row in desk.chances if row.person_id == person_id), None)
        if set_by is not None:
            return say(N_("set by %(who)s: %(reason)s"), who=set_by.set_by, reason=set_by.reason)
        if not desk.question.learned:
            return ""
        own = desk.stood_on.attendance.of(obliged=person_id in desk.stood_on.obliged)
        return say(N_("learned from %(number)s who were asked"), number=own.invited)

    def why_not(self, person_id: int) -> str:
        """Say why somebody is not in the plan."""
        say, desk = self._visit.say, self._desk
        bar = desk.stood_on.bar(person_id)
        if bar:
            return say(WHY_NEVER[bar])
        if person_id in desk.question.excluded:
            return say(N_("You ruled this person out."))
        if desk.question.supervised_only and person_id not in desk.stood_on.obliged:
            return say(N_("Need not come, and only those who must are asked for."))
        rivals = self._rival_groups(person_id)
        if rivals:
            return say(
                N_("In open conflict with %(groups)s, who are ticked."), groups=", ".join(rivals)
            )
        apart = self._kept_from(person_id)
        if apart:
            return say(N_("To be kept apart from %(names)s."), names=", ".join(apart))
        return self._adds(self._added.get(person_id, 0.0))

    def _adds(self, gain: float) -> str:
        say, desk = self._visit.say, self._desk
        if not gain:
            return say(N_("Adds nobody: those ticked reach everybody this person reaches."))
        is_full = len(self._chosen) >= desk.question.seats
        free = [desk.yours.gains[person] for person in self._chosen - desk.fixed]
        if not is_full or not free:
            return say(N_("Would add %(gain)s."), gain=self._number(gain))
        if gain <= min(free):
            return say(
                N_("Would add %(gain)s; everybody ticked adds at least as much."),
                gain=self._number(gain),
            )
        return say(
            N_("Would add %(gain)s; the seats are full, and somebody ticked adds only %(least)s."),
            gain=self._number(gain),
            least=self._number(min(free)),
        )

    def _number(self, gain: float) -> str:
        decimals = 1 if self._desk.question.objective is Objective.EXPECTED else 0
        return say_number(gain, self._visit.manner, decimals)

    def _rival_groups(self, person_id: int) -> list[str]:
        desk, met = self._desk, self._who_is_met(person_id)
        here = desk.stood_on.members
        names = {
            desk.group_names[theirs]
            for pair in desk.problem.conflicts
            for own, theirs in (pair, pair[::-1])
            if person_id in here[own] and (here[theirs] & met) - {person_id}
        }
        return sorted(names)

    def _kept_from(self, person_id: int) -> list[str]:
        others = {
            other for pair in self._desk.problem.keep_apart if person_id in pair for other in pair
        }
        met = self._who_is_met(person_id) - {person_id}
        return sorted(self._desk.called(each) for each in others & met)

    def _who_is_met(self, person_id: int) -> frozenset[int]:
        """Give who of those ticked sits in the session of one of them.

        Who is not ticked would meet them all in a single session, and be put elsewhere in several.
        """
        session = self._session_of.get(person_id)
        if session is None:
            return self._chosen if self._desk.question.sessions == 1 else frozenset()
        return frozenset(p for p, where in self._session_of.items() if where == session)

    def cares(self, person_id: int, lately: Iterable[Incident]) -> Iterator[Care]:
        """Give what to take care of with somebody who is ticked."""
        say = self._visit.say
        bar = self._desk.stood_on.bar(person_id)
        if bar:
            yield Care(status="red", title=say(N_("Can no longer come")), about=say(WHY_NEVER[bar]))
        rivals = self._met_rivals(person_id)
        if rivals:
            yield Care(status="yellow", title=say(N_("Rivals here")), about=", ".join(rivals))
        apart = self._kept_from(person_id)
        if apart:
            yield Care(status="yellow", title=say(N_("To be kept apart")), about=", ".join(apart))
        violence = self._violence(person_id, lately)
        if violence:
            yield Care(status="yellow", title=say(N_("Violence this week")), about=violence)

    def _violence(self, person_id: int, lately: Iterable[Incident]) -> str:
        """Name the incidents somebody had a part in, or count those of their groups."""
        manner, own, theirs = self._visit.manner, [], 0
        for incident in lately:
            if person_id in incident.people:
                own.append(f"{incident.kind}, {say_date(incident.occurred_at, manner)}")
            theirs += person_id in incident.members
        if own:
            return "; ".join(own)
        if not theirs:
            return ""
        return self._visit.say_plural(
            "%(num)s incident of their group", "%(num)s incidents of their group", theirs
        )

    def _met_rivals(self, person_id: int) -> list[str]:
        """Name the groups in open conflict with somebody's own that are ticked, accepted or not."""
        here, names = self._desk.stood_on.members, self._desk.group_names
        met = self._who_is_met(person_id)
        return sorted(
            {
                names[theirs]
                for pair in self._desk.stood_on.conflicts
                for own, theirs in (pair, pair[::-1])
                if person_id in here[own] and (here[theirs] & met) - {person_id}
            }
        )


def chosen_people(
    desk: Desk, reasons: Reasons, told: Mapping[int, LastMessage], lately: Iterable[Incident]
) -> tuple[Chosen, ...]:
    """List who is ticked, by group and name."""
    names = dict(desk.groups)
    incidents, session_of = tuple(lately), desk.session_of(desk.yours)
    rows = [
        Chosen(
            person_id=person,
            name=desk.called(person),
            code_name=desk.people.code_names.get(person, ""),
            group=names.get(desk.people.group_of.get(person) or 0, ""),
            must_come=person in desk.stood_on.obliged,
            session=session_of.get(person, 1),
            comes_why=reasons.why_comes(person),
            comes=desk.problem.attendance.get(person, VOLUNTARY),
            told=told.get(person),
            why=reasons.why(person),
            cares=tuple(reasons.cares(person, incidents)),
        )
        for person in desk.yours.invitees
    ]
    return tuple(sorted(rows, key=lambda row: (row.session, row.group, row.name)))


def incidents_lately(visit: Visit, desk: Desk) -> tuple[Incident, ...]:
    """Give the violence of the last seven days that the groups called did or suffered.

    Who only saw it had no part in it, and what the harm table gives no weight is no violence.
    """
    known, harm = desk.stood_on.facts, desk.stood_on.policy.harm
    rows = zip(known.incidents.id, known.incidents.occurred_at, known.incidents.kind, strict=True)
    lately = {
        id_: (at, kind)
        for id_, at, kind in rows
        if visit.now - LATELY <= at <= visit.now and harm.get(kind, 0.0) > 0.0
    }
    parts: dict[int, set[int]] = defaultdict(set)
    table = known.involvements
    for incident, person, role in zip(table.incident, table.person, table.role, strict=True):
        if incident in lately and role in DOING_ROLES | VICTIM_ROLES:
            parts[incident].add(person)
    found = []
    for id_, people in parts.items():
        groups = [each for each in desk.groups if desk.stood_on.members[each[0]] & people]
        if groups:
            at, kind = lately[id_]
            found.append(
                Incident(
                    id=id_,
                    occurred_at=at,
                    kind=kind_label(kind, visit.viewer.language),
                    groups=tuple(name for _, name in groups),
                    people=frozenset(people),
                    members=frozenset().union(*(desk.stood_on.members[each] for each, _ in groups)),
                )
            )
    return tuple(sorted(found, key=lambda each: (each.occurred_at, each.id), reverse=True))
