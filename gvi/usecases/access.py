"""Access beyond the table of rights: a named grant with an end, and breaking the glass."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer, allows
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.person import is_adult
from gvi.domain.section import (
    BREAK_GLASS_HOURS,
    FAILED_TRIES_A_DAY,
    LONGEST_DAYS,
    SECTIONS,
    SHORTEST_REASON,
    AccessKind,
    Section,
    openable,
)
from gvi.domain.text import N_
from gvi.domain.time import end_of_day, local_day
from gvi.store import audit
from gvi.store.models import AccessGrant, AccessNotice, AccessSection, Person, User
from gvi.store.queries.access import (
    FAILED,
    Called,
    access_to_person,
    failed_tries,
    people_called,
    those_to_be_told,
)
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the


def give_access(
    db: Session,
    viewer: Viewer,
    person_id: int,
    user_id: int,
    sections: Collection[Section],
    *,
    reason: str,
    ends_on: date,
    at: datetime,
    zone: ZoneInfo,
) -> AccessGrant:
    """Open parts of a person's record to one user, to the end of a day.

    Raises RuleError without a reason or a part, for a day too far away, and for a part that may
    never be opened to that role; NotAllowedError for a part that is not the giver's to open.
    """
    held = require(viewer, "access:give")
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    user = _colleague(db, viewer, user_id)
    day = local_day(at, zone)
    _check_reason(reason)
    _check_sections(sections, Role(user.role), is_child=not is_adult(person.birth_date, day))
    if any(SECTIONS[section].side not in held.compartments for section in sections):
        raise NotAllowedError(N_("That part of the record is not yours to open."))
    if not day < ends_on <= day + timedelta(days=LONGEST_DAYS):
        raise RuleError(
            N_("Choose a last day after today, at most %(days)s days ahead."),
            field="ends_on",
            days=LONGEST_DAYS,
        )
    return _open(
        db,
        viewer,
        person.id,
        user.id,
        sections,
        kind=AccessKind.NAMED,
        reason=reason,
        at=at,
        ends_at=end_of_day(ends_on, zone),
    )


def break_glass(
    db: Session,
    viewer: Viewer,
    called: str,
    sections: Collection[Section],
    *,
    reason: str,
    at: datetime,
    zone: ZoneInfo,
) -> AccessGrant:
    """Open parts of a record to oneself for some hours, because a life is in danger.

    Whoever answers for the record is told at once, by name, and so is the data protection officer.
    The person is given by code name, number or whole name. Raises RuleError where nobody answers
    to that; `note_failed_try` must then be called, in the transaction that is kept.
    """
    require(viewer, "break_glass:use")
    if viewer.user_id is None or viewer.role is None:
        raise NotAllowedError(N_("Only somebody who is logged in can break the glass."))
    _check_reason(reason)
    # Before anybody is looked for, so that the answer tells nothing of who is known here.
    _check_sections(sections, viewer.role, is_child=False, in_emergency=True)
    if failed_tries(db, viewer, since=at - timedelta(days=1)) >= FAILED_TRIES_A_DAY:
        raise RuleError(N_("Too many tries in vain today. Ring the coordinator on duty instead."))
    found = people_called(db, viewer.programme_id, called)
    day = local_day(at, zone)
    if len(found) != 1 or not _may_be_broken(viewer.role, found[0], sections, day):
        raise RuleError(
            N_("Nobody is found by that, or more than one. Give the code name or the whole name."),
            field="called",
        )
    grant = _open(
        db,
        viewer,
        found[0].id,
        viewer.user_id,
        sections,
        kind=AccessKind.BREAK_GLASS,
        reason=reason,
        at=at,
        ends_at=at + timedelta(hours=BREAK_GLASS_HOURS),
    )
    told = those_to_be_told(db, viewer, grant.person_id, sections)
    db.add_all(AccessNotice(grant_id=grant.id, user_id=user_id) for user_id in told)
    return grant


def _may_be_broken(role: Role, found: Called, sections: Collection[Section], day: date) -> bool:
    """Tell whether these parts of this person can be taken; a child is nobody to most roles."""
    child = not is_adult(found.birth_date, day)
    return set(sections) <= set(openable(role, is_child=child, in_emergency=True))


def note_failed_try(db: Session, viewer: Viewer, *, at: datetime) -> None:
    """Log that somebody broke the glass for nobody; what was typed is not kept."""
    audit.append(db, viewer, AuditVerb.ACCESS, FAILED, at=at)


def end_access(db: Session, viewer: Viewer, grant_id: int, *, at: datetime) -> None:
    """End a grant before its time: by those who may give, or by the one who holds it.

    Raises NotFoundError where there is none in force for the viewer.
    """
    grant = db.execute(
        select(AccessGrant).where(
            AccessGrant.id == grant_id,
            AccessGrant.programme_id == viewer.programme_id,
            AccessGrant.ended_at.is_(None),
            AccessGrant.ends_at > at,
        )
    ).scalar_one_or_none()
    if grant is None or not _may_end(db, viewer, grant, at=at):
        raise NotFoundError(N_("There is no such access in force."))
    grant.ended_at, grant.ended_by_id = at, viewer.user_id
    db.flush()
    _log(db, viewer, "access:ended", grant, at=at)


def mark_seen(db: Session, viewer: Viewer, grant_id: int, *, at: datetime) -> None:
    """Say that one has seen the notice of a broken glass; only one's own notice can be said so."""
    require(viewer, "own_record:read")
    found = db.execute(
        update(AccessNotice)
        .where(
            AccessNotice.grant_id == grant_id,
            AccessNotice.user_id == viewer.user_id,
            AccessNotice.seen_at.is_(None),
        )
        .values(seen_at=at)
    )
    if not found.rowcount:  # type: ignore[attr-defined]
        raise NotFoundError(N_("There is no such notice for you."))
    audit.append(
        db,
        viewer,
        AuditVerb.CHANGED,
        "access:notice_seen",
        at=at,
        subjects={"access": [grant_id]},
    )


