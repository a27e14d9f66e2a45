"""`gvi network export` writes files that networkx reads, and the example script looks at them."""

import csv
import importlib.util
import json
from pathlib import Path

import networkx as nx
import pytest

from gvi.cli.main import main
from gvi.store.engine import make_engine, transaction
from gvi.store.models import AuditEntry

EXAMPLE = Path(__file__).parents[2] / "examples" / "network.py"


@pytest.fixture
def gvi(tmp_path, sqlite_template, clock):
    """Runs a command on a database of its own that holds the invented town."""
    database = tmp_path / "gvi.db"
    database.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{database}"

    def run(*words):
        return main(list(map(str, words)), environ={"GVI_DATABASE_URL": url}, clock=clock)

    run("migrate")
    run("demo")
    run.url = url
    return run


def test_networkx_reads_back_what_was_written(gvi, tmp_path):
    for form in ("graphml", "gexf", "json", "csv"):
        assert gvi("network", "export", tmp_path / f"net.{form}") == 0

    by_graphml = nx.read_graphml(tmp_path / "net.graphml")
    by_gexf = nx.read_gexf(tmp_path / "net.gexf")
    document = json.loads((tmp_path / "net.json").read_text())
    by_json = nx.node_link_graph(document, edges="edges")
    ties = list(csv.DictReader((tmp_path / "net.csv").read_text().splitlines()))

    assert set(by_graphml) == set(by_gexf) == set(by_json)
    edges = {graph.number_of_edges() for graph in (by_graphml, by_gexf, by_json)}
    assert len(edges) == 1
    assert len(ties) == sum(d["edge"] == "tie" for *_, d in by_json.edges(data=True)) > 1_000
    incident = next(d for _, d in by_graphml.nodes(data=True) if d["node"] == "incident")
    assert incident["occurred_at"].endswith("+00:00")


def test_names_and_birth_dates_are_in_no_file(gvi, tmp_path):
    gvi("network", "export", tmp_path / "net.graphml")

    text = (tmp_path / "net.graphml").read_text()

    assert "birth" not in text
    assert 'attr.name="name"' in text  # of groups
    person = next(
        d
        for _, d in nx.read_graphml(tmp_path / "net.graphml").nodes(data=True)
        if d["node"] == "person"
    )
    assert person.keys() == {"node", "key", "code_name", "is_adult"}


def test_the_export_is_in_the_log_with_its_purpose(gvi, tmp_path):
    gvi("network", "export", tmp_path / "net.json", "--purpose", "Group audit, week 10")

    engine = make_engine(gvi.url)
    with transaction(engine) as db:
        last = db.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert (last.kind, last.purpose) == ("network:exported", "Group audit, week 10")


def test_an_ending_nobody_knows_is_refused_and_nothing_is_written(gvi, tmp_path, capsys):
    assert gvi("network", "export", tmp_path / "net.pdf") == 2

    assert "graphml, gexf, json, csv" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.pdf*"))


def test_the_example_lists_the_most_connected(gvi, tmp_path, capsys):
    gvi("network", "export", tmp_path / "net.graphml")
    spec = importlib.util.spec_from_file_location("network", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    capsys.readouterr()

    example.main(tmp_path / "net.graphml")

    lines = capsys.readouterr().out.splitlines()
    counts = [int(line[24:30]) for line in lines[2:]]
    assert len(counts) == 10
    assert counts == sorted(counts, reverse=True)
