"""Who is who: names as far as the viewer may know them, and the rules all lists of people obey."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows, grant
from gvi.domain.person import adult_born_by
from gvi.store.models import Identity, Person
from gvi.store.queries.rights import Columns, asker, visible
from gvi.store.sealing import sealed_in

MOST_IN_QUESTION = 500
"""Ids asked for at a time: some databases take only so many parameters in one question."""


def names_of(db: Session, viewer: Viewer, person_ids: Iterable[int], *, on: date) -> dict[int, str]:
    """Give what each person is called before this viewer: the name, or else the code name.

    `on` is the local day asked about (`visit.day`): police and analysts never get the name of
    somebody who is under 18 on it. A protected person's name stands nowhere: it is opened to named
    users one at a time (`gvi.domain.section`).
    Every person of the programme is answered; whether they may be shown at all is the caller's own
    question.
    """
    question, wanted = _names(asker(viewer), on), sorted(set(person_ids))
    names: dict[int, str] = {}
    for start in range(0, len(wanted), MOST_IN_QUESTION):
        rows = db.execute(question, {"ids": wanted[start : start + MOST_IN_QUESTION]})
        names |= {row.id: row.name or row.code_name for row in rows}
    return names


@lru_cache(maxsize=256)
def _names(viewer: Viewer, on: date) -> Select[Any]:
    people, identity = Person.__table__.c, Identity.__table__
    seen = case((name_seen(people, viewer, on), identity.c.name), else_=None)
    shown = sealed_in(identity.c.name, seen)
    return (
        select(people.id, people.code_name, shown.label("name"))
        .join_from(Person.__table__, identity, identity.c.person_id == people.id, isouter=True)
        .where(
            people.programme_id == viewer.programme_id,
            people.id.in_(bindparam("ids", expanding=True)),
        )
        .order_by(people.id)
    )


def name_seen(people: Columns, viewer: Viewer, on: date) -> ColumnElement[bool]:
    """Give the clause that holds for the people whose name the viewer may see; for aliases too."""
    if viewer.role is None:
        return true()
    if grant(viewer, "person_name:read") is None:
        return false()
    return and_(
        visible(people, viewer, "person_name:read", person=people["id"]),
        seen_whole(people, viewer, on),
        people["is_protected"].is_(False),
    )


def seen_whole(people: Columns, viewer: Viewer, on: date) -> ColumnElement[bool]:
    """Give the clause that holds for the people the viewer may see more of than involvements.

    Somebody under 18 on the day is seen whole by those who work with children only (design §7); an
    unknown birth date counts as adult.
    """
    if allows(viewer, "under_18:read"):
        return true()
    born = people["birth_date"]
    return or_(born.is_(None), born <= adult_born_by(on))