def _open(
    db: Session,
    viewer: Viewer,
    person_id: int,
    user_id: int,
    sections: Iterable[Section],
    *,
    kind: AccessKind,
    reason: str,
    at: datetime,
    ends_at: datetime,
) -> AccessGrant:
    if viewer.user_id is None:
        raise NotAllowedError(N_("Access is given by somebody who is logged in."))
    grant = AccessGrant(
        programme_id=viewer.programme_id,
        person_id=person_id,
        user_id=user_id,
        kind=kind.value,
        reason=reason.strip(),
        given_by_id=viewer.user_id,
        given_at=at,
        ends_at=ends_at,
    )
    db.add(grant)
    db.flush()
    opened = sorted(set(sections))
    db.add_all(AccessSection(grant_id=grant.id, section=section.value) for section in opened)
    db.flush()
    act = "granted" if kind is AccessKind.NAMED else "break_glass"
    _log(db, viewer, f"access:{act}", grant, at=at, fields=[each.value for each in opened])
    return grant


def _log(
    db: Session,
    viewer: Viewer,
    kind: str,
    grant: AccessGrant,
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
        person=grant.person_id,
        user=grant.user_id,
        access=grant.id,
    )


def _colleague(db: Session, viewer: Viewer, user_id: int) -> User:
    user = db.execute(
        select(User).where(
            User.id == user_id, User.programme_id == viewer.programme_id, User.is_active
        )
    ).scalar_one_or_none()
    if user is None or user.id == viewer.user_id:
        raise RuleError(N_("Choose a colleague who may log in, not yourself."), field="user")
    return user


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise RuleError(
            N_("Say why in a sentence that somebody else can judge, at least %(length)s letters."),
            field="reason",
            length=SHORTEST_REASON,
        )


def _check_sections(
    sections: Collection[Section], role: Role, *, is_child: bool, in_emergency: bool = False
) -> None:
    if not sections:
        raise RuleError(N_("Choose which parts of the record are opened."), field="sections")
    allowed = openable(role, is_child=is_child, in_emergency=in_emergency)
    if not set(sections) <= set(allowed):
        raise RuleError(
            N_("One of these parts can never be opened to that role. Choose fewer."),
            field="sections",
        )


def _may_end(db: Session, viewer: Viewer, grant: AccessGrant, *, at: datetime) -> bool:
    if grant.user_id == viewer.user_id:
        return True
    if not allows(viewer, "access:give"):
        return False
    rows = access_to_person(db, viewer, grant.person_id, at=at)
    return grant.id in {row.id for row in rows}
