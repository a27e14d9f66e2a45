import networkx as nx
import pytest

from gvi.network.ego import among, around, tied
from tests.network.facts import some_facts

TOWN = nx.connected_watts_strogatz_graph(120, 4, 0.2, seed=3)


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_the_surroundings_and_their_ties_equal_those_of_networkx(steps):
    matrix = tied(some_facts(people=TOWN.nodes, ties=TOWN.edges))
    for person in (0, 17, 119):
        expected = nx.ego_graph(TOWN, person, radius=steps)

        places = around(matrix, person, steps=steps)
        pairs = zip(*(side.tolist() for side in among(matrix, places)), strict=True)

        assert places.tolist() == sorted(expected.nodes)
        assert sorted(pairs) == sorted(tuple(sorted(edge)) for edge in expected.edges)


def test_several_ties_between_two_people_are_one_neighbour():
    facts = some_facts(people=[5, 9], ties=[(5, 9, "friend"), (9, 5, "associate")])

    assert tied(facts).toarray().tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_ties_to_somebody_who_is_not_there_are_left_out():
    facts = some_facts(people=[5], ties=[(5, 9, "friend")])

    assert around(tied(facts), 0, steps=2).tolist() == [0]
