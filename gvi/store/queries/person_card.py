"""One person: who it is, for every page about them, and the timeline of the overview."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotFoundError
from gvi.domain.grading import Certainty, Compartment
from gvi.domain.incident import InvolvementRole
from gvi.domain.person import adult_born_by, age_on
from gvi.domain.text import N_
from gvi.store.asked import Asked
from gvi.store.known import known
from gvi.store.models import Identity, Incident, Involvement, Person, PersonAlias
from gvi.store.queries.membership import in_group
from gvi.store.queries.person import name_seen, seen_whole
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonHead:
    """Who the person is, as far as this viewer may know."""

    id: int
    code_name: str
    external_id: str | None
    name: str | None
    """None where it is unknown, or not for the viewer."""
    name_hidden: bool
    """True where there may be a name that the viewer does not see."""
    aliases: tuple[str, ...]
    is_seen_whole: bool
    """False for somebody under 18 of whom the viewer may know the involvements only."""
    is_under_18: bool
    birth_date: date | None
    age: int | None
    sex: str | None
    area: str
    is_protected: bool
    is_exit_client: bool
    compartment: Compartment

    @property
    def called(self) -> str:
        """What the person is called before this viewer."""
        return self.name or self.code_name


def person_head(db: Session, viewer: Viewer, person_id: int, asked: Asked) -> PersonHead:
    """Give who a person is; raises NotFoundError where there is none, or not for the viewer."""
    found = person_heads(db, viewer, asked, only=person_id)
    if not found:
        raise NotFoundError(N_("There is no such person, or they are not for you."))
    return found[0]


def person_heads(
    db: Session,
    viewer: Viewer,
    asked: Asked,
    *,
    only: int | None = None,
    group_id: int | None = None,
    after: int = 0,
    limit: int = 1,
) -> tuple[PersonHead, ...]:
    """Give the people the viewer may see by id, so many at a time, those of one group if named."""
    p, i = known(Person, asked.as_of), Identity.__table__
    named = name_seen(p.c, viewer, asked.on)
    query = (
        select(
            *p.c,
            i.c.name,
            named.label("named"),
            seen_whole(p.c, viewer, asked.on).label("whole"),
        )
        .select_from(p.outerjoin(i, and_(i.c.person_id == p.c.id, named)))
        .where(p.c.id > after, visible(p.c, viewer, "person:read", person=p.c.id))
        .order_by(p.c.id)
        .limit(limit)
    )
    if only is not None:
        query = query.where(p.c.id == only)
    if group_id is not None:
        query = query.where(in_group(viewer, p, group_id, asked))
    rows = db.execute(query).all()
    aliases = _aliases(db, [row.id for row in rows if row.named])
    return tuple(_head(row, asked.on, aliases.get(row.id, ())) for row in rows)


def _aliases(db: Session, person_ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    rows = db.execute(
        select(PersonAlias.person_id, PersonAlias.alias).where(
            PersonAlias.person_id.in_(person_ids)
        )
    )
    for row in rows:
        found.setdefault(row.person_id, []).append(row.alias)
    return {key: tuple(sorted(aliases)) for key, aliases in found.items()}


def _head(row: Any, on: date, aliases: tuple[str, ...]) -> PersonHead:
    born, whole = row.birth_date, bool(row.whole)
    return PersonHead(
        id=row.id,
        code_name=row.code_name,
        external_id=row.external_id,
        name=row.name,
        name_hidden=not row.named,
        aliases=aliases,
        is_seen_whole=whole,
        is_under_18=born is not None and born > adult_born_by(on),
        birth_date=born if whole else None,
        age=age_on(born, on) if whole and born else None,
        sex=row.sex if whole else None,
        area=row.area if whole else "",
        is_protected=row.is_protected,
        is_exit_client=row.is_exit_client and whole,
        compartment=Compartment(row.compartment),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvolvementRow:
    """One role in one incident, on a person's page."""

    id: int
    incident_id: int
    incident_kind: str
    occurred_at: datetime
    place: str
    role: InvolvementRole
    certainty: Certainty
    grade: str | None


def involvements_of(
    db: Session, viewer: Viewer, person_id: int, asked: Asked
) -> tuple[InvolvementRow, ...]:
    """List a person's roles in incidents, the latest first; none without the right to them."""
    if not allows(viewer, "involvement:read"):
        return ()
    v, i, p = (known(model, asked.as_of) for model in (Involvement, Incident, Person))
    rows = db.execute(
        select(
            v.c.id,
            v.c.incident_id,
            i.c.kind.label("incident_kind"),
            i.c.occurred_at,
            i.c.place,
            v.c.role,
            v.c.certainty,
            v.c.grade,
        )
        .join(i, i.c.id == v.c.incident_id)
        .join(p, p.c.id == v.c.person_id)
        .where(
            v.c.person_id == person_id,
            visible(v.c, viewer, "involvement:read", person=v.c.person_id),
            visible(i.c, viewer, "incident:read"),
            visible(p.c, viewer, "person:read", person=p.c.id),
        )
        .order_by(i.c.occurred_at.desc(), v.c.id)
    )
    return tuple(
        InvolvementRow(
            id=row.id,
            incident_id=row.incident_id,
            incident_kind=row.incident_kind,
            occurred_at=row.occurred_at,
            place=row.place,
            role=InvolvementRole(row.role),
            certainty=Certainty(row.certainty or Certainty.POSSIBLE),
            grade=row.grade,
        )
        for row in rows
    )
