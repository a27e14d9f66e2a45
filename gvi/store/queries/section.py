"""The parts of one person's record that can be opened or disclosed, each read whole (see domain).

No viewer here: who may read a part is decided before, by a grant that names it. Only the
compartments of the part are read, so that no part can hold another side's facts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import Subquery, select
from sqlalchemy.orm import Session

from gvi.domain.custom_notification import NotificationStatus
from gvi.domain.incident import InvolvementRole
from gvi.domain.membership import MembershipRole
from gvi.domain.risk import RiskColour
from gvi.domain.section import SECTIONS, Section
from gvi.domain.supervision import SupervisionKind
from gvi.domain.support import ContactOutcome, OfferResponse
from gvi.store.asked import Asked
from gvi.store.known import known
from gvi.store.models import (
    Contact,
    CustomNotification,
    Fact,
    Group,
    Identity,
    Incident,
    Involvement,
    Membership,
    Person,
    PersonAlias,
    RiskDecision,
    Supervision,
    SupportCase,
    SupportOffer,
)
from gvi.store.wall import behind_the_wall


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionLine:
    """One line of a part: when, a code, and what else there is to say of it."""

    at: datetime | date | None = None
    until: datetime | date | None = None
    code: StrEnum | None = None
    incident_kind: str = ""
    text: str = ""
    grade: str | None = None
    """How good the information is, where the record grades it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """One part of a person's record, latest first."""

    section: Section
    lines: tuple[SectionLine, ...]


def section_views(
    db: Session, programme_id: int, person_id: int, sections: Iterable[Section], asked: Asked
) -> tuple[SectionView, ...]:
    """Read parts of a person's record; nothing for a person of another programme."""
    wanted = set(sections)
    person = known(Person, asked.as_of)
    if not db.execute(
        select(person.c.id).where(person.c.id == person_id, person.c.programme_id == programme_id)
    ).first():
        return ()
    with behind_the_wall(db, "a grant or a disclosure names the part, and its compartments"):
        return tuple(
            SectionView(section=section, lines=tuple(_READERS[section](db, person_id, asked)))
            for section in Section
            if section in wanted
        )


def _facts(model: type[Fact], section: Section, asked: Asked) -> Subquery:
    rows = known(model, asked.as_of)
    held = sorted(SECTIONS[section].reads)
    return select(rows).where(rows.c.compartment.in_(held)).subquery()


def _name(db: Session, person_id: int, _asked: Asked) -> list[SectionLine]:
    names = db.execute(select(Identity.name).where(Identity.person_id == person_id)).scalars()
    aliases = db.execute(
        select(PersonAlias.alias)
        .where(PersonAlias.person_id == person_id)
        .order_by(PersonAlias.alias)
    ).scalars()
    return [SectionLine(text=name) for name in (*names, *aliases)]


def _groups(db: Session, person_id: int, asked: Asked) -> list[SectionLine]:
    m, g = _facts(Membership, Section.GROUPS, asked), known(Group, asked.as_of)
    rows = db.execute(
        select(m.c.valid_from, m.c.valid_to, m.c.role, m.c.grade, g.c.name)
        .join(g, g.c.id == m.c.group_id)
        .where(m.c.person_id == person_id)
        .order_by(m.c.valid_from.desc().nulls_last(), m.c.id)
    )
    return [
        SectionLine(
            at=row.valid_from,
            until=row.valid_to,
            code=MembershipRole(row.role or MembershipRole.MEMBER),
            text=row.name,
            grade=row.grade,
        )
        for row in rows
    ]


def _incidents(db: Session, person_id: int, asked: Asked) -> list[SectionLine]:
    v = _facts(Involvement, Section.INCIDENTS, asked)
    i = _facts(Incident, Section.INCIDENTS, asked)
    rows = db.execute(
        select(v.c.role, v.c.grade, i.c.kind, i.c.occurred_at, i.c.area)
        .join(i, i.c.id == v.c.incident_id)
        .where(v.c.person_id == person_id)
        .order_by(i.c.occurred_at.desc(), v.c.id)
    )
    return [
        SectionLine(
            at=row.occurred_at,
            code=InvolvementRole(row.role),
            incident_kind=row.kind,
            text=row.area,
            grade=row.grade,
        )
        for row in rows
    ]


def _supervision(db: Session, person_id: int, asked: Asked) -> list[SectionLine]:
    s = _facts(Supervision, Section.SUPERVISION, asked)
    rows = db.execute(
        select(s.c.kind, s.c.valid_from, s.c.valid_to, s.c.grade)
        .where(s.c.person_id == person_id)
        .order_by(s.c.valid_from.desc().nulls_last(), s.c.id)
    )
    return [
        SectionLine(
            at=row.valid_from,
            until=row.valid_to,
            code=SupervisionKind(row.kind),
            grade=row.grade,
        )
        for row in rows
    ]


def _risk(db: Session, person_id: int, asked: Asked) -> list[SectionLine]:
    rows = db.execute(
        select(RiskDecision.colour, RiskDecision.decided_at, RiskDecision.expires_on)
        .where(RiskDecision.person_id == person_id, RiskDecision.decided_at <= asked.at)
        .order_by(RiskDecision.decided_at.desc(), RiskDecision.id.desc())
        .limit(1)
    )
    return [
        SectionLine(at=row.decided_at, until=row.expires_on, code=RiskColour(row.colour))
        for row in rows
    ]


def _visits(db: Session, person_id: int, _asked: Asked) -> list[SectionLine]:
    rows = db.execute(
        select(CustomNotification.status, CustomNotification.due_at, CustomNotification.place)
        .where(CustomNotification.person_id == person_id)
        .order_by(CustomNotification.due_at.desc(), CustomNotification.id)
    )
    return [
        SectionLine(at=row.due_at, code=NotificationStatus(row.status), text=row.place)
        for row in rows
    ]


def _offers(db: Session, person_id: int, _asked: Asked) -> list[SectionLine]:
    held = sorted(SECTIONS[Section.OFFERS].reads)
    rows = db.execute(
        select(SupportOffer.offered_at, SupportOffer.response)
        .where(SupportOffer.person_id == person_id, SupportOffer.compartment.in_(held))
        .order_by(SupportOffer.offered_at.desc(), SupportOffer.id)
    )
    return [
        SectionLine(at=row.offered_at, code=OfferResponse(row.response) if row.response else None)
        for row in rows
    ]


def _contact_notes(db: Session, person_id: int, _asked: Asked) -> list[SectionLine]:
    held = sorted(SECTIONS[Section.CONTACT_NOTES].reads)
    rows = db.execute(
        select(Contact.contacted_at, Contact.outcome, Contact.note)
        .join(SupportCase, SupportCase.id == Contact.support_case_id)
        .where(SupportCase.person_id == person_id, SupportCase.compartment.in_(held))
        .order_by(Contact.contacted_at.desc(), Contact.id)
    )
    return [
        SectionLine(at=row.contacted_at, code=ContactOutcome(row.outcome), text=row.note)
        for row in rows
    ]


_READERS: Mapping[Section, Callable[[Session, int, Asked], list[SectionLine]]] = MappingProxyType(
    {
        Section.NAME: _name,
        Section.GROUPS: _groups,
        Section.INCIDENTS: _incidents,
        Section.SUPERVISION: _supervision,
        Section.RISK: _risk,
        Section.VISITS: _visits,
        Section.OFFERS: _offers,
        Section.CONTACT_NOTES: _contact_notes,
    }
)
