"""Records to review, one longer time that waits for a second person, and one removed person."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from gvi.domain.access import Role, Viewer
from gvi.domain.removal import Removable
from gvi.store.models import Membership, Person, ReviewExtension, Tie
from gvi.usecases.demo.town import Town
from gvi.usecases.removal import remove

OVERDUE_DAYS = (3, 9, 21)
SOON_DAYS = (4, 11, 18, 26)
REMOVED_DAYS_AGO = 5


def add_reviews(town: Town, viewer: Viewer) -> None:
    """Let a few records be due or overdue, ask for one longer time, and remove somebody."""
    memberships = list(
        town.db.execute(
            select(Membership)
            .join(Person, Person.id == Membership.person_id)
            .where(Person.birth_date < town.day(-365 * 20))
            .order_by(Membership.id.desc())
            .limit(len(OVERDUE_DAYS) + 1)
        ).scalars()
    )
    for row, days in zip(memberships, OVERDUE_DAYS, strict=False):
        row.review_due_on = town.day(-days)
    ties = town.db.execute(select(Tie).order_by(Tie.id).limit(len(SOON_DAYS))).scalars()
    for tie, days in zip(ties, SOON_DAYS, strict=True):
        tie.review_due_on = town.day(days)
        tie.recorded_by_id = town.users["henrik"].id
    town.db.flush()
    asked = memberships[0]
    town.db.add(
        ReviewExtension(
            programme_id=town.programme_id,
            thing="membership",
            thing_id=asked.id,
            compartment=asked.compartment,
            old_due_on=asked.review_due_on,
            new_due_on=town.day(180),
            reason="Sågs med gruppen två gånger i februari, ny uppgift väntas från områdespolisen.",
            asked_at=town.at(1, 15),
            asked_by_id=town.users["goran"].id,
        )
    )
    _remove_somebody(town, viewer)


def _remove_somebody(town: Town, viewer: Viewer) -> None:
    """Remove the last of those whom only the police know: an ordinary mistake, to be put back."""
    person = town.db.execute(
        select(Person)
        .where(Person.compartment == "police", Person.birth_date < town.day(-365 * 20))
        .where(~select(Membership.id).where(Membership.person_id == Person.id).exists())
        .order_by(Person.id.desc())
        .limit(1)
    ).scalar_one()
    asa = town.users["asa"]
    police = replace(viewer, user_id=asa.id, role=Role.COORDINATOR_POLICE, name=asa.display_name)
    remove(
        town.db,
        police,
        Removable.PERSON,
        person.id,
        reason="Förväxlad med en annan person vid kartläggningen",
        at=town.now - timedelta(days=REMOVED_DAYS_AGO),
    )
