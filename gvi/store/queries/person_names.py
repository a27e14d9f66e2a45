"""Names and aliases to compare with, only of people whose name the viewer may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.naming import folded
from gvi.store.known import known
from gvi.store.models import Identity, Person, PersonAlias
from gvi.store.queries.person import name_seen


@dataclass(frozen=True, slots=True)
class NameKey:
    """One folded name or alias, and whose."""

    person_id: int
    code_name: str
    folded: str
    birth_date: date | None


def name_keys(db: Session, viewer: Viewer, *, on: date) -> Iterator[NameKey]:
    """Give every name and alias the viewer may see, folded for comparison."""
    people = known(Person, None)
    seen = (
        select(people.c.id, people.c.code_name, people.c.birth_date)
        .where(people.c.programme_id == viewer.programme_id, name_seen(people.c, viewer, on))
        .subquery("seen")
    )
    columns = seen.c.id, seen.c.code_name, seen.c.birth_date
    for kind, name in ((Identity, Identity.name), (PersonAlias, PersonAlias.alias)):
        rows = select(*columns, name).join(kind, kind.person_id == seen.c.id)
        for person_id, code_name, birth_date, called in db.execute(rows):
            yield NameKey(person_id, code_name, folded(called), birth_date)
