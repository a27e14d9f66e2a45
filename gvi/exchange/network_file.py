"""The network as a file for other programs: GraphML, GEXF, JSON, or a list of ties as CSV."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import networkx as nx

from gvi.exchange.formula import harmless

Graph = Any
"""A networkx graph; its own type says nothing about attributes."""

TIE_COLUMNS = ("a", "b", "kind", "strength", "certainty")


def written(graph: Graph, form: str) -> bytes:
    """Write a graph in one of `FORMS`; values that a form lacks are written as text.

    CSV holds the ties between people alone, one a line, as an edge list for a spreadsheet.
    """
    return FORMS[form](_plain(graph))


def _plain(graph: Graph) -> Graph:
    """Give the same graph with nodes named by text and values every form knows."""
    named: Graph = nx.MultiGraph(**_values(graph.graph))
    called = {node: f"{node.kind}:{data['key']}" for node, data in graph.nodes(data=True)}
    for node, data in graph.nodes(data=True):
        named.add_node(called[node], node=str(node.kind), **_values(data))
    for a, b, data in graph.edges(data=True):
        named.add_edge(called[a], called[b], **_values(data))
    return named


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in data.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _graphml(graph: Graph) -> bytes:
    out = io.BytesIO()
    nx.write_graphml(graph, out)
    return out.getvalue()


def _gexf(graph: Graph) -> bytes:
    out = io.BytesIO()
    nx.write_gexf(graph, out)
    return out.getvalue()


def _json(graph: Graph) -> bytes:
    document = nx.node_link_data(graph, edges="edges")
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _csv(graph: Graph) -> bytes:
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(TIE_COLUMNS)
    for a, b, data in graph.edges(data=True):
        if data["edge"] == "tie":
            ends = [graph.nodes[end]["key"] for end in (a, b)]
            row = [*ends, data["kind"], data["strength"], data["certainty"]]
            lines.writerow([harmless(str(cell)) for cell in row])
    return out.getvalue().encode()


FORMS: Mapping[str, Callable[[Graph], bytes]] = {
    "graphml": _graphml,
    "gexf": _gexf,
    "json": _json,
    "csv": _csv,
}
"""How a graph is written, by the ending of the file's name."""
