"""Choosing whom to call in: the plan shown at once against HiGHS, and beside simpler rules."""

import heapq
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import process_time_ns
from typing import Any

import networkx as nx
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from gvi.domain.access import Role, Viewer
from gvi.network.audience import Audience, audience_of
from gvi.network.greedy import Demands
from gvi.network.plan import Objective, PlanStatus, SelectionProblem
from gvi.network.program import best_choice
from gvi.network.reach import outcome
from gvi.network.rules import Rulebook, choosable, rulebook_of
from gvi.network.selection import best_plan, seated_at_once
from gvi.store.engine import make_engine, reading
from gvi.usecases.plan import Ground, Question, ground, problem
from tests.bench.measure import Outcome, Text, in_turns
from tests.bench.town import NOW, ZONE

BUDGET = 1 / 500
SHARE_OF_BEST, WITHIN_BOUND = 0.995, 0.98
SECONDS, PROOF_SECONDS, LP_SECONDS = 2.0, 300.0, 900.0
MOST = 20
NETWORKX_PEOPLE = 10_000
"""Of more people networkx.dominating_set takes minutes."""


def town(url: str) -> Iterable[Outcome]:
    """Every number of seats up to twenty, both objectives: the slowest proof is shown."""
    engine = make_engine(url)
    with reading(engine) as db:
        viewer = Viewer(programme_id=1, user_id=1, role=Role.ANALYST, name="Bench", source="")
        stood_on = ground(db, viewer, as_of=NOW, on=NOW, zone=ZONE)
    engine.dispose()
    for learned in (False, True):
        slowest = max(
            _proved(stood_on, seats, objective=objective, learned=learned)
            for objective in Objective
            for seats in range(1, MOST + 1)
        )
        chances = "learned" if learned else "published"
        yield Outcome(
            what=f"proved, town, {MOST} seats, {chances}, to {SECONDS:.0f} s",
            ours=[slowest],
            bare=[SECONDS * 1e3],
            budget=1.0,
        )


