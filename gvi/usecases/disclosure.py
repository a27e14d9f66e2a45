"""Disclosing: written with its ground and conditions, decided by a named person, and ended."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.disclosure import (
    DECIDERS,
    LONGEST_DAYS,
    SHORTEST_TEXT,
    DisclosureStatus,
    Ground,
    Party,
    RequestStatus,
    check_age,
    check_conditions,
    check_way,
    side_of,
)
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.person import is_adult
from gvi.domain.text import N_
from gvi.domain.time import end_of_day, local_day
from gvi.store import audit
from gvi.store.models import Disclosure, DisclosureRequest, Person, User
from gvi.store.queries.consent import consent
from gvi.store.queries.disclosable import disclosable
from gvi.usecases.disclosure_draft import (
    Act,
    Draft,
    copied,
    keep,
    written,
)
from gvi.usecases.disclosure_request import close_request, open_request
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the


def disclose(
    db: Session, viewer: Viewer, person_id: int, draft: Draft, *, at: datetime, zone: ZoneInfo
) -> Disclosure:
    """Write a disclosure; it is made at once where the writer decides, and waits otherwise.

    Raises RuleError, by the field, where the ground does not cover it, a condition is not met, the
    person is too old, the recipient or decider cannot be that, or nothing is chosen.
    """
    require(viewer, "disclosure:write")
    side = _side(viewer)
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    act = Act(db, viewer, person, side, at, zone)
    check_way(draft.ground, side, draft.recipient.party)
    check_age(draft.ground, person.birth_date, act.day, draft.age_statement)
    check_conditions(draft.ground, draft.conditions, draft.weighing)
    _check_people(act, draft)
    _check_end(act, draft)
    lines = [*copied(draft, disclosable(db, viewer, person.id, act.asked)), *written(act, draft)]
    if not lines:
        raise RuleError(N_("Choose at least one line, or write some words."), field="lines")
    names = sorted({f"{line.part}.{name}" for line in lines for name in line.fields})
    _check_consent(act, draft, names)
    _check_request(act, draft)
    made = _store(act, draft, names)
    keep(db, made, lines)
    _log(db, viewer, "proposed", made, at=at, fields=names)
    if draft.decider_id == viewer.user_id:
        decide(db, viewer, made.id, at=at, zone=zone)
    return made


def decide(
    db: Session, viewer: Viewer, disclosure_id: int, *, at: datetime, zone: ZoneInfo
) -> Disclosure:
    """Let it leave: only by the one who was named to decide; the ground is checked again."""
    made = _waiting(db, viewer, disclosure_id)
    person = db.get_one(Person, made.person_id)
    day = local_day(at, zone)
    ground = Ground(made.ground)
    check_age(ground, person.birth_date, day, made.age_statement)
    if made.expires_at <= at:
        raise RuleError(N_("Its last day has passed. Write a new one."))
    if made.consent_id is not None:
        found = consent(db, viewer, person.id, made.consent_id, day=day)
        if not found.holds:
            raise RuleError(N_("The consent does not hold any more. Do not disclose."))
    made.status = DisclosureStatus.DISCLOSED.value
    made.decided_at, made.decided_by_id = at, viewer.user_id
    _log_disclosed(db, viewer, made, at=at)
    if made.request_id is not None:
        request = db.get_one(DisclosureRequest, made.request_id)
        if request.status == RequestStatus.OPEN.value:
            close_request(db, viewer, request, RequestStatus.ANSWERED, at=at)
    return made


def decline(
    db: Session, viewer: Viewer, disclosure_id: int, *, reason: str, at: datetime
) -> Disclosure:
    """Say no to a written disclosure, with the reason; nothing has left, nothing will."""
    made = _waiting(db, viewer, disclosure_id)
    _check_reason(reason)
    made.status, made.decline_reason = DisclosureStatus.DECLINED.value, reason.strip()
    made.decided_at, made.decided_by_id = at, viewer.user_id
    _log(db, viewer, "declined", made, at=at)
    return made


def withdraw_disclosure(
    db: Session, viewer: Viewer, disclosure_id: int, *, reason: str, at: datetime
) -> Disclosure:
    """Hide a disclosure from its recipient at once; by its writer, its decider or a coordinator.

    Raises NotFoundError where there is none of the viewer's side.
    """
    require(viewer, "disclosure:write")
    made = db.execute(
        select(Disclosure).where(
            Disclosure.id == disclosure_id,
            Disclosure.programme_id == viewer.programme_id,
            Disclosure.side == _side(viewer).value,
            Disclosure.status != DisclosureStatus.DECLINED.value,
            Disclosure.withdrawn_at.is_(None),
            Disclosure.expires_at > at,
        )
    ).scalar_one_or_none()
    is_coordinator = viewer.role in {Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL}
    if made is None or not (
        is_coordinator or viewer.user_id in {made.written_by_id, made.decider_id}
    ):
        raise NotFoundError(N_("There is no such disclosure, or it is not for you."))
    _check_reason(reason)
    made.withdrawn_at, made.withdrawn_by_id = at, viewer.user_id
    made.withdrawal_reason = reason.strip()
    _log(db, viewer, "withdrawn", made, at=at)
    return made


# What may not be


def _side(viewer: Viewer) -> Party:
    side = side_of(viewer.role)
    if side is None or viewer.user_id is None:
        raise NotAllowedError(N_("Your role does not give the right to do this."))
    return side


def _check_end(act: Act, draft: Draft) -> None:
    if not act.day < draft.expires_on <= act.day + timedelta(days=LONGEST_DAYS):
        raise RuleError(
            N_("Choose a last day after today, at most %(days)s days ahead."),
            field="expires_on",
            days=LONGEST_DAYS,
        )


def _check_people(act: Act, draft: Draft) -> None:
    to = draft.recipient
    if to.user_id is None:
        if not to.name.strip() or not to.organisation.strip():
            raise RuleError(
                N_("Name a user, or somebody outside with both name and organisation."),
                field="recipient",
            )
    elif side_of(_role_of(act, to.user_id)) is not to.party:
        raise RuleError(N_("Choose a recipient of the side that it goes to."), field="recipient")
    if _role_of(act, draft.decider_id) not in DECIDERS[act.side]:
        raise RuleError(
            N_("Choose somebody of your own side who may decide this."), field="decider"
        )


def _role_of(act: Act, user_id: int) -> Role | None:
    role = act.db.execute(
        select(User.role).where(
            User.id == user_id, User.programme_id == act.viewer.programme_id, User.is_active
        )
    ).scalar_one_or_none()
    return Role(role) if role else None


def _check_consent(act: Act, draft: Draft, names: list[str]) -> None:
    if draft.ground is not Ground.CONSENT:
        return
    if draft.consent_id is None:
        raise RuleError(N_("Choose the consent it rests on."), field="consent")
    found = consent(act.db, act.viewer, act.person.id, draft.consent_id, day=act.day)
    if not found.holds:
        raise RuleError(N_("That consent does not hold any more."), field="consent")
    if not is_adult(act.person.birth_date, act.day) and not found.by_guardian:
        raise RuleError(N_("Somebody under 18 needs the guardians’ consent too."), field="consent")
    if found.party is not draft.recipient.party or {name.partition(".")[0] for name in names} - set(
        found.parts
    ):
        raise RuleError(
            N_("The consent does not cover all of this. Choose less, or ask the person."),
            field="consent",
        )


def _check_request(act: Act, draft: Draft) -> None:
    if draft.request_id is None:
        return
    request = open_request(act.db, act.viewer, draft.request_id)
    if request.person_id != act.person.id or request.party != draft.recipient.party.value:
        raise RuleError(N_("The request is about another person, or from another side."))


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_TEXT:
        raise RuleError(
            N_("Say why in a sentence that somebody else can judge, at least %(length)s letters."),
            field="reason",
            length=SHORTEST_TEXT,
        )


# What is kept of it


def _store(act: Act, draft: Draft, names: list[str]) -> Disclosure:
    viewer = act.viewer
    to, is_outside = draft.recipient, draft.recipient.user_id is None
    made = Disclosure(
        programme_id=viewer.programme_id,
        person_id=act.person.id,
        side=act.side.value,
        party=to.party.value,
        ground=draft.ground.value,
        conditions=" ".join(sorted(set(draft.conditions))),
        weighing=draft.weighing.strip(),
        age_statement=draft.age_statement.strip(),
        purpose=draft.purpose.value,
        fields=" ".join(names),
        consent_id=draft.consent_id if draft.ground is Ground.CONSENT else None,
        request_id=draft.request_id,
        recipient_id=to.user_id,
        recipient_name=to.name.strip() if is_outside else "",
        organisation=to.organisation.strip() if is_outside else "",
        written_by_id=viewer.user_id,
        written_at=act.at,
        expires_at=end_of_day(draft.expires_on, act.zone),
        decider_id=draft.decider_id,
        status=DisclosureStatus.PROPOSED.value,
    )
    act.db.add(made)
    act.db.flush()
    return made


def _waiting(db: Session, viewer: Viewer, disclosure_id: int) -> Disclosure:
    require(viewer, "disclosure:decide")
    made = db.execute(
        select(Disclosure).where(
            Disclosure.id == disclosure_id,
            Disclosure.programme_id == viewer.programme_id,
            Disclosure.side == _side(viewer).value,
            Disclosure.decider_id == viewer.user_id,
            Disclosure.status == DisclosureStatus.PROPOSED.value,
            Disclosure.withdrawn_at.is_(None),
        )
    ).scalar_one_or_none()
    if made is None:
        raise NotFoundError(N_("There is nothing here that waits for your decision."))
    return made


def _log(
    db: Session,
    viewer: Viewer,
    act: str,
    made: Disclosure,
    *,
    at: datetime,
    fields: list[str] | None = None,
) -> None:
    log_change(
        db,
        viewer,
        f"disclosure:{act}",
        at=at,
        fields=fields,
        person=made.person_id,
        user=made.recipient_id,
        disclosure=made.id,
    )


def _log_disclosed(db: Session, viewer: Viewer, made: Disclosure, *, at: datetime) -> None:
    """Log the act with its ground and the names of the fields, never what they say."""
    audit.append(
        db,
        viewer,
        AuditVerb.DISCLOSED,
        "disclosure:disclosed",
        at=at,
        subjects={
            "person": [made.person_id],
            "user": [made.recipient_id] if made.recipient_id else [],
            "disclosure": [made.id],
        },
        detail={
            "ground": made.ground,
            "to": made.party,
            "fields": made.fields.split(),
            "written_by": made.written_by_id,
            "outside": made.recipient_id is None,
        },
        purpose=made.purpose,
    )
