"""The invented town's call-ins: three held, the last forty days ago, one planned, one drafted."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from gvi.domain.access import Role, Viewer
from gvi.domain.action import ActionKind
from gvi.domain.call_in import ATTENDEE_CONTACT_HOURS, DEBRIEF_DAYS
from gvi.domain.call_in_session import next_start
from gvi.domain.message import MessagePart
from gvi.domain.person import is_adult
from gvi.domain.speaker import USUAL_MINUTES
from gvi.store.models import (
    Action,
    CallIn,
    CallInGroup,
    CallInSession,
    Clearance,
    Invitee,
    KeptApart,
    Person,
    Speaker,
    SpokenPart,
    Supervision,
)
from gvi.usecases.demo.people import assign_once
from gvi.usecases.demo.town import Town
from gvi.usecases.demo.visits import deliver, missed
from gvi.usecases.follow_up import book_afterwards
from gvi.usecases.preparation import book_preparation, finish_preparation

HELD = (("Call-in 1", 305, 6), ("Call-in 2", 173, 3), ("Call-in 3", 40, 0))
"""Name, days ago, and the first of the three groups from which people were invited."""
OUTCOMES = ("attended",) * 8 + ("left_early",) + ("no_show",) * 2 + ("excused",)
"""Twelve invited: nine came, one of them left early, as Malmö counted in November 2019."""
ORDER: tuple[tuple[str, str, str, int, tuple[str, ...], str], ...] = (
    ("nobody", "Insläpp, alla på sina platser", "", 15, (), ""),
    ("partner", "Lokalpolisområdeschef", "Birgitta Ahl", 8, ("not_kill",), ""),
    ("moral_voice", "En mamma", "Rut Ekdal", 10, ("not_die",), "Samira kör hem henne"),
    ("partner", "Uppsökarna", "Samira Lindh", 7, ("help",), "Delar ut visitkorten"),
    ("nobody", "Mat och samtal", "", 60, (), ""),
)
"""Kind, role, name, minutes, parts of the message and what is done after, point by point."""
SPOKEN = {
    MessagePart.NOT_DIE: "Förälder",
    MessagePart.NOT_KILL: "Tidigare medlem",
    MessagePart.CONSEQUENCES: "Kommunpolis",
    MessagePart.HELP: "Socialtjänsten",
}
RIVALS = (2, 10)
"""Two groups in open conflict, each in a session of its own."""
CAME = ("attended", "left_early")
JUDGED = {
    0: ("safety", "asa", "Inget känt hot mot personen eller från den"),
    1: ("secrecy", "karin", "Inget ärende hos oss som röjs av inbjudan"),
}
"""Of the planned call-in: the group, what was judged of its three with a yes, by whom and why."""


def add_call_ins(town: Town) -> None:
    """Hold three call-ins, the last forty days ago; plan another in five weeks, draft one later."""
    for name, days_ago, first_group in HELD:
        _held(town, name, town.at(days_ago, 17, 30), first_group)
    _planned(town)
    _drafted(town)


def _adults(town: Town, group: int, number: int, start: int = 0) -> list[Person]:
    members = town.members[town.groups[group].id][start:]
    may_come = [p for p in members if is_adult(p.birth_date, town.today) and p.birth_date]
    return [p for p in may_come if not (p.is_protected or p.is_exit_client)][:number]


def _held(town: Town, name: str, when: datetime, first_group: int) -> None:
    is_latest = name == HELD[-1][0]
    groups = range(first_group, first_group + 3)
    call_in = _call_in(town, name, when, groups, seats=14, made=when - timedelta(days=30))
    town.changed("call_in", call_in.id, "approved", "held", when=when)
    if not is_latest:
        call_in.status = "closed"
        town.changed("call_in", call_in.id, "held", "closed", when=when + timedelta(days=21))
    invited = [(g, p) for g in groups for p in _adults(town, g, 4, start=3 if is_latest else 0)]
    for outcome, (group, person) in zip(OUTCOMES, invited, strict=True):
        _invite(town, call_in, person, group=group, status=outcome, when=when - timedelta(days=20))
        if outcome in CAME:
            deliver(town, person, when, ", ".join(SPOKEN.values()), call_in=call_in)
            _follow_up(town, call_in, person, when)
        if outcome == "no_show":
            missed(town, call_in, person, when)
    for part, by in SPOKEN.items():
        town.add(SpokenPart(call_in_id=call_in.id, part=part.value, spoken_by=by, language="sv"))
    town.add(
        Action(
            programme_id=town.programme_id,
            kind="debrief",
            compartment="shared",
            text=f"Uppföljning efter {name} med alla talare",
            status="done",
            owner_id=town.users["asa"].id,
            due_at=when + timedelta(days=DEBRIEF_DAYS),
            call_in_id=call_in.id,
            created_at=when,
            ended_at=when + timedelta(days=5),
            ended_by_id=town.users["asa"].id,
            outcome="Alla talare var med; två saker ändras till nästa gång",
        )
    )


def _call_in(
    town: Town,
    name: str,
    when: datetime,
    groups: Iterable[int],
    *,
    seats: int,
    made: datetime | None,
) -> CallIn:
    """Add a call-in that was approved two days after it was made; without that day, a draft."""
    approved_at = made + timedelta(days=2) if made else None
    status = "draft" if not made else "approved" if when > town.now else "held"
    call_in = town.add(
        CallIn(
            programme_id=town.programme_id,
            name=name,
            status=status,
            starts_at=when,
            venue="Älvstads arena",
            purpose="Ett budskap till grupperna i konflikt",
            seats=seats,
            approved_at=approved_at,
            approved_by_id=town.users["asa"].id if approved_at else None,
            created_at=made or town.past(3),
            created_by_id=town.users["asa"].id,
        )
    )
    for group in groups:
        town.add(CallInGroup(call_in_id=call_in.id, group_id=town.groups[group].id))
    if approved_at:
        town.changed("call_in", call_in.id, "draft", "approved", when=approved_at)
    return call_in


def _invite(
    town: Town, call_in: CallIn, person: Person, *, group: int, status: str, when: datetime
) -> Invitee:
    return town.add(
        Invitee(
            call_in_id=call_in.id,
            person_id=person.id,
            group_id=town.groups[group].id,
            is_obliged=_must_come(town, person, call_in.starts_at or when),
            status=status,
            is_heard_known=status == "left_early",
            has_card=status in CAME,
            reason="Når många i gruppen",
            added_at=when,
            added_by_id=town.users["asa"].id,
        )
    )


def _judge(town: Town, invitee: Invitee, judged: tuple[str, str, str]) -> None:
    """One side has judged, the other not yet: nobody is cleared by that."""
    kind, who, reason = judged
    town.add(
        Clearance(
            programme_id=town.programme_id,
            invitee_id=invitee.id,
            kind=kind,
            is_cleared=True,
            reason=reason,
            judged_at=town.past(1),
            judged_by_id=town.users[who].id,
        )
    )


def _must_come(town: Town, person: Person, when: datetime) -> bool:
    """Whether supervision obliges somebody on a day, as the call-in's own page judges it."""
    return any(
        row.obliges_attendance
        and (row.valid_from is None or row.valid_from <= when)
        and (row.valid_to is None or row.valid_to > when)
        for row in town.db.query(Supervision).filter_by(person_id=person.id)
    )


