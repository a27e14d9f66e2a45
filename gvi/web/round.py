"""What a round's pages say: how far it is, what is next for each, whom to visit and why."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from gvi.domain.call_in import Bar
from gvi.domain.custom_notification import NotificationStatus
from gvi.domain.text import N_
from gvi.network.visits import within_a_step
from gvi.store.queries.call_in import call_in_card
from gvi.store.queries.custom_notification import NotificationRow, notifications
from gvi.store.queries.invitee import bars_of, invitees
from gvi.store.queries.person import names_of
from gvi.store.queries.round import RoundCard, Visited, median_days
from gvi.usecases.custom_notification import WHY_NOT_VISITED
from gvi.usecases.plan import Ground, Question, ground, problem
from gvi.usecases.round_plan import Gain, VisitPlan, Wanted, propose_visits, weigh_visits
from gvi.web.format import say_date, say_number
from gvi.web.labels import label
from gvi.web.visit import Visit


def answer(visit: Visit, card: RoundCard, rows: Sequence[Visited]) -> str:
    """Say in one sentence how far a round is; attempts and deliveries are never one number."""
    said = [
        visit.say_plural("%(num)s person", "%(num)s people", len(_meant(rows))),
        visit.say_plural(
            "%(num)s attempt", "%(num)s attempts", sum(each.attempts for each in rows)
        ),
        visit.say_plural("%(num)s delivered", "%(num)s delivered", delivered(card, rows)),
    ]
    again = sum(each.look_again for each in rows) if card.is_open else 0
    if again:
        said.append(visit.say_plural("%(num)s to look at again", "%(num)s to look at again", again))
    late = card.days_late(visit.today)
    if late:
        said.append(visit.say_plural("%(num)s day over", "%(num)s days over", late))
    days = median_days(card, [each for each in rows if _is_delivered(card, each)], visit.zone)
    if days is not None:
        number = say_number(days, visit.manner, 0 if days == int(days) else 1)
        said.append(visit.say(N_("of those delivered, half within %(number)s days"), number=number))
    return f"{', '.join(said)}."


def _meant(rows: Collection[Visited]) -> frozenset[int]:
    """Give who was to be visited; a visit that was called off is none of the round's."""
    called_off = NotificationStatus.CANCELLED
    return frozenset(each.row.person_id for each in rows if each.row.status is not called_off)


def delivered(card: RoundCard, rows: Collection[Visited]) -> int:
    """Count to how many it was delivered, of a closed round by then."""
    return sum(_is_delivered(card, each) for each in rows)


