"""Removing a record with all that belongs to it, putting it back, letting it in again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.grading import Compartment
from gvi.domain.person import is_adult
from gvi.domain.removal import RESTORABLE, Removable, RemovalCause, Side, side_of
from gvi.domain.text import N_
from gvi.store import audit
from gvi.store.belongings import Belongings, Bundle, Key, Row
from gvi.store.bundle import ACCESS, JUDGEMENTS, belongings, put_back, take_out
from gvi.store.fingerprint import fingerprint
from gvi.store.models import (
    Base,
    Clearance,
    Fact,
    Group,
    GroupRelation,
    ImportDraft,
    Incident,
    Involvement,
    Membership,
    Person,
    Removal,
    Supervision,
    SupportCase,
    Tie,
)
from gvi.store.queries.removal import closed, opened, sides_held
from gvi.store.sealing import bound
from gvi.store.wall import behind_the_wall
from gvi.usecases.changes import reasoned
from gvi.usecases.clearance import hold_call_ins, judgements_came_back, judgements_went
from gvi.usecases.rights import require, the

WRITE = "removal:write"
MODELS: Mapping[Removable, type[Fact] | type[SupportCase]] = MappingProxyType(
    {
        Removable.PERSON: Person,
        Removable.INCIDENT: Incident,
        Removable.SUPPORT_CASE: SupportCase,
        Removable.GROUP: Group,
        Removable.GROUP_RELATION: GroupRelation,
        Removable.MEMBERSHIP: Membership,
        Removable.TIE: Tie,
        Removable.SUPERVISION: Supervision,
        Removable.INVOLVEMENT: Involvement,
    }
)
OF_THE_PERSON = frozenset(
    {"persons", "persons_revisions", "identities", "person_aliases", "name_tokens"}
)
"""Tables that say who the person is, whichever side needs to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a removal would take."""

    thing: Removable
    thing_id: int
    side: Side
    called: str
    bundle: Bundle
    is_whole: bool
    """False for a person of whom the other side, or probation's own register, keeps something."""
    external_id: str | None
    counts: Mapping[str, int]
    """How many rows of each table go that are the viewer's side's own."""
    hides_counts: bool = False
    """Whether the numbers would tell the viewer what is not for the viewer's role."""


def part_to_remove(
    db: Session, viewer: Viewer, thing: Removable, thing_id: int, *, at: datetime
) -> Part:
    """Find what would go with a thing; changes nothing.

    Raises NotFoundError for a thing the viewer may not remove or see, RuleError for a person of
    whom the viewer's side holds nothing.
    """
    require(viewer, WRITE)
    if thing is Removable.PERSON:
        person = the(db, viewer, Person, thing_id, "person:read", person="id")
        return _of_person(db, viewer, person, at=at)
    row = the(db, viewer, MODELS[thing], thing_id, WRITE)
    if thing in (Removable.MEMBERSHIP, Removable.TIE, Removable.SUPERVISION):
        _check_people(db, viewer, _people(row), at=at)
    return part_of(db, thing, row)


def _check_people(db: Session, viewer: Viewer, people: list[int], *, at: datetime) -> None:
    """Refuse a fact about somebody the viewer may not see, or of whom involvements only."""
    for person_id in people:
        person = the(db, viewer, Person, person_id, "person:read", person="id")
        if not allows(viewer, "under_18:read") and not is_adult(person.birth_date, at.date()):
            raise NotFoundError(N_("There is no such record, or it is not for you."))


def part_of(db: Session, thing: Removable, row: Any) -> Part:
    """Find everything that goes with a thing that is no person."""
    bundle = belongings(db, row.__tablename__, row.id).of(Side)
    return Part(
        thing=thing,
        thing_id=row.id,
        side=side_of(row.compartment),
        called=_called(db, row),
        bundle=bundle,
        is_whole=True,
        counts={table: bundle.count(table) for table in bundle.rows},
        external_id=getattr(row, "external_id", None),
    )


