"""Supervision and custody: who can be obliged to come, and who cannot come at all."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.grading import Compartment
from gvi.domain.period import Period
from gvi.domain.review import Reviewed
from gvi.domain.supervision import SupervisionKind
from gvi.domain.text import N_
from gvi.store.models import Supervision
from gvi.usecases.changes import reasoned, status_changed
from gvi.usecases.facts import Provenance, correct, entered, is_recorded_then, log_change, withdraw
from gvi.usecases.person import facts_of, seen_person
from gvi.usecases.rights import require, the

WRITE = "supervision:write"


def add_supervision(
    db: Session,
    viewer: Viewer,
    *,
    person_id: int,
    kind: SupervisionKind,
    obliges_attendance: bool,
    valid_from: datetime | None,
    given: Provenance,
    at: datetime,
    valid_to: datetime | None = None,
    note: str = "",
) -> Supervision:
    """Record supervision or custody; it stands under probation's secrecy, whoever enters it.

    Raises NotAllowedError for a note by anybody but probation.
    """
    require(viewer, WRITE)
    person = seen_person(db, viewer, person_id, at=at)
    _check_obliges(kind, obliges_attendance)
    _check_period(db, viewer, person_id, kind, Period(valid_from, valid_to), but=None)
    supervision = Supervision(
        person_id=person_id,
        kind=kind,
        obliges_attendance=obliges_attendance,
        note=_note(viewer, note),
        valid_from=valid_from,
        valid_to=valid_to,
        **entered(
            viewer,
            WRITE,
            _under_probation(given),
            kind=Reviewed.SUPERVISION,
            at=at,
            births=(person.birth_date,),
        ),
    )
    db.add(supervision)
    db.flush()
    _log(db, viewer, "supervision:added", supervision, at=at, collected=True)
    return supervision


def correct_supervision(
    db: Session,
    viewer: Viewer,
    supervision_id: int,
    *,
    kind: SupervisionKind,
    obliges_attendance: bool,
    valid_from: datetime | None,
    valid_to: datetime | None,
    given: Provenance,
    at: datetime,
    note: str | None = None,
) -> None:
    """Correct a supervision; `note` None leaves probation's note as it is."""
    supervision = _one(db, viewer, supervision_id, at=at)
    _check_obliges(kind, obliges_attendance)
    _check_period(
        db, viewer, supervision.person_id, kind, Period(valid_from, valid_to), but=supervision_id
    )
    changed = correct(
        supervision,
        viewer,
        WRITE,
        at=at,
        given=_under_probation(given),
        kind=kind,
        obliges_attendance=obliges_attendance,
        note=supervision.note if note is None else _note(viewer, note),
        valid_from=valid_from,
        valid_to=valid_to,
    )
    if changed:
        _log(db, viewer, "supervision:corrected", supervision, at=at, fields=changed)


def end_supervision(
    db: Session,
    viewer: Viewer,
    supervision_id: int,
    *,
    valid_to: datetime,
    reason: str,
    at: datetime,
) -> None:
    """End a supervision on a day, with the reason; what was before stays."""
    supervision = _one(db, viewer, supervision_id, at=at)
    why = reasoned(reason)
    period, kind = Period(supervision.valid_from, valid_to), SupervisionKind(supervision.kind)
    _check_period(db, viewer, supervision.person_id, kind, period, but=supervision_id)
    correct(supervision, viewer, WRITE, at=at, valid_to=valid_to)
    status_changed(
        db, viewer, "supervision", supervision.id, old=None, new="ended", at=at, reason=why
    )
    _log(db, viewer, "supervision:ended", supervision, at=at, fields=["valid_to"])


def withdraw_supervision(
    db: Session, viewer: Viewer, supervision_id: int, *, reason: str, at: datetime
) -> None:
    """Withdraw a supervision that never was."""
    supervision = _one(db, viewer, supervision_id, at=at)
    withdraw(supervision, viewer, at=at, reason=reason)
    _log(db, viewer, "supervision:withdrawn", supervision, at=at)


def _one(db: Session, viewer: Viewer, supervision_id: int, *, at: datetime) -> Supervision:
    supervision = the(db, viewer, Supervision, supervision_id, WRITE, person="person_id")
    facts_of(db, viewer, [supervision.person_id], at=at)
    return supervision


def _under_probation(given: Provenance) -> Provenance:
    return replace(given, compartment=Compartment.PROBATION.value)


def _note(viewer: Viewer, note: str) -> str:
    if note.strip() and viewer.role is not None and not allows(viewer, "supervision_note:read"):
        raise NotAllowedError(N_("Only probation writes notes about supervision."))
    return note.strip()


def _check_obliges(kind: SupervisionKind, obliges_attendance: bool) -> None:
    if kind is SupervisionKind.CUSTODY and obliges_attendance:
        raise RuleError(
            N_("Somebody in custody cannot be obliged to come."), field="obliges_attendance"
        )


def _check_period(
    db: Session,
    viewer: Viewer,
    person_id: int,
    kind: SupervisionKind,
    period: Period,
    *,
    but: int | None,
) -> None:
    period.check()
    same = and_(Supervision.person_id == person_id, Supervision.kind == kind)
    if is_recorded_then(db, viewer, Supervision, same, period, permission=WRITE, but=but):
        raise RuleError(
            N_(
                "That is recorded of this person for the same time already: correct or end that"
                " record, or give other days."
            ),
            field="valid_from",
        )


def _log(
    db: Session,
    viewer: Viewer,
    kind: str,
    supervision: Supervision,
    *,
    at: datetime,
    collected: bool = False,
    fields: list[str] | None = None,
) -> None:
    log_change(
        db,
        viewer,
        kind,
        at=at,
        collected=collected,
        fields=fields,
        supervision=supervision.id,
        person=supervision.person_id,
    )
