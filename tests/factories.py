"""Plain functions that put a thing into the database; only what matters is said at the call."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.clearance import ClearanceKind
from gvi.store.models import (
    AccessGrant,
    AccessNotice,
    AccessSection,
    CallIn,
    Clearance,
    ClientAssignment,
    Consent,
    CustomNotification,
    Disclosure,
    DisclosureLine,
    DisclosureRequest,
    Group,
    GroupRelation,
    Identity,
    Incident,
    Invitee,
    Involvement,
    Membership,
    MessageDelivery,
    Person,
    RiskCheck,
    Supervision,
    Tie,
)
from gvi.usecases.clearance import judge_invitee

LONG_AGO = timedelta(days=365)


def _fact(programme: int, at: datetime, given: Mapping[str, Any]) -> dict[str, Any]:
    base = {
        "programme_id": programme,
        "compartment": "police",
        "source": "a report",
        "ground": "mapping",
        "grade": "B2",
        "recorded_at": at,
        "entered_at": at,
        "revised_at": given.get("recorded_at", at),
    }
    return {**base, **given}


def _add(db: Session, thing: Any) -> Any:
    db.add(thing)
    db.flush()
    return thing


def a_group(db: Session, programme: int, at: datetime, name: str = "Granit", **given: Any) -> Group:
    given.setdefault("status", "active")
    given.setdefault("external_id", name)
    return _add(db, Group(name=name, **_fact(programme, at - LONG_AGO, given)))


def a_person(
    db: Session, programme: int, at: datetime, code_name: str = "Tärna", **given: Any
) -> Person:
    """A grown-up; `name=` gives an identity too."""
    name = given.pop("name", None)
    given.setdefault("birth_date", date(1998, 5, 17))
    person = _add(db, Person(code_name=code_name, **_fact(programme, at - LONG_AGO, given)))
    if name:
        _add(db, Identity(person_id=person.id, name=name))
    return person


def a_membership(
    db: Session, at: datetime, person: Person, group: Group, **given: Any
) -> Membership:
    given.setdefault("certainty", "confirmed")
    facts = _fact(person.programme_id, at - LONG_AGO, given)
    return _add(db, Membership(person_id=person.id, group_id=group.id, **facts))


def a_tie(db: Session, at: datetime, a: Person, b: Person, **given: Any) -> Tie:
    given.setdefault("kind", "associate")
    given.setdefault("certainty", "confirmed")
    facts = _fact(a.programme_id, at - LONG_AGO, given)
    return _add(db, Tie(person_a_id=a.id, person_b_id=b.id, **facts))


def a_relation(db: Session, at: datetime, a: Group, b: Group, **given: Any) -> GroupRelation:
    given.setdefault("kind", "open_conflict")
    facts = _fact(a.programme_id, at - LONG_AGO, given)
    return _add(db, GroupRelation(group_a_id=a.id, group_b_id=b.id, **facts))


def an_incident(
    db: Session, programme: int, at: datetime, kind: str = "shooting_with_injury", **given: Any
) -> Incident:
    """An incident at `at`, recorded at once."""
    given.setdefault("occurred_at", at)
    return _add(db, Incident(kind=kind, **_fact(programme, given["occurred_at"], given)))


def an_involvement(
    db: Session, incident: Incident, person: Person, role: str = "suspect", **given: Any
) -> Involvement:
    given.setdefault("certainty", "confirmed")
    facts = _fact(incident.programme_id, incident.occurred_at, given)
    return _add(db, Involvement(incident_id=incident.id, person_id=person.id, role=role, **facts))


def a_supervision(db: Session, at: datetime, person: Person, **given: Any) -> Supervision:
    given.setdefault("kind", "probation")
    given.setdefault("obliges_attendance", True)
    given.setdefault("compartment", "probation")
    facts = _fact(person.programme_id, at - LONG_AGO, given)
    return _add(db, Supervision(person_id=person.id, **facts))


def a_client(db: Session, at: datetime, person: Person, user_id: int) -> ClientAssignment:
    return _add(
        db,
        ClientAssignment(
            programme_id=person.programme_id,
            person_id=person.id,
            user_id=user_id,
            assigned_at=at - LONG_AGO,
        ),
    )


def a_call_in(
    db: Session, programme: int, starts_at: datetime, name: str = "Call-in 4", **given: Any
) -> CallIn:
    given.setdefault("created_at", starts_at - LONG_AGO)
    given.setdefault("seats", 12)
    return _add(db, CallIn(programme_id=programme, name=name, starts_at=starts_at, **given))


def an_invitee(db: Session, call_in: CallIn, person: Person, **given: Any) -> Invitee:
    given.setdefault("status", "invited")
    given.setdefault("added_at", call_in.created_at)
    invitee = _add(db, Invitee(call_in_id=call_in.id, person_id=person.id, **given))
    if invitee.status not in ("proposed", "withdrawn"):
        cleared(db, invitee, call_in.programme_id)
    return invitee


def cleared(db: Session, invitee: Invitee, programme: int) -> None:
    """Let secrecy and safety of an invitee be judged with a yes since they were added."""
    for kind in ClearanceKind:
        db.add(
            Clearance(
                programme_id=programme,
                invitee_id=invitee.id,
                kind=kind.value,
                is_cleared=True,
                reason="Asked",
                judged_at=invitee.added_at,
            )
        )
    db.flush()


def clear(db: Session, invitee: Invitee, police: Viewer, at: datetime, zone: ZoneInfo) -> None:
    """Judge an invitee safe, by the police, and no secret, by the municipality: cleared."""
    municipal = replace(police, role=Role.COORDINATOR_MUNICIPAL)
    for who, kind in ((police, ClearanceKind.SAFETY), (municipal, ClearanceKind.SECRECY)):
        judge_invitee(db, who, invitee.id, kind, is_cleared=True, reason="Asked", at=at, zone=zone)


def a_no(invitee: Invitee, at: datetime) -> Clearance:
    """Make the judgement that somebody is held back for safety's sake."""
    return Clearance(
        programme_id=1,
        invitee_id=invitee.id,
        kind=ClearanceKind.SAFETY.value,
        is_cleared=False,
        reason="A threat",
        judged_at=at,
    )