def _of_person(db: Session, viewer: Viewer, person: Person, *, at: datetime) -> Part:
    sides = sides_held(viewer, WRITE)
    found = belongings(db, "persons", person.id)
    # The operator acts for both sides at once, and takes the whole.
    side = next(iter(sides)) if len(sides) == 1 else None
    hidden = not allows(viewer, "under_18:read") and not is_adult(person.birth_date, at.date())
    return person_part(found, person, side, hides_counts=hidden)


def person_part(
    found: Belongings,
    person: Person,
    side: Side | None,
    *,
    hides_counts: bool = False,
    register_stays: bool = True,
) -> Part:
    """Give what one side takes of a person, or the whole where the other side has nothing.

    `side` None takes the whole. What probation disclosed stays, and the person with it, unless its
    own time is over (`register_stays`). Raises RuleError where the side holds nothing.
    """
    found = found.with_register() if register_stays else found
    other = None if side is None else (Side.SOCIAL if side is Side.POLICE else Side.POLICE)
    is_needed = other is not None and _needed_by(found, person, other)
    whole = side is None or not (is_needed or (register_stays and found.has_probations))
    keeper = _keeper(found, side) if side and is_needed else Compartment.PROBATION.value
    bundle = found.of(Side) if whole or side is None else _share(found, person, side, keeper)
    if not whole and not bundle.rows and not bundle.altered:
        raise RuleError(
            N_("Your side of the secrecy holds nothing about this person that could be removed.")
        )
    keeps_id = not whole and side is Side.SOCIAL
    own = bundle if side is None else found.seen_by([side])
    counts = {
        name: sum(key in own.rows.get(name, {}) for key in bundle.rows[name])
        for name in own.rows
        if name in bundle.rows
    }
    return Part(
        thing=Removable.PERSON,
        thing_id=person.id,
        side=side or side_of(person.compartment),
        called=person.code_name,
        bundle=bundle,
        is_whole=whole,
        external_id=None if keeps_id else person.external_id,
        counts={table: number for table, number in counts.items() if number},
        hides_counts=hides_counts,
    )


def _needed_by(found: Belongings, person: Person, other: Side) -> bool:
    """Tell whether a side still needs to know who the person is.

    Work that stands under no secrecy of its own, such as a colour, is no sign that the other side
    knows somebody whom only one side entered.
    """
    is_shared = person.compartment == Compartment.SHARED.value
    if not is_shared and side_of(person.compartment) is other:
        return True
    # An exception that let somebody in is no work with the person either, nor is a judgement on
    # an invitation that goes.
    left = OF_THE_PERSON | ACCESS | JUDGEMENTS
    return found.any_of(other, without=left, marked_only=not is_shared)


def _share(found: Belongings, person: Person, side: Side, keeper: str) -> Bundle:
    """Give a side's share of a person who stays with another; the entry passes to that one."""
    bundle = found.of([side], without=OF_THE_PERSON)
    compartment = person.compartment
    if compartment != Compartment.SHARED.value and side_of(compartment) is not side:
        return bundle
    if compartment == Compartment.SHARED.value and side is Side.SOCIAL and not bundle.rows:
        return bundle
    whose = found.bundle.rows["persons"][(person.id,)]
    bundle.person = dict(whose)
    after: dict[str, Any] = {"compartment": keeper, "source": "", "ground": ""}
    after["grade"] = None
    taken = {"persons_revisions"}
    if side is Side.POLICE:
        after["external_id"] = None
    elif compartment != Compartment.SHARED.value:
        # A name that only the social side gave does not pass to the police.
        taken |= {"identities", "person_aliases", "name_tokens"}
    bundle.altered = {
        name: (whose[name], value) for name, value in after.items() if whose[name] != value
    }
    for table in sorted(taken):
        for key, row in found.bundle.rows.get(table, {}).items():
            bundle.add(table, key, row)
    return bundle


