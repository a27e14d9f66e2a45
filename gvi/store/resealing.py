"""Sealing everything anew with the newest key, a batch at a time; can be stopped and taken up."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    Table,
    TableClause,
    and_,
    bindparam,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Session

from gvi.store.keys import SEAL_KEYS, WHOLE, Ring, ring_of
from gvi.store.models import Base, Identity, ImportDraft, NameToken, PersonAlias
from gvi.store.names import index_rows
from gvi.store.sealing import (
    FORMAT,
    Sealed,
    open_bytes,
    opened_with,
    seal_bytes,
    sealed_columns,
    sealed_with,
)

AT_ONCE = 500
_LOCK = 7_317_002
"""PostgreSQL's advisory lock that every transaction shares while it may seal."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key of the ring, and how many rows are sealed or indexed with it."""

    number: int
    made_at: Any
    rows: int
    is_newest: bool


def key_lines(db: Session) -> list[KeyLine]:
    """List the keys, the oldest first."""
    rows = db.execute(
        select(SEAL_KEYS.c.number, SEAL_KEYS.c.made_at).where(WHOLE).order_by(SEAL_KEYS.c.number)
    ).all()
    newest = rows[-1].number if rows else 0
    return [
        KeyLine(number, made_at, rows_under(db, number), number == newest)
        for number, made_at in rows
    ]


def rows_under(db: Session, key: int) -> int:
    """Count the rows that only this key opens or finds."""
    prefix = f"{FORMAT}.{key}."
    count = 0
    for place in _places():
        held = or_(*(place.rows.c[name].like(f"{prefix}%") for name in place.columns))
        count += db.execute(select(func.count()).select_from(place.rows).where(held)).scalar_one()
    drafts = select(func.count()).where(_draft_begins(prefix))
    tokens = select(func.count()).where(NameToken.key == key)
    return count + db.execute(drafts).scalar_one() + db.execute(tokens).scalar_one()


def old_rows(db: Session) -> int:
    """Count the rows that are not yet sealed with the newest key."""
    newest = ring_of(db).newest.number
    return sum(line.rows for line in key_lines(db) if line.number != newest)


def reseal_some(db: Session) -> int:
    """Seal a batch of rows with the newest key; gives how many, 0 where all are."""
    ring = ring_of(db)
    for place in _places():
        if done := _reseal(db, ring, place):
            return done
    return _reseal_draft(db, ring) or _index_some(db, ring)


def wait_for_writers(db: Session) -> None:
    """Wait until nobody else is in the middle of a transaction; SQLite lets one write at a time."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


@dataclass(frozen=True, slots=True)
class _Place:
    """One table's sealed columns, as the database holds them."""

    rows: TableClause
    key: str
    """The column that names a row."""
    record: str
    places: tuple[str, ...]
    """The places the texts are bound to, in the order of the columns."""
    columns: tuple[str, ...]


@cache
def _places() -> tuple[_Place, ...]:
    return tuple(_found_places())


def _found_places() -> Iterator[_Place]:
    for whole in Base.metadata.sorted_tables:
        if names := sealed_columns(whole):
            yield _place(whole, names)


def _place(whole: Table, names: tuple[str, ...]) -> _Place:
    kinds = [kind for name in names if isinstance(kind := whole.c[name].type, Sealed)]
    key, record = next(iter(whole.primary_key)).name, kinds[0].record
    shown = dict.fromkeys((key, record, *names))
    rows = table(whole.name, *(column(n, String() if n in names else None) for n in shown))
    return _Place(rows, key, record, tuple(kind.place for kind in kinds), names)


def _reseal(db: Session, ring: Ring, place: _Place) -> int:
    prefix, c = f"{FORMAT}.{ring.newest.number}.", place.rows.c
    old = or_(*(and_(c[name] != "", c[name].not_like(f"{prefix}%")) for name in place.columns))
    found = select(*c).where(old).order_by(c[place.key]).limit(AT_ONCE).with_for_update()
    rows = db.execute(found).mappings().all()
    if not rows:
        return 0
    changes = [{"which": row[place.key], **_sealed_anew(ring, place, row)} for row in rows]
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in place.columns}
    db.execute(update(place.rows).where(c[place.key] == bindparam("which")).values(values), changes)
    return len(rows)


def _sealed_anew(ring: Ring, place: _Place, row: Any) -> dict[str, str | None]:
    anew: dict[str, str | None] = {}
    for name, where in zip(place.columns, place.places, strict=True):
        held, bound_to = row[name], f"{where} {row[place.record]}"
        opened = held and opened_with(ring, held, bound_to)
        anew[f"new_{name}"] = opened and sealed_with(ring, opened, bound_to)
    return anew


def _draft_begins(prefix: str) -> ColumnElement[bool]:
    return func.substr(ImportDraft.content, 1, len(prefix)) == prefix.encode()


def _reseal_draft(db: Session, ring: Ring) -> int:
    old = ~_draft_begins(f"{FORMAT}.{ring.newest.number}.")
    draft = db.execute(select(ImportDraft).where(old).limit(1)).scalar_one_or_none()
    if draft is None:
        return 0
    place: dict[str, Any] = {"table": "import_drafts", "column": "content", "record": draft.id}
    draft.content = seal_bytes(db, open_bytes(db, draft.content, **place), **place)
    db.flush()
    return 1


def _index_some(db: Session, ring: Ring) -> int:
    """Make the blind index of some names anew."""
    fresh: list[dict[str, Any]] = []
    for owner, whose, name in (
        (NameToken.identity_id, Identity.person_id, Identity.name),
        (NameToken.alias_id, PersonAlias.id, PersonAlias.alias),
    ):
        old = NameToken.key != ring.newest.number, owner.is_not(None)
        some = select(owner).distinct().where(*old).limit(AT_ONCE)
        ids = list(db.execute(some).scalars())
        towns = select(owner, NameToken.person_id, NameToken.programme_id).where(owner.in_(ids))
        of = {row[0]: row[1:] for row in db.execute(towns)}
        for key, called in db.execute(select(whose, name).where(whose.in_(ids))).all():
            person_id, programme_id = of[key]
            alias_id = key if owner is NameToken.alias_id else None
            fresh += index_rows(ring, programme_id, person_id, called, alias_id)
        db.execute(delete(NameToken).where(owner.in_(ids)))
    if fresh:
        db.execute(insert(NameToken), fresh)
    return len(fresh)
