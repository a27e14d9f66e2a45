"""Making the invented town, in one transaction, in a database that holds nothing."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.store import audit
from gvi.store.models import Group, Incident, Organisation, Person, Programme, User
from gvi.usecases.demo import (
    access,
    disclosure,
    keeping,
    message,
    names,
    people,
    rounds,
    violence,
    visits,
)
from gvi.usecases.demo import help as support
from gvi.usecases.demo.growth import Size, grow
from gvi.usecases.demo.town import Town

SEED = 20260302


def holds_anything(db: Session) -> bool:
    """Tell whether anybody's data, or any user, is in the database."""
    tables = (Person, Group, Incident, User)
    return any(db.execute(select(func.count()).select_from(table)).scalar() for table in tables)


def load(
    db: Session,
    viewer: Viewer,
    *,
    at: datetime,
    zone: ZoneInfo,
    seed: int = SEED,
    size: Size | None = None,
) -> None:
    """Fill an empty programme with the invented town; the same seed and day give the same town.

    `size` is what is to be there in all, with more around the town; without it there is the town
    alone. Raises RuleError for a database that holds anything.
    """
    if holds_anything(db):
        raise RuleError(N_("This database holds data already; the invented town is not loaded."))
    programme = db.get_one(Programme, viewer.programme_id)
    programme.display_name, programme.town = names.PROGRAMME, names.TOWN
    programme.is_invented = True
    town = Town(
        db=db,
        programme_id=programme.id,
        now=at.replace(second=0, microsecond=0),
        zone=zone,
        rng=random.Random(seed),  # noqa: S311 — invented data must be the same every time
    )
    _add_users(town)
    for part in (
        people.add_groups,
        people.add_people,
        people.add_memberships,
        people.add_ties,
        people.add_supervision,
        violence.add_incidents,
        violence.add_risk_decisions,
        message.add_call_ins,
        visits.add_notifications,
        rounds.add_rounds,
        support.add_support,
        support.add_actions,
        access.add_access,
        disclosure.add_disclosures,
    ):
        part(town)
    db.flush()
    keeping.add_reviews(town, viewer)
    if size is not None:
        grow(town, size)
    audit.append(db, viewer, AuditVerb.COLLECTED, "demo:loaded", at=at, detail={"seed": seed})


def _add_users(town: Town) -> None:
    organisations = {
        name: town.add(
            Organisation(programme_id=town.programme_id, name=name, compartment=compartment)
        )
        for name, compartment in names.ORGANISATIONS
    }
    for username, display_name, role, organisation, team in names.USERS:
        town.users[username] = town.add(
            User(
                programme_id=town.programme_id,
                username=username,
                display_name=display_name,
                role=role,
                organisation_id=organisations[organisation].id,
                team=team,
                created_at=town.now - timedelta(days=900),
            )
        )