def _proved(stood_on: Ground, seats: int, *, objective: Objective, learned: bool) -> float:
    """Plan with a minimum for up to six groups, in two sessions, and give the CPU milliseconds."""
    groups = sorted(stood_on.members, key=lambda group: -len(stood_on.members[group]))
    question = Question(
        seats=seats,
        sessions=min(2, seats),
        objective=objective,
        groups=frozenset(groups),
        min_per_group=dict.fromkeys(groups[: min(6, seats // 3)], 1),
        learned=learned,
    )
    asked = problem(stood_on, question)
    spent, plan = _once(lambda: best_plan(asked, time_limit_seconds=60.0))
    assert plan.status is PlanStatus.PROVED_BEST, (objective, seats, plan.status)
    return float(spent)


def city(asked: SelectionProblem, *, rounds: int) -> Iterable[Outcome | Text]:
    """The plan at once against HiGHS: on the published model, on our own, and on our own proof."""
    audience, demands = audience_of(asked), Demands.of(asked)
    rules = rulebook_of(asked)
    ours = in_turns({"ours": lambda: seated_at_once(audience, demands)}, rounds)["ours"]
    mine = audience.worth(_kept(asked, audience, demands))
    spent, proved = _once(lambda: best_choice(audience, rules, seconds=PROOF_SECONDS))
    assert proved.chosen is not None
    best = audience.worth(proved.chosen)
    assert proved.bound - best < 1e-3, "the city was not proved in time"
    assert mine >= SHARE_OF_BEST * best, f"{mine / best:.2%} of the best"
    plain, found = _once(lambda: _published(asked, audience, demands, seconds=PROOF_SECONDS))
    assert found.status in {0, 1}, found.message
    whole, found = _once(lambda: _own(audience, rules, seconds=PROOF_SECONDS))
    assert found.status in {0, 1}, found.message
    yield Text(f"at once, city: {mine / best:.2%} of the proved best, beside HiGHS")
    for what, theirs, budget in (
        ("  published model, rivals in pairs", plain, BUDGET),
        ("  our model, who sits where in columns", whole, None),
        ("  our proof, sessions put in late", spent, None),
    ):
        yield Outcome(what=what, ours=ours, bare=[theirs] * len(ours), budget=budget)


def nation(asked: SelectionProblem, *, rounds: int) -> Iterable[Outcome]:
    """The plan at once against the linear program that bounds it."""
    audience, demands = audience_of(asked), Demands.of(asked)
    ours = in_turns({"ours": lambda: seated_at_once(audience, demands)}, rounds)["ours"]
    mine = audience.worth(_kept(asked, audience, demands))
    spent, bound = _once(lambda: _bound(audience, demands, seconds=LP_SECONDS))
    assert bound is not None, f"no bound within {LP_SECONDS:.0f} s"
    assert mine >= WITHIN_BOUND * bound, f"{mine / bound:.2%} of the bound"
    yield Outcome(
        what=f"at once, nation, {mine / bound:.2%} of the LP's bound",
        ours=ours,
        bare=[spent] * len(ours),
        budget=BUDGET,
    )


def beside(asked: SelectionProblem) -> Iterator[Text]:
    """Write the table beside rules that are simpler: reach, expected reach, CPU time."""
    yield Text(f"{'':<42}{'invited':>8}{'reach':>9}{'expected':>10}{'ms':>11}  rules kept")
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(asked.universe)
    graph.add_edges_from(asked.ties)
    audience = audience_of(asked)
    demands, people = Demands.of(asked), choosable(asked)
    for name, choose in _contenders(asked, graph, audience, demands, people).items():
        spent, chosen = _once(choose)
        found = outcome(asked, chosen)
        place = {person: at for at, person in enumerate(people)}
        mine = [place[person] for person in found.invitees if person in place]
        kept = len(mine) == len(found.invitees) and demands.are_met_by(mine)
        kept = kept and demands.rooms.seated(mine) is not None
        yield Text(
            f"{name:<42}{len(found.invitees):>8}{found.reach:>9.0f}{found.expected:>10.1f}"
            f"{spent:>11.1f}  {'all' if kept else 'no'}"
        )


def _contenders(
    asked: SelectionProblem,
    graph: "nx.Graph[int]",
    audience: Audience,
    demands: Demands,
    people: tuple[int, ...],
) -> Mapping[str, Callable[[], list[int]]]:
    k, may_come = asked.seats, sorted(asked.candidates)

    def ours() -> list[int]:
        return [people[place] for place in seated_at_once(audience, demands) or ()]

    def degree() -> list[int]:
        return sorted(may_come, key=lambda person: (-graph.degree[person], person))[:k]

    def at_random() -> list[int]:
        return random.Random(1).sample(may_come, k)  # noqa: S311 — no secret

    quick = len(graph) <= NETWORKX_PEOPLE
    theirs = {f"networkx.dominating_set, first {k}": lambda: list(nx.dominating_set(graph))[:k]}
    return {
        "ours, at once": ours,
        f"published greedy dominating set, first {k}": lambda: _dominating(graph, k),
        **(theirs if quick else {}),
        "top degree among those who may come": degree,
        "chosen at random among them": at_random,
    }


def _dominating(graph: "nx.Graph[int]", most: int) -> list[int]:
    """Take whoever reaches most not yet reached, again and again (Wheeler's published rule)."""
    missed = set(graph)
    chosen: list[int] = []
    waiting = [(-1 - graph.degree[person], person) for person in graph]
    heapq.heapify(waiting)
    while missed and len(chosen) < most:
        _, best = heapq.heappop(waiting)
        gain = len(missed.intersection(graph[best])) + (best in missed)
        if waiting and (-gain, best) > waiting[0]:
            heapq.heappush(waiting, (-gain, best))
            continue
        chosen.append(best)
        missed -= {best, *graph[best]}
    return chosen


def _kept(asked: SelectionProblem, audience: Audience, demands: Demands) -> dict[int, int]:
    """Give the plan at once, after checking every rule by its letter."""
    session_of = seated_at_once(audience, demands)
    assert session_of is not None
    people = choosable(asked)
    seats = {people[place]: session for place, session in session_of.items()}
    share = -(-asked.seats // asked.sessions)
    assert len(seats) == asked.seats
    assert seats.keys() <= asked.candidates
    assert all(list(seats.values()).count(s) <= share for s in range(asked.sessions))
    for group, least in asked.min_per_group.items():
        assert len(asked.groups[group] & seats.keys()) >= least
    for one, other in asked.conflicts:
        pairs = ((a, b) for a in asked.groups[one] for b in asked.groups[other] if a != b)
        assert not any(a in seats and seats[a] == seats.get(b) for a, b in pairs)
    assert not any(a in seats and seats[a] == seats.get(b) for a, b in asked.keep_apart)
    return session_of


def _published(
    asked: SelectionProblem, audience: Audience, demands: Demands, *, seconds: float
) -> Any:
    """Solve Wheeler's model as published, with a column a session and a row a pair of rivals."""
    n, sessions = audience.comes.size, asked.sessions
    rooms, reached = demands.rooms, audience.value.size
    each = eye_array(n)
    everybody = hstack([each] * sessions)
    pairs = sorted({(a, b) for a in range(n) for b in rooms.kept_from(a) if a < b})
    ends = np.array(pairs).reshape(-1, 2)
    both = csr_array(
        (np.ones(ends.size), (np.repeat(np.arange(len(pairs)), 2), ends.ravel())),
        shape=(len(pairs), n),
    )
    room = csr_array(np.kron(np.eye(sessions), np.ones((1, n))))
    groups = np.zeros((len(demands.minimums), n))
    for row, minimum in enumerate(demands.minimums):
        groups[row, sorted(minimum.people)] = 1.0
    chances = audience.reached_by.multiply(audience.comes[None, :])
    nothing = [csr_array((rows, reached)) for rows in (n, len(pairs) * sessions, sessions)]
    return milp(
        np.concatenate([np.zeros(n * sessions), -audience.value]),
        integrality=np.repeat([1, 0], [n * sessions, reached]),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            LinearConstraint(hstack([-(chances @ everybody), eye_array(reached)]), ub=0.0),
            LinearConstraint(hstack([everybody, nothing[0]]), ub=1.0),
            LinearConstraint(hstack([_blocks(both, sessions), nothing[1]]), ub=1.0),
            LinearConstraint(hstack([room, nothing[2]]), lb=rooms.capacities, ub=rooms.capacities),
            LinearConstraint(
                hstack([csr_array(groups) @ everybody, csr_array((len(groups), reached))]), lb=1.0
            ),
        ],
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )


def _own(audience: Audience, rules: Rulebook, *, seconds: float) -> Any:
    """Solve our own rows, who sits where among them from the start: no line is learned."""
    reached, seats = audience.value.size, rules.columns - rules.people
    chances = audience.reached_by.multiply(audience.comes[None, :])
    heard = hstack([-chances, csr_array((reached, seats)), eye_array(reached)])
    return milp(
        np.concatenate([np.zeros(rules.columns), -audience.value]),
        integrality=np.repeat([1, 0], [rules.columns, reached]),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            rules.constraint(columns=rules.columns + reached),
            LinearConstraint(heard, ub=0.0),
        ],
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )


def _blocks(matrix: csr_array, times: int) -> csr_array:
    empty = csr_array(matrix.shape)
    return csr_array(
        vstack([hstack([matrix if a == b else empty for b in range(times)]) for a in range(times)])
    )


def _bound(audience: Audience, demands: Demands, *, seconds: float) -> float | None:
    """Give what no plan exceeds: fractions of people, no sessions, Σ p·x for who is reached."""
    n, reached = audience.comes.size, audience.value.size
    chances = audience.reached_by.multiply(audience.comes[None, :])
    seats = hstack([csr_array(np.ones((1, n))), csr_array((1, reached))])
    found = milp(
        np.concatenate([np.zeros(n), -audience.value]),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            LinearConstraint(hstack([-chances, eye_array(reached)]), ub=0.0),
            LinearConstraint(seats, ub=demands.seats),
        ],
        options={"time_limit": seconds},
    )
    return -float(found.fun) if found.status == 0 else None


def _once(act: Callable[[], Any]) -> tuple[float, Any]:
    begin = process_time_ns()
    done = act()
    return (process_time_ns() - begin) / 1e6, done
