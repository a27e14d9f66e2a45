"""The migrations build what the models say, the same on both databases, and can be taken back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.store.engine import make_engine, transaction
from gvi.store.migrate import configuration, downgrade, is_current, upgrade
from gvi.store.models import (
    Action,
    Base,
    CallInSession,
    Clearance,
    Invitee,
    Person,
    Programme,
    RiskCheck,
    SeatPlace,
    Speaker,
    StatusChange,
)
from gvi.usecases.demo.load import load
from tests import factories as make
from tests.conftest import MONDAY, SECRET_KEY, ZONE, ready_engine

SCRIPTS = ScriptDirectory.from_config(configuration())
STEPS = [script.revision for script in SCRIPTS.walk_revisions()]
"""All migrations, the newest first."""
NUMBERED_ONCE = {
    table.name for table in Base.metadata.tables.values() if table.kwargs["sqlite_autoincrement"]
}
"""Tables that never give a number twice: SQLite lets their primary key have no name."""


@dataclass(frozen=True)
class Table:
    """What two databases must agree on in one table."""

    columns: dict[str, tuple[type, bool]]
    """Name → Python type, and whether NULL is allowed."""
    primary_key: tuple[str | None, tuple[str, ...]]
    foreign_keys: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]]
    unique: dict[str, tuple[str, ...]]
    checks: dict[str, str]
    """Name → the rule as this database words it."""
    indexes: dict[str, tuple[str, ...]]


def schema(engine: Engine) -> dict[str, Table]:
    seen = inspect(engine)
    names = set(seen.get_table_names()) - {"alembic_version"}
    return {name: _table(seen, name) for name in sorted(names)}


def _table(seen, name: str) -> Table:
    key = seen.get_pk_constraint(name)
    return Table(
        columns={c["name"]: _column(c) for c in seen.get_columns(name)},
        primary_key=(key["name"], tuple(key["constrained_columns"])),
        foreign_keys={
            f["name"]: (
                tuple(f["constrained_columns"]),
                f["referred_table"],
                tuple(f["referred_columns"]),
            )
            for f in seen.get_foreign_keys(name)
        },
        unique={u["name"]: tuple(u["column_names"]) for u in seen.get_unique_constraints(name)},
        checks={c["name"]: c["sqltext"] for c in seen.get_check_constraints(name)},
        indexes={
            i["name"]: tuple(i["column_names"])
            for i in seen.get_indexes(name)
            if "duplicates_constraint" not in i
        },
    )


def _column(column: ReflectedColumn) -> tuple[type, bool]:
    return column["type"].python_type, column["nullable"]


@pytest.fixture
def bare(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], Engine]]:
    """Makes databases in which there is nothing at all: `bare("name")`."""
    made: list[Engine] = []
    names: list[str] = []

    def make(name: str) -> Engine:
        if database == "sqlite":
            url = f"sqlite:///{tmp_path / name}.db"
        else:
            names.append(f"{name}_{tmp_path.name}"[:40])
            url = request.getfixturevalue("postgres_server").create(names[-1])
        made.append(make_engine(url))
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()
    for name in names:
        request.getfixturevalue("postgres_server").drop(name)


def test_migrations_build_what_the_models_say(engine, bare):
    from_models = bare("models")
    Base.metadata.create_all(from_models)

    assert schema(engine) == schema(from_models)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert is_current(connection)


def _alike(tables: dict[str, Table]) -> dict[str, Table]:
    """Leave out what the two databases cannot say alike: the wording of rules, and some keys."""
    return {
        name: replace(
            table,
            checks=dict.fromkeys(table.checks, ""),
            primary_key=(_key_name(name, table), table.primary_key[1]),
        )
        for name, table in tables.items()
    }


def _key_name(name: str, table: Table) -> str | None:
    return None if name in NUMBERED_ONCE else table.primary_key[0]


@pytest.mark.postgres
def test_both_databases_get_the_same_schema(sqlite_template, postgres_server):
    sqlite = make_engine(f"sqlite:///{sqlite_template}")
    postgres = make_engine(postgres_server.create("same", template="empty"))
    try:
        assert _alike(schema(sqlite)) == _alike(schema(postgres))
    finally:
        sqlite.dispose()
        postgres.dispose()
        postgres_server.drop("same")


def test_every_constraint_and_index_has_a_name(engine):
    for name, table in schema(engine).items():
        constraints = [*table.foreign_keys, *table.unique, *table.checks, *table.indexes]
        assert None not in constraints, name
        assert table.primary_key[0] or name in NUMBERED_ONCE, name


def test_every_migration_can_be_taken_back_and_run_again_on_an_empty_database(bare):
    engine = bare("steps")
    seen = []
    for step in reversed(STEPS):
        upgrade(engine, step)
        seen.append(schema(engine))
    for before in [*reversed(seen[:-1]), {}]:
        downgrade(engine, "-1")
        assert schema(engine) == before
    upgrade(engine)
    assert schema(engine) == seen[-1]


@pytest.mark.slow
def test_every_migration_can_be_taken_back_and_run_again_on_the_invented_town(engine, owner_url):
    _load_town(engine)
    at_head = schema(engine)
    engine.dispose()
    bare = make_engine(owner_url)

    for _ in STEPS:
        downgrade(bare, "-1", secret_key=SECRET_KEY)
    upgrade(bare, secret_key=SECRET_KEY)

    assert schema(bare) == at_head
    bare.dispose()
    again = ready_engine(owner_url)
    _load_town(again)
    again.dispose()


def _load_town(engine: Engine) -> None:
    with transaction(engine) as db:
        programme = Programme(code="default", display_name="", created_at=MONDAY)
        db.add(programme)
        db.flush()
        operator = Viewer(
            programme_id=programme.id, user_id=None, role=None, name="operator", source="cli"
        )
        load(db, operator, at=MONDAY - timedelta(days=1), zone=ZONE)
        assert db.execute(select(Person.id)).first()


def test_a_table_that_is_made_anew_gives_no_number_twice(engine, programme, owner_url):
    with transaction(engine) as db:
        gone = _a_correction(db, programme)
        db.delete(gone)
    engine.dispose()
    bare = make_engine(owner_url)
    downgrade(bare, "0014_passkeys", secret_key=SECRET_KEY)
    upgrade(bare, secret_key=SECRET_KEY)
    bare.dispose()

    again = ready_engine(owner_url)
    with transaction(again) as db:
        assert _a_correction(db, programme).id == gone.id + 1
    again.dispose()


def _a_correction(db: Session, programme: int) -> Action:
    action = Action(
        programme_id=programme, kind="correction", text="Why", due_at=MONDAY, created_at=MONDAY
    )
    db.add(action)
    db.flush()
    return action


def test_who_was_cleared_before_was_judged_once_for_both(engine, programme, owner_url):
    with transaction(engine) as db:
        call_in = make.a_call_in(db, programme, MONDAY, status="approved")
        asked = [
            make.an_invitee(db, call_in, make.a_person(db, programme, MONDAY, code), status=status)
            for code, status in (("Lom", "invited"), ("Mes", "cleared"), ("Alka", "proposed"))
        ]
        db.add(
            StatusChange(
                programme_id=programme,
                thing="invitee",
                thing_id=asked[0].id,
                old="proposed",
                new="cleared",
                changed_at=MONDAY,
            )
        )
        ids = [each.id for each in asked]
    engine.dispose()
    bare = make_engine(owner_url)
    downgrade(bare, "0025_the_evening", secret_key=SECRET_KEY)
    upgrade(bare, secret_key=SECRET_KEY)
    bare.dispose()

    again = ready_engine(owner_url)
    with transaction(again) as db:
        found = db.scalars(select(Clearance).order_by(Clearance.kind)).all()
        assert [(row.invitee_id, row.kind, row.was_joint) for row in found] == [
            (ids[0], "safety", True),
            (ids[0], "secrecy", True),
        ]
        assert {(row.is_cleared, row.reason, row.judged_at) for row in found} == {
            (True, "", MONDAY)
        }
        stands = dict(db.execute(select(Invitee.id, Invitee.status)).all())
        assert [stands[number] for number in ids] == ["invited", "proposed", "proposed"]
    again.dispose()


def test_sessions_of_before_are_held_after_one_another(engine, programme, owner_url):
    with transaction(engine) as db:
        make.a_call_in(db, programme, MONDAY, minutes=100, sessions=3)
    engine.dispose()
    bare = make_engine(owner_url)
    downgrade(bare, "0027_seat_plans", secret_key=SECRET_KEY)
    upgrade(bare, secret_key=SECRET_KEY)
    bare.dispose()

    again = ready_engine(owner_url)
    with transaction(again) as db:
        found = db.scalars(select(CallInSession).order_by(CallInSession.number)).all()
        assert [(row.number, row.starts_at - MONDAY) for row in found] == [
            (2, timedelta(minutes=135)),
            (3, timedelta(minutes=270)),
        ]
        assert {(row.venue, row.dropped_at) for row in found} == {("", None)}
    again.dispose()


def test_no_plan_of_before_was_looked_at_and_nobody_of_before_rehearsed(
    engine, programme, owner_url
):
    with transaction(engine) as db:
        call_in = make.a_call_in(db, programme, MONDAY)
        person = make.a_person(db, programme, MONDAY, "Lom")
        there = {"programme_id": programme, "call_in_id": call_in.id}
        spot = {"session": 1, "move": 1, "seat_row": 1, "seat_number": 2, "by_hand": True}
        db.add(SeatPlace(person_id=person.id, setting=1, made_at=MONDAY, **spot, **there))
        who = {"position": 1, "kind": "partner", "role": "Chief", "minutes": 5}
        db.add(Speaker(added_at=MONDAY, **who, **there))
    engine.dispose()
    bare = make_engine(owner_url)
    downgrade(bare, "0028_call_in_sessions", secret_key=SECRET_KEY)
    upgrade(bare, secret_key=SECRET_KEY)
    bare.dispose()

    again = ready_engine(owner_url)
    with transaction(again) as db:
        place, speaker = db.scalars(select(SeatPlace)).one(), db.scalars(select(Speaker)).one()
        assert (place.seat_number, place.is_let_stand) == (2, False)
        assert (speaker.role, speaker.rehearsed_at) == ("Chief", None)
    again.dispose()


def test_what_was_checked_before_a_visit_is_its_first_risk_check(engine, programme, owner_url):
    with transaction(engine) as db:
        people = [
            make.a_person(db, programme, MONDAY, code) for code in ("Lom", "Mes", "Ek", "Alka")
        ]
        statuses = ("attempted", "planned", "not_deliverable", "cancelled")
        visits = [
            make.a_notification(db, person, MONDAY, status=status)
            for person, status in zip(people, statuses, strict=True)
        ]
        for visit in visits[:3]:
            make.a_check(db, visit, MONDAY, reason=f"Åsa asked {visit.id}")
        ids = [visit.id for visit in visits]
    engine.dispose()
    bare = make_engine(owner_url)
    downgrade(bare, "0029_looked_at", secret_key=SECRET_KEY)
    upgrade(bare, secret_key=SECRET_KEY)
    bare.dispose()

    again = ready_engine(owner_url)
    with transaction(again) as db:
        found = db.scalars(select(RiskCheck).order_by(RiskCheck.id)).all()
        assert [(row.custom_notification_id, row.outcome, row.reason) for row in found] == [
            (ids[0], "go", f"Åsa asked {ids[0]}"),
            (ids[1], "noted", f"Åsa asked {ids[1]}"),
            (ids[2], "noted", f"Åsa asked {ids[2]}"),
        ]
        assert {row.home_conflict for row in found} == {"unknown"}
    again.dispose()
