"""The invented town's visits: rounds down the driving list, after shootings, some still to come.

A well-run town: most of those who drive violence have heard the message within a year, a few of
them nobody has thought of, and two visits are late.
"""

from datetime import datetime, timedelta

from gvi.domain.access import Role, Viewer
from gvi.domain.call_in import NO_SHOW_NOTIFICATION_DAYS
from gvi.domain.custom_notification import AFTER_INCIDENT_HOURS
from gvi.domain.incident import DOING_ROLES
from gvi.domain.message import SpokenLanguage
from gvi.domain.person import is_adult
from gvi.domain.time import local_day
from gvi.domain.today import WATCH_DAYS
from gvi.store.models import (
    CallIn,
    CustomNotification,
    Incident,
    Invitee,
    Involvement,
    MessageDelivery,
    NotificationAttempt,
    NotificationVisitor,
    Person,
    RiskCheck,
    WithdrawnAttempt,
)
from gvi.usecases.demo.town import Town
from gvi.usecases.ranking import driving

FORGOTTEN = 9
"""One in so many of those on the driving list has been offered nothing."""
STILL_TO_COME = 16


def add_notifications(town: Town) -> None:
    """Visit those on the driving list whom no call-in reached, the first of them most lately."""
    told = {person_id for (person_id,) in town.db.query(Invitee.person_id)}
    wanted = [person for person in _ranked(town) if person.id not in told]
    leaders = {town.members[group.id][0].id for group in town.groups}
    others = [person for person in wanted if person.id not in leaders]  # leaders came first
    open_ones = others[2 : 2 + 3 * STILL_TO_COME : 3]
    _still_to_come(town, open_ones)
    rest = [person for person in wanted if person not in open_ones]
    for place, person in enumerate(rest):
        if place % FORGOTTEN != 4:
            _met(town, person, days=8 + place * 5 % 320)
    _after_incidents(town)


def _ranked(town: Town) -> list[Person]:
    """Give the people on the driving list who may be visited, the first first."""
    asker = Viewer(
        programme_id=town.programme_id,
        user_id=town.users["asa"].id,
        role=Role.COORDINATOR_POLICE,
        name="demo",
    )
    _, ranking = driving(town.db, asker, town.now, town.zone)
    known = {person.id: person for person in town.people}
    ranked = [known[entry.person_id] for entry in ranking.entries if entry.person_id in known]
    return [each for each in ranked if not (each.is_protected or each.is_exit_client)]


def _still_to_come(town: Town, people: list[Person]) -> None:
    """Leave some visits open: tried in vain, planned, approved; the first of two kinds late."""
    for place, person in enumerate(people[:6]):
        _tried(town, person, days=3 + place, due=town.at(1 if not place else -place, 15))
    for place, person in enumerate(people[6:12]):
        _notification(town, person, "round", "planned", town.at(2 if not place else -place, 15))
    _partly(town, people[12])
    _taken_back(town, people[0])
    for person in people[13:15]:
        _notification(town, person, "threat_info", "approved", town.at(-1, 13))
    _notification(town, people[15], "round", "cancelled", town.at(12, 12))


def _after_incidents(town: Town) -> None:
    """Visit an adult on the doing side within 48 hours of each recent incident, as the rule is."""
    recent = [each for each in town.incidents if each.occurred_at > town.past(WATCH_DAYS)]
    for incident in recent:
        person = _doer(town, incident)
        if person is None:
            continue
        due = incident.occurred_at + timedelta(hours=AFTER_INCIDENT_HOURS)
        if due > town.now:
            _notification(town, person, "after_incident", "approved", due, incident_id=incident.id)
        else:
            _met(town, person, due=due, incident=incident)


def _doer(town: Town, incident: Incident) -> Person | None:
    rows = (
        town.db.query(Person)
        .join(Involvement, Involvement.person_id == Person.id)
        .filter(Involvement.incident_id == incident.id, Involvement.role.in_(sorted(DOING_ROLES)))
        .order_by(Involvement.id)
    )
    return next((p for p in rows if is_adult(p.birth_date, town.today)), None)


