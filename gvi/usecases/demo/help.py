"""The invented town's support: offers, calls, cases and contacts, written under social secrecy."""

from datetime import timedelta

from gvi.domain.grading import Compartment
from gvi.domain.incident import VICTIM_ROLES
from gvi.domain.person import is_adult
from gvi.store.models import (
    Action,
    Contact,
    ContactRevision,
    InboundCall,
    Incident,
    Involvement,
    Need,
    Person,
    SupportCase,
    SupportOffer,
)
from gvi.usecases.demo.people import assign_once
from gvi.usecases.demo.town import MARKERS, Town

CASES = 60
CHILD_CASES = 8
VICTIMS_OF_DAYS = 120
WORKERS = ("maja", "samira", "petra", "olle")
STATUSES = ("active", "active", "active", "assessing", "plan_agreed", "contacted", "paused")
LATE_CASES = (12, 13, 28, 31)
"""Cases whose person nobody has heard from for longer than was agreed."""
STUCK_NEEDS = (5, 21, 36)
NEEDS = ("housing", "work", "debt", "identity_document", "addiction", "mental_health", "safety")


def add_support(town: Town) -> None:
    """Open cases for some who asked, with contacts, needs, calls waiting and things overdue."""
    adults = [p for p in town.people if is_adult(p.birth_date, town.today)]
    children = [p for p in town.people if not is_adult(p.birth_date, town.today)]
    social = (
        town.db.query(Person)
        .filter(Person.compartment.in_(["social", "child"]))
        .order_by(Person.id)
        .all()
    )
    clients = [*social, *town.pick(adults, CASES - CHILD_CASES - len(social))]
    clients += town.pick(children, CHILD_CASES)
    for place, person in enumerate(clients):
        _case(town, person, place)
    _calls(town, adults)
    _offers(town, adults)
    _victim_offers(town)


def _compartment(town: Town, person: Person) -> Compartment:
    adult = is_adult(person.birth_date, town.today)
    return Compartment.SOCIAL if adult else Compartment.CHILD


def _case(town: Town, person: Person, place: int) -> None:
    compartment = _compartment(town, person)
    marker = MARKERS[compartment]
    worker = WORKERS[place % len(WORKERS)]
    opened = town.past(30 + place * 6)
    closed = place % 9 == 8
    interval = (4, 7, 7, 14)[place % 4]
    last = interval + 3 if place in LATE_CASES else place % (interval + 1)
    case = town.add(
        SupportCase(
            programme_id=town.programme_id,
            person_id=person.id,
            compartment=compartment.value,
            owner_id=town.users[worker].id,
            status="closed" if closed else STATUSES[place % len(STATUSES)],
            heard_through=("card", "call_in", "visit", "family", "school")[place % 5],
            opened_at=opened,
            contact_interval_days=interval,
            next_contact_on=None if closed else town.day(interval - last),
            note=f"Vill bort från gruppen. {marker}",
            closed_at=town.past(4) if closed else None,
            closing_reason=("goals_met", "moved", "lost")[place % 3] if closed else None,
        )
    )
    town.changed("support_case", case.id, None, case.status, when=opened, by=worker)
    assign_once(town, person.id, worker)
    town.add(
        SupportOffer(
            programme_id=town.programme_id,
            person_id=person.id,
            compartment=compartment.value,
            what="Samtal och praktisk hjälp"
            + (f" {marker}" if compartment is Compartment.CHILD else ""),
            offered_at=opened - timedelta(days=3),
            offered_by_id=town.users["karin"].id,
            response="accepted",
            responded_at=opened,
        )
    )
    logged = [
        _contact(town, case, number, last=last, worker=worker, marker=marker)
        for number in range(3 + place % 4)
    ]
    if place % 8 == 2:
        _revised(town, logged[0], marker, is_withdrawn=place % 16 == 2)
    _need(town, case, place, marker)


def _contact(
    town: Town, case: SupportCase, number: int, *, last: int, worker: str, marker: str
) -> Contact:
    when = town.at(last + number * case.contact_interval_days, 14, 15)
    if when > town.now:
        when = town.past(0.2)
    reached = number != 1
    return town.add(
        Contact(
            support_case_id=case.id,
            contacted_at=when,
            mode=("in_person", "phone", "text")[number % 3],
            outcome="reached" if reached else "attempted",
            minutes=(45, None, 5)[number % 3] if reached else None,
            note=f"Pratade om boende och nästa steg. {marker}" if reached else "",
            next_contact_on=None,
            recorded_at=when + timedelta(minutes=30),
            recorded_by_id=town.users[worker].id,
        )
    )


def _revised(town: Town, contact: Contact, marker: str, *, is_withdrawn: bool) -> None:
    """Keep what a contact said before: corrected, or one logged on the wrong person."""
    recorded = contact.recorded_at - timedelta(hours=2 if is_withdrawn else 0)
    town.add(
        ContactRevision(
            # the number of one that is gone: higher than any the town gives
            contact_id=contact.id + 10_000 * is_withdrawn,
            support_case_id=contact.support_case_id,
            contacted_at=contact.contacted_at - timedelta(hours=3),
            mode="phone",
            outcome="attempted",
            minutes=None,
            note=f"Ringde, inget svar. {marker}",
            next_contact_on=None,
            recorded_at=recorded,
            recorded_by_id=contact.recorded_by_id,
            superseded_at=min(recorded + timedelta(minutes=20), town.now),
            superseded_by_id=contact.recorded_by_id,
            reason=f"{'Gällde en annan person.' if is_withdrawn else 'Han svarade.'} {marker}",
            is_withdrawn=is_withdrawn,
        )
    )


