"""The invented town's messages: a call-in held and one planned, notifications with attempts."""

from datetime import datetime, timedelta

from gvi.domain.call_in import ATTENDEE_CONTACT_HOURS, DEBRIEF_DAYS, NO_SHOW_NOTIFICATION_DAYS
from gvi.domain.person import is_adult
from gvi.store.models import (
    Action,
    CallIn,
    CallInGroup,
    CustomNotification,
    Invitee,
    MessageDelivery,
    NotificationAttempt,
    NotificationVisitor,
    Person,
    Supervision,
    WithdrawnAttempt,
)
from gvi.usecases.demo.people import assign
from gvi.usecases.demo.town import Town

HELD_DAYS_AGO = 40
OUTCOMES = ("attended",) * 8 + ("left_early",) + ("no_show",) * 2 + ("excused",)
"""Twelve invited: nine came, one of them left early, as Malmö counted in November 2019."""


def add_call_ins(town: Town) -> None:
    """Hold one call-in forty days ago and plan another in five weeks."""
    _held(town)
    _planned(town)


def _adults(town: Town, group: int, number: int, start: int = 0) -> list[Person]:
    members = town.members[town.groups[group].id][start:]
    may_come = [p for p in members if is_adult(p.birth_date, town.today) and p.birth_date]
    return [p for p in may_come if not (p.is_protected or p.is_exit_client)][:number]


def _held(town: Town) -> None:
    when = town.at(HELD_DAYS_AGO, 17, 30)
    call_in = _call_in(town, "Call-in 3", when, seats=14, status="held", days_before=30)
    invited = [(g, p) for g in range(3) for p in _adults(town, g, 4, start=3)]
    for outcome, (group, person) in zip(OUTCOMES, invited, strict=True):
        _invite(town, call_in, person, group=group, status=outcome, when=when - timedelta(days=20))
        if outcome in ("attended", "left_early"):
            _deliver(town, person, when, "Kommunpolis, åklagare, förälder", call_in=call_in)
            _follow_up(town, call_in, person, when)
        if outcome == "no_show":
            _notification(
                town,
                person,
                "after_call_in_no_show",
                "planned",
                when + timedelta(days=NO_SHOW_NOTIFICATION_DAYS),
                call_in=call_in,
            )
    town.add(
        Action(
            programme_id=town.programme_id,
            kind="debrief",
            compartment="shared",
            text="Uppföljning efter Call-in 3 med alla talare",
            status="decided",
            owner_id=town.users["asa"].id,
            due_at=when + timedelta(days=DEBRIEF_DAYS),
            call_in_id=call_in.id,
            created_at=when,
        )
    )


def _call_in(
    town: Town, name: str, when: datetime, *, seats: int, status: str, days_before: int
) -> CallIn:
    made = town.past(HELD_DAYS_AGO + days_before if status == "held" else 6)
    call_in = town.add(
        CallIn(
            programme_id=town.programme_id,
            name=name,
            status=status,
            starts_at=when,
            venue="Älvstads arena",
            purpose="Ett budskap till grupperna i konflikt",
            seats=seats,
            approved_at=made + timedelta(days=2),
            approved_by_id=town.users["asa"].id,
            created_at=made,
            created_by_id=town.users["asa"].id,
        )
    )
    for group in town.groups[:3]:
        town.add(CallInGroup(call_in_id=call_in.id, group_id=group.id))
    town.changed("call_in", call_in.id, "draft", status, when=made + timedelta(days=2))
    return call_in


