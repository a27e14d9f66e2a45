"""The converters under examples/, also on the real data where it lies beside the repository."""

import importlib.util
import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gvi.cli.main import main
from gvi.domain.access import Viewer
from gvi.domain.policy import ScoringPolicy
from gvi.network.ranking import most_exposed, most_violence_driving
from gvi.store.engine import make_engine, transaction
from gvi.store.facts import facts
from tests.conftest import ZONE
from tests.network.reference import Reference

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not on this machine")


def converter(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


@pytest.fixture
def gvi(tmp_path, sqlite_template, clock, capsys):
    """Runs a command on a database of its own and gives the document it prints."""
    database = tmp_path / "gvi.db"
    database.write_bytes(sqlite_template.read_bytes())
    environ = {"GVI_DATABASE_URL": f"sqlite:///{database}"}
    main(["migrate"], environ=environ, clock=clock)

    def run(*words):
        assert main([*map(str, words), "--format", "json"], environ=environ, clock=clock) == 0
        return json.loads(capsys.readouterr().out)

    run.url = environ["GVI_DATABASE_URL"]
    return run


def created(report):
    return {each["name"]: each["created"] for each in report["files"]}


def write(folder, **files):
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def test_both_victim_and_suspect_becomes_two_roles_and_a_repeated_event_one_incident(tmp_path, gvi):
    source = write(
        tmp_path / "source",
        events="event_id\n920001\n930002\n920001\n",
        persons="person_id,gender\nP1,0\nP2,1\n",
        participants="event_id,person_id,role_code,role\n"
        "920001,P1,4,victim+suspect\n930002,P2,3,witness\n",
    )

    converter("stlouis_crime")(source, tmp_path / "target")
    report = gvi("import", tmp_path / "target")

    assert report["problems"] == []
    assert created(report) == {"persons.csv": 2, "incidents.csv": 2, "involvements.csv": 3}


def test_a_tie_in_both_directions_is_written_once(tmp_path, gvi):
    source = write(
        tmp_path / "source",
        Nodes_Gang1="Id,TotalInc,Attended,impact,Prob_or_Par\n1,2,0,0,0\n10,2,0,1,1\n9,1,1,0,0\n",
        Edges_Gang1="Source,Target\n10,1\n1,10\n9,10\n",
    )

    converter("wheeler_gang1")(source, tmp_path / "target")
    report = gvi("import", tmp_path / "target")

    assert report["problems"] == []
    assert created(report) == {
        "groups.csv": 1,
        "persons.csv": 3,
        "memberships.csv": 3,
        "ties.csv": 2,
        "supervisions.csv": 1,
    }


@needs_data
def test_st_louis_comes_in_whole_and_its_first_explanation_sums(tmp_path, gvi):
    converter("stlouis_crime")(DATA / "stlouis_crime", tmp_path / "target")

    report = gvi("import", tmp_path / "target")
    first = gvi("rank", "--as-of", "1998-01-01", "--top", "1")["entries"][0]
    why = gvi("rank", "--as-of", "1998-01-01", "--explain", first["person"])

    assert report["problems"] == []
    assert created(report) == {"persons.csv": 870, "incidents.csv": 555, "involvements.csv": 1528}
    total = math.fsum(part["amount"] for part in why["contributions"])
    assert total == pytest.approx(first["score"], abs=1e-9)
    assert why["score"] == first["score"] > 0


@needs_data
def test_gang_1_comes_in_whole_and_is_planned_as_published(tmp_path, gvi):
    converter("wheeler_gang1")(DATA / "wheeler_gang1", tmp_path / "target")

    report = gvi("import", tmp_path / "target")
    plan = gvi("callin-plan", "--size", "4", "--group", "gang-1")
    supervised = gvi("callin-plan", "--size", "4", "--supervised-only")

    assert report["problems"] == []
    assert (created(report)["persons.csv"], created(report)["ties.csv"]) == (22, 24)
    assert (plan["reach"], supervised["reach"]) == (16, 12)


def test_kin_are_tied_twice_and_the_strengths_add_up(tmp_path, gvi):
    source = write(
        tmp_path / "source",
        gang='"",1,2,3\n1,0,4,1\n2,4,0,0\n3,1,0,0\n',
        attr='"",Age,Birthplace,Convictions,Ranking\n1,20,1,2,1\n2,21,2,0,3\n3,22,3,1,5\n',
    )

    converter("london_gang")(source, tmp_path / "target")
    report = gvi("import", tmp_path / "target")
    first = gvi("rank", "--as-of", "2009-12-31")["entries"][0]

    assert report["problems"] == []
    assert created(report) == {
        "groups.csv": 1,
        "persons.csv": 3,
        "memberships.csv": 3,
        "ties.csv": 3,
        "incidents.csv": 3,
        "involvements.csv": 3,
    }
    assert first["person"] == "1"
    assert "Birthplace" not in "".join(f.read_text() for f in (tmp_path / "target").iterdir())


@needs_data
def test_the_london_gang_comes_in_whole(tmp_path, gvi):
    converter("london_gang")(DATA / "london_gang", tmp_path / "target")

    report = gvi("import", tmp_path / "target")

    assert report["problems"] == []
    assert (created(report)["persons.csv"], created(report)["ties.csv"]) == (54, 315 + 16)


@needs_data
def test_new_york_s_rows_become_incidents_by_their_key(tmp_path, gvi):
    converter("nypd_shootings")(DATA / "nypd_shootings", tmp_path / "target")

    report = gvi("import", tmp_path / "target")

    assert report["problems"] == []
    assert created(report) == {"incidents.csv": 16_255}


@needs_data
@pytest.mark.parametrize(
    ("name", "as_of"),
    [
        ("stlouis_crime", datetime(1998, 1, 1, tzinfo=UTC)),
        ("london_gang", datetime(2009, 12, 31, tzinfo=UTC)),
        ("wheeler_gang1", datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_both_lists_equal_the_plain_reference_on_the_real_data(tmp_path, gvi, name, as_of):
    converter(name)(DATA / name, tmp_path / "target")
    gvi("import", tmp_path / "target")
    operator = Viewer(programme_id=1, user_id=None, role=None, name="operator", source="cli")
    engine = make_engine(gvi.url)
    with transaction(engine) as db:
        known = facts(db, operator, as_of, ZONE)
    engine.dispose()
    plain, policy = Reference(known, ScoringPolicy()), ScoringPolicy()

    driving = {p: parts for p, parts in plain.driving().items() if parts[0] > 0}
    exposed = {p: parts for p, parts in plain.exposed().items() if sum(parts) > 0}
    for expected, found in (
        (driving, most_violence_driving(known, policy).entries),
        (exposed, most_exposed(known, policy).entries),
    ):
        assert {entry.person_id for entry in found} == expected.keys()
        for entry in found:
            parts = zip(entry.parts.values(), expected[entry.person_id], strict=True)
            assert all(part == pytest.approx(right, abs=1e-9) for part, right in parts)


@needs_data
def test_gang_1_comes_in_as_a_plain_edge_list(gvi):
    report = gvi("import", DATA / "wheeler_gang1" / "Edges_Gang1.csv")

    assert report["files"][0] == {
        "name": "Edges_Gang1.csv",
        "rows": 48,
        "created": 24,
        "updated": 0,
        "unchanged": 24,
        "rejected": 0,
    }
    assert gvi("callin-plan", "--size", "8")["reach"] == 22