def _is_delivered(card: RoundCard, each: Visited) -> bool:
    if each.delivered_at is None:
        return False
    return card.closed_at is None or each.delivered_at <= card.closed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What is to be done next about one person of a round."""

    said: str
    url: str = ""


def barred_of(visit: Visit, db: Session, people: Iterable[int]) -> dict[int, Bar]:
    """Give who of some people may not be visited now, such as somebody protected since."""
    return bars_of(db, visit.viewer, people, on=visit.now, zone=visit.zone)


def not_now(visit: Visit, db: Session, row: NotificationRow) -> tuple[str, ...]:
    """Say that the person may not be visited by now; why, to those who may plan a visit."""
    bar = barred_of(visit, db, [row.person_id]).get(row.person_id)
    if bar is None or not row.is_still_possible:
        return ()
    why = visit.say(WHY_NOT_VISITED[bar], name=row.name)
    is_told = visit.may("custom_notification:write")
    return (visit.say(N_("May not be visited now")), why if is_told else "")


def next_of(visit: Visit, each: Visited, barred: Collection[int]) -> Next:
    """Say what is next for one person; nothing where the visit was made or has ended.

    Nobody is told to go to whoever may not be visited by now, or before a go.
    """
    row, risk = each.row, each.risk
    url = f"/notifications/{row.id}"
    check = f"{url}/risk-check"
    is_planned = row.status is NotificationStatus.PLANNED
    ways = (
        (not each.is_possible, "", ""),
        (row.person_id in barred, N_("May not be visited now"), url),
        (risk.is_held_back, N_("Held back: check the risk anew"), check),
        (risk.look_again, N_("Check the risk again"), check),
        (row.look_again, N_("Look at the plan again"), url),
        (not risk.is_go, N_("Check the risk"), check),
        (is_planned, N_("Approve"), url),
        (each.letter.waits, N_("Approve the letter’s words"), url),
        (True, N_("Go, by %(when)s"), f"{url}/attempts/new"),
    )
    said, leads = next((said, leads) for holds, said, leads in ways if holds)
    when = say_date(row.due_at, visit.manner)
    return Next(said=visit.say(said, when=when) if said else "", url=leads)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReached:
    """How many of one group heard it or know somebody who did, beside what was planned."""

    name: str
    members: int
    delivered: int
    planned: int


def reached(
    visit: Visit, db: Session, card: RoundCard, rows: Sequence[Visited]
) -> tuple[GroupReached, ...]:
    """Count the reach of a round by group; nothing for roles that may not plan.

    Of a closed round as it stood when it was closed.
    """
    if not rows or not visit.may("call_in:plan"):
        return ()
    visit.combines()
    at = card.closed_at or visit.now
    stood_on = ground(db, visit.viewer, as_of=at, on=at, zone=visit.zone)
    people = [each.row.person_id for each in rows]
    groups = _groups(card, stood_on, people)
    asked = problem(stood_on, Question(seats=1, groups=frozenset(groups)))
    planned = within_a_step(asked, _meant(rows))
    told = within_a_step(asked, [each.row.person_id for each in rows if _is_delivered(card, each)])
    visit.shows("group", groups)
    return tuple(
        GroupReached(
            name=name,
            members=len(stood_on.members[group]),
            delivered=len(stood_on.members[group] & told),
            planned=len(stood_on.members[group] & planned),
        )
        for group, name in sorted(groups.items(), key=lambda each: each[1])
    )


def _groups(card: RoundCard, stood_on: Ground, people: Collection[int]) -> dict[int, str]:
    """Give the groups a round is for; where none was chosen, those its people stand for."""
    known = stood_on.facts.groups
    names = dict(zip(known.id, known.name, strict=True))
    chosen = [group for group, _ in card.groups]
    of_people = {stood_on.main_group(person, ()) for person in people}
    return {group: names[group] for group in chosen or of_people if group in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Somebody who could be visited: why, and the visit that is open already, if any."""

    person_id: int
    name: str
    group: str
    gain: str
    """What the visit adds, for those who may plan: to be read here, and kept nowhere."""
    why: str
    """The reason an open visit bears already; blank where somebody has to say one."""
    open_visit: NotificationRow | None
    is_chosen: bool
    """Ticked at first, as somebody chose them; who is only proposed is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Whom a page offers to tick, and what the proposal is worth."""

    people: tuple[Proposed, ...]
    said: str


