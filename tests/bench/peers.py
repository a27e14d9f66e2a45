"""Surroundings and betweenness against igraph and networkx, which stand in the bench only."""

import random
from collections.abc import Iterable
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import csr_array, triu

from gvi.network.betweenness import betweenness
from gvi.network.ego import among, around, tied
from tests.bench.measure import Outcome, in_turns
from tests.bench.nation import known

EGO, BETWEENNESS, NETWORKX = 1.0, 1.0, 1 / 40
EGOS, STEPS = 200, 2
SOURCES = 20
"""networkx's betweenness of a city is measured from so many people, and taken times all."""


def surroundings(what: str, url: str, *, rounds: int) -> Iterable[Outcome]:
    """Two steps around 200 people with the ties among those found."""
    matrix = tied(known(url))
    graph = _as_igraph(matrix)
    people = random.Random(1).sample(range(matrix.shape[0]), EGOS)  # noqa: S311 — no secret

    def ours() -> list[int]:
        return [among(matrix, around(matrix, p, steps=STEPS))[0].size for p in people]

    def theirs() -> list[int]:
        near = graph.neighborhood(people, order=STEPS)
        return [graph.induced_subgraph(each).ecount() for each in near]

    assert ours() == theirs()
    spent = in_turns({"ours": ours, "igraph": theirs}, rounds)
    yield Outcome(
        what=f"two steps around {EGOS} people, igraph, {what}",
        ours=spent["ours"],
        bare=spent["igraph"],
        budget=EGO,
    )


def exact_betweenness(what: str, url: str, *, rounds: int) -> Iterable[Outcome]:
    """Everybody's, unweighted: a tie's weight is strength, not distance."""
    matrix = tied(known(url))
    graph, n = _as_igraph(matrix), matrix.shape[0]
    mine = betweenness(matrix)
    theirs = np.array(graph.betweenness()) / ((n - 1) * (n - 2) / 2)
    assert np.abs(mine - theirs).max() < 1e-9
    spent = in_turns(
        {"ours": lambda: betweenness(matrix), "igraph": graph.betweenness}, rounds, warm=False
    )
    yield Outcome(
        what=f"exact betweenness, igraph, {what}",
        ours=spent["ours"],
        bare=spent["igraph"],
        budget=BETWEENNESS,
    )
    walked = nx.from_scipy_sparse_array(matrix)
    some = in_turns(
        {"networkx": lambda: nx.betweenness_centrality(walked, k=SOURCES, seed=1)}, 1, warm=False
    )
    yield Outcome(
        what=f"  networkx, by {SOURCES} of its sources",
        ours=spent["ours"][:1],
        bare=[each * n / SOURCES for each in some["networkx"]],
        budget=NETWORKX,
    )


def _as_igraph(matrix: csr_array) -> Any:
    import igraph  # noqa: PLC0415 — it is where the bench is run, and nowhere else

    upper = triu(matrix).tocoo()
    edges = zip(upper.row.tolist(), upper.col.tolist(), strict=True)
    return igraph.Graph(n=matrix.shape[0], edges=list(edges))
