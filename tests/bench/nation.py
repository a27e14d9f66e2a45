"""Scores, their explanation and their uncertainty at the size of a nation."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.network.arrays import weigh
from gvi.network.explanation import Explanation, driving_explained, explain_driving
from gvi.network.interval import driving_intervals, exposed_intervals
from gvi.network.ranking import (
    DrivingEntry,
    DrivingList,
    ExposedList,
    Summed,
    driving_list,
    driving_sums,
    exposed_list,
    exposed_sums,
)
from gvi.store.engine import make_engine, reading
from gvi.store.facts import facts
from gvi.usecases.list_entries import store_entries
from gvi.usecases.ranking import SCORES
from tests.bench import bare_nation, walked
from tests.bench.measure import Outcome, in_turns
from tests.bench.town import NOW, ZONE, analyst

POLICY = ScoringPolicy()
SEED = 1
REFRESH, DRAWS, HUB, WALKED = 1.5, 40.0, 20.0, 1 / 50
MOST_MEMORY_MB = 1024.0
KEPT = """
    INSERT INTO list_snapshots (programme_id, compartment, score, act, reason, known_at, made_at,
        role, compartments, policy_version, seed, people, inputs, digest)
    VALUES (1, 'police', :score, 'kept', 'measured', '2026-03-02 07:30:00.000000',
        '2026-03-02 07:30:00.000000', 'analyst', 'police', 1, 1, 0, '{}', '')"""
MEMORY = """
import resource, sys
from tests.bench.nation import known, both_lists
both_lists(known(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def known(url: str) -> Facts:
    """Read what the analyst may know."""
    engine = make_engine(url)
    with reading(engine) as db:
        found = facts(db, analyst(), NOW, ZONE)
    engine.dispose()
    return found


def both_lists(found: Facts) -> tuple[DrivingList, ExposedList]:
    """Rank everybody on both lists."""
    weighed = weigh(found, POLICY)
    return driving_list(weighed), exposed_list(weighed)


def stored(engine: Engine, lists: tuple[DrivingList, ExposedList]) -> None:
    """Store both lists as a kept list is stored, and take it back again."""
    with Session(engine) as db:
        for score, found in zip(SCORES, lists, strict=True):
            number = db.connection().exec_driver_sql(KEPT, {"score": score}).lastrowid
            store_entries(db, number, found, {})
        db.rollback()


def refresh(what: str, url: str, *, rounds: int) -> Iterable[Outcome]:
    """From rows to both lists, stored; the bare way reads the same columns and sums, and no more.

    It stores nothing either: the second line counts that on both sides.
    """
    connection, engine = sqlite3.connect(url.removeprefix("sqlite:///")), make_engine(url)

    def summed() -> tuple[Any, Any]:
        built = bare_nation.build(bare_nation.read(connection, NOW), POLICY, NOW)
        return bare_nation.sums(built, POLICY)

    people = np.array([row[0] for row in connection.execute("SELECT id FROM persons ORDER BY id")])
    lists, sums = both_lists(known(url)), summed()
    listed = [np.isin(people, [e.person_id for e in each.entries]) for each in lists]
    for ours, theirs in zip(lists, sums, strict=True):
        score = dict(zip(people.tolist(), theirs.sum(axis=0).tolist(), strict=True))
        assert all(abs(e.score - score[e.person_id]) < 1e-6 for e in ours.entries)

    def stored_bare(parts: tuple[Any, Any]) -> None:
        for score, amounts, places in zip(SCORES, parts, listed, strict=True):
            bare_nation.store(connection, score, people[places], amounts[:, places])
        connection.rollback()

    spent = in_turns(
        {
            "ours": lambda: stored(engine, both_lists(known(url))),
            "bare": summed,
            "bare, stored": lambda: stored_bare(summed()),
            "our read": lambda: known(url),
            "bare read": lambda: bare_nation.read(connection, NOW),
            "our store": lambda: stored(engine, lists),
            "bare store": lambda: stored_bare(sums),
        },
        rounds,
    )
    connection.close()
    engine.dispose()
    for line, ours, bare, budget in (
        (f"rows to both lists, stored, {what}", "ours", "bare", REFRESH),
        ("  the bare way stores them, too", "ours", "bare, stored", None),
        ("  of which reading the rows", "our read", "bare read", None),
        ("  of which storing the lists", "our store", "bare store", None),
    ):
        yield Outcome(what=line, ours=spent[ours], bare=spent[bare], budget=budget)


def against_networkx(what: str, url: str, *, rounds: int) -> Iterable[Outcome]:
    """The same sums from the same facts, over a networkx graph; its building counts."""
    found = known(url)

    def ours() -> None:
        weighed = weigh(found, POLICY)
        driving_sums(weighed)
        exposed_sums(weighed)

    driving, exposed = walked.both(found, POLICY)
    for ranked, theirs in zip(both_lists(found), (driving, exposed), strict=True):
        assert all(abs(e.score - theirs["person", e.person_id]) < 1e-6 for e in ranked.entries)
    spent = in_turns(
        {"ours": ours, "walked": lambda: walked.both(found, POLICY)}, rounds, warm=False
    )
    yield Outcome(
        what=f"sums against networkx, {what}",
        ours=spent["ours"],
        bare=spent["walked"],
        budget=WALKED,
    )


def intervals(what: str, url: str, *, rounds: int) -> Iterable[Outcome]:
    """200 draws for everybody on both lists, against one refresh of both."""
    found = known(url)

    def draws() -> None:
        driving_intervals(found, POLICY, seed=SEED)
        exposed_intervals(found, POLICY, seed=SEED)

    spent = in_turns(
        {"draws": draws, "refresh": lambda: both_lists(known(url))}, rounds, warm=False
    )
    yield Outcome(
        what=f"200 draws against one refresh, {what}",
        ours=spent["draws"],
        bare=spent["refresh"],
        budget=DRAWS,
    )


def explanations(what: str, url: str, town: str, *, rounds: int) -> Iterable[Outcome]:
    """The explanation with most behind it, of a large network against a town's; facts at hand.

    A town's is made to the last contribution; the large one's is shown by incident, the rest as
    asked for, which the second line counts, too. Both stand beside a list that is summed up
    already; the third line starts from the facts, and weighs everybody.
    """
    found = {"hub": known(url), "town": known(town)}
    summed = {name: driving_sums(weigh(each, POLICY)) for name, each in found.items()}
    fullest = {name: _fullest(each) for name, each in summed.items()}

    def explained(name: str) -> Explanation:
        return driving_explained(summed[name], fullest[name])

    spent = in_turns(
        {
            "shown": lambda: explained("hub").by_incident(),
            "hub": lambda: explained("hub").contributions,
            "town": lambda: explained("town").contributions,
            "hub from facts": lambda: _from_facts(found["hub"], fullest["hub"]),
            "town from facts": lambda: _from_facts(found["town"], fullest["town"]),
        },
        rounds,
    )
    for line, ours, bare, budget in (
        (f"fullest explanation, a town's, {what}", "shown", "town", HUB),
        ("  every contribution of both", "hub", "town", None),
        ("  from facts, everybody weighed", "hub from facts", "town from facts", None),
    ):
        yield Outcome(what=line, ours=spent[ours], bare=spent[bare], budget=budget)


def _from_facts(found: Facts, person_id: int) -> object:
    return explain_driving(found, POLICY, person_id).contributions


def _fullest(summed: Summed[DrivingEntry]) -> int:
    """Give who of the first fifty of the list has most behind the score."""
    first = [entry.person_id for entry in summed.entries()[:50]]
    return max(first, key=lambda person: len(driving_explained(summed, person).contributions))


def memory(what: str, url: str) -> Outcome:
    """Say how much memory a refresh takes at most, in a process of its own, against the budget."""
    command = [sys.executable, "-c", MEMORY, url]
    used = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return Outcome(
        what=f"peak memory in MB, budget, {what}", ours=[used], bare=[MOST_MEMORY_MB], budget=1.0
    )
