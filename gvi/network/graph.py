"""The facts as a networkx graph, for analysts: typed nodes and edges that lead back to records.

Nothing of ours is computed on it (see decision 0020); it is the open door to networkx's algorithms,
and to other programs through its writers.

Two traps are avoided in `tied_people`, which is the graph for algorithms about people. *Repeated
edges*: two people may have several ties, and algorithms on a multigraph count each; there, a pair
is one edge. *Strength as distance*: networkx takes the attribute `weight` of a shortest path for a
length, so that the closest would count as the farthest; there is no `weight` there, but `strength`
and, for paths, `distance`, its inverse.
"""

from enum import StrEnum
from typing import NamedTuple

import networkx as nx
from scipy.sparse import triu

from gvi.domain.facts import Facts
from gvi.domain.person import is_adult
from gvi.domain.policy import ScoringPolicy
from gvi.domain.tie import DIRECTED_TIES, EXPOSURE_TIES
from gvi.network.arrays import weigh
from gvi.network.spread import spread_of


class NodeKind(StrEnum):
    """What a node stands for."""

    PERSON = "person"
    GROUP = "group"
    INCIDENT = "incident"


class EdgeKind(StrEnum):
    """What an edge stands for."""

    TIE = "tie"
    MEMBERSHIP = "membership"
    RELATION = "relation"
    INVOLVEMENT = "involvement"


class Node(NamedTuple):
    """A node's name: what it is, and the id of its record."""

    kind: NodeKind
    id: int


def person(id_: int) -> Node:
    """Name the node of a person."""
    return Node(NodeKind.PERSON, id_)


def group(id_: int) -> Node:
    """Name the node of a group."""
    return Node(NodeKind.GROUP, id_)


def incident(id_: int) -> Node:
    """Name the node of an incident."""
    return Node(NodeKind.INCIDENT, id_)


def build(facts: Facts) -> "nx.MultiGraph[Node]":
    """Build the graph of people, groups and incidents as known at the instant of the facts.

    Edges have `edge` (an `EdgeKind`) and the codes of their record: a tie `kind`, `strength`,
    `certainty` and `tie_id`, and for a recruiter `source` and `target`; a membership `role` and
    `certainty`; a relation `kind`; an involvement `role`, `certainty` and `occurred_at`. Rows about
    somebody or something that is not among the facts are left out. Births stay out: a person node
    says only whether they are an adult.
    """
    graph: nx.MultiGraph[Node] = nx.MultiGraph(as_of=facts.as_of)
    _add_nodes(graph, facts)
    _add_ties(graph, facts)
    _add_groups(graph, facts)
    _add_involvements(graph, facts)
    return graph


def tied_people(facts: Facts, policy: ScoringPolicy) -> "nx.Graph[int]":
    """Build the simple graph of people (by id) along whom a message spreads (A' of the design).

    Nodes have `key`, `code_name` and `is_adult`; edges `strength`, all kinds of tie between the two
    added up, and `distance`, one divided by it. Rivals are not tied.
    """
    graph: nx.Graph[int] = nx.Graph(as_of=facts.as_of)
    p = facts.persons
    for id_, key, code_name, birth in zip(p.id, p.key, p.code_name, p.birth_date, strict=True):
        adult = is_adult(birth, facts.as_of_day)
        graph.add_node(id_, key=key, code_name=code_name, is_adult=adult)
    weighed = weigh(facts, policy)
    ids = weighed.arrays.person_ids
    matrix = triu(spread_of(weighed.ties, EXPOSURE_TIES, people=ids.size).matrix).tocoo()
    ends = (ids[matrix.row].tolist(), ids[matrix.col].tolist())
    for a, b, strength in zip(*ends, matrix.data.tolist(), strict=True):
        graph.add_edge(a, b, strength=strength, distance=1.0 / strength)
    return graph


def _add_nodes(graph: "nx.MultiGraph[Node]", facts: Facts) -> None:
    p, g, i = facts.persons, facts.groups, facts.incidents
    for id_, key, code_name, birth in zip(p.id, p.key, p.code_name, p.birth_date, strict=True):
        adult = is_adult(birth, facts.as_of_day)
        graph.add_node(person(id_), key=key, code_name=code_name, is_adult=adult)
    for id_, key, name in zip(g.id, g.key, g.name, strict=True):
        graph.add_node(group(id_), key=key, name=name)
    for id_, key, at, kind, gmi in zip(i.id, i.key, i.occurred_at, i.kind, i.gmi, strict=True):
        graph.add_node(incident(id_), key=key, occurred_at=at, kind=kind, gmi=gmi)


def _add_ties(graph: "nx.MultiGraph[Node]", facts: Facts) -> None:
    t = facts.ties
    for id_, a, b, kind, strength, certainty in zip(
        t.id, t.a, t.b, t.kind, t.strength, t.certainty, strict=True
    ):
        if person(a) in graph and person(b) in graph:
            direction = {"source": a, "target": b} if kind in DIRECTED_TIES else {}
            graph.add_edge(
                person(a),
                person(b),
                edge=EdgeKind.TIE,
                tie_id=id_,
                kind=kind,
                strength=strength,
                certainty=certainty,
                **direction,
            )


def _add_groups(graph: "nx.MultiGraph[Node]", facts: Facts) -> None:
    m, r = facts.memberships, facts.relations
    for p, g, role, certainty in zip(m.person, m.group, m.role, m.certainty, strict=True):
        if person(p) in graph and group(g) in graph:
            graph.add_edge(
                person(p), group(g), edge=EdgeKind.MEMBERSHIP, role=role, certainty=certainty
            )
    for a, b, kind in zip(r.group_a, r.group_b, r.kind, strict=True):
        if group(a) in graph and group(b) in graph:
            graph.add_edge(group(a), group(b), edge=EdgeKind.RELATION, kind=kind)


def _add_involvements(graph: "nx.MultiGraph[Node]", facts: Facts) -> None:
    occurred_at = dict(zip(facts.incidents.id, facts.incidents.occurred_at, strict=True))
    v = facts.involvements
    for i, p, role, certainty in zip(v.incident, v.person, v.role, v.certainty, strict=True):
        if incident(i) in graph and person(p) in graph:
            graph.add_edge(
                person(p),
                incident(i),
                edge=EdgeKind.INVOLVEMENT,
                role=role,
                certainty=certainty,
                occurred_at=occurred_at[i],
            )
