"""The invented town's exceptions: parts of records opened by name, and one broken glass."""

from datetime import timedelta

from sqlalchemy import select

from gvi.domain.person import is_adult
from gvi.domain.section import AccessKind, Section
from gvi.store.models import AccessGrant, AccessNotice, AccessSection, ClientAssignment, Person
from gvi.usecases.demo.town import Town


def add_access(town: Town) -> None:
    """Protect one client's identity, open two records by name, and break the glass once."""
    client = client_of(town, "maja", 0)
    client.is_protected = True
    _open(
        town,
        client,
        to="maja",
        by="karin",
        sections=(Section.NAME,),
        reason="Skyddade uppgifter: träffar klienten och behöver namnet vid mötena.",
        days_ago=6,
        days=30,
    )
    _open(
        town,
        client_of(town, "maja", 1),
        to="maja",
        by="asa",
        sections=(Section.GROUPS,),
        reason="Ska följa med till ett möte där en annan grupp kan finnas.",
        days_ago=3,
        days=14,
    )
    broken = _open(
        town,
        client_of(town, "maja", 2),
        to="sara",
        by="sara",
        sections=(Section.NAME, Section.GROUPS),
        reason="Hot framfördes vid ett besök, personen måste hittas i kväll.",
        days_ago=2,
        days=1 / 6,
        kind=AccessKind.BREAK_GLASS,
    )
    for told in ("maja", "asa", "karin", "inga-lill"):
        town.add(
            AccessNotice(
                grant_id=broken.id,
                user_id=town.users[told].id,
                seen_at=town.past(1) if told == "asa" else None,
            )
        )


def client_of(town: Town, username: str, number: int) -> Person:
    """Give one of a worker's grown-up clients."""
    found = town.db.execute(
        select(Person)
        .join(ClientAssignment, ClientAssignment.person_id == Person.id)
        .where(
            ClientAssignment.user_id == town.users[username].id,
            ClientAssignment.ended_at.is_(None),
        )
        .order_by(Person.id)
    ).scalars()
    return [person for person in found if is_adult(person.birth_date, town.today)][number]


def _open(
    town: Town,
    person: Person,
    *,
    to: str,
    by: str,
    sections: tuple[Section, ...],
    reason: str,
    days_ago: float,
    days: float,
    kind: AccessKind = AccessKind.NAMED,
) -> AccessGrant:
    given = town.past(days_ago)
    grant = town.add(
        AccessGrant(
            programme_id=town.programme_id,
            person_id=person.id,
            user_id=town.users[to].id,
            kind=kind.value,
            reason=reason,
            given_by_id=town.users[by].id,
            given_at=given,
            ends_at=given + timedelta(days=days),
        )
    )
    for section in sections:
        town.add(AccessSection(grant_id=grant.id, section=section.value))
    return grant