class Chooser:
    """Who can be put into a round: proposed, named by hand, or with a visit that is open."""

    def __init__(self, visit: Visit, db: Session, card: RoundCard | None) -> None:
        """Read what is open already; the network is read when it is asked for."""
        self._visit, self._db, self._card = visit, db, card
        every = notifications(db, visit.viewer, at=visit.now, on=visit.today)
        self._open = {row.person_id: row for row in every if row.is_still_possible}
        in_rounds = [row for row in every if row.is_in_open_round]
        self._taken = frozenset(row.person_id for row in in_rounds if not row.is_ended)
        self._given_up = frozenset(row.person_id for row in in_rounds if row.is_ended)

    def proposed(self, *, groups: Collection[int], visits: int) -> Offer | None:
        """Propose the best visits; None for roles that may not plan."""
        if not self._visit.may("call_in:plan"):
            return None
        stood_on = self._ground()
        plan = propose_visits(stood_on, self._wanted(groups, visits))
        return self._offer(stood_on, plan, named=())

    def weighed(
        self, people: Collection[int], *, groups: Collection[int], called: Collection[int] = ()
    ) -> Offer:
        """Say what visits add that somebody has chosen, beside those who are called.

        Who is in an open round already is left out, and counted; who may not be visited is said
        by name, with why.
        """
        names = self._names(people)
        bars = barred_of(self._visit, self._db, names)
        taken = [person for person in names if person in self._taken]
        free = [person for person in people if person in names and person not in {*taken, *bars}]
        self._visit.shows("person", bars)
        also = " ".join(
            [
                *self._say_taken(len(taken)),
                *(
                    self._visit.say(WHY_NOT_VISITED[bar], name=names[person])
                    for person, bar in bars.items()
                    if person not in taken
                ),
            ]
        )
        if not free or not self._visit.may("call_in:plan"):
            return Offer(people=self._named(free), said=also)
        stood_on = self._ground()
        wanted = self._wanted(groups, len(free), called=called)
        offer = self._offer(stood_on, weigh_visits(stood_on, wanted, free), named=free)
        return replace(offer, said=f"{offer.said} {also}".strip())

    def _say_taken(self, taken: int) -> tuple[str, ...]:
        said = self._visit.say_plural(
            "%(num)s of them is in an open round already.",
            "%(num)s of them are in an open round already.",
            taken,
        )
        return (said,) if taken else ()

    def open_ones(self, without: Collection[int]) -> tuple[Proposed, ...]:
        """List whom a visit is open to that is in no round, such as after a no-show."""
        rows = [
            row
            for person, row in self._open.items()
            if person not in self._taken and person not in without
        ]
        bars = barred_of(self._visit, self._db, [row.person_id for row in rows])
        return tuple(
            Proposed(
                person_id=row.person_id,
                name=row.name,
                group="",
                gain="",
                why=self._why(row.person_id),
                open_visit=row,
                is_chosen=False,
            )
            for row in sorted(rows, key=lambda row: row.due_at)
            if row.person_id not in bars
        )

    def _why(self, person: int) -> str:
        """Give the reason an open visit bears, so that a round does not take its place."""
        row = self._open.get(person)
        if row is None or row.trigger is None:
            return ""
        return row.why or label(row.trigger, self._visit.viewer.language)

    def _ground(self) -> Ground:
        visit = self._visit
        visit.combines()
        return ground(self._db, visit.viewer, as_of=visit.now, on=visit.now, zone=visit.zone)

    def _wanted(self, groups: Collection[int], visits: int, called: Collection[int] = ()) -> Wanted:
        return Wanted(
            visits=visits,
            groups=frozenset(groups),
            called=frozenset(called) | self._called_in() | self._taken,
            excluded=self._taken | self._given_up,
        )

    def _called_in(self) -> frozenset[int]:
        """Give who hears it at the call-in whose gap the round fills, while that is to come."""
        card, visit = self._card, self._visit
        if card is None or card.call_in_id is None:
            return frozenset()
        call_in = call_in_card(self._db, visit.viewer, card.call_in_id)
        if not call_in.is_to_come:
            return frozenset()
        rows = invitees(self._db, visit.viewer, call_in, at=visit.now, zone=visit.zone)
        return frozenset(row.person_id for row in rows if row.takes_a_seat)

    def _offer(self, stood_on: Ground, plan: VisitPlan, *, named: Collection[int]) -> Offer:
        people = [person for person in plan.people if stood_on.bar(person) is None]
        names = self._names(people)
        groups = dict(zip(stood_on.facts.groups.id, stood_on.facts.groups.name, strict=True))
        rows = tuple(
            Proposed(
                person_id=person,
                name=names[person],
                group=groups.get(stood_on.main_group(person, ()) or 0, ""),
                gain=gain_said(self._visit, plan.gains[person]),
                why=self._why(person),
                open_visit=self._open.get(person),
                is_chosen=bool(named),
            )
            for person in people
        )
        return Offer(people=rows, said=self._worth(plan, is_proposal=not named))

    def _worth(self, plan: VisitPlan, *, is_proposal: bool) -> str:
        visit = self._visit
        said = visit.say_plural(
            "Together they reach %(num)s person who has not heard the message in twelve months",
            "Together they reach %(num)s people who have not heard the message in twelve months",
            plan.reached,
        )
        rest = visit.say_plural(
            "%(num)s is still missed.", "%(num)s are still missed.", plan.missing
        )
        how = ""
        if is_proposal and plan.is_proved:
            how = visit.say(N_("No other choice of so many visits reaches more."))
        return f"{said}; {rest} {how}".strip()

    def _named(self, people: Collection[int]) -> tuple[Proposed, ...]:
        names = self._names(people)
        return tuple(
            Proposed(
                person_id=person,
                name=names[person],
                group="",
                gain="",
                why=self._why(person),
                open_visit=self._open.get(person),
                is_chosen=True,
            )
            for person in people
            if person in names
        )

    def _names(self, people: Collection[int]) -> Mapping[int, str]:
        return names_of(self._db, self._visit.viewer, people, on=self._visit.today)


def gain_said(visit: Visit, gain: Gain) -> str:
    """Say in a sentence what one visit adds."""
    if not gain.reaches:
        return visit.say(N_("Everybody around has heard the message in the last twelve months."))
    if gain.alone == gain.reaches:
        return visit.say_plural(
            "Reaches %(num)s who has not heard the message, and whom no other visit reaches.",
            "Reaches %(num)s who have not heard the message, and whom no other visit reaches.",
            gain.reaches,
        )
    return visit.say(
        N_("Reaches %(number)s who have not heard the message, %(alone)s of them alone."),
        number=gain.reaches,
        alone=gain.alone,
    )