def a_notification(
    db: Session, person: Person, due_at: datetime, **given: Any
) -> CustomNotification:
    given.setdefault("trigger", "after_incident")
    given.setdefault("created_at", due_at - LONG_AGO)
    ids = {"programme_id": person.programme_id, "person_id": person.id}
    return _add(db, CustomNotification(due_at=due_at, **ids, **given))


def a_check(
    db: Session, notification: CustomNotification, at: datetime, outcome: str = "go", **given: Any
) -> RiskCheck:
    """Add a risk check of a visit, a go where nothing else is said."""
    usual = dict.fromkeys(("home_conflict", "children_present", "victim_of_own_group"), "no")
    return _add(
        db,
        RiskCheck(
            programme_id=notification.programme_id,
            custom_notification_id=notification.id,
            outcome=outcome,
            checked_at=at,
            **(usual | {"reason": "Asked at home"} | given),
        ),
    )


def a_delivery(
    db: Session, person: Person, delivered_at: datetime, *parts: str, **given: Any
) -> MessageDelivery:
    """All four parts where none is named; `call_in_id` or `custom_notification_id` is needed."""
    said = parts or ("not_die", "not_kill", "consequences", "help")
    given |= dict.fromkeys(said, True)
    given.setdefault("delivered_by", "the police and social services")
    ids = {"programme_id": person.programme_id, "person_id": person.id}
    times = {"delivered_at": delivered_at, "recorded_at": delivered_at}
    return _add(db, MessageDelivery(**ids, **times, **given))


def a_consent(
    db: Session, at: datetime, person: Person, side: str, party: str, **given: Any
) -> Consent:
    """A person's consent that one side discloses own words to another."""
    return _add(
        db,
        Consent(
            programme_id=person.programme_id,
            person_id=person.id,
            side=side,
            party=party,
            **{"parts": "own_words", "given_on": at.date(), "recorded_at": at, **given},
        ),
    )


def a_request(
    db: Session, at: datetime, person: Person, side: str, party: str, *, owner_id: int, **given: Any
) -> DisclosureRequest:
    """An open request that one side discloses something."""
    usual = {
        "asked_by": "Somebody",
        "organisation": "An authority",
        "asked_for": f"what {side} knows",
        "received_at": at,
        "due_at": at + timedelta(days=7),
    }
    return _add(
        db,
        DisclosureRequest(
            programme_id=person.programme_id,
            person_id=person.id,
            side=side,
            party=party,
            owner_id=owner_id,
            **(usual | given),
        ),
    )


def a_disclosure(
    db: Session,
    at: datetime,
    person: Person,
    side: str,
    party: str,
    *,
    by: int,
    to: int,
    frozen: str,
    part: str = "own_words",
    **given: Any,
) -> Disclosure:
    """Something one side disclosed to another, with one frozen line."""
    usual = {
        "ground": "danger",
        "weighing": f"weighed by {side}",
        "purpose": "protect_person",
        "fields": f"{part}.words",
        "written_at": at,
        "expires_at": at + timedelta(days=14),
        "status": "disclosed",
        "decided_at": at,
        "decided_by_id": by,
    }
    made = _add(
        db,
        Disclosure(
            programme_id=person.programme_id,
            person_id=person.id,
            side=side,
            party=party,
            written_by_id=by,
            decider_id=by,
            recipient_id=to,
            **(usual | given),
        ),
    )
    _add(
        db,
        DisclosureLine(
            programme_id=person.programme_id,
            disclosure_id=made.id,
            position=1,
            part=part,
            is_assessment=False,
            source_class="own_record",
            frozen=frozen,
        ),
    )
    return made


def an_access(
    db: Session, at: datetime, person: Person, by: int, to: int, *sections: str, **given: Any
) -> AccessGrant:
    """Parts of a person's record, opened for a day; told to whoever gave it."""
    usual = {"kind": "named", "reason": "needed tonight", "ends_at": at + timedelta(days=1)}
    made = _add(
        db,
        AccessGrant(
            programme_id=person.programme_id,
            person_id=person.id,
            user_id=to,
            given_by_id=by,
            given_at=at,
            **(usual | given),
        ),
    )
    db.add_all(AccessSection(grant_id=made.id, section=each) for each in sections)
    return _add(db, AccessNotice(grant_id=made.id, user_id=by)) and made
