"""Who was involved in which incident, on which side; and who is meant by a name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotFoundError
from gvi.domain.grading import Certainty
from gvi.domain.incident import InvolvementRole, side_of
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.naming import folded
from gvi.domain.person import is_adult
from gvi.domain.text import N_
from gvi.store.known import known, valid_at
from gvi.store.models import Incident, Involvement, Membership, Person, User
from gvi.store.names import begins, called
from gvi.store.queries.incident import IncidentRow, incident_row
from gvi.store.queries.person import name_seen, names_of
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Involved:
    """One person's part in an incident, and how well it is known."""

    id: int
    incident_id: int
    person_id: int
    name: str
    """The name where the viewer may see it, the code name otherwise."""
    code_name: str
    is_under_18: bool
    may_open: bool
    """Whether the viewer may open the person's own page."""
    role: InvolvementRole
    certainty: Certainty | None
    source: str
    grade: str | None
    ground: str
    recorded_at: datetime
    recorded_by: str | None
    review_due_on: date | None

    @property
    def side(self) -> str:
        """The side the part stands on: doing, victim or other."""
        return side_of(self.role)


def involvements(
    db: Session,
    viewer: Viewer,
    *,
    as_of: datetime | None,
    on: date,
    incident_id: int | None = None,
    person_id: int | None = None,
    role: str = "",
    after: int = 0,
    limit: int | None = None,
) -> tuple[Involved, ...]:
    """List parts in incidents by id, of one incident or of one person where named.

    `on` is the local day asked about: people under 18 on it go by their code name.
    """
    v, i, p = known(Involvement, as_of), known(Incident, as_of), known(Person, as_of)
    query = (
        _involved_columns(v, i, p, viewer)
        .where(v.c.id > after, *_asked(v, incident_id, person_id, role))
        .order_by(v.c.id)
        .limit(limit)
    )
    rows = db.execute(query).all()
    names = names_of(db, viewer, {row.person_id for row in rows}, on=on)
    return tuple(_involved(row, names[row.person_id], on) for row in rows)


def _involved_columns(v: Subquery, i: Subquery, p: Subquery, viewer: Viewer) -> Select[Any]:
    columns = [v.c.id, v.c.incident_id, v.c.person_id, v.c.role, v.c.certainty]
    columns += [v.c.source, v.c.grade, v.c.ground, v.c.recorded_at, v.c.review_due_on]
    may_open = visible(p.c, viewer, "person:read", person=p.c.id)
    return (
        select(
            *columns,
            User.display_name.label("recorded_by"),
            p.c.code_name,
            p.c.birth_date,
            may_open.label("may_open"),
        )
        .join(i, i.c.id == v.c.incident_id)
        .join(p, p.c.id == v.c.person_id)
        .outerjoin(User, User.id == v.c.recorded_by_id)
        .where(
            visible(v.c, viewer, "involvement:read"),
            visible(i.c, viewer, "incident_full:read"),
        )
    )


def _asked(
    v: Subquery, incident_id: int | None, person_id: int | None, role: str
) -> list[ColumnElement[bool]]:
    wanted = {"incident_id": incident_id, "person_id": person_id, "role": role or None}
    return [v.c[name] == value for name, value in wanted.items() if value is not None]


def _involved(row: Any, name: str, on: date) -> Involved:
    return Involved(
        id=row.id,
        incident_id=row.incident_id,
        person_id=row.person_id,
        name=name,
        code_name=row.code_name,
        is_under_18=not is_adult(row.birth_date, on),
        may_open=bool(row.may_open),
        role=InvolvementRole(row.role),
        certainty=None if row.certainty is None else Certainty(row.certainty),
        source=row.source,
        grade=row.grade,
        ground=row.ground,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        review_due_on=row.review_due_on,
    )


