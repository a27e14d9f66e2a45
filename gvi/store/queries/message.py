"""The message ledger: who was told which part, when, by whom, and on which occasion."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Subquery, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotFoundError
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.message import MESSAGE_LASTS, MessagePart, Occasion, SpokenLanguage
from gvi.domain.person import is_adult
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.known import Moment, known, valid_at
from gvi.store.models import CallIn, Group, Invitee, Membership, MessageDelivery, Person
from gvi.store.queries.membership import counted_now
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import asker, visible
from gvi.store.types import Instant

_D = MessageDelivery.__table__.c
_AT: ColumnElement[datetime] = bindparam("at", type_=Instant)
_SAID_AT: ColumnElement[datetime] = literal_column("message_deliveries.delivered_at", Instant)
"""When a delivery of the ledger was made, for what was known then, inside a question about it."""


class LastMessage(NamedTuple):
    """When somebody last heard the message, and where."""

    delivered_at: datetime
    occasion: Occasion


def last_message_of_people(db: Session, viewer: Viewer, at: datetime) -> dict[int, LastMessage]:
    """Give when each person last heard a part of the message, as known at `at`.

    Empty for a role that may not read the ledger.
    """
    if not allows(viewer, "message:read"):
        return {}
    return _latest(db, _heard_by_people(asker(viewer)), at)


@lru_cache(maxsize=256)
def _heard_by_people(viewer: Viewer) -> Select[Any]:
    query = select(_D.person_id, _D.delivered_at, _D.call_in_id).where(*_heard(viewer, _AT))
    return query.order_by(_D.delivered_at, _D.id)


def last_message_of_groups(db: Session, viewer: Viewer, at: datetime) -> dict[int, LastMessage]:
    """Give when a member of each group last heard a part of the message, as known at `at`."""
    if not allows(viewer, "message:read"):
        return {}
    return _latest(db, _heard_by_groups(asker(viewer)), at)


@lru_cache(maxsize=256)
def _heard_by_groups(viewer: Viewer) -> Select[Any]:
    members = _members(viewer, _AT)
    return (
        select(members.c.group_id, _D.delivered_at, _D.call_in_id)
        .join(members, members.c.person_id == _D.person_id)
        .where(*_heard(viewer, _AT))
        .order_by(_D.delivered_at, _D.id)
    )


def people_told(db: Session, viewer: Viewer, at: datetime) -> frozenset[int]:
    """Find the people who heard the message in the twelve months before `at`."""
    query = select(_D.person_id).where(*_heard(viewer, at), _D.delivered_at > at - MESSAGE_LASTS)
    return frozenset(db.execute(query.distinct()).scalars())


def _heard(viewer: Viewer, at: Moment) -> list[ColumnElement[Any]]:
    return [
        visible(_D, viewer, "message:read"),
        _D.delivered_at <= at,
        _D.recorded_at <= at,
        _D.to_family.is_(False),
    ]


def _latest(db: Session, query: Select[Any], at: datetime) -> dict[int, LastMessage]:
    """Read rows of thing, instant and call-in, the latest last, into the last one of each."""
    return {
        thing: LastMessage(delivered_at, _occasion(call_in_id))
        for thing, delivered_at, call_in_id in db.execute(query, {"at": at})
    }


def _occasion(call_in_id: int | None) -> Occasion:
    return Occasion.CUSTOM_NOTIFICATION if call_in_id is None else Occasion.CALL_IN


def _members(viewer: Viewer, at: Moment) -> Subquery:
    """Select who is in which group at an instant; former members are none."""
    m = known(Membership, at)
    role = func.coalesce(m.c.role, MembershipRole.MEMBER.value)
    return (
        select(m.c.person_id, m.c.group_id)
        .distinct()
        .where(
            visible(m.c, viewer, "membership_group:read", person=m.c.person_id),
            m.c.status == MembershipStatus.CURRENT.value,
            role != MembershipRole.FORMER.value,
            *valid_at(m, at),
        )
        .subquery("members")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One line of the ledger."""

    id: int
    person_id: int
    name: str
    code_name: str
    delivered_at: datetime
    delivered_by: str
    language: SpokenLanguage | None
    to_family: bool
    parts: tuple[MessagePart, ...]
    occasion: Occasion
    call_in: str
    """The call-in's name, blank where it was a custom notification."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLedger:
    """What one person was told."""

    person_id: int
    name: str
    code_name: str
    is_adult: bool
    deliveries: tuple[Delivery, ...]
    """The latest first."""
    heard: frozenset[MessagePart]
    """The parts the person has heard, on whatever occasion; what the family heard is not there."""

    @property
    def help_promised_at(self) -> datetime | None:
        """When the person was first promised help."""
        return _first_said(self.deliveries, MessagePart.HELP)


def person_ledger(
    db: Session, viewer: Viewer, person_id: int, at: datetime, zone: ZoneInfo
) -> PersonLedger:
    """Give everything one person was told, as known at `at`; somebody under 18 has no ledger.

    Raises NotFoundError where the person is not for the viewer.
    """
    p = known(Person, None)
    person = db.execute(
        select(p.c.id, p.c.code_name, p.c.birth_date).where(
            p.c.id == person_id,
            visible(p.c, viewer, "person:read", person=p.c.id),
            visible(p.c, viewer, "message:read", person=p.c.id),
        )
    ).one_or_none()
    if person is None:
        raise NotFoundError(N_("There is no such person, or they are not for you."))
    day = local_day(at, zone)
    adult = is_adult(person.birth_date, day)
    deliveries = _deliveries(db, viewer, at, [person_id], day) if adult else ()
    return PersonLedger(
        person_id=person.id,
        name=names_of(db, viewer, [person_id], on=day)[person_id],
        code_name=person.code_name,
        is_adult=adult,
        deliveries=deliveries,
        heard=heard_parts(deliveries),
    )


def _first_said(deliveries: Iterable[Delivery], part: MessagePart) -> datetime | None:
    return min(
        (each.delivered_at for each in deliveries if part in each.parts and not each.to_family),
        default=None,
    )


def heard_parts(deliveries: Iterable[Delivery]) -> frozenset[MessagePart]:
    """Give every part that the person has heard on one of these occasions."""
    return frozenset(part for each in deliveries if not each.to_family for part in each.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLedger:
    """One member of a group, and what they have heard so far."""

    person_id: int
    name: str
    code_name: str
    heard: frozenset[MessagePart]
    last: LastMessage | None

    @property
    def heard_all(self) -> bool:
        """Whether all four parts were heard."""
        return len(self.heard) == len(MessagePart)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLedger:
    """What the members of one group were told."""

    group_id: int
    name: str
    members: tuple[MemberLedger, ...]
    """The adults in it now; only those who were told, for a viewer who may not see who is in it."""
    is_whole: bool
    """Whether everybody in the group is in `members`."""
    deliveries: tuple[Delivery, ...]
    promised_at: datetime | None
    """When the group was first promised a consequence of its next violence."""
    promised_to: int
    """How many heard that promise for the group, whether they are in it now or not."""

    @property
    def heard_all(self) -> int:
        """How many have heard all four parts."""
        return sum(member.heard_all for member in self.members)

    @property
    def told(self) -> int:
        """How many have heard at least one part."""
        return sum(bool(member.heard) for member in self.members)


def group_ledger(
    db: Session, viewer: Viewer, group_id: int, at: datetime, zone: ZoneInfo
) -> GroupLedger:
    """Give what the present members of a group were told, and what it was promised, as of `at`."""
    g = known(Group, at)
    group = db.execute(
        select(g.c.id, g.c.name).where(
            g.c.id == group_id,
            visible(g.c, viewer, "group:read"),
            visible(g.c, viewer, "message:read"),
        )
    ).one_or_none()
    if group is None:
        raise NotFoundError(N_("There is no such group, or it is not for you."))
    day = local_day(at, zone)
    people = _people_in(db, viewer, group_id, at, day)
    deliveries = _deliveries(db, viewer, at, list(people), day)
    names = names_of(db, viewer, people, on=day)
    members = [
        _member(person_id, names[person_id], code_name, deliveries)
        for person_id, code_name in people.items()
    ]
    is_whole = allows(viewer, "membership:read")
    promised = _promised(db, viewer, group_id, at, day)
    return GroupLedger(
        group_id=group.id,
        name=group.name,
        members=tuple(
            sorted(
                (member for member in members if is_whole or member.last),
                key=lambda member: (-len(member.heard), member.name),
            )
        ),
        is_whole=is_whole,
        deliveries=deliveries,
        promised_at=min(promised.values(), default=None),
        promised_to=len(promised),
    )


def _promised(
    db: Session, viewer: Viewer, group_id: int, at: datetime, day: date
) -> dict[int, datetime]:
    """Give who heard the promise of a consequence for a group, and when each first did.

    At a call-in those who were to carry it to this group; on a visit those who were in it then.
    Who is in it by now, and who has left, changes nothing.
    """
    p, m = known(Person, None), known(Membership, _SAID_AT)
    carried = select(Invitee.id).where(
        Invitee.call_in_id == _D.call_in_id,
        Invitee.person_id == _D.person_id,
        Invitee.group_id == group_id,
    )
    belonged = select(m.c.id).where(
        _D.call_in_id.is_(None),
        m.c.person_id == _D.person_id,
        m.c.group_id == group_id,
        visible(m.c, viewer, "membership_group:read", person=m.c.person_id),
        counted_now(m.c, _D.delivered_at),
    )
    rows = db.execute(
        select(_D.person_id, _D.delivered_at, p.c.birth_date)
        .join(p, p.c.id == _D.person_id)
        .where(
            *_heard(viewer, at),
            _D.consequences,
            visible(p.c, viewer, "person:read", person=p.c.id),
            or_(carried.exists(), belonged.exists()),
        )
        .order_by(_D.delivered_at.desc())
    )
    return {row.person_id: row.delivered_at for row in rows if is_adult(row.birth_date, day)}


def _people_in(
    db: Session, viewer: Viewer, group_id: int, at: datetime, day: date
) -> dict[int, str]:
    """Give the code names of a group's adults."""
    members, p = _members(viewer, at), known(Person, at)
    rows = db.execute(
        select(p.c.id, p.c.code_name, p.c.birth_date)
        .join(members, members.c.person_id == p.c.id)
        .where(
            members.c.group_id == group_id,
            visible(p.c, viewer, "person:read", person=p.c.id),
        )
        .order_by(p.c.code_name)
    )
    return {row.id: row.code_name for row in rows if is_adult(row.birth_date, day)}


