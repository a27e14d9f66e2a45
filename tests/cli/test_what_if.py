"""`gvi rank --what-if`: what a rank hangs on, printed, for a site too large to try it on a page."""

import json

import pytest

from gvi.cli.main import main
from gvi.store.engine import transaction
from tests.conftest import MONDAY, SECRET_KEY
from tests.factories import a_person, a_tie, an_incident, an_involvement


@pytest.fixture
def gvi(database_url, programme, clock):
    environ = {"GVI_DATABASE_URL": database_url, "GVI_SECRET_KEY": SECRET_KEY}
    return lambda *words: main([*words], environ=environ, clock=clock)


@pytest.fixture
def people(engine, programme):
    with transaction(engine) as db:
        lom, mes = (a_person(db, programme, MONDAY, name) for name in ("Lom", "Mes"))
        for person, kind in ((lom, "homicide"), (mes, "stabbing")):
            incident = an_incident(db, programme, MONDAY, kind, external_id=kind)
            an_involvement(db, incident, person, "convicted", source="Report 12")
        a_tie(db, MONDAY, lom, mes)


def test_each_record_source_and_kind_stands_with_the_rank_without_it(gvi, people, capsys):
    assert gvi("rank", "--what-if", "Lom", "--format", "json") == 0

    rows = {(r["left out"], r["which"]): r["rank"] for r in json.loads(capsys.readouterr().out)}
    assert rows["part in", "homicide (convicted)"] == "not listed"
    assert rows["kind", "stabbing"] == "1"
    assert rows["source", "Report 12"] == "not listed"
    assert rows["fewest for not in first 20", "part in homicide (convicted)"] == "not listed"
    assert ("tie", "1") in rows
    assert gvi("rank", "--what-if", "Lom") == 0
    assert "homicide (convicted)" in capsys.readouterr().out
