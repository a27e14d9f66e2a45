"""Memberships: who is in which group, from when, in what part, and how sure that is."""

from datetime import datetime

from sqlalchemy import and_
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.grading import Certainty
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.period import Period
from gvi.domain.review import Reviewed
from gvi.domain.text import N_
from gvi.store.models import Group, Membership
from gvi.usecases.changes import reasoned, status_changed
from gvi.usecases.facts import Provenance, correct, entered, is_recorded_then, log_change, withdraw
from gvi.usecases.person import facts_of, seen_person
from gvi.usecases.rights import require, the

WRITE = "membership:write"


def add_membership(
    db: Session,
    viewer: Viewer,
    *,
    person_id: int,
    group_id: int,
    role: MembershipRole | None,
    certainty: Certainty | None,
    valid_from: datetime | None,
    given: Provenance,
    at: datetime,
    valid_to: datetime | None = None,
) -> Membership:
    """Record a person's part in a group; refuses two memberships in one group at the same time."""
    require(viewer, WRITE)
    person = seen_person(db, viewer, person_id, at=at)
    the(db, viewer, Group, group_id, "group:read")
    _check_period(db, viewer, person_id, group_id, Period(valid_from, valid_to), but=None)
    membership = Membership(
        person_id=person_id,
        group_id=group_id,
        role=role,
        certainty=certainty,
        status=_status_of(valid_to, at),
        valid_from=valid_from,
        valid_to=valid_to,
        **entered(
            viewer,
            WRITE,
            given,
            kind=Reviewed.MEMBERSHIP,
            at=at,
            births=(person.birth_date,),
        ),
    )
    db.add(membership)
    db.flush()
    _log(db, viewer, "membership:added", membership, at=at, collected=True)
    return membership


def correct_membership(
    db: Session,
    viewer: Viewer,
    membership_id: int,
    *,
    role: MembershipRole | None,
    certainty: Certainty | None,
    valid_from: datetime | None,
    valid_to: datetime | None,
    given: Provenance,
    at: datetime,
) -> None:
    """Correct a membership's part, certainty or days; person and group stay."""
    membership = _one(db, viewer, membership_id, at=at)
    period = Period(valid_from, valid_to)
    _check_period(db, viewer, membership.person_id, membership.group_id, period, but=membership_id)
    status = membership.status
    if status != MembershipStatus.DISPUTED.value:
        status = _status_of(valid_to, at).value
    changed = correct(
        membership,
        viewer,
        WRITE,
        at=at,
        given=given,
        role=role,
        certainty=certainty,
        valid_from=valid_from,
        valid_to=valid_to,
        status=status,
    )
    if changed:
        _log(db, viewer, "membership:corrected", membership, at=at, fields=changed)


def dispute_membership(
    db: Session, viewer: Viewer, membership_id: int, *, reason: str, at: datetime
) -> None:
    """Mark a membership as disputed: it counts for nothing until that is settled."""
    membership = _one(db, viewer, membership_id, at=at)
    if membership.status != MembershipStatus.CURRENT:
        raise RuleError(N_("Only a membership that holds now can be disputed."))
    _change_status(db, viewer, membership, MembershipStatus.DISPUTED, reason=reason, at=at)


def uphold_membership(
    db: Session, viewer: Viewer, membership_id: int, *, reason: str, at: datetime
) -> None:
    """Settle a dispute in favour of the membership: it counts again."""
    membership = _one(db, viewer, membership_id, at=at)
    if membership.status != MembershipStatus.DISPUTED:
        raise RuleError(N_("This membership is not disputed."))
    _change_status(db, viewer, membership, MembershipStatus.CURRENT, reason=reason, at=at)


def end_membership(
    db: Session,
    viewer: Viewer,
    membership_id: int,
    *,
    valid_to: datetime,
    reason: str,
    at: datetime,
) -> None:
    """End a membership on a day, with the reason; a day to come ends it when it comes."""
    membership = _one(db, viewer, membership_id, at=at)
    why, old = reasoned(reason), membership.status
    period = Period(membership.valid_from, valid_to)
    _check_period(db, viewer, membership.person_id, membership.group_id, period, but=membership_id)
    new = _status_of(valid_to, at)
    correct(membership, viewer, WRITE, at=at, valid_to=valid_to, status=new.value)
    status_changed(
        db, viewer, "membership", membership.id, old=old, new=new.value, at=at, reason=why
    )
    _log(db, viewer, "membership:ended", membership, at=at, fields=["status", "valid_to"])


def withdraw_membership(
    db: Session, viewer: Viewer, membership_id: int, *, reason: str, at: datetime
) -> None:
    """Withdraw a membership that never was."""
    membership = _one(db, viewer, membership_id, at=at)
    withdraw(membership, viewer, at=at, reason=reason)
    _log(db, viewer, "membership:withdrawn", membership, at=at)


def _one(db: Session, viewer: Viewer, membership_id: int, *, at: datetime) -> Membership:
    membership = the(db, viewer, Membership, membership_id, WRITE)
    facts_of(db, viewer, [membership.person_id], at=at)
    return membership


def _status_of(valid_to: datetime | None, at: datetime) -> MembershipStatus:
    is_over = valid_to is not None and valid_to <= at
    return MembershipStatus.ENDED if is_over else MembershipStatus.CURRENT


def _change_status(
    db: Session,
    viewer: Viewer,
    membership: Membership,
    status: MembershipStatus,
    *,
    reason: str,
    at: datetime,
) -> None:
    why, old = reasoned(reason), membership.status
    correct(membership, viewer, WRITE, at=at, status=status.value)
    status_changed(
        db, viewer, "membership", membership.id, old=old, new=status.value, at=at, reason=why
    )
    _log(db, viewer, "membership:status_changed", membership, at=at, fields=["status"])


def _check_period(
    db: Session, viewer: Viewer, person_id: int, group_id: int, period: Period, *, but: int | None
) -> None:
    period.check()
    same = and_(Membership.person_id == person_id, Membership.group_id == group_id)
    if is_recorded_then(db, viewer, Membership, same, period, permission=WRITE, but=but):
        raise RuleError(
            N_(
                "This person is recorded in that group for the same time already: correct or end"
                " that membership, or give other days."
            ),
            field="valid_from",
        )


def _log(
    db: Session,
    viewer: Viewer,
    kind: str,
    membership: Membership,
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
        membership=membership.id,
        person=membership.person_id,
        group=membership.group_id,
    )