def _with_incident(v: Subquery, i: Subquery, viewer: Viewer) -> Select[Any]:
    columns = [i.c.id, i.c.occurred_at, i.c.kind, i.c.area, i.c.gmi]
    columns += [i.c.place, i.c.status, i.c.injured, i.c.killed, i.c.grade]
    return (
        select(*columns)
        .join_from(v, i, i.c.id == v.c.incident_id)
        .where(visible(v.c, viewer, "involvement:read"), visible(i.c, viewer, "incident_full:read"))
        .order_by(i.c.occurred_at.desc(), i.c.id.desc(), v.c.id)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRef:
    """A person to be named and linked; somebody under 18 is only said to be that."""

    id: int
    name: str
    is_under_18: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupIncident:
    """An incident and the group's members on either side of it."""

    incident: IncidentRow
    doing: tuple[PersonRef, ...]
    victims: tuple[PersonRef, ...]
    others: tuple[PersonRef, ...]

    @property
    def person_ids(self) -> tuple[int, ...]:
        """Everybody who is shown, for the log."""
        return tuple(person.id for person in (*self.doing, *self.victims, *self.others))


def incidents_of_group(
    db: Session, viewer: Viewer, group_id: int, as_of: datetime | None, *, at: datetime, on: date
) -> tuple[GroupIncident, ...]:
    """List the incidents in which people who are members at `at` had a part, the latest first.

    Former, disputed and ended memberships do not count. Empty without the right to memberships
    and involvements. That somebody under 18 is a member is not for those who see memberships, so
    they go without a name here.
    """
    if not (allows(viewer, "involvement:read") and allows(viewer, "membership:read")):
        return ()
    v, i, p = (known(model, as_of) for model in (Involvement, Incident, Person))
    members = _members(viewer, group_id, as_of, at)
    query = (
        _with_incident(v, i, viewer)
        .join(p, p.c.id == v.c.person_id)
        .add_columns(v.c.person_id, v.c.role, p.c.birth_date)
        .where(v.c.person_id.in_(members))
    )
    rows = db.execute(query).mappings().all()
    names = names_of(db, viewer, {row["person_id"] for row in rows}, on=on)
    incidents = {row["id"]: incident_row(row) for row in rows}
    sides: dict[tuple[int, str], dict[int, PersonRef]] = {}
    for row in rows:
        side = sides.setdefault((row["id"], side_of(InvolvementRole(row["role"]))), {})
        is_child = not is_adult(row["birth_date"], on)
        name = "" if is_child else names[row["person_id"]]
        side[row["person_id"]] = PersonRef(id=row["person_id"], name=name, is_under_18=is_child)
    return tuple(
        GroupIncident(
            incident=incident,
            doing=tuple(sides.get((key, "doing"), {}).values()),
            victims=tuple(sides.get((key, "victim"), {}).values()),
            others=tuple(sides.get((key, "other"), {}).values()),
        )
        for key, incident in incidents.items()
    )


def _members(viewer: Viewer, group_id: int, as_of: datetime | None, at: datetime) -> Select[Any]:
    m = known(Membership, as_of)
    role = func.coalesce(m.c.role, MembershipRole.MEMBER.value)
    return select(m.c.person_id).where(
        visible(m.c, viewer, "membership:read"),
        m.c.group_id == group_id,
        m.c.status == MembershipStatus.CURRENT.value,
        role != MembershipRole.FORMER.value,
        *valid_at(m, at),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMatch:
    """Somebody who may be meant by what was typed."""

    id: int
    name: str
    code_name: str

    @property
    def label(self) -> str:
        """How a choice names the person: name and code name, or the code name alone."""
        return self.name if self.name == self.code_name else f"{self.name} · {self.code_name}"


MOST_MATCHES = 12


def people_called(db: Session, viewer: Viewer, typed: str, *, on: date) -> tuple[PersonMatch, ...]:
    """Find who is meant by a name, an alias or a code name, as far as the viewer may know them.

    Exact answers win: "Lom" finds Lom although there is a Lommen; then come those of whose name a
    word begins with it. "Viktor Älgmark · Lom", as the
    choices write it, finds by the code name after the dot.
    """
    code = " ".join(typed.rsplit("·", maxsplit=1)[-1].split()).casefold()
    if not code:
        return ()
    name = folded(code)
    rows = db.execute(_named_like(db, viewer, code, name, on)).all()
    exact = [row for row in rows if row.code_name.casefold() == code or row.is_whole]
    found = exact or sorted(rows, key=lambda row: not _begins(row, code))
    names = names_of(db, viewer, [row.id for row in found], on=on)
    return tuple(
        PersonMatch(id=row.id, name=names[row.id], code_name=row.code_name)
        for row in found[:MOST_MATCHES]
    )


def _begins(row: Any, code: str) -> bool:
    return bool(row.by_name) or row.code_name.casefold().startswith(code)


def _named_like(db: Session, viewer: Viewer, code: str, name: str, on: date) -> Select[Any]:
    p = known(Person, None)
    # SQLite folds only a–z, so Å, Ä and Ö are tried in each case.
    forms = {code, code.upper(), code.capitalize()}
    by_code = or_(*(p.c.code_name.icontains(form, autoescape=True) for form in sorted(forms)))
    seen = name_seen(p.c, viewer, on)
    by_name = and_(seen, begins(db, viewer.programme_id, p.c.id, name))
    is_whole = and_(seen, called(db, viewer.programme_id, p.c.id, name))
    return (
        select(p.c.id, p.c.code_name, by_name.label("by_name"), is_whole.label("is_whole"))
        .where(visible(p.c, viewer, "person:read", person=p.c.id), or_(by_code, by_name, is_whole))
        .order_by(p.c.code_name, p.c.id)
        .limit(200)
    )


def the_part(db: Session, viewer: Viewer, involvement_id: int, *, on: date) -> Involved:
    """Give one part as known now; raises NotFoundError where there is none for the viewer."""
    rows = involvements(db, viewer, as_of=None, on=on, after=involvement_id - 1, limit=1)
    if not rows or rows[0].id != involvement_id:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return rows[0]


def shown_people(rows: Iterable[Involved]) -> list[int]:
    """Give everybody who is shown, for the log."""
    return [row.person_id for row in rows]