def _keeper(found: Belongings, leaving: Side) -> str:
    """Give the secrecy under which the other side goes on with the person."""
    if leaving is Side.SOCIAL:
        return Compartment.POLICE.value
    held = {row.get("compartment") for rows in found.bundle.rows.values() for row in rows.values()}
    only_child = Compartment.CHILD.value in held and Compartment.SOCIAL.value not in held
    return Compartment.CHILD.value if only_child else Compartment.SOCIAL.value


def _people(row: Any) -> list[int]:
    return [
        getattr(row, name)
        for name in ("person_id", "person_a_id", "person_b_id")
        if hasattr(row, name)
    ]


def _called(db: Session, row: Any) -> str:
    """Say what people call a thing, without names: code names, groups, days."""
    parts = list(
        db.execute(select(Person.code_name).where(Person.id.in_(_people(row))).order_by(Person.id))
        .scalars()
        .all()
    )
    ids = [getattr(row, n) for n in ("group_id", "group_a_id", "group_b_id") if hasattr(row, n)]
    names = select(Group.name).where(Group.id.in_(ids)).order_by(Group.id)
    parts += db.execute(names).scalars()
    if isinstance(row, Group):
        parts.append(row.name)
    if isinstance(row, Incident):
        parts += [row.kind.replace("_", " "), row.occurred_at.date().isoformat()]
    return " – ".join(parts)


# The acts


def remove(
    db: Session, viewer: Viewer, thing: Removable, thing_id: int, *, reason: str, at: datetime
) -> Removal:
    """Take a thing and all that belongs to it out of every table; it can be put back for a month.

    Raises RuleError without a reason, and what `part_to_remove` raises.
    """
    if thing is Removable.PERSON:
        # Nobody records anything about the person meanwhile.
        db.execute(select(Person.id).where(Person.id == thing_id).with_for_update())
    part = part_to_remove(db, viewer, thing, thing_id, at=at)
    return carry_out(db, viewer, part, reason=reasoned(reason), at=at)


def carry_out(
    db: Session,
    viewer: Viewer,
    part: Part,
    *,
    reason: str,
    at: datetime,
    cause: RemovalCause = RemovalCause.BY_HAND,
) -> Removal:
    """Take out what was found, keep it in one bundle, and log that it was done."""
    db.flush()
    judgements = part.bundle.rows.get(Clearance.__tablename__, {})
    hold_call_ins(db, [row["id"] for row in judgements.values()])
    with behind_the_wall(db, "a record goes whole: what was chosen to go is decided before"):
        take_out(db, part.bundle)
    if part.bundle.altered:
        values = {name: after for name, (_, after) in part.bundle.altered.items()}
        people = Base.metadata.tables[Person.__tablename__]
        changed = bound(people, values, part.thing_id)
        db.execute(update(people).where(people.c.id == part.thing_id).values(changed))
    db.expire_all()
    judgements_went(db, viewer, {row["invitee_id"] for row in judgements.values()}, at=at)
    removal = Removal(
        programme_id=viewer.programme_id,
        thing=part.thing.value,
        thing_id=part.thing_id,
        side=part.side.value,
        cause=cause.value,
        removed_at=at,
        removed_by_id=viewer.user_id,
        reason=reason,
        erase_at=at + RESTORABLE,
        bundle=closed(part.bundle, called=part.called),
        fingerprint=fingerprint(db, part.external_id) if part.external_id else None,
    )
    db.add(removal)
    # Uploads on their way in may name it; they are kept for an hour only and come in again.
    db.execute(delete(ImportDraft).where(ImportDraft.programme_id == viewer.programme_id))
    db.flush()
    _log(db, viewer, "removed", removal=removal, bundle=part.bundle, at=at)
    return removal


