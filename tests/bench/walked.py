"""The same sums by walking a networkx graph, as an analyst would who has nothing but networkx."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from itertools import combinations
from typing import Any

from gvi.domain.facts import Facts
from gvi.domain.incident import DOING_ROLES
from gvi.domain.policy import ScoringPolicy
from gvi.domain.tie import DRIVING_TIES, EXPOSURE_TIES
from gvi.network.graph import EdgeKind, NodeKind, build


def both(facts: Facts, policy: ScoringPolicy) -> tuple[dict[Any, float], dict[Any, float]]:
    """Build the graph and give everybody's driving and exposed."""
    graph = build(facts)
    people = [node for node in graph if node.kind == NodeKind.PERSON]
    groups = [node for node in graph if node.kind == NodeKind.GROUP]
    own, hurt, shared = _from_incidents(graph, people, policy, facts.as_of)
    within, share = _from_groups(graph, people, groups, policy)
    of_group = {g: sum(w * own[p] for p, w in within[g].items()) for g in groups}
    driving = _steps(_tied(graph, people, shared, policy, DRIVING_TIES), own)
    exposed = _steps(_tied(graph, people, shared, policy, EXPOSURE_TIES), hurt)
    for g in groups:
        threat = _threat(graph, g, of_group, policy)
        for p, part in share[g].items():
            driving[p] += policy.group * part * (of_group[g] - within[g][p] * own[p])
            exposed[p] += policy.conflict * part * threat
    return driving, exposed


def _from_incidents(graph: Any, people: Any, policy: ScoringPolicy, as_of: datetime) -> Any:
    own, hurt = dict.fromkeys(people, 0.0), dict.fromkeys(people, 0.0)
    shared: dict[Any, float] = defaultdict(float)
    for node, data in graph.nodes(data=True):
        if node.kind != NodeKind.INCIDENT:
            continue
        age = (as_of - data["occurred_at"]).total_seconds() / 86_400
        if age < 0:
            continue
        decay, gmi = 2 ** (-age / policy.half_life_days), policy.gmi[data["gmi"]]
        harm, doers = policy.harm.get(data["kind"], 0.0) * decay, {}
        for person, several in graph.adj[node].items():
            roles = [(e["role"], policy.certainty[e["certainty"]]) for e in several.values()]
            own[person] += harm * gmi * max(policy.doing.get(r, 0) * c for r, c in roles)
            hurt[person] += harm * max(policy.exposure.get(r, 0) * c for r, c in roles)
            sure = max((c for r, c in roles if r in DOING_ROLES), default=0)
            if sure and gmi > 0 and age <= policy.tie_window_days:
                doers[person] = sure
        for a, b in combinations(sorted(doers), 2):
            shared[a, b] += min(doers[a], doers[b]) * decay / (len(doers) - 1)
    return own, hurt, shared


def _steps(tied: dict[Any, dict[Any, float]], amount: dict[Any, float]) -> dict[Any, float]:
    divisor = {p: max(1.0, sum(others.values())) for p, others in tied.items()}
    once = {p: sum(s * amount[q] / divisor[q] for q, s in o.items()) for p, o in tied.items()}
    total = {}
    for p, others in tied.items():
        twice = sum(s * once[q] / divisor[q] for q, s in others.items())
        back = sum(s * s / divisor[q] for q, s in others.items()) / divisor[p]
        total[p] = amount[p] + 0.5 * once[p] + 0.25 * (twice - back * amount[p])
    return total


def _tied(
    graph: Any, people: Any, shared: dict[Any, float], policy: ScoringPolicy, kinds: Collection[str]
) -> dict[Any, dict[Any, float]]:
    tied: dict[Any, dict[Any, float]] = {p: {} for p in people}
    co_offending = dict(shared)
    for p in people:
        for q, several in graph.adj[p].items():
            if q.kind != NodeKind.PERSON or not p < q:
                continue
            most: dict[str, float] = {}
            for e in several.values():
                if e["kind"] in kinds:
                    strength = e["strength"] * policy.certainty[e["certainty"]]
                    most[e["kind"]] = max(most.get(e["kind"], 0.0), strength)
            recorded = most.pop("co_offending", 0.0)
            together = max(recorded, co_offending.pop((p, q), 0.0))
            tied[p][q] = tied[q][p] = together + sum(most.values())
    for (a, b), strength in co_offending.items():
        tied[a][b] = tied[b][a] = strength
    return tied


def _from_groups(graph: Any, people: Any, groups: Any, policy: ScoringPolicy) -> Any:
    sure = dict.fromkeys(people, 0.0)
    for g in groups:
        for p, edge in _memberships(graph, g):
            sure[p] += policy.certainty[edge["certainty"]]
    within: dict[Any, dict[Any, float]] = {}
    share: dict[Any, dict[Any, float]] = {}
    for g in groups:
        rows = [
            (p, policy.certainty[e["certainty"]], policy.membership_role[e["role"]])
            for p, e in _memberships(graph, g)
        ]
        whole = sum(c * k for _, c, k in rows)
        within[g] = {p: c / max(1.0, sure[p]) for p, c, _ in rows}
        share[g] = {p: c * k / whole for p, c, k in rows}
    return within, share


def _memberships(graph: Any, group: Any) -> list[tuple[Any, Any]]:
    edges = ((other, e) for other, several in graph.adj[group].items() for e in several.values())
    return [(p, e) for p, e in edges if e["edge"] == EdgeKind.MEMBERSHIP]


def _threat(graph: Any, group: Any, of_group: dict[Any, float], policy: ScoringPolicy) -> float:
    return sum(
        of_group[other] * max(policy.relation.get(e["kind"], 0.0) for e in several.values())
        for other, several in graph.adj[group].items()
        if other.kind == NodeKind.GROUP
    )
