"""`gvi migrate` as the tables' owner, for an application with a role of its own."""

import pytest
from sqlalchemy import select, text

from gvi.cli.main import main
from gvi.store.engine import make_engine, reading, unlock
from gvi.store.models import Person, SupportCase
from gvi.store.roles import standing
from gvi.store.wall import EVERYTHING
from tests.conftest import SECRET_KEY


@pytest.fixture
def urls(postgres_server):
    """An empty database as its owner, who is no superuser, and as the application opens it."""
    made = postgres_server.create("two_roles")
    postgres_server.hand_over("two_roles", "owner")
    yield postgres_server.for_role(made, "owner"), postgres_server.for_role(made, "app")
    postgres_server.drop("two_roles")


def gvi(clock, *words, **environ):
    return main(list(words), environ={"GVI_SECRET_KEY": SECRET_KEY, **environ}, clock=clock)


@pytest.mark.only_postgres
def test_the_owner_migrates_and_the_application_works_with_what_it_was_granted(
    urls, clock, capsys, database
):
    owner, app = urls
    both = {"GVI_MIGRATION_URL": owner, "GVI_DATABASE_URL": app}
    assert gvi(clock, "migrate", **both) == 0
    assert gvi(clock, "migrate", **both) == 0
    assert "what the application needs, and no more" in capsys.readouterr().err

    assert gvi(clock, "demo", GVI_DATABASE_URL=app) == 0
    assert gvi(clock, "audit", "verify", GVI_DATABASE_URL=app) == 0
    assert gvi(clock, "keys", "rotate", GVI_DATABASE_URL=app) == 0
    assert gvi(clock, "retention", "run", "--dry-run", GVI_DATABASE_URL=app) == 0

    for url, is_held in ((owner, False), (app, True)):
        engine = make_engine(url)
        with engine.connect() as connection:
            assert standing(connection).is_held is is_held
        unlock(engine, SECRET_KEY)
        with reading(engine) as db:
            assert db.execute(select(Person.id)).all() == []
        with reading(engine, wall=EVERYTHING) as db:
            assert db.execute(select(Person.id)).all() != []
        engine.dispose()


@pytest.mark.only_postgres
def test_a_backup_holds_what_stands_behind_the_wall_and_comes_back_to_two_roles(
    urls, clock, postgres_server, tmp_path, database
):
    owner, app = urls
    assert gvi(clock, "migrate", GVI_MIGRATION_URL=owner, GVI_DATABASE_URL=app) == 0
    assert gvi(clock, "demo", GVI_DATABASE_URL=app) == 0
    assert gvi(clock, "backup", str(tmp_path / "all"), GVI_DATABASE_URL=app) == 0
    made = postgres_server.create("two_again")
    postgres_server.hand_over("two_again", "owner")
    both = {
        "GVI_MIGRATION_URL": postgres_server.for_role(made, "owner"),
        "GVI_DATABASE_URL": postgres_server.for_role(made, "app"),
    }
    assert gvi(clock, "restore", str(tmp_path / "all"), **both) == 0
    assert gvi(clock, "restore", str(tmp_path / "all"), **both) == 3

    def stored(url):
        engine = make_engine(url)
        unlock(engine, SECRET_KEY)
        with reading(engine, wall=EVERYTHING) as db:
            rows = [db.execute(select(each)).all() for each in (Person, SupportCase)]
            found = [sorted(row[0].id for row in some) for some in rows]
        engine.dispose()
        return found

    assert stored(both["GVI_DATABASE_URL"]) == stored(app)
    assert all(stored(app))
    postgres_server.drop("two_again")


@pytest.mark.only_postgres
def test_grants_are_made_anew_so_that_nothing_older_or_wider_stays(urls, clock, database):
    owner, app = urls
    both = {"GVI_MIGRATION_URL": owner, "GVI_DATABASE_URL": app}
    assert gvi(clock, "migrate", **both) == 0
    engine = make_engine(owner)
    with engine.begin() as connection:
        role = engine.dialect.identifier_preparer.quote(make_engine(app).url.username)
        connection.exec_driver_sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    assert gvi(clock, "migrate", **both) == 0
    may = text("SELECT has_table_privilege(:role, 'audit_entries', :act)")
    with engine.connect() as connection:
        given = {"role": make_engine(app).url.username}
        held = [
            connection.execute(may, {**given, "act": act}).scalar_one()
            for act in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
        ]
    assert held == [True, True, False, False, False, False]
    engine.dispose()


@pytest.mark.only_postgres
def test_an_application_that_would_own_the_tables_is_refused(urls, clock, capsys, database):
    owner, _ = urls
    both = {"GVI_MIGRATION_URL": owner, "GVI_DATABASE_URL": owner}
    assert gvi(clock, "migrate", **both) == 2
    assert "docs/postgresql.md" in capsys.readouterr().err


def test_sqlite_has_no_owner_of_its_own(tmp_path, clock, capsys):
    url = f"sqlite:///{tmp_path / 'gvi.db'}"
    assert gvi(clock, "migrate", GVI_DATABASE_URL=url, GVI_MIGRATION_URL=url) == 2
    assert "GVI_MIGRATION_URL is for PostgreSQL" in capsys.readouterr().err
    assert not (tmp_path / "gvi.db").exists()
