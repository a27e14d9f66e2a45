import networkx as nx
import pytest
from hypothesis import given

from gvi.domain.policy import ScoringPolicy
from gvi.network.messengers import best_messengers
from gvi.network.reach import tied_pairs
from tests.network.facts import days_ago, some_facts
from tests.network.strategies import random_facts
from tests.network.wheeler import PEOPLE, TIES

POLICY = ScoringPolicy()


def as_networkx(facts):
    graph = nx.Graph(tied_pairs(facts, POLICY))
    graph.add_nodes_from(facts.persons.id)
    return graph


@given(random_facts())
def test_degree_core_and_betweenness_equal_those_of_networkx(facts):
    graph = as_networkx(facts)
    core, betweenness = nx.core_number(graph), nx.betweenness_centrality(graph)

    rows = best_messengers(facts, POLICY)

    assert {r.person_id for r in rows} == set(facts.persons.id)
    for row in rows:
        assert row.degree == graph.degree[row.person_id]
        assert row.core == core[row.person_id]
        assert row.betweenness == pytest.approx(betweenness[row.person_id], abs=1e-12)


def test_betweenness_of_more_people_than_are_counted_at_once_equals_that_of_networkx():
    town = nx.connected_watts_strogatz_graph(150, 4, 0.2, seed=1)
    facts = some_facts(people=town.nodes, ties=town.edges)
    expected = nx.betweenness_centrality(town)

    assert all(
        row.betweenness == pytest.approx(expected[row.person_id], abs=1e-12)
        for row in best_messengers(facts, POLICY)
    )


def test_the_most_connected_of_gang_1_come_first():
    rows = best_messengers(some_facts(people=PEOPLE, ties=TIES), POLICY)

    assert [(r.person_id, r.degree, r.core) for r in rows[:4]] == [
        (21, 7, 3),
        (20, 5, 3),
        (8, 4, 3),
        (10, 4, 3),
    ]
    assert rows[0].betweenness == pytest.approx(0.219048, abs=1e-6)


def test_bridges_are_the_groups_beyond_one_that_a_person_connects():
    facts = some_facts(
        people=[1, 2, 3, 4, 5],
        groups=[7, 8, 9],
        memberships=[(1, 7), (2, 7), (3, 8), (4, 9), (4, 8)],
        ties=[(1, 2), (2, 3), (2, 4), (5, 1), (5, 3), (1, 4, "rival")],
    )

    bridges = {r.person_id: r.bridges for r in best_messengers(facts, POLICY)}

    assert bridges == {1: 0, 2: 2, 3: 1, 4: 2, 5: 1}


def test_incidents_together_and_family_connect_but_rivalry_does_not():
    facts = some_facts(
        people=[1, 2, 3, 4],
        ties=[(1, 2, "family"), (1, 4, "rival")],
        incidents=[(1, days_ago(9))],
        involvements=[(1, 1), (1, 3)],
    )

    assert {r.person_id: r.degree for r in best_messengers(facts, POLICY)} == {
        1: 2,
        2: 1,
        3: 1,
        4: 0,
    }
