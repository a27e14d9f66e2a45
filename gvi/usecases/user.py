"""Users and their rights to be here, and who works with whom."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.text import N_
from gvi.store.models import ClientAssignment, Person, User
from gvi.usecases.facts import log_change
from gvi.usecases.passkey import forget_passkeys
from gvi.usecases.passphrase import start_with
from gvi.usecases.provider_link import forget_link
from gvi.usecases.rights import require, the
from gvi.usecases.session import end_sessions
from gvi.usecases.token import revoke_tokens_of


def choose_language(db: Session, viewer: Viewer, language: str) -> None:
    """Keep the language a user chose for the next visits."""
    db.execute(update(User).where(User.id == viewer.user_id).values(language=language))


def add_user(
    db: Session,
    viewer: Viewer,
    *,
    username: str,
    display_name: str,
    role: str,
    passphrase: str | None,
    at: datetime,
    team: str = "",
    language: str = "sv",
) -> User:
    """Add a user with a passphrase to start with, which opens only the choice of an own one.

    Raises RuleError for a name that is taken or a passphrase that is too easy.
    """
    require(viewer, "user:write")
    wanted = username.strip().lower()
    if not wanted or not display_name.strip():
        raise RuleError(N_("Give both a user name and the name people know."), field="username")
    if role not in list(Role):
        raise RuleError(N_("There is no such role."), field="role")
    taken = db.execute(select(User.id).where(User.username == wanted)).first()
    if taken:
        raise RuleError(N_("That user name is taken; choose another."), field="username")
    user = User(
        programme_id=viewer.programme_id,
        username=wanted,
        display_name=display_name.strip(),
        role=role,
        team=team.strip(),
        language=language,
        created_at=at,
    )
    if passphrase is not None:
        start_with(user, passphrase, at=at)
    db.add(user)
    db.flush()
    log_change(db, viewer, "user:added", at=at, collected=True, user=user.id)
    return user


def change_user(
    db: Session,
    viewer: Viewer,
    user_id: int,
    *,
    at: datetime,
    role: str,
    team: str,
    is_active: bool,
) -> User:
    """Change what a user may do; ends the user's open sessions, so that it holds at once.

    Tokens are revoked with another role or a stop: programs do not go on under rights that their
    user never had in mind. A stop removes passkeys and the link to a provider of single sign-on,
    too: neither opens anything for somebody who is let in again later.
    """
    user = the(db, viewer, User, user_id, "user:write")
    if user.id == viewer.user_id and (not is_active or role != user.role):
        raise RuleError(N_("Ask another administrator to change your own role."), field="role")
    if not is_active:
        revoke_tokens_of(db, viewer, user.id, reason="The user was stopped.", at=at)
        forget_passkeys(db, viewer, user.id, at=at)
        forget_link(db, viewer, user.id, at=at)
    elif role != user.role:
        revoke_tokens_of(db, viewer, user.id, reason="The user got another role.", at=at)
    user.role, user.team, user.is_active = role, team.strip(), is_active
    end_sessions(db, user.id)
    log_change(db, viewer, "user:changed", at=at, user=user.id)
    return user


def assign_client(
    db: Session, viewer: Viewer, person_id: int, user_id: int, *, at: datetime, reason: str = ""
) -> None:
    """Make a person a worker's own client; the worker sees the person from then on.

    A lead assigns within the own team only. Raises RuleError when it is so already.
    """
    require(viewer, "client:assign")
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    worker = db.get(User, user_id)
    if worker is None or worker.programme_id != viewer.programme_id or not worker.is_active:
        raise NotFoundError(N_("There is no such worker."))
    if worker.role not in (Role.OUTREACH, Role.OUTREACH_LEAD, Role.PROBATION):
        raise RuleError(N_("Only outreach and probation have clients."), field="user")
    if viewer.role is Role.OUTREACH_LEAD and worker.team != viewer.team:
        raise RuleError(N_("A lead assigns clients within the own team."), field="user")
    held = db.execute(
        select(ClientAssignment.id).where(
            ClientAssignment.person_id == person.id,
            ClientAssignment.user_id == worker.id,
            ClientAssignment.ended_at.is_(None),
        )
    ).first()
    if held:
        raise RuleError(N_("That person is this worker's client already."), field="user")
    db.add(
        ClientAssignment(
            programme_id=viewer.programme_id,
            person_id=person.id,
            user_id=worker.id,
            assigned_at=at,
            assigned_by_id=viewer.user_id,
            reason=reason.strip(),
        )
    )
    log_change(db, viewer, "client:assigned", at=at, person=person.id, user=worker.id)


def end_assignment(
    db: Session, viewer: Viewer, person_id: int, user_id: int, *, at: datetime, reason: str
) -> None:
    """End a worker's hold of a client; the worker no longer sees the person."""
    require(viewer, "client:assign")
    the(db, viewer, Person, person_id, "person:read", person="id")
    if not reason.strip():
        raise RuleError(N_("Say why, so that the next worker understands."), field="reason")
    held = db.execute(
        select(ClientAssignment).where(
            ClientAssignment.programme_id == viewer.programme_id,
            ClientAssignment.person_id == person_id,
            ClientAssignment.user_id == user_id,
            ClientAssignment.ended_at.is_(None),
        )
    ).scalars()
    ended = list(held)
    if not ended:
        raise NotFoundError(N_("That person is not this worker's client."))
    for assignment in ended:
        assignment.ended_at, assignment.reason = at, reason.strip()
    db.flush()
    log_change(db, viewer, "client:unassigned", at=at, person=person_id, user=user_id)
