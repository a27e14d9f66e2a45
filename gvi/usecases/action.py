"""Actions: promise something by a day, do it, move it, drop it; and take a "done" back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Scope, Viewer, allows, grant
from gvi.domain.action import OPEN_ACTIONS, ActionKind, ActionStatus
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.grading import Compartment
from gvi.domain.text import N_
from gvi.store.models import Action, CallIn, Group, Incident, Person, StatusChange, User
from gvi.usecases.changes import due_moved, reasoned, status_changed
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, require_compartment, the
from gvi.usecases.session import viewer_of

NOUN = "action"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an action is about, where it is about something."""

    person_id: int | None = None
    group_id: int | None = None
    incident_id: int | None = None
    call_in_id: int | None = None


def compartments_of(viewer: Viewer) -> tuple[Compartment, ...]:
    """Give the compartments a viewer's actions may lie in, the usual one first."""
    usual = {
        Role.COORDINATOR_POLICE: (Compartment.SHARED, Compartment.POLICE),
        Role.COORDINATOR_MUNICIPAL: (Compartment.SHARED, Compartment.SOCIAL),
        Role.ANALYST: (Compartment.POLICE,),
        Role.OUTREACH: (Compartment.SOCIAL,),
        Role.OUTREACH_LEAD: (Compartment.SOCIAL,),
        Role.PROBATION: (Compartment.PROBATION,),
    }
    return tuple(Compartment) if viewer.role is None else usual.get(viewer.role, ())


def add_action(
    db: Session,
    viewer: Viewer,
    *,
    text: str,
    due_at: datetime,
    owner_id: int | None,
    at: datetime,
    compartment: str = Compartment.SHARED.value,
    about: About | None = None,
) -> Action:
    """Decide that somebody does something by a time.

    Raises RuleError where there is no text, the time has passed, or the owner could not read it.
    """
    require_compartment(viewer, "action:write", compartment)
    if not text.strip():
        raise RuleError(N_("Say what is to be done."), field="text")
    check_due(due_at, at)
    _check_owner(db, viewer, owner_id, compartment)
    subject = about or About()
    _check_about(db, viewer, subject)
    action = Action(
        programme_id=viewer.programme_id,
        kind=ActionKind.DECISION.value,
        compartment=compartment,
        text=text.strip(),
        status=ActionStatus.DECIDED.value,
        owner_id=owner_id,
        due_at=due_at,
        person_id=subject.person_id,
        group_id=subject.group_id,
        incident_id=subject.incident_id,
        call_in_id=subject.call_in_id,
        created_at=at,
        created_by_id=viewer.user_id,
    )
    db.add(action)
    db.flush()
    log_change(
        db,
        viewer,
        "action:added",
        at=at,
        collected=True,
        action=action.id,
        person=subject.person_id,
    )
    return action


def check_due(due_at: datetime, at: datetime) -> None:
    """Refuse a time that has passed."""
    if due_at < at:
        raise RuleError(N_("That time has passed; choose one to come."), field="due_at")


def _check_owner(db: Session, viewer: Viewer, owner_id: int | None, compartment: str) -> None:
    held = require(viewer, "action:write")
    if held.scope is not Scope.ALL and owner_id != viewer.user_id:
        raise RuleError(N_("You can give actions to yourself only."), field="owner")
    if owner_id is None:
        raise RuleError(N_("Say who does it: what nobody owns is not done."), field="owner")
    owner = db.get(User, owner_id)
    if owner is None or owner.programme_id != viewer.programme_id or not owner.is_active:
        raise RuleError(N_("Choose somebody who works here."), field="owner")
    reads = grant(viewer_of(owner, ""), "action_text:read")
    if reads is None or compartment not in reads.compartments:
        raise RuleError(
            N_("%(name)s may not read this. Choose somebody else, or share it."),
            field="owner",
            name=owner.display_name,
        )


def check_disputer(db: Session, viewer: Viewer, owner_id: int) -> None:
    """Refuse somebody who may not see scores: a correction speaks of them."""
    owner = db.get(User, owner_id)
    if owner is None or owner.programme_id != viewer.programme_id or not owner.is_active:
        raise RuleError(N_("Choose somebody who works here."), field="owner")
    if not allows(viewer_of(owner, ""), "score:dispute"):
        raise RuleError(
            N_("%(name)s may not see scores. Choose the police coordinator or an analyst."),
            field="owner",
            name=owner.display_name,
        )


def _check_about(db: Session, viewer: Viewer, about: About) -> None:
    """Refuse what the viewer may not see: an action must not tell that it exists."""
    if about.person_id is not None:
        the(db, viewer, Person, about.person_id, "person:read", person="id")
    if about.group_id is not None:
        the(db, viewer, Group, about.group_id, "group:read")
    if about.incident_id is not None:
        the(db, viewer, Incident, about.incident_id, "incident:read")
    if about.call_in_id is not None:
        the(db, viewer, CallIn, about.call_in_id, "call_in:read")