def _log(
    db: Session, viewer: Viewer, act: str, *, removal: Removal, bundle: Bundle, at: datetime
) -> None:
    audit.append(
        db,
        viewer,
        AuditVerb.CHANGED,
        f"{removal.thing}:{act}",
        at=at,
        subjects={removal.thing: [removal.thing_id], "removal": [removal.id]},
        detail={
            "rows": sum(len(rows) for rows in bundle.rows.values()),
            "side": removal.side,
            "cause": removal.cause,
        },
    )


def restore(db: Session, viewer: Viewer, removal_id: int, *, at: datetime) -> tuple[str, int]:
    """Put back what was removed, as it was; gives its noun and number.

    Raises NotFoundError for what is erased, or is the other side's; RuleError where something new
    has taken its place.
    """
    removal = _held(db, viewer, removal_id)
    if removal.bundle is None or removal.erase_at <= at:
        raise RuleError(N_("This was erased: it cannot be put back any more."))
    bundle, called = opened(removal.bundle)
    _free_name(db, viewer, bundle, called)
    try:
        with db.begin_nested(), behind_the_wall(db, "a record comes back as it was taken out"):
            put_back(db, bundle, _Keeper(db, removal))
    except IntegrityError:
        raise RuleError(
            N_("Something entered since has its id or its place. Correct that first.")
        ) from None
    db.expire_all()
    judgements = bundle.rows.get(Clearance.__tablename__, {})
    judgements_came_back(
        db,
        viewer,
        [row["id"] for row in judgements.values()],
        since=removal.removed_at,
        at=at,
    )
    _log(db, viewer, "put_back", removal=removal, bundle=bundle, at=at)
    thing = removal.thing, removal.thing_id
    db.delete(removal)
    db.flush()
    return thing


def _held(db: Session, viewer: Viewer, removal_id: int) -> Removal:
    sides = [side.value for side in sides_held(viewer, WRITE)]
    found = db.execute(
        select(Removal)
        .where(
            Removal.id == removal_id,
            Removal.programme_id == viewer.programme_id,
            Removal.side.in_(sides),
        )
        .with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return found


def _free_name(db: Session, viewer: Viewer, bundle: Bundle, code_name: str) -> None:
    """Give a person a number behind the code name where somebody else got it meanwhile."""
    for row in bundle.rows.get("persons", {}).values():
        taken = set(
            db.execute(
                select(Person.code_name).where(
                    Person.programme_id == viewer.programme_id,
                    Person.code_name.startswith(code_name, autoescape=True),
                    Person.id != row["id"],
                )
            ).scalars()
        )
        number = 2
        while row["code_name"] in taken:
            row["code_name"], number = f"{code_name} {number}", number + 1


class _Keeper:
    """Hands a row that cannot come back yet to the bundle of the thing it still lacks."""

    def __init__(self, db: Session, but: Removal) -> None:
        self._db, self._but = db, but

    def __call__(self, parent: str, parent_id: int, table: str, key: Key, row: Row) -> bool:
        others = self._db.execute(
            select(Removal).where(
                Removal.programme_id == self._but.programme_id,
                Removal.id != self._but.id,
                Removal.bundle.is_not(None),
            )
        ).scalars()
        for other in others:
            if other.bundle is None:
                continue
            bundle, called = opened(other.bundle)
            if (parent_id,) in bundle.rows.get(parent, {}):
                bundle.add(table, key, row)
                other.bundle = closed(bundle, called=called)
                return True
        return False


def let_in_again(
    db: Session, viewer: Viewer, removal_id: int, *, reason: str, at: datetime
) -> None:
    """Decide that files may name an erased thing again; it is then like any unknown id.

    Raises RuleError without a reason, or for something that can still be put back.
    """
    removal = _held(db, viewer, removal_id)
    reasoned(reason)
    if removal.erased_at is None:
        raise RuleError(N_("This can still be put back: that keeps what was known."))
    removal.fingerprint = None
    audit.append(
        db,
        viewer,
        AuditVerb.CHANGED,
        "removal:let_in_again",
        at=at,
        subjects={"removal": [removal.id]},
        purpose=reason.strip(),
    )