def missed(town: Town, call_in: CallIn, person: Person, when: datetime) -> None:
    """Visit somebody who did not come to a call-in, a week later."""
    due = when + timedelta(days=NO_SHOW_NOTIFICATION_DAYS)
    visit = _notification(town, person, "after_call_in_no_show", "delivered", due, call_in=call_in)
    _say(town, visit, person, when + timedelta(days=7))


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
            call_in_id=call_in.id if call_in else None,
            incident_id=incident_id,
            created_at=min(due, town.now) - timedelta(days=5),
            created_by_id=town.users["asa"].id,
        )
    )
    _checked(town, notification)
    town.add(
        NotificationVisitor(
            custom_notification_id=notification.id,
            user_id=town.users[("per-olof", "maja", "sara")[person.id % 3]].id,
        )
    )
    return notification


def _checked(town: Town, notification: CustomNotification) -> None:
    """Check the risk of a visit the day before it was first approved; what is planned waits."""
    if notification.status == "planned":
        return
    town.add(
        RiskCheck(
            programme_id=town.programme_id,
            custom_notification_id=notification.id,
            home_conflict="no",
            children_present="unknown" if notification.id % 3 else "yes",
            victim_of_own_group="no",
            outcome="go",
            reason="Ingen känd konflikt hemma; barn kan vara hemma efter 16",
            checked_at=notification.created_at + timedelta(hours=2),
            checked_by_id=notification.owner_id,
        )
    )


def _attempt(
    town: Town,
    notification: CustomNotification,
    when: datetime,
    outcome: str,
    *,
    card: bool = False,
) -> None:
    town.add(
        NotificationAttempt(
            custom_notification_id=notification.id,
            attempted_at=when,
            outcome=outcome,
            place="Hemmet",
            card_left=card,
            note="Lugnt bemötande.",  # no marker: both coordinators read it
            family_present="yes" if outcome == "family_only" else "unknown",
            **_taken(notification, outcome),
            recorded_at=when + timedelta(minutes=30),
            recorded_by_id=town.users["goran"].id,
        )
    )


def _taken(notification: CustomNotification, outcome: str) -> dict[str, str]:
    """Say how the message was taken by whom it was given to, as those who went see it."""
    if outcome != "met":
        return {}
    kinds = (
        ("listens", "Tyst men lyssnar; kan tänka sig ett samtal till."),
        ("takes_help", "Vill ha hjälp med bostad."),
        ("unmoved", "Låtsas oberörd inför kamraterna."),
        ("rejects", "Vill inte ha med oss att göra."),
    )
    reaction, assessment = kinds[notification.id % len(kinds)]
    return {
        "reaction": reaction,
        "assessment": assessment,
        "help_offered": "Kontakt med uppsökande verksamhet",
        "next_step": "Vi ringer på fredag" if reaction in {"listens", "takes_help"} else "",
    }


def deliver(
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
    """Write a line of the ledger."""
    town.add(
        MessageDelivery(
            programme_id=town.programme_id,
            person_id=person.id,
            delivered_at=when,
            delivered_by=by,
            to_family=to_family,
            language=SpokenLanguage.SV.value,
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


def _met(
    town: Town,
    person: Person,
    *,
    days: int = 0,
    due: datetime | None = None,
    incident: Incident | None = None,
) -> None:
    """Deliver the message: in a round so many days ago, or the evening before it was due."""
    if due:
        days = (town.today - local_day(due, town.zone)).days + 1
    when = town.at(days, 16, 30)
    notification = _notification(
        town,
        person,
        "after_incident" if incident else "round",
        "delivered",
        due or town.at(days - 2, 15),
        incident_id=incident.id if incident else None,
    )
    if days % 2:
        _attempt(town, notification, when - timedelta(days=2), "not_home")
    _say(town, notification, person, when, parts=(True, True, days % 3 != 0, True))


def _say(
    town: Town,
    visit: CustomNotification,
    person: Person,
    when: datetime,
    *,
    parts: tuple[bool, bool, bool, bool] = (True, True, True, True),
) -> None:
    _attempt(town, visit, when, "met", card=True)
    by = "Områdespolis och socialsekreterare"
    deliver(town, person, when, by, notification=visit, parts=parts)


def _tried(town: Town, person: Person, days: int, due: datetime) -> None:
    notification = _notification(town, person, "round", "attempted", due)
    for back in range(1 + days % 3):
        when = town.at(days + 2 * back, 16, 30)
        _attempt(town, notification, when, ("not_home", "refused_door")[back % 2])


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
    _attempt(town, notification, town.at(1, 16, 30), "family_only", card=True)
    deliver(
        town,
        person,
        town.at(1, 16, 30),
        "Områdespolis, till modern",
        notification=notification,
        parts=(True, False, False, True),
        to_family=True,
    )
