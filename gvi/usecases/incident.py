"""Logging, correcting and reviewing incidents, and saying who had which part in them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.grading import Certainty
from gvi.domain.incident import Gmi, IncidentStatus, InvolvementRole
from gvi.domain.review import Reviewed
from gvi.domain.text import N_
from gvi.store.models import Incident, Involvement, Person
from gvi.usecases.changes import reasoned, status_changed
from gvi.usecases.facts import Provenance, correct, entered, log_change, withdraw
from gvi.usecases.rights import require, the

PERMISSION = "incident:write"


@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """What an incident was, when and where: everything that can be corrected but not decided."""

    kind: str
    occurred_at: datetime
    place: str
    area: str = ""
    latitude: float | None = None
    longitude: float | None = None
    injured: int = 0
    killed: int = 0
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A person's part in an incident; a blank certainty counts as possible and is flagged."""

    person_id: int
    role: InvolvementRole
    certainty: Certainty | None = None


def log_incident(
    db: Session,
    viewer: Viewer,
    what: What,
    *,
    given: Provenance,
    at: datetime,
    gmi: Gmi = Gmi.UNKNOWN,
    hold_reason: str = "",
    involved: Iterable[Who] = (),
    gmi_reason: str = "",
) -> Incident:
    """Log an incident; what, when and where are enough, GMI stays unknown until it is decided.

    With `hold_reason` it is held back and counts for nothing until the review takes it up.
    Raises RuleError for a time to come, a missing kind or place, the same incident once more, or
    the same part twice.
    """
    require(viewer, PERMISSION)
    _check(what, at)
    _check_place(what)
    _not_logged_already(db, viewer, what)
    incident = Incident(
        kind=what.kind,
        occurred_at=what.occurred_at,
        place=what.place.strip(),
        area=what.area.strip(),
        latitude=what.latitude,
        longitude=what.longitude,
        injured=what.injured,
        killed=what.killed,
        summary=what.summary.strip(),
        gmi=gmi.value,
        **entered(viewer, PERMISSION, given, kind=Reviewed.INCIDENT, at=at),
    )
    if hold_reason.strip():
        incident.status = IncidentStatus.ON_HOLD.value
    db.add(incident)
    db.flush()
    _note_first_decisions(db, viewer, incident, hold_reason.strip(), gmi_reason, at=at)
    log_change(db, viewer, "incident:logged", at=at, collected=True, incident=incident.id)
    for who in involved:
        add_involvement(db, viewer, incident.id, who, given=given, at=at)
    return incident


def _check(what: What, at: datetime) -> None:
    if not what.kind:
        raise RuleError(N_("Say what happened."), field="kind")
    if what.occurred_at > at:
        raise RuleError(N_("The time is later than now. When did it happen?"), field="when_time")
    if min(what.injured, what.killed) < 0:
        raise RuleError(N_("Give a number that is at least %(least)s."), field="injured", least=0)
    if (what.latitude is None) != (what.longitude is None):
        raise RuleError(N_("Give both latitude and longitude, or neither."), field="latitude")


def _check_place(what: What) -> None:
    if not what.place.strip():
        raise RuleError(N_("Say where: a street, or a place people know."), field="place")


def _not_logged_already(db: Session, viewer: Viewer, what: What) -> None:
    """Refuse the same once more: a thumb that pressed twice, or a colleague who was faster."""
    same = select(Incident.id).where(
        Incident.programme_id == viewer.programme_id,
        Incident.kind == what.kind,
        Incident.occurred_at == what.occurred_at,
        Incident.place == what.place.strip(),
        Incident.withdrawn_at.is_(None),
    )
    if db.execute(same).first():
        raise RuleError(
            N_(
                "An incident of this kind, time and place is logged already. "
                "Open that one and add to it."
            )
        )


def _note_first_decisions(
    db: Session,
    viewer: Viewer,
    incident: Incident,
    hold_reason: str,
    gmi_reason: str,
    *,
    at: datetime,
) -> None:
    if hold_reason:
        status_changed(
            db,
            viewer,
            "incident",
            incident.id,
            old=IncidentStatus.NEW.value,
            new=incident.status,
            at=at,
            reason=hold_reason,
        )
    if incident.gmi != Gmi.UNKNOWN.value:
        status_changed(
            db,
            viewer,
            "incident",
            incident.id,
            field="gmi",
            old=Gmi.UNKNOWN.value,
            new=incident.gmi,
            at=at,
            reason=gmi_reason,
        )


