"""What the ranking pages show beside a score: whether anything has been offered or planned."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, union, union_all
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.action import OPEN_ACTIONS
from gvi.domain.call_in import CallInStatus, InviteeStatus
from gvi.domain.custom_notification import OPEN_STATUSES
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.store.known import known, valid_at
from gvi.store.models import (
    Action,
    CallIn,
    CallInGroup,
    CustomNotification,
    Invitee,
    Membership,
    MessageDelivery,
)
from gvi.store.queries.correction import without_disputes
from gvi.store.queries.rights import asker, visible
from gvi.store.types import Instant

MESSAGE_LASTS_DAYS = 365
"""A message older than twelve months no longer counts as heard (design §5)."""

_OVER = (
    CallInStatus.HELD.value,
    CallInStatus.FOLLOWED_UP.value,
    CallInStatus.CLOSED.value,
    CallInStatus.CANCELLED.value,
)


def people_with_something_offered(db: Session, viewer: Viewer, at: datetime) -> frozenset[int]:
    """Find the people who heard the message in the last year, or for whom something is planned.

    Support is left out on purpose: whether social services offered help is not for those who see
    the ranking, so the flag "ranked, nothing offered" must not depend on it.
    """
    heard = select(MessageDelivery.person_id).where(
        visible(MessageDelivery.__table__.c, viewer, "message:read"),
        MessageDelivery.delivered_at > at - timedelta(days=MESSAGE_LASTS_DAYS),
        MessageDelivery.delivered_at <= at,
    )
    planned = select(CustomNotification.person_id).where(
        visible(CustomNotification.__table__.c, viewer, "custom_notification:list"),
        CustomNotification.status.in_(sorted(OPEN_STATUSES)),
    )
    invited = (
        select(Invitee.person_id)
        .join(CallIn, CallIn.id == Invitee.call_in_id)
        .where(
            visible(CallIn.__table__.c, viewer, "invitee:read"),
            CallIn.status.not_in(_OVER),
            Invitee.status != InviteeStatus.WITHDRAWN.value,
        )
    )
    decided = select(Action.person_id).where(
        visible(Action.__table__.c, viewer, "action_text:read", owner=Action.owner_id),
        without_disputes(Action.__table__.c, viewer),
        Action.status.in_(sorted(OPEN_ACTIONS)),
        Action.person_id.is_not(None),
    )
    return frozenset(db.execute(union(heard, planned, invited, decided)).scalars())


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """The first thing planned for a group: a visit to a member, a call-in, or an action."""

    kind: str
    """custom_notification, call_in or action."""
    id: int
    due_at: datetime


def next_actions_of_groups(db: Session, viewer: Viewer, at: datetime) -> dict[int, NextAction]:
    """Find what is due first for each group, among what the viewer may see."""
    rows = db.execute(_planned(asker(viewer)), {"at": at})
    return {row.group_id: NextAction(kind=row.kind, id=row.id, due_at=row.due_at) for row in rows}


@lru_cache(maxsize=256)
def _planned(viewer: Viewer) -> Select[Any]:
    """Select everything planned for groups, what is due first last."""
    members, at = known(Membership, None), bindparam("at", type_=Instant)
    visits = (
        select(
            members.c.group_id,
            literal("custom_notification").label("kind"),
            CustomNotification.id,
            CustomNotification.due_at,
        )
        .join(members, members.c.person_id == CustomNotification.person_id)
        .where(
            visible(CustomNotification.__table__.c, viewer, "custom_notification:list"),
            visible(members.c, viewer, "membership:read"),
            members.c.status == MembershipStatus.CURRENT.value,
            func.coalesce(members.c.role, "") != MembershipRole.FORMER.value,
            CustomNotification.status.in_(sorted(OPEN_STATUSES)),
            *valid_at(members, at),
        )
    )
    call_ins = (
        select(CallInGroup.group_id, literal("call_in"), CallIn.id, CallIn.starts_at)
        .join(CallIn, CallIn.id == CallInGroup.call_in_id)
        .where(
            visible(CallIn.__table__.c, viewer, "call_in:list"),
            CallIn.status.not_in(_OVER),
            CallIn.starts_at > at,
        )
    )
    actions = select(Action.group_id, literal("action"), Action.id, Action.due_at).where(
        visible(Action.__table__.c, viewer, "action_text:read", owner=Action.owner_id),
        without_disputes(Action.__table__.c, viewer),
        Action.group_id.is_not(None),
        Action.status.in_(sorted(OPEN_ACTIONS)),
    )
    everything = union_all(visits, call_ins, actions).subquery("planned")
    return select(everything).order_by(everything.c.due_at.desc(), everything.c.id.desc())