def _invite(
    town: Town, call_in: CallIn, person: Person, *, group: int, status: str, when: datetime
) -> None:
    town.add(
        Invitee(
            call_in_id=call_in.id,
            person_id=person.id,
            group_id=town.groups[group].id,
            is_obliged=_must_come(town, person, call_in.starts_at or when),
            status=status,
            reason="Når många i gruppen",
            added_at=when,
            added_by_id=town.users["asa"].id,
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
    done = person.id % 5 != 0
    town.add(
        Action(
            programme_id=town.programme_id,
            kind="attendee_contact",
            compartment="social",
            text="Kontakt efter Call-in 3",
            status="done" if done else "decided",
            owner_id=town.users[owner].id,
            due_at=due,
            person_id=person.id,
            call_in_id=call_in.id,
            created_at=when,
            ended_at=due - timedelta(hours=20) if done else None,
            ended_by_id=town.users[owner].id if done else None,
            outcome="Träffad" if done else "",
        )
    )
    assign(town, person.id, owner)


def _deliver(
    town: Town,
    person: Person,
    when: datetime,
    by: str,
    *,
    call_in: CallIn | None = None,
    notification: CustomNotification | None = None,
    parts: tuple[bool, bool, bool, bool] = (True, True, True, True),
    to_family: bool = False,
) -> None:
    town.add(
        MessageDelivery(
            programme_id=town.programme_id,
            person_id=person.id,
            delivered_at=when,
            delivered_by=by,
            to_family=to_family,
            call_in_id=call_in.id if call_in else None,
            custom_notification_id=notification.id if notification else None,
            not_die=parts[0],
            not_kill=parts[1],
            consequences=parts[2],
            help=parts[3],
            recorded_at=when + timedelta(minutes=30),
            recorded_by_id=town.users["asa"].id,
        )
    )


def _planned(town: Town) -> None:
    back_to_thursday = (town.today.weekday() - 3) % 7
    when = town.at(back_to_thursday - 42, 17, 30)
    call_in = _call_in(town, "Call-in 4", when, seats=12, status="approved", days_before=4)
    for group in range(3):
        for person in _adults(town, group, 3, start=7):
            _invite(town, call_in, person, group=group, status="proposed", when=town.past(2))


def add_notifications(town: Town) -> None:
    """Plan visits in rounds and after the shooting; some met, some tried, some late."""
    people = [p for g in range(8) for p in _adults(town, g, 5, start=1)]
    chosen = town.pick(people, 30)
    for place, person in enumerate(chosen[:12]):
        _met(town, person, days=20 + place * 9)
    for place, person in enumerate(chosen[12:18]):
        _tried(town, person, days=3 + place)
    for place, person in enumerate(chosen[18:24]):
        _notification(town, person, "round", "planned", town.at(-(place - 2), 15))
    _partly(town, chosen[24])
    _taken_back(town, chosen[12])
    for person in chosen[25:27]:
        _notification(town, person, "threat_info", "approved", town.at(-1, 13))
    _notification(town, chosen[27], "round", "cancelled", town.at(12, 12))
    _notification(
        town,
        chosen[28],
        "after_incident",
        "approved",
        town.at(0, 23, 40),
        incident_id=town.incidents[-1].id,
    )


def _notification(
    town: Town,
    person: Person,
    trigger: str,
    status: str,
    due: datetime,
    *,
    call_in: CallIn | None = None,
    incident_id: int | None = None,
) -> CustomNotification:
    notification = town.add(
        CustomNotification(
            programme_id=town.programme_id,
            person_id=person.id,
            trigger=trigger,
            status=status,
            due_at=due,
            owner_id=town.users[("asa", "goran")[person.id % 2]].id,
            team="Områdespolis och socialtjänst",
            place="Hemmet",
            risk_check="Ingen känd konflikt hemma; barn kan vara hemma efter 16",
            call_in_id=call_in.id if call_in else None,
            incident_id=incident_id,
            created_at=min(due, town.now) - timedelta(days=5),
            created_by_id=town.users["asa"].id,
        )
    )
    town.add(
        NotificationVisitor(
            custom_notification_id=notification.id,
            user_id=town.users[("per-olof", "maja", "sara")[person.id % 3]].id,
        )
    )
    return notification


def _attempt(
    town: Town, notification: CustomNotification, days: float, outcome: str, *, card: bool = False
) -> None:
    town.add(
        NotificationAttempt(
            custom_notification_id=notification.id,
            attempted_at=town.at(days, 16, 30),
            outcome=outcome,
            place="Hemmet",
            card_left=card,
            note="Lugnt bemötande.",  # no marker: both coordinators read it
            recorded_at=town.at(days, 17),
            recorded_by_id=town.users["goran"].id,
        )
    )


def _met(town: Town, person: Person, days: int) -> None:
    notification = _notification(town, person, "round", "delivered", town.at(days - 2, 15))
    if days % 2:
        _attempt(town, notification, days + 2, "not_home")
    _attempt(town, notification, days, "met", card=True)
    parts = (True, True, days % 3 != 0, True)
    _deliver(
        town,
        person,
        town.at(days, 16, 30),
        "Områdespolis och socialsekreterare",
        notification=notification,
        parts=parts,
    )


def _tried(town: Town, person: Person, days: int) -> None:
    notification = _notification(town, person, "round", "attempted", town.at(days - 4, 15))
    for back in range(1 + days % 3):
        _attempt(town, notification, days + 2 * back, ("not_home", "refused_door")[back % 2])


def _taken_back(town: Town, person: Person) -> None:
    """One try that was recorded on the wrong person, and withdrawn the next morning."""
    visit = town.db.query(CustomNotification).filter_by(person_id=person.id, trigger="round").one()
    town.add(
        WithdrawnAttempt(
            custom_notification_id=visit.id,
            attempted_at=town.at(4, 18),
            outcome="met",
            place="Hemmet",
            card_left=True,
            note="Lugnt bemötande.",
            recorded_at=town.at(4, 19),
            recorded_by_id=town.users["goran"].id,
            delivered_by="Områdespolis",
            not_die=True,
            help=True,
            withdrawn_at=town.at(3, 8, 30),
            withdrawn_by_id=town.users["asa"].id,
            reason="Det var brodern som öppnade, inte han",
        )
    )


def _partly(town: Town, person: Person) -> None:
    notification = _notification(town, person, "after_incident", "partly_family", town.at(1, 23))
    _attempt(town, notification, 1, "family_only", card=True)
    _deliver(
        town,
        person,
        town.at(1, 16, 30),
        "Områdespolis, till modern",
        notification=notification,
        parts=(True, False, False, True),
        to_family=True,
    )