def _member(
    person_id: int, name: str, code_name: str, deliveries: Iterable[Delivery]
) -> MemberLedger:
    own = [each for each in deliveries if each.person_id == person_id and not each.to_family]
    last = max(own, key=lambda each: (each.delivered_at, each.id), default=None)
    return MemberLedger(
        person_id=person_id,
        name=name,
        code_name=code_name,
        heard=heard_parts(own),
        last=LastMessage(last.delivered_at, last.occasion) if last else None,
    )


def _deliveries(
    db: Session, viewer: Viewer, at: datetime, person_ids: list[int], day: date
) -> tuple[Delivery, ...]:
    """Read the ledger's lines about some people, the latest first."""
    p = known(Person, None)
    rows = db.execute(
        select(*MessageDelivery.__table__.c, p.c.code_name, CallIn.name.label("call_in"))
        .join(p, p.c.id == _D.person_id)
        .outerjoin(CallIn, CallIn.id == _D.call_in_id)
        .where(
            visible(_D, viewer, "message:read"),
            visible(p.c, viewer, "person:read", person=p.c.id),
            _D.person_id.in_(person_ids),
            _D.delivered_at <= at,
            _D.recorded_at <= at,
        )
        .order_by(_D.delivered_at.desc(), _D.id.desc())
    ).all()
    names = names_of(db, viewer, {row.person_id for row in rows}, on=day)
    return tuple(_line(row, names[row.person_id]) for row in rows)


def _line(row: Any, name: str) -> Delivery:
    is_call_in = row.call_in_id is not None
    return Delivery(
        id=row.id,
        person_id=row.person_id,
        name=name,
        code_name=row.code_name,
        delivered_at=row.delivered_at,
        delivered_by=row.delivered_by,
        language=SpokenLanguage(row.language) if row.language else None,
        to_family=row.to_family,
        parts=parts_of(row),
        occasion=_occasion(row.call_in_id),
        call_in=row.call_in or "",
        url=(
            f"/call-ins/{row.call_in_id}"
            if is_call_in
            else f"/notifications/{row.custom_notification_id}"
        ),
    )


def parts_of(row: Any) -> tuple[MessagePart, ...]:
    """Give the parts a delivery holds, in the order they are said."""
    return tuple(part for part in MessagePart if getattr(row, part.value))