def _need(town: Town, case: SupportCase, place: int, marker: str) -> None:
    town.add(
        Need(
            support_case_id=case.id,
            kind=NEEDS[place % len(NEEDS)],
            status="open" if place in STUCK_NEEDS else ("open", "in_work", "met")[place % 3],
            raised_on=town.day(-(40 + place if place in STUCK_NEEDS else 3 + place % 24)),
            note=f"Väntar på besked. {marker}",
        )
    )


def _calls(town: Town, adults: list[Person]) -> None:
    through = ("card", "card", "call_in", "visit", "family", "police", "school")
    for place, person in enumerate(town.pick(adults, 9)):
        when = town.past(0.4 + place * 0.8 if place < 2 else place * 3.3)
        waiting = place < 2
        town.add(
            InboundCall(
                programme_id=town.programme_id,
                person_id=None if place % 3 == 0 else person.id,
                compartment="social",
                called_at=when,
                caller="Gav inget namn" if place % 3 == 0 else "",
                heard_through=through[place % len(through)],
                note=f"Vill träffas utan föräldrar. {MARKERS[Compartment.SOCIAL]}",
                call_back_due_at=when + timedelta(hours=24),
                owner_id=town.users[WORKERS[place % 2]].id,
                returned_at=None if waiting else when + timedelta(hours=3),
                returned_by_id=None if waiting else town.users[WORKERS[place % 2]].id,
                recorded_at=when + timedelta(minutes=5),
                recorded_by_id=town.users[WORKERS[place % 2]].id,
            )
        )
        if place % 3:
            assign_once(town, person.id, WORKERS[place % 2])


def _offers(town: Town, adults: list[Person]) -> None:
    for place, person in enumerate(town.pick(adults, 16)):
        response = (None, "considering", "declined", "no_answer")[place % 4]
        offered = town.past(3 + place * 5)
        town.add(
            SupportOffer(
                programme_id=town.programme_id,
                person_id=person.id,
                compartment="social",
                what="Kontakt med avhopparverksamheten",
                offered_at=offered,
                offered_by_id=town.users["karin"].id,
                response=response,
                responded_at=offered + timedelta(days=1) if response else None,
            )
        )


def _victim_offers(town: Town) -> None:
    """Offer those who were hurt of late help and a safe place; one in seven nobody reached yet."""
    hurt = (
        town.db.query(Involvement.person_id, Incident.occurred_at)
        .join(Incident, Incident.id == Involvement.incident_id)
        .filter(
            Involvement.role.in_(sorted(VICTIM_ROLES)),
            Incident.occurred_at > town.past(VICTIMS_OF_DAYS),
        )
        .order_by(Incident.occurred_at, Involvement.id)
    )
    for place, (person_id, occurred_at) in enumerate(hurt):
        offered = occurred_at + timedelta(hours=14)
        if place % 7 == 4 or offered > town.now:
            continue
        compartment = _compartment(town, town.db.get_one(Person, person_id))
        marker = f" {MARKERS[compartment]}" if compartment is Compartment.CHILD else ""
        response = ("accepted", "considering", "declined", "accepted")[place % 4]
        town.add(
            SupportOffer(
                programme_id=town.programme_id,
                person_id=person_id,
                compartment=compartment.value,
                what=f"Brottsofferstöd och en trygg plats{marker}",
                offered_at=offered,
                offered_by_id=town.users["karin"].id,
                response=response,
                responded_at=min(offered + timedelta(days=1), town.now),
            )
        )


def add_actions(town: Town) -> None:
    """Decide what the meetings decide: some late, some today, some ahead."""
    police = MARKERS[Compartment.POLICE]
    wanted = (
        ("asa", "police", f"Bestäm vem som äger konflikten Granit–Lotsen {police}", 2),
        ("henrik", "police", f"Gradera uppgiften om fordonet vid Norrängsvägen {police}", -1),
        ("goran", "police", f"Extra närvaro vid Norrängsvägen {police}", 0),
        ("karin", "social", "Ordna tid hos skuldrådgivaren för två personer", 1),
        ("lena", "social", "Boka lokal för föräldramöte i Norrängen", -2),
        ("asa", "shared", "Godkänn inbjudningsbreven till Call-in 4", -1),
        ("karin", "shared", "Välj talare från lokalsamhället till Call-in 4", -4),
        ("sara", "probation", "Meddela vilka som kan kallas till Call-in 4", -3),
        ("henrik", "police", f"Gå igenom medlemskap som ska omprövas {police}", -8),
        ("bjorn", "social", "Fördela två nya ärenden", -2),
    )
    for owner, compartment, text, late in wanted:
        town.add(
            Action(
                programme_id=town.programme_id,
                kind="decision",
                compartment=compartment,
                text=text,
                status="decided",
                owner_id=town.users[owner].id,
                due_at=town.at(late, 15),
                created_at=town.past(14),
                created_by_id=town.users["asa"].id,
            )
        )
