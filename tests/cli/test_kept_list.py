"""`gvi rank` with kept lists: keeping, showing, making again, comparing, and the exit statuses."""

import json

import pytest
from sqlalchemy import text

from gvi.cli.main import main
from gvi.store.engine import transaction
from tests.conftest import MONDAY, SECRET_KEY
from tests.factories import a_person, an_incident, an_involvement


@pytest.fixture
def gvi(database_url, programme, clock):
    environ = {"GVI_DATABASE_URL": database_url, "GVI_SECRET_KEY": SECRET_KEY}
    return lambda *words: main([*map(str, words)], environ=environ, clock=clock)


@pytest.fixture
def people(engine, programme):
    with transaction(engine) as db:
        for name, kind in (("Lom", "homicide"), ("Mes", "stabbing")):
            person = a_person(db, programme, MONDAY, name)
            incident = an_incident(db, programme, MONDAY, kind)
            an_involvement(db, incident, person, "convicted")


def test_a_list_is_kept_shown_made_again_and_compared(gvi, engine, people, clock, capsys):
    assert gvi("rank", "--keep", "The Monday meeting") == 0
    assert "Kept as list 1." in capsys.readouterr().err
    clock.move(days=7)
    assert gvi("rank", "--keep", "The next one") == 0
    capsys.readouterr()

    assert gvi("rank", "--snapshot", 1, "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [(e["rank"], e["person"], e["score"]) for e in document["entries"]] == [
        (1, "Lom", 100.0),
        (2, "Mes", 30.0),
    ]
    assert (document["policy"], document["gone"]) == (1, 0)
    assert gvi("rank", "--snapshot", 1, "--verify") == 0
    assert capsys.readouterr().out == "recomputed, the same\n"
    assert gvi("rank", "--compare", 1, 2, "--format", "json") == 0
    first, _ = json.loads(capsys.readouterr().out)
    assert first["person"] == "Lom"
    assert list(first["causes"]) == ["time"]

    with transaction(engine) as db:
        db.execute(text("UPDATE list_snapshot_entries SET units = 1 WHERE rank = 2"))
    assert gvi("rank", "--snapshot", 1, "--verify") == 3
    assert capsys.readouterr().out.startswith("differs: The score at rank 2 is 0.000000001")


def test_a_list_nobody_kept_or_without_a_reason_is_refused(gvi, people, capsys):
    assert gvi("rank", "--keep", " ") in (2, 3)
    assert gvi("rank", "--snapshot", 9) in (2, 3)
    assert "no such kept list" in capsys.readouterr().err