def _follow_up(town: Town, call_in: CallIn, person: Person, when: datetime) -> None:
    owner = ("maja", "samira")[person.id % 2]
    due = when + timedelta(hours=ATTENDEE_CONTACT_HOURS)
    town.add(
        Action(
            programme_id=town.programme_id,
            kind="attendee_contact",
            compartment="social",
            text=f"Kontakt efter {call_in.name}",
            status="done",
            owner_id=town.users[owner].id,
            due_at=due,
            person_id=person.id,
            call_in_id=call_in.id,
            created_at=when,
            ended_at=due - timedelta(hours=20),
            ended_by_id=town.users[owner].id,
            outcome="Träffad",
        )
    )
    assign_once(town, person.id, owner)


def _planned(town: Town) -> None:
    back_to_thursday = (town.today.weekday() - 3) % 7
    when = town.at(back_to_thursday - 42, 17, 30)
    call_in = _call_in(town, "Call-in 4", when, range(3), seats=12, made=town.past(6))
    _prepared(town, call_in, when)
    for group in range(3):
        for person in _adults(town, group, 3, start=7):
            invitee = _invite(
                town, call_in, person, group=group, status="proposed", when=town.past(2)
            )
            if group in JUDGED:
                _judge(town, invitee, JUDGED[group])
    _add_speakers(town, call_in)


def _drafted(town: Town) -> None:
    """Rivals in two sessions of one evening; two are kept apart by name, too."""
    back_to_thursday = (town.today.weekday() - 3) % 7
    when = town.at(back_to_thursday - 84, 17, 30)
    call_in = _call_in(town, "Call-in, två sessioner", when, RIVALS, seats=12, made=None)
    call_in.sessions = len(RIVALS)
    mine = {"programme_id": town.programme_id, "call_in_id": call_in.id}
    second = next_start(when, timedelta(minutes=USUAL_MINUTES))
    town.add(CallInSession(number=2, starts_at=second, **mine))
    seated = []
    for session, group in enumerate(RIVALS, 1):
        people = _adults(town, group, 3)
        for person in people:
            _invite(
                town, call_in, person, group=group, status="proposed", when=town.past(1)
            ).session = session
        seated.append(people[0].id)
    one, other = sorted(seated)
    made = {"made_at": town.past(1), "made_by_id": town.users["asa"].id}
    town.add(KeptApart(person_a_id=one, person_b_id=other, **mine, **made))


def _prepared(town: Town, call_in: CallIn, when: datetime) -> None:
    """Book what approving a call-in books; the partners are asked already."""
    approved = town.past(4)
    coordinator = Viewer(
        programme_id=town.programme_id,
        user_id=town.users["asa"].id,
        role=Role.COORDINATOR_POLICE,
        name=town.users["asa"].display_name,
    )
    book_preparation(town.db, coordinator, call_in, starts_at=when, at=approved)
    book_afterwards(town.db, coordinator, call_in, at=approved)
    done = {ActionKind.PARTNERS}
    finish_preparation(town.db, coordinator, call_in, done, at=town.past(3.5))


def _add_speakers(town: Town, call_in: CallIn) -> None:
    """Who speaks of consequences is not found yet, so that the page has something to say."""
    for position, (kind, role, name, minutes, parts, after) in enumerate(ORDER, 1):
        town.add(
            Speaker(
                programme_id=town.programme_id,
                call_in_id=call_in.id,
                position=position,
                kind=kind,
                role=role,
                name=name,
                minutes=minutes,
                after=after,
                added_at=town.past(2),
                added_by_id=town.users["asa"].id,
                **dict.fromkeys(parts, True),
            )
        )
