"""Look at the network with networkx: who is connected, who stands between, which groups are close.

    gvi network export network.graphml --purpose "group audit, week 10"
    python examples/network.py network.graphml

The file holds personal data, by code name: keep it as the database itself, and delete it when done.
Two traps: several ties between two people are several edges, so they are made one edge first; and
`strength` says how close two people are, while networkx takes the `weight` of a path for a length,
so paths go by `distance`, which is one divided by the strength.
"""

import sys
from pathlib import Path

import networkx as nx

NOT_CLOSE = {"rival"}
TOP = 10


def main(path: Path) -> None:
    """Print those with most ties and those who stand between most others."""
    people = tied_people(nx.read_graphml(path))
    print(f"{len(people)} people, {people.number_of_edges()} pairs tied")
    between = nx.betweenness_centrality(people)
    core = nx.core_number(people)
    print(f"{'person':<24}{'ties':>6}{'core':>6}{'between':>9}{'strength':>10}")
    for person in sorted(people, key=lambda each: (-people.degree(each), each))[:TOP]:
        strength = people.degree(person, weight="strength")
        figures = f"{people.degree(person):>6}{core[person]:>6}{between[person]:>9.4f}"
        print(f"{people.nodes[person]['code_name']:<24}{figures}{strength:>10.1f}")


def tied_people(whole: nx.Graph) -> nx.Graph:
    """Give people alone, each pair with one edge."""
    people = nx.Graph()
    people.add_nodes_from((n, d) for n, d in whole.nodes(data=True) if d["node"] == "person")
    for a, b, tie in whole.edges(data=True):
        if tie["edge"] == "tie" and tie["kind"] not in NOT_CLOSE:
            before = people.get_edge_data(a, b, {"strength": 0.0})["strength"]
            strength = before + tie["strength"]
            people.add_edge(a, b, strength=strength, distance=1.0 / strength)
    return people


if __name__ == "__main__":
    main(Path(sys.argv[1]))
