"""Requests to disclose: logged with their deadline, answered by a disclosure or refused."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.disclosure import SHORTEST_TEXT, Party, RequestStatus, side_of
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.text import N_
from gvi.store.models import DisclosureRequest, Person, User
from gvi.store.queries.disclosure_request import seen
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the


def log_request(
    db: Session,
    viewer: Viewer,
    person_id: int,
    *,
    party: Party,
    asked_by: str,
    organisation: str,
    asked_for: str,
    received_at: datetime,
    due_at: datetime,
    owner_id: int,
    at: datetime,
) -> DisclosureRequest:
    """Log who asked for what about a person, and by when somebody of one's own side answers."""
    require(viewer, "disclosure_request:write")
    side = _side(viewer)
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    owner = db.get(User, owner_id)
    if (
        owner is None
        or owner.programme_id != viewer.programme_id
        or not owner.is_active
        or side_of(Role(owner.role)) is not side
        or owner.role == Role.ANALYST.value
    ):
        raise RuleError(N_("Choose a colleague of your own side who answers it."), field="owner")
    if party is side:
        raise RuleError(N_("Choose who asked: somebody outside your own side."), field="party")
    if received_at > at:
        raise RuleError(N_("It cannot have come in at a time to come."), field="received_at")
    if due_at <= received_at:
        raise RuleError(N_("The deadline comes after the request."), field="due_at")
    request = DisclosureRequest(
        programme_id=viewer.programme_id,
        person_id=person.id,
        side=side.value,
        party=party.value,
        asked_by=asked_by.strip(),
        organisation=organisation.strip(),
        asked_for=asked_for.strip(),
        received_at=received_at,
        due_at=due_at,
        owner_id=owner.id,
        recorded_by_id=viewer.user_id,
        status=RequestStatus.OPEN.value,
    )
    db.add(request)
    db.flush()
    _log(db, viewer, "logged", request, at=at, collected=True)
    return request


def refuse_request(
    db: Session, viewer: Viewer, request_id: int, *, reason: str, at: datetime
) -> DisclosureRequest:
    """Refuse a request, with the reason; raises RuleError without one."""
    request = open_request(db, viewer, request_id)
    if len(reason.strip()) < SHORTEST_TEXT:
        raise RuleError(
            N_("Say why in a sentence that somebody else can judge, at least %(length)s letters."),
            field="reason",
            length=SHORTEST_TEXT,
        )
    request.refusal_reason = reason.strip()
    close_request(db, viewer, request, RequestStatus.REFUSED, at=at)
    return request


def open_request(db: Session, viewer: Viewer, request_id: int) -> DisclosureRequest:
    """Load an open request to the viewer's side; raises NotFoundError otherwise."""
    require(viewer, "disclosure_request:write")
    found = db.execute(
        select(DisclosureRequest).where(
            DisclosureRequest.id == request_id,
            DisclosureRequest.status == RequestStatus.OPEN.value,
            seen(viewer),
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no such request, or it is not for you."))
    return found


def close_request(
    db: Session, viewer: Viewer, request: DisclosureRequest, status: RequestStatus, *, at: datetime
) -> None:
    """Mark a request as answered or refused, by the viewer, now."""
    request.status = status.value
    request.answered_at, request.answered_by_id = at, viewer.user_id
    db.flush()
    act = "turned_down" if status is RequestStatus.REFUSED else "fulfilled"
    _log(db, viewer, act, request, at=at)


def _log(
    db: Session,
    viewer: Viewer,
    act: str,
    request: DisclosureRequest,
    *,
    at: datetime,
    collected: bool = False,
) -> None:
    log_change(
        db,
        viewer,
        f"disclosure_request:{act}",
        at=at,
        collected=collected,
        person=request.person_id,
        disclosure_request=request.id,
    )


def _side(viewer: Viewer) -> Party:
    side = side_of(viewer.role)
    if side is None or viewer.user_id is None:
        raise NotAllowedError(N_("Your role does not give the right to do this."))
    return side
