import networkx as nx

from gvi.network.graph import EdgeKind, Node, NodeKind, build, group, incident, person
from tests.network.facts import AS_OF, days_ago, some_facts


def test_nodes_and_edges_are_typed_and_lead_back_to_their_records(child_born):
    facts = some_facts(
        people={1: None, 2: child_born},
        groups=[7, 8],
        memberships=[(1, 7, "leader", "probable")],
        ties=[(2, 1, "friend", 2.0, "possible"), (1, 2, "recruiter")],
        relations=[(7, 8, "truce")],
        incidents=[(50, days_ago(1), "stabbing", "likely")],
        involvements=[(50, 2, "victim")],
    )

    graph = build(facts)

    assert graph.graph == {"as_of": AS_OF}
    assert dict(graph.nodes(data=True)) == {
        person(1): {"key": "P1", "code_name": "Fågel 0001", "is_adult": True},
        person(2): {"key": "P2", "code_name": "Fågel 0002", "is_adult": False},
        group(7): {"key": "G7", "name": "Grupp 7"},
        group(8): {"key": "G8", "name": "Grupp 8"},
        incident(50): {
            "key": "I50",
            "occurred_at": days_ago(1),
            "kind": "stabbing",
            "gmi": "likely",
        },
    }
    friend, recruiter = graph.get_edge_data(person(1), person(2)).values()
    assert friend == {
        "edge": EdgeKind.TIE,
        "tie_id": 1,
        "kind": "friend",
        "strength": 2.0,
        "certainty": "possible",
    }
    assert (recruiter["tie_id"], recruiter["source"], recruiter["target"]) == (2, 1, 2)
    assert graph.get_edge_data(person(1), group(7)) == {
        0: {"edge": EdgeKind.MEMBERSHIP, "role": "leader", "certainty": "probable"}
    }
    assert graph.get_edge_data(group(7), group(8)) == {
        0: {"edge": EdgeKind.RELATION, "kind": "truce"}
    }
    assert graph.get_edge_data(person(2), incident(50)) == {
        0: {
            "edge": EdgeKind.INVOLVEMENT,
            "role": "victim",
            "certainty": "confirmed",
            "occurred_at": days_ago(1),
        }
    }


def test_rows_about_what_is_not_there_are_left_out():
    facts = some_facts(
        people=[1],
        groups=[7],
        memberships=[(1, 8), (2, 7)],
        ties=[(1, 2)],
        relations=[(7, 8)],
        involvements=[(50, 1)],
    )

    graph = build(facts)

    assert set(graph) == {person(1), group(7)}
    assert nx.number_of_edges(graph) == 0


def test_people_groups_and_incidents_of_the_same_id_are_different_nodes():
    assert len({person(1), group(1), incident(1)}) == 3
    assert Node(NodeKind.PERSON, 1) == person(1)
