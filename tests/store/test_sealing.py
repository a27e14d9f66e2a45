"""Names and notes at rest: sealed, bound to their record, and nothing plain left in the files."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import String, insert, select, text
from sqlalchemy.exc import StatementError

from gvi.domain.access import Role, Viewer
from gvi.store.engine import make_engine, transaction, unlock
from gvi.store.keys import SealError, ensure_key, ring_of
from gvi.store.migrate import downgrade, scrub, upgrade
from gvi.store.models import (
    Base,
    Contact,
    Fact,
    Identity,
    Involvement,
    NameToken,
    Person,
    PersonAlias,
    Programme,
    Supervision,
    SupportCase,
    revisions_of,
)
from gvi.store.models.open_text import OPEN_TEXT
from gvi.store.sealing import Sealed, open_, seal
from gvi.store.wall import EVERYTHING
from gvi.usecases.demo.load import load
from gvi.usecases.facts import withdraw
from tests.conftest import MONDAY, SECRET_KEY, ZONE
from tests.factories import a_person, a_supervision

NAME = "Xerxes Quistgaard"
PAST = {revisions_of(each).name: each.__tablename__ for each in Fact.__subclasses__()}
"""Tables of superseded values: sealed as the facts they were."""


def raw(db, question, **given):
    return db.execute(text(question), given).scalars().all()


def test_every_text_column_is_sealed_or_said_to_be_open():
    columns = [
        (f"{table.name}.{column.name}", column)
        for table in Base.metadata.sorted_tables
        if table.name not in PAST
        for column in table.columns
    ]
    sealed = {place for place, column in columns if isinstance(column.type, Sealed)}
    texts = {place for place, column in columns if isinstance(column.type, String)} - sealed
    assert texts == set(OPEN_TEXT)


def test_a_sealed_column_knows_its_own_place():
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Sealed):
                whose = PAST.get(table.name, table.name)
                assert column.type.place == f"{whose}.{column.name}"
                assert column.type.record in table.columns


def test_what_is_stored_is_not_what_is_read(db, programme):
    person = a_person(db, programme, MONDAY, "Lom", name=NAME)
    other = a_person(db, programme, MONDAY, "Tärna", name=NAME)

    stored = raw(db, "SELECT name FROM identities ORDER BY person_id")
    assert db.execute(select(Identity.name)).scalars().all() == [NAME, NAME]
    assert all(each.startswith("1.1.") for each in stored)
    assert stored[0] != stored[1]
    assert person.id != other.id


def test_a_sealed_text_opens_in_no_other_record(db, programme):
    one = a_supervision(db, MONDAY, a_person(db, programme, MONDAY, "Lom"), note="Rings on Fridays")
    two = a_supervision(db, MONDAY, a_person(db, programme, MONDAY, "Alka"), note="Never rings")
    moved = text("UPDATE supervisions SET note = (SELECT note FROM supervisions WHERE id = :a)")
    db.execute(moved, {"a": one.id})

    rows = select(Supervision.note)
    assert db.execute(rows.where(Supervision.id == one.id)).scalar_one() == "Rings on Fridays"
    with pytest.raises(SealError, match="belongs elsewhere"):
        db.execute(rows.where(Supervision.id == two.id)).scalar_one()
    db.execute(text("UPDATE supervisions SET note = ''"))


def test_a_sealed_text_opens_in_no_other_column(db, programme):
    person = a_person(db, programme, MONDAY, "Lom")
    held = a_supervision(db, MONDAY, person, note="Rings on Fridays")
    db.execute(text("UPDATE supervisions SET source = note"))

    with pytest.raises(SealError, match="belongs elsewhere"):
        db.execute(select(Supervision.source).where(Supervision.id == held.id)).scalar_one()
    db.execute(text("UPDATE supervisions SET source = ''"))


def test_a_changed_or_plain_text_is_refused_and_never_shown(db, programme):
    person = a_person(db, programme, MONDAY, "Lom", name=NAME)
    for planted in ("Somebody Else", "1.1.AAAA", "1.9.AAAA"):
        db.execute(text("UPDATE identities SET name = :planted"), {"planted": planted})
        with pytest.raises(SealError):
            db.execute(select(Identity.name)).scalars().all()
    db.execute(text("DELETE FROM identities"))
    assert person.id


def test_text_that_is_not_bound_to_its_record_cannot_be_written(db, programme):
    person = a_person(db, programme, MONDAY, "Lom")
    with pytest.raises((StatementError, TypeError), match="bind the text to its record"):
        db.execute(insert(Identity.__table__).values(person_id=person.id, name=NAME))


def test_a_sealed_column_is_not_compared_by_the_database(db, programme):
    with pytest.raises((StatementError, TypeError), match="bind the text to its record"):
        db.execute(select(Identity.person_id).where(Identity.name == NAME)).all()


def test_the_past_of_a_fact_stays_sealed_and_opens(db, viewer, programme):
    person = a_person(db, programme, MONDAY, "Lom")
    held = a_supervision(db, MONDAY, person, note="Rings on Fridays")
    withdraw(held, viewer(Role.PROBATION), at=MONDAY + timedelta(days=1), reason="Mistaken")
    db.flush()

    old = revisions_of(Supervision)
    assert db.execute(select(old.c.note)).scalars().all() == ["Rings on Fridays"]
    assert raw(db, "SELECT note FROM supervisions_revisions")[0].startswith("1.1.")
    assert db.execute(select(Supervision.withdrawn_reason)).scalars().all() == ["Mistaken"]


def test_others_may_seal_for_a_column_of_their_own(db):
    sealed = seal(db, "JBSWY3DP", table="users", column="totp", record=7)

    assert open_(db, sealed, table="users", column="totp", record=7) == "JBSWY3DP"
    for elsewhere in ({"record": 8}, {"column": "note"}, {"table": "persons"}):
        with pytest.raises(SealError, match="belongs elsewhere"):
            open_(db, sealed, **{"table": "users", "column": "totp", "record": 7, **elsewhere})


# The key


def test_without_the_secret_key_nothing_opens_and_it_says_what_to_do(database_url, db, programme):
    a_person(db, programme, MONDAY, "Lom", name=NAME)
    db.commit()
    other = make_engine(database_url)
    with (
        pytest.raises(SealError, match="Set it to the site's secret key"),
        transaction(other, wall=EVERYTHING) as tx,
    ):
        tx.execute(select(Identity.name)).all()
    other.dispose()


def test_a_wrong_secret_key_is_refused_at_once(database_url, programme):
    other = make_engine(database_url)
    with pytest.raises(SealError, match="not the one this database was sealed with"):
        unlock(other, "another secret key, which this is not")
    other.dispose()


# Going away


def test_the_index_of_a_name_goes_with_the_name(db, programme):
    person = a_person(db, programme, MONDAY, "Lom", name=NAME)
    db.add(PersonAlias(person_id=person.id, alias="Vicke"))
    db.flush()
    assert len(raw(db, "SELECT id FROM name_tokens")) == 5 + 9 + 1 + 4 + 1

    db.execute(text("DELETE FROM identities"))
    db.execute(text("DELETE FROM person_aliases"))

    assert raw(db, "SELECT id FROM name_tokens") == []


def test_a_name_that_changed_is_no_longer_found_by_the_old_one(db, programme):
    person = a_person(db, programme, MONDAY, "Lom", name="Viktor")
    before = set(db.execute(select(NameToken.token)).scalars())
    identity = db.get_one(Identity, person.id)
    identity.name = "Olle"
    db.flush()

    assert before.isdisjoint(db.execute(select(NameToken.token)).scalars())


# From a database that was not sealed


@pytest.fixture
def old_town(database, request, tmp_path):
    """The invented town in a database of the first version, with one name that is nowhere else."""
    if database == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        url = request.getfixturevalue("postgres_server").create(f"old_{tmp_path.name}"[:40])
    engine = make_engine(url)
    upgrade(engine, secret_key=SECRET_KEY)
    with engine.begin() as connection:
        ensure_key(connection, SECRET_KEY, at=MONDAY)
    unlock(engine, SECRET_KEY)
    with transaction(engine) as db:
        town = Programme(code="default", display_name="", created_at=MONDAY)
        db.add(town)
        db.flush()
        operator = Viewer(programme_id=town.id, user_id=None, role=None, name="op", source="cli")
        load(db, operator, at=MONDAY, zone=ZONE)
        person = db.execute(select(Person).order_by(Person.id).limit(1)).scalar_one()
        db.get_one(Identity, person.id).name = NAME
        db.add(PersonAlias(person_id=person.id, alias="Xyxan"))
        part = db.execute(select(Involvement).limit(1)).scalar_one()
        part.source, part.revised_at = "a neighbour of Xerxes", MONDAY + timedelta(days=1)
    engine.dispose()
    engine = make_engine(url)
    downgrade(engine, "0001_first_schema", secret_key=SECRET_KEY)
    yield engine
    engine.dispose()
    if database == "postgres":
        request.getfixturevalue("postgres_server").drop(f"old_{tmp_path.name}"[:40])


@pytest.mark.slow
def test_a_database_of_the_first_version_is_sealed_and_reads_the_same(old_town, database):
    with transaction(old_town) as db:
        assert NAME in raw(db, "SELECT name FROM identities")
        notes = raw(db, "SELECT note FROM contacts ORDER BY id")
        people = raw(db, "SELECT name FROM identities ORDER BY person_id")
        cases = raw(db, "SELECT note FROM support_cases ORDER BY id")
    assert any(notes)
    with pytest.raises(SealError, match="set GVI_SECRET_KEY"):
        upgrade(old_town)

    assert upgrade(old_town, secret_key=SECRET_KEY)
    scrub(old_town)
    unlock(old_town, SECRET_KEY)

    with transaction(old_town) as db:
        ring_of(db)
        assert db.execute(select(Contact.note).order_by(Contact.id)).scalars().all() == notes
        names = select(Identity.name).order_by(Identity.person_id)
        assert db.execute(names).scalars().all() == people
        assert (
            db.execute(select(SupportCase.note).order_by(SupportCase.id)).scalars().all() == cases
        )
        assert "a neighbour of Xerxes" in db.execute(select(Involvement.source)).scalars().all()
        assert not any(
            each.isascii() and " " in each for each in raw(db, "SELECT note FROM contacts")
        )
        found = select(NameToken.person_id).where(
            NameToken.token.in_(ring_of(db).tokens("1 w quistg"))
        )
        assert len(db.execute(found).scalars().all()) == 1
    if database == "sqlite":
        left = _bytes(old_town)
        for word in (b"Quistgaard", b"quistgaard", b"Xyxan", b"neighbour of Xerxes"):
            assert word not in left


def _bytes(engine) -> bytes:
    path = Path(engine.url.database)
    beside = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-journal")]
    return b"".join(each.read_bytes() for each in beside if each.exists())
