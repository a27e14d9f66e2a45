"""The networks of the public data sets give the values that others computed for them."""

import csv
import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import networkx as nx
import pytest

from gvi.domain.policy import ScoringPolicy
from gvi.network.graph import tied_people
from gvi.network.messengers import best_messengers
from gvi.network.plan import PlanStatus, SelectionProblem
from gvi.network.reach import tied_pairs
from gvi.network.selection import best_plan, best_worth
from tests.network.facts import some_facts

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not on this machine")
POLICY = ScoringPolicy()


def rows(folder, name):
    with (DATA / folder / name).open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def reference(folder, network):
    return json.loads((DATA / folder / "reference.json").read_text())[network]


def wheeler():
    pairs = {
        frozenset((e["Source"], e["Target"])) for e in rows("wheeler_gang1", "Edges_Gang1.csv")
    }
    people = [node["Id"] for node in rows("wheeler_gang1", "Nodes_Gang1.csv")]
    return people, {tuple(pair): 1.0 for pair in pairs}


def london(least=1):
    matrix = rows("london_gang", "gang.csv")
    people = [row[""] for row in matrix]
    ties = {
        (row[""], other): float(row[other])
        for row in matrix
        for other in people
        if int(row[""]) < int(other) and int(row[other]) >= least
    }
    return people, ties


def st_louis():
    events = {}
    for each in rows("stlouis_crime", "participants.csv"):
        events.setdefault(each["event_id"], set()).add(each["person_id"])
    people = sorted(set().union(*events.values()))
    shared = Counter(pair for each in events.values() for pair in combinations(sorted(each), 2))
    return people, {pair: float(times) for pair, times in shared.items()}


def st_louis_suspects():
    """People who were suspects at least once; tied by events in which both were."""
    events = {}
    for each in rows("stlouis_crime", "participants.csv"):
        if "suspect" in each["role"]:
            events.setdefault(each["event_id"], set()).add(each["person_id"])
    people = sorted(set().union(*events.values()))
    shared = Counter(pair for each in events.values() for pair in combinations(sorted(each), 2))
    return people, {pair: float(times) for pair, times in shared.items()}


NETWORKS = {
    "wheeler": ("wheeler_gang1", "network", wheeler),
    "london": ("london_gang", "full_network", london),
    "london-co-offending": ("london_gang", "co_offending_weight_ge_2", lambda: london(least=2)),
    "st-louis-suspects": ("stlouis_crime", "co_offending_network", st_louis_suspects),
    "st-louis": ("stlouis_crime", "co_participation_network", st_louis),
}


@pytest.fixture(params=NETWORKS)
def network(request):
    """Facts, the names of the people by id, and what others computed."""
    folder, name, read = NETWORKS[request.param]
    people, ties = read()
    ids = {person: place for place, person in enumerate(people, start=1)}
    # A strength of more than 5 is not a tie's; two kinds add up to what is more.
    facts = some_facts(
        people=ids.values(),
        ties=[
            (ids[a], ids[b], kind, part)
            for (a, b), strength in ties.items()
            for kind, part in (("associate", min(strength, 5.0)), ("friend", strength - 5.0))
            if part > 0
        ],
    )
    return facts, dict(zip(ids.values(), ids, strict=True)), reference(folder, name)


def test_what_messengers_show_equals_the_reference(network):
    facts, names, expected = network

    found = {names[row.person_id]: row for row in best_messengers(facts, POLICY)}

    assert len(found) == expected["nodes"]
    assert len(tied_pairs(facts, POLICY)) == expected["edges"]
    for person, degree in expected["degree"]["top"]:
        assert found[person].degree == degree
    for person, share in expected["betweenness"]["top"]:
        assert found[person].betweenness == pytest.approx(share, abs=1e-6)
    core = expected["k_core"]
    assert max(row.core for row in found.values()) == core["max_k"]
    inmost = {person for person, row in found.items() if row.core == core["max_k"]}
    assert inmost == set(core["members_of_max_core"])
    assert Counter(str(row.core) for row in found.values()) == core["shell_sizes"]


def test_the_best_reach_of_one_to_ten_equals_the_reference(network):
    facts, names, expected = network
    people = list(names)
    asked = {
        "universe": people,
        "ties": tied_pairs(facts, POLICY),
        "candidates": frozenset(people),
        "attendance": {},
    }

    for seats, known in expected["reach"]["k"].items():
        plan = best_plan(SelectionProblem(**asked, seats=int(seats)), time_limit_seconds=60.0)

        assert known["proven_optimal"]
        assert plan.status is PlanStatus.PROVED_BEST
        assert plan.outcome.reach == known["exact_max_reach"]


def test_the_fewest_who_reach_everybody_are_as_many_as_in_the_reference(network):
    facts, names, expected = network
    people, smallest = list(names), expected["minimum_dominating_set"]["size"]
    problem = SelectionProblem(
        universe=people,
        ties=tied_pairs(facts, POLICY),
        candidates=frozenset(people),
        attendance={},
        seats=smallest,
    )

    assert best_plan(problem).outcome.reach == len(people)
    assert best_worth(problem, seats=smallest - 1) < len(people)


def test_networkx_on_our_graph_gives_the_reference_and_not_its_traps(network):
    facts, names, expected = network
    graph = nx.relabel_nodes(tied_people(facts, POLICY), names)

    pagerank = nx.pagerank(graph, alpha=0.85, weight=None)
    for person, share in expected["pagerank"]["top"]:
        assert pagerank[person] == pytest.approx(share, abs=2e-6)
    if "weighted_degree" in expected:
        for person, degree in expected["weighted_degree"]["top"]:
            assert graph.degree(person, weight="strength") == pytest.approx(degree)
    if "betweenness_inverse_weight" in expected:
        between = nx.betweenness_centrality(graph, weight="distance")
        for person, share in expected["betweenness_inverse_weight"]["top"]:
            assert between[person] == pytest.approx(share, abs=2e-6)
