"""Finding people by sealed names: a blind index of names, their words and the words' beginnings.

The database compares keyed hashes and learns no name; rights are applied in the same question.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, event, false, insert, select
from sqlalchemy.orm import Session, UOWTransaction

from gvi.domain.naming import folded
from gvi.store.keys import Ring, ring_of, token
from gvi.store.models import Identity, NameToken, Person, PersonAlias

SHORTEST = 2
"""Letters from which the beginning of a word finds it."""
LONGEST = 24
"""Letters that are told apart: a longer word is found by its first so many."""

_WORD, _WHOLE = "w", "n"


def begins(
    db: Session, programme_id: int, person: ColumnElement[int], typed: str
) -> ColumnElement[bool]:
    """Give the clause that finds people with a name or alias that has every word, as begun.

    Words of one letter are left out; where nothing is left, nobody is found. The caller adds whose
    names the viewer may see.
    """
    words = [word for word in folded(typed).split() if len(word) >= SHORTEST]
    if not words:
        return false()
    ring = ring_of(db)
    return and_(*(_held(ring, programme_id, person, _WORD, word[:LONGEST]) for word in words))


def called(
    db: Session, programme_id: int, person: ColumnElement[int], typed: str
) -> ColumnElement[bool]:
    """Give the clause that finds people by a whole name or alias, accents and case apart."""
    return _held(ring_of(db), programme_id, person, _WHOLE, folded(typed))


def _held(
    ring: Ring, programme_id: int, person: ColumnElement[int], kind: str, text: str
) -> ColumnElement[bool]:
    wanted = ring.tokens(_marked(programme_id, kind, text))
    rows = NameToken.__table__.c
    return person.in_(select(rows.person_id).where(rows.token.in_(wanted)))


def _marked(programme_id: int, kind: str, text: str) -> str:
    return f"{programme_id} {kind} {text}"


def index_rows(
    ring: Ring, programme_id: int, person_id: int, name: str, alias_id: int | None = None
) -> list[dict[str, Any]]:
    """Give the rows of the blind index of one name, or of an alias."""
    whole = folded(name)
    parts = {
        word[:length]
        for word in whole.split()
        for length in range(SHORTEST, min(len(word), LONGEST) + 1)
    }
    texts = [(_WORD, part) for part in sorted(parts)] + [(_WHOLE, whole)]
    key = ring.newest
    return [
        {
            "programme_id": programme_id,
            "person_id": person_id,
            "identity_id": person_id if alias_id is None else None,
            "alias_id": alias_id,
            "key": key.number,
            "token": token(key, _marked(programme_id, kind, text)),
        }
        for kind, text in texts
    ]


def index_names(db: Session, programme_id: int, names: Iterable[tuple[int, str]]) -> None:
    """Index people's names (person, name) anew, where they were written by a bare statement."""
    given = list(names)
    _index(db, [Identity(person_id=key, name=name) for key, name in given], programme_id)


@event.listens_for(Session, "after_flush")
def _keep_index(session: Session, _context: UOWTransaction) -> None:
    """Index every name and alias that was just written; a deleted one takes its index along."""
    written = [
        each
        for each in (*session.new, *session.dirty)
        if isinstance(each, Identity | PersonAlias) and session.is_modified(each)
    ]
    if written:
        _index(session, written)


def _index(
    db: Session, written: Sequence[Identity | PersonAlias], programme_id: int | None = None
) -> None:
    ring, rows = ring_of(db), NameToken.__table__.c
    ids = {each.person_id for each in written}
    towns: dict[int, int] = dict.fromkeys(ids, programme_id or 0)
    if programme_id is None:
        people = select(Person.id, Person.programme_id).where(Person.id.in_(ids))
        towns = {row.id: row.programme_id for row in db.execute(people)}
    fresh: list[dict[str, Any]] = []
    for each in written:
        alias_id = each.id if isinstance(each, PersonAlias) else None
        name = each.alias if isinstance(each, PersonAlias) else each.name
        fresh += index_rows(ring, towns[each.person_id], each.person_id, name, alias_id)
    for clause in (
        rows.identity_id.in_([e.person_id for e in written if isinstance(e, Identity)]),
        rows.alias_id.in_([e.id for e in written if isinstance(e, PersonAlias)]),
    ):
        db.execute(delete(NameToken).where(clause))
    if fresh:
        db.execute(insert(NameToken), fresh)