def correct_incident(
    db: Session, viewer: Viewer, incident_id: int, what: What, *, given: Provenance, at: datetime
) -> Incident:
    """Correct what an incident was, when and where; what was written before is kept."""
    incident = the(db, viewer, Incident, incident_id, PERMISSION)
    _check(what, at)
    if incident.place:
        _check_place(what)
    changed = correct(
        incident,
        viewer,
        PERMISSION,
        at=at,
        given=replace(given, compartment=incident.compartment),
        kind=what.kind,
        occurred_at=what.occurred_at,
        place=what.place.strip(),
        area=what.area.strip(),
        latitude=what.latitude,
        longitude=what.longitude,
        injured=what.injured,
        killed=what.killed,
        summary=what.summary.strip(),
    )
    if changed:
        db.flush()
        log_change(db, viewer, "incident:corrected", at=at, fields=changed, incident=incident.id)
    return incident


def review_incident(
    db: Session,
    viewer: Viewer,
    incident_id: int,
    *,
    status: IncidentStatus,
    gmi: Gmi,
    reason: str,
    at: datetime,
) -> Incident:
    """Record what a review decided on status and GMI, with its reason.

    Raises RuleError without a reason, or when neither is any other than before.
    """
    incident = the(db, viewer, Incident, incident_id, PERMISSION)
    said = reasoned(reason)
    before = {"status": incident.status, "gmi": incident.gmi}
    after = {"status": status.value, "gmi": gmi.value}
    if before == after:
        raise RuleError(N_("Choose another status or GMI: these are the ones it has."))
    fields = correct(incident, viewer, PERMISSION, at=at, status=status.value, gmi=gmi.value)
    for field in fields:
        status_changed(
            db,
            viewer,
            "incident",
            incident.id,
            field=field,
            old=before[field],
            new=after[field],
            at=at,
            reason=said,
        )
    db.flush()
    log_change(db, viewer, "incident:reviewed", at=at, fields=fields, incident=incident.id)
    return incident


def add_involvement(
    db: Session, viewer: Viewer, incident_id: int, who: Who, *, given: Provenance, at: datetime
) -> Involvement:
    """Say that a person had a part in an incident; one person may have several parts.

    Raises RuleError when the person already has that part.
    """
    incident = the(db, viewer, Incident, incident_id, PERMISSION)
    person = the(db, viewer, Person, who.person_id, "person:read", person="id")
    _not_twice(db, incident.id, person, who.role)
    involvement = Involvement(
        incident_id=incident.id,
        person_id=person.id,
        role=who.role.value,
        certainty=who.certainty.value if who.certainty else None,
        **entered(
            viewer,
            PERMISSION,
            given,
            kind=Reviewed.INVOLVEMENT,
            at=at,
            births=(person.birth_date,),
        ),
    )
    db.add(involvement)
    db.flush()
    log_change(
        db,
        viewer,
        "involvement:added",
        at=at,
        collected=True,
        involvement=involvement.id,
        incident=incident.id,
        person=person.id,
    )
    return involvement


def _not_twice(
    db: Session, incident_id: int, person: Person, role: InvolvementRole, but: int = 0
) -> None:
    same = select(Involvement.id).where(
        Involvement.incident_id == incident_id,
        Involvement.person_id == person.id,
        Involvement.role == role.value,
        Involvement.withdrawn_at.is_(None),
        Involvement.id != but,
    )
    if db.execute(same).first():
        raise RuleError(
            N_("%(person)s already has that part in this incident. Correct the part instead."),
            field="role",
            person=person.code_name,
        )


def correct_involvement(
    db: Session,
    viewer: Viewer,
    involvement_id: int,
    *,
    role: InvolvementRole,
    certainty: Certainty | None,
    given: Provenance,
    at: datetime,
) -> Involvement:
    """Correct somebody's part in an incident; what was written before is kept."""
    involvement = the(db, viewer, Involvement, involvement_id, PERMISSION)
    person = the(db, viewer, Person, involvement.person_id, "person:read", person="id")
    _not_twice(db, involvement.incident_id, person, role, but=involvement.id)
    changed = correct(
        involvement,
        viewer,
        PERMISSION,
        at=at,
        given=replace(given, compartment=involvement.compartment),
        role=role.value,
        certainty=certainty.value if certainty else None,
    )
    if changed:
        db.flush()
        _log_part(db, viewer, "involvement:corrected", involvement, at=at, fields=changed)
    return involvement


def withdraw_involvement(
    db: Session, viewer: Viewer, involvement_id: int, *, reason: str, at: datetime
) -> Involvement:
    """Take back that a person had a part; earlier days still show it as it was known then."""
    involvement = the(db, viewer, Involvement, involvement_id, PERMISSION)
    withdraw(involvement, viewer, at=at, reason=reason)
    db.flush()
    _log_part(db, viewer, "involvement:withdrawn", involvement, at=at)
    return involvement


def _log_part(
    db: Session,
    viewer: Viewer,
    kind: str,
    involvement: Involvement,
    *,
    at: datetime,
    fields: list[str] | None = None,
) -> None:
    log_change(
        db,
        viewer,
        kind,
        at=at,
        fields=fields,
        involvement=involvement.id,
        incident=involvement.incident_id,
        person=involvement.person_id,
    )
