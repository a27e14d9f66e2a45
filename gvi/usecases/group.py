"""Groups: adding, correcting, changing where a group stands, and withdrawing one never real."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.group import GroupKind, GroupStatus
from gvi.domain.review import Reviewed
from gvi.domain.text import N_
from gvi.store.models import Group, GroupAlias, GroupRelation, Membership
from gvi.usecases.changes import reasoned, status_changed
from gvi.usecases.facts import Provenance, correct, entered, log_change, withdraw
from gvi.usecases.rights import require, the


def add_group(
    db: Session,
    viewer: Viewer,
    *,
    name: str,
    given: Provenance,
    at: datetime,
    kind: GroupKind | None = None,
    status: GroupStatus = GroupStatus.CANDIDATE,
    area: str = "",
    note: str = "",
    aliases: Iterable[str] = (),
) -> Group:
    """Add a group to the map; raises RuleError for a name another group has."""
    require(viewer, "group:write")
    called = _free_name(db, viewer, name, but=None)
    group = Group(
        name=called,
        kind=kind,
        status=status,
        area=area.strip(),
        note=note.strip(),
        **entered(viewer, "group:write", given, kind=Reviewed.GROUP, at=at),
    )
    db.add(group)
    db.flush()
    _set_aliases(db, group, aliases)
    status_changed(db, viewer, "group", group.id, old=None, new=status, at=at)
    log_change(db, viewer, "group:added", at=at, collected=True, group=group.id)
    return group


def correct_group(
    db: Session,
    viewer: Viewer,
    group_id: int,
    *,
    name: str,
    kind: GroupKind | None,
    area: str,
    note: str,
    aliases: Iterable[str],
    given: Provenance,
    at: datetime,
) -> None:
    """Correct what is known of a group; its status has an act of its own."""
    group = the(db, viewer, Group, group_id, "group:write")
    changed = correct(
        group,
        viewer,
        "group:write",
        at=at,
        given=given,
        name=_free_name(db, viewer, name, but=group_id),
        kind=kind,
        area=area.strip(),
        note=note.strip(),
    )
    if _set_aliases(db, group, aliases):
        changed.append("aliases")
    if changed:
        log_change(db, viewer, "group:corrected", at=at, fields=changed, group=group.id)


def change_group_status(
    db: Session, viewer: Viewer, group_id: int, *, status: GroupStatus, reason: str, at: datetime
) -> None:
    """Say where a group stands now, and why; the change is dated and signed."""
    group = the(db, viewer, Group, group_id, "group:write")
    why, old = reasoned(reason), group.status
    if status == old:
        raise RuleError(N_("The group has that status already."), field="status")
    correct(group, viewer, "group:write", at=at, status=status.value)
    status_changed(db, viewer, "group", group.id, old=old, new=status, at=at, reason=why)
    log_change(db, viewer, "group:status_changed", at=at, fields=["status"], group=group.id)


def withdraw_group(
    db: Session, viewer: Viewer, group_id: int, *, reason: str, at: datetime
) -> None:
    """Withdraw a group that was never one; refused while people or relations are in it."""
    group = the(db, viewer, Group, group_id, "group:write")
    memberships = select(Membership.id).where(
        Membership.group_id == group_id, Membership.withdrawn_at.is_(None)
    )
    relations = select(GroupRelation.id).where(
        or_(GroupRelation.group_a_id == group_id, GroupRelation.group_b_id == group_id),
        GroupRelation.withdrawn_at.is_(None),
    )
    if db.execute(memberships.union(relations).limit(1)).first():
        raise RuleError(
            N_(
                "Memberships or relations of this group are still recorded. Withdraw those first,"
                " or change the status to rejected."
            )
        )
    withdraw(group, viewer, at=at, reason=reason)
    log_change(db, viewer, "group:withdrawn", at=at, group=group.id)


def _free_name(db: Session, viewer: Viewer, name: str, *, but: int | None) -> str:
    called = " ".join(name.split())
    if not called:
        raise RuleError(N_("Give the group a name; what people call it is enough."), field="name")
    taken = select(Group.id).where(
        Group.programme_id == viewer.programme_id,
        func.lower(Group.name) == called.lower(),
        Group.withdrawn_at.is_(None),
    )
    if but is not None:
        taken = taken.where(Group.id != but)
    if db.execute(taken).first():
        raise RuleError(
            N_("There is a group of that name. Choose another, such as the name and the area."),
            field="name",
        )
    return called


def _set_aliases(db: Session, group: Group, aliases: Iterable[str]) -> bool:
    wanted = {" ".join(alias.split()) for alias in aliases} - {"", group.name}
    held = set(
        db.execute(select(GroupAlias.alias).where(GroupAlias.group_id == group.id)).scalars()
    )
    if gone := held - wanted:
        db.execute(
            delete(GroupAlias).where(GroupAlias.group_id == group.id, GroupAlias.alias.in_(gone))
        )
    db.add_all(GroupAlias(group_id=group.id, alias=alias) for alias in sorted(wanted - held))
    return wanted != held
