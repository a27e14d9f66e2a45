"""Very many rows go in as the driver takes them; what must be changed on the way may not."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.store.many_rows import ROWS_AT_ONCE, add_rows
from gvi.store.models import Base, ListSnapshot, ListSnapshotEntry
from tests.conftest import MONDAY
from tests.factories import a_person

ENTRIES = Base.metadata.tables[ListSnapshotEntry.__tablename__]


@pytest.mark.parametrize("count", [0, 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1])
def test_every_row_arrives_whatever_the_size_of_a_block(
    db: Session, programme: int, count: int
) -> None:
    kept = _kept_list(db, programme)
    people = [a_person(db, programme, MONDAY, f"Tärna {i}").id for i in range(count)]
    rows = ((kept, person, rank, 1, "{}") for rank, person in enumerate(people, start=1))
    add_rows(db, ENTRIES, ("snapshot_id", "person_id", "rank", "units", "parts"), rows)
    found = db.execute(select(ENTRIES.c.person_id).order_by(ENTRIES.c.rank)).scalars().all()
    assert found == people


def test_rows_are_taken_back_with_their_transaction(db: Session, programme: int) -> None:
    kept, person = _kept_list(db, programme), a_person(db, programme, MONDAY).id
    part = db.begin_nested()
    columns = ("snapshot_id", "person_id", "rank", "units", "parts")
    add_rows(db, ENTRIES, columns, [(kept, person, 1, 1, "{}")])
    part.rollback()
    assert db.execute(select(func.count()).select_from(ENTRIES)).scalar_one() == 0


@pytest.mark.parametrize("name", ["reason", "made_at"])
def test_what_is_sealed_or_an_instant_is_refused(db: Session, name: str) -> None:
    with pytest.raises(TypeError, match="list_snapshots"):
        add_rows(db, Base.metadata.tables["list_snapshots"], (name,), [("plain",)])


def _kept_list(db: Session, programme: int) -> int:
    values = {"compartment": "police", "score": "driving", "act": "printed", "reason": "a review"}
    made = {"known_at": MONDAY, "made_at": MONDAY, "role": "analyst", "compartments": "police"}
    counted = {"policy_version": 1, "seed": 1, "people": 0, "inputs": "{}", "digest": ""}
    new = ListSnapshot(programme_id=programme, **values, **made, **counted)
    db.add(new)
    db.flush()
    return new.id
