"""Who is in which group, as far as the viewer may know: with the part played, or the name only."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.grading import Certainty
from gvi.domain.group import UNCOUNTED_STATUSES
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.store.asked import Asked
from gvi.store.known import Moment, known
from gvi.store.models import Group, Membership, Person
from gvi.store.queries.person import MOST_IN_QUESTION, names_of, seen_whole
from gvi.store.queries.rights import asker, visible
from gvi.store.types import Instant

PARTS = list(MembershipRole)
"""The parts in their order of weight: leaders first, former last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPart:
    """A group somebody is in now; `role` is None for those who may know the group's name only."""

    group_id: int
    name: str
    role: MembershipRole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRow:
    """One membership on a person's page, past ones too."""

    id: int
    group_id: int
    group: str
    role: MembershipRole
    certainty: Certainty
    certainty_given: bool
    status: MembershipStatus
    valid_from: datetime | None
    valid_to: datetime | None
    is_now: bool
    grade: str | None

    @property
    def tone(self) -> str:
        """Grey for what no longer counts."""
        return "" if self.is_now else "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member on a group's card."""

    membership_id: int
    person_id: int
    name: str
    code_name: str
    role: MembershipRole
    certainty: Certainty
    status: MembershipStatus
    valid_from: datetime | None
    valid_to: datetime | None
    is_now: bool
    grade: str | None

    @property
    def tone(self) -> str:
        """Grey for what no longer counts."""
        return "" if self.is_now else "quiet"


def groups_of(
    db: Session,
    viewer: Viewer,
    person_ids: Iterable[int],
    asked: Asked,
) -> dict[int, tuple[GroupPart, ...]]:
    """Give the groups each person is in at the moment asked about.

    Without the right to memberships the part is left out; without any right there are none.
    """
    whole = allows(viewer, "membership:read")
    if not whole and not allows(viewer, "membership_group:read"):
        return {}
    permission = "membership:read" if whole else "membership_group:read"
    wanted = sorted(set(person_ids))
    found: dict[int, list[GroupPart]] = defaultdict(list)
    question = _groups_query(asker(viewer), permission, asked.as_of, asked.on)
    for start in range(0, len(wanted), MOST_IN_QUESTION):
        chosen = wanted[start : start + MOST_IN_QUESTION]
        for row in db.execute(question, {"ids": chosen, "at": asked.at}):
            role = MembershipRole(row.role) if whole else None
            found[row.person_id].append(GroupPart(group_id=row.group_id, name=row.name, role=role))
    return {key: tuple(parts) for key, parts in found.items()}


@lru_cache(maxsize=256)
def _groups_query(viewer: Viewer, permission: str, as_of: datetime | None, on: date) -> Select[Any]:
    m, g, p = known(Membership, as_of), known(Group, as_of), Person.__table__
    return (
        select(m.c.person_id, m.c.group_id, g.c.name, _role(m.c).label("role"))
        .join(g, g.c.id == m.c.group_id)
        .join(p, p.c.id == m.c.person_id)
        .where(
            m.c.person_id.in_(bindparam("ids", expanding=True)),
            visible(m.c, viewer, permission, person=m.c.person_id),
            seen_whole(p.c, viewer, on),
            counted_now(m.c, bindparam("at", type_=Instant)),
            g.c.status.not_in(sorted(UNCOUNTED_STATUSES)),
        )
        .order_by(g.c.name, m.c.id)
    )


def in_group(viewer: Viewer, p: Subquery, group_id: int, asked: Asked) -> ColumnElement[bool]:
    """Give the clause for the people who are in a group at the moment asked about."""
    permission = "membership:read" if allows(viewer, "membership:read") else "membership_group:read"
    if not allows(viewer, permission):
        return false()
    m = known(Membership, asked.as_of)
    members = select(m.c.person_id).where(
        m.c.group_id == group_id,
        visible(m.c, viewer, permission, person=m.c.person_id),
        counted_now(m.c, asked.at),
    )
    return and_(p.c.id.in_(members), seen_whole(p.c, viewer, asked.on))


def counted_now(m: Any, at: Moment) -> ColumnElement[bool]:
    """Give the clause for memberships that count at an instant: current, in force, not former."""
    return and_(
        m.status == MembershipStatus.CURRENT.value,
        _role(m) != MembershipRole.FORMER.value,
        or_(m.valid_from.is_(None), m.valid_from <= at),
        or_(m.valid_to.is_(None), m.valid_to > at),
    )


def _role(m: Any) -> ColumnElement[str]:
    return func.coalesce(m.role, MembershipRole.MEMBER.value)


def memberships_of_person(
    db: Session,
    viewer: Viewer,
    person_id: int,
    asked: Asked,
) -> tuple[MembershipRow, ...]:
    """List a person's memberships, those that hold now first, then the latest."""
    if not allows(viewer, "membership:read"):
        return ()
    m, g, p = known(Membership, asked.as_of), known(Group, asked.as_of), Person.__table__
    now = counted_now(m.c, asked.at)
    rows = db.execute(
        select(*_shown(m.c), g.c.id.label("group_id"), g.c.name.label("group"), now.label("is_now"))
        .join(g, g.c.id == m.c.group_id)
        .join(p, p.c.id == m.c.person_id)
        .where(
            m.c.person_id == person_id,
            visible(m.c, viewer, "membership:read", person=m.c.person_id),
            seen_whole(p.c, viewer, asked.on),
        )
        .order_by(now.desc(), m.c.valid_from.desc().nulls_last(), m.c.id)
    )
    return tuple(
        MembershipRow(group_id=row.group_id, group=row.group, **_membership(row)) for row in rows
    )


def members_of_group(
    db: Session,
    viewer: Viewer,
    group_id: int,
    asked: Asked,
) -> tuple[MemberRow, ...]:
    """List a group's members by their part, those who are it now first.

    Of people under 18 those see memberships who work with children (design §7).
    """
    if not allows(viewer, "membership:read"):
        return ()
    m, p = known(Membership, asked.as_of), known(Person, asked.as_of)
    rows = db.execute(
        select(
            *_shown(m.c),
            p.c.id.label("person_id"),
            p.c.code_name,
            counted_now(m.c, asked.at).label("is_now"),
        )
        .join(p, p.c.id == m.c.person_id)
        .where(
            m.c.group_id == group_id,
            visible(m.c, viewer, "membership:read", person=m.c.person_id),
            visible(p.c, viewer, "person:read", person=p.c.id),
            seen_whole(p.c, viewer, asked.on),
        )
    ).all()
    names = names_of(db, viewer, [row.person_id for row in rows], on=asked.on)
    members = [_member(row, names) for row in rows]
    return tuple(
        sorted(
            members,
            key=lambda row: (not row.is_now, PARTS.index(row.role), row.name, row.membership_id),
        )
    )


def _member(row: Any, names: dict[int, str]) -> MemberRow:
    facts = _membership(row)
    facts.pop("certainty_given")
    return MemberRow(
        membership_id=facts.pop("id"),
        person_id=row.person_id,
        name=names[row.person_id],
        code_name=row.code_name,
        **facts,
    )


def _shown(m: Any) -> list[ColumnElement[Any]]:
    return [m.id, m.role, m.certainty, m.status, m.valid_from, m.valid_to, m.grade]


def _membership(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "role": MembershipRole(row.role or MembershipRole.MEMBER),
        "certainty": Certainty(row.certainty or Certainty.POSSIBLE),
        "certainty_given": row.certainty is not None,
        "status": MembershipStatus(row.status),
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "is_now": bool(row.is_now),
        "grade": row.grade,
    }