def finish_action(
    db: Session, viewer: Viewer, action_id: int, *, at: datetime, outcome: str = ""
) -> Action:
    """Say that an action is done, and what came of it."""
    return _end(db, viewer, action_id, ActionStatus.DONE, at=at, outcome=outcome.strip())


def drop_action(
    db: Session, viewer: Viewer, action_id: int, *, at: datetime, reason: str
) -> Action:
    """Say that an action will not be done, and why."""
    said = reasoned(reason)
    return _end(db, viewer, action_id, ActionStatus.DROPPED, at=at, outcome=said)


def _end(
    db: Session,
    viewer: Viewer,
    action_id: int,
    status: ActionStatus,
    *,
    at: datetime,
    outcome: str,
) -> Action:
    action = _open_action(db, viewer, action_id)
    _change_status(db, viewer, action, status, at=at, reason=outcome)
    action.ended_at, action.ended_by_id, action.outcome = at, viewer.user_id, outcome
    log_change(db, viewer, f"action:{status.value}", at=at, action=action.id)
    return action


def undo_end(db: Session, viewer: Viewer, action_id: int, *, at: datetime) -> Action:
    """Take a "done" or "dropped" back: the action is again what it was before, and says so."""
    action = _the_action(db, viewer, action_id)
    if action.status in OPEN_ACTIONS:
        raise RuleError(N_("It is open already; there is nothing to take back."))
    before = db.execute(
        select(StatusChange.old)
        .where(
            StatusChange.thing == NOUN,
            StatusChange.thing_id == action.id,
            StatusChange.field == "status",
            StatusChange.old.in_(sorted(OPEN_ACTIONS)),
        )
        .order_by(StatusChange.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    status = ActionStatus(before) if before else ActionStatus.DECIDED
    _change_status(db, viewer, action, status, at=at, reason="")
    action.ended_at, action.ended_by_id, action.outcome = None, None, ""
    log_change(db, viewer, "action:undone", at=at, action=action.id)
    return action


def move_action(
    db: Session, viewer: Viewer, action_id: int, *, due_at: datetime, reason: str, at: datetime
) -> Action:
    """Move an action to another time; the old time and the reason stay in the record."""
    said = reasoned(reason)
    action = _open_action(db, viewer, action_id)
    check_due(due_at, at)
    if due_at == action.due_at:
        raise RuleError(N_("That is the time it has already."), field="due_at")
    due_moved(db, viewer, NOUN, action.id, old=action.due_at, new=due_at, at=at, reason=said)
    action.due_at = due_at
    log_change(db, viewer, "action:moved", at=at, action=action.id, fields=["due_at"])
    return action


def start_action(db: Session, viewer: Viewer, action_id: int, *, at: datetime) -> Action:
    """Say that somebody is at it."""
    action = _open_action(db, viewer, action_id)
    if action.status != ActionStatus.IN_PROGRESS:
        _change_status(db, viewer, action, ActionStatus.IN_PROGRESS, at=at, reason="")
        log_change(db, viewer, "action:started", at=at, action=action.id)
    return action


def hand_over_action(
    db: Session, viewer: Viewer, action_id: int, *, owner_id: int, reason: str, at: datetime
) -> Action:
    """Give an action to somebody else, who may read it; a correction to who may see scores."""
    action = _open_action(db, viewer, action_id)
    if action.kind == ActionKind.CORRECTION:
        check_disputer(db, viewer, owner_id)
    _check_owner(db, viewer, owner_id, action.compartment)
    if owner_id == action.owner_id:
        raise RuleError(N_("That is whose it is already."), field="owner")
    status_changed(
        db,
        viewer,
        NOUN,
        action.id,
        old=None if action.owner_id is None else str(action.owner_id),
        new=str(owner_id),
        at=at,
        reason=reason.strip(),
        field="owner",
    )
    action.owner_id = owner_id
    log_change(db, viewer, "action:handed_over", at=at, action=action.id, user=owner_id)
    return action


def _the_action(db: Session, viewer: Viewer, action_id: int) -> Action:
    """Load an action to change; a correction is there for nobody who may not see scores."""
    action = the(db, viewer, Action, action_id, "action:write", owner="owner_id")
    if action.kind == ActionKind.CORRECTION and not allows(viewer, "score:read"):
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return action


def _open_action(db: Session, viewer: Viewer, action_id: int) -> Action:
    action = _the_action(db, viewer, action_id)
    if action.status not in OPEN_ACTIONS:
        raise RuleError(N_("It has ended. Take that back first, if it was a mistake."))
    return action


def _change_status(
    db: Session,
    viewer: Viewer,
    action: Action,
    status: ActionStatus,
    *,
    at: datetime,
    reason: str,
) -> None:
    status_changed(
        db, viewer, NOUN, action.id, old=action.status, new=status.value, at=at, reason=reason
    )
    action.status = status.value
