"""Rank intervals: every draw equals the slow reference, and what must not matter does not."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvi.domain.policy import ScoringPolicy
from gvi.network import drawn_scores
from gvi.network.drawn_scores import sums_of
from gvi.network.draws import Streams, drawn_policy, incident_streams
from gvi.network.interval import (
    RankInterval,
    by_code_name,
    driving_intervals,
    exposed_intervals,
    ranks,
)
from gvi.network.ranking import most_exposed, most_violence_driving
from tests.network.facts import days_ago, some_facts
from tests.network.reference import Reference
from tests.network.strategies import PEOPLE, random_facts, towns

POLICY = ScoringPolicy()
SEED = 4
DRAWS = 8
ALL = slice(0, DRAWS)


def policy_of(draw: int, seed: int = SEED) -> ScoringPolicy:
    """The policy of one draw, written out as a policy."""
    drawn = drawn_policy(POLICY, seed=seed, draws=DRAWS).constants
    changes = {}
    for field in fields(POLICY):
        value = getattr(POLICY, field.name)
        if isinstance(value, float):
            changes[field.name] = drawn[field.name][draw]
        elif hasattr(value, "items"):
            changes[field.name] = {code: drawn[f"{field.name}.{code}"][draw] for code in value}
    return replace(POLICY, **changes)


def facts_of(draw: int, facts, seed: int = SEED):
    """The facts of one draw: each incident as many times as it counts, under ids of its own."""
    counts = incident_streams(facts.incidents.key, seed=seed).counts(ALL)[:, draw].astype(int)
    times = dict(zip(facts.incidents.id, counts.tolist(), strict=True))
    table = facts.incidents
    incidents = [
        (i + 1000 * n, at, kind, gmi)
        for i, at, kind, gmi in zip(table.id, table.occurred_at, table.kind, table.gmi, strict=True)
        for n in range(times[i])
    ]
    rows = facts.involvements
    involvements = [
        (i + 1000 * n, p, role, certainty)
        for i, p, role, certainty in zip(
            rows.incident, rows.person, rows.role, rows.certainty, strict=True
        )
        for n in range(times.get(i, 0))
    ]
    repeated = some_facts(incidents=incidents, involvements=involvements)
    return replace(facts, incidents=repeated.incidents, involvements=repeated.involvements)


def assert_draws_equal(drawn, people, expected_of):
    """Each draw has the reference's scores, and ranks that follow from them."""
    score = np.concatenate([block.score for block in drawn])
    first = np.concatenate([block.first for block in drawn])
    placed = ranks(drawn_scores.Drawn(score, first))
    for draw in range(DRAWS):
        expected = expected_of(draw)
        listed = {p: parts for p, parts in expected.items() if p in people}
        for at, person in enumerate(people):
            if person not in listed:
                assert score[draw, at] == drawn_scores.NOT_LISTED
                assert placed[draw, at] == len(people)
                continue
            total = sum(listed[person])
            assert abs(score[draw, at] / 1e9 - total) <= 4e-9 * max(1.0, total / 100)
            assert abs(first[draw, at] / 1e9 - listed[person][0]) <= 2e-9 * max(1.0, total / 100)
            others = [sum(parts) for p, parts in listed.items() if p != person]
            above = sum(other > total + 1e-8 for other in others)
            equal = sum(abs(other - total) <= 1e-8 for other in others)
            assert above + 1 <= placed[draw, at] <= above + equal + 1


def draws_of(facts, people, score, draws=DRAWS):
    sums = sums_of(facts, POLICY, people, score=score)
    return list(drawn_scores.drawn_scores(facts, POLICY, sums, seed=SEED, draws=draws))


@settings(max_examples=25)
@given(random_facts())
def test_each_draw_ranks_as_the_reference_with_that_draws_policy_and_incidents(facts):
    people = by_code_name(most_violence_driving(facts, POLICY).entries)

    drawn = draws_of(facts, people, "driving")

    def expected(draw):
        reference = Reference(facts_of(draw, facts), policy_of(draw))
        return {p: parts for p, parts in reference.driving().items() if parts[0] > 0}

    assert_draws_equal(drawn, people, expected)


@settings(max_examples=25)
@given(random_facts())
def test_each_exposed_draw_ranks_as_the_reference(facts):
    people = by_code_name(most_exposed(facts, POLICY).entries)

    drawn = draws_of(facts, people, "exposed")

    def expected(draw):
        reference = Reference(facts_of(draw, facts), policy_of(draw))
        return {p: parts for p, parts in reference.exposed().items() if sum(parts) > 0}

    assert_draws_equal(drawn, people, expected)


@given(random_facts(), st.integers(1, 5))
def test_blocks_of_any_size_give_the_same_intervals(facts, cells):
    whole = driving_intervals(facts, POLICY, seed=SEED, draws=DRAWS)
    before = drawn_scores.CELLS
    drawn_scores.CELLS = cells * 20
    try:
        assert driving_intervals(facts, POLICY, seed=SEED, draws=DRAWS) == whole
    finally:
        drawn_scores.CELLS = before


@given(random_facts())
def test_everybody_on_a_list_has_an_interval_within_it_and_nobody_else(facts):
    for intervals, ranked in (
        (driving_intervals, most_violence_driving),
        (exposed_intervals, most_exposed),
    ):
        listed = [e.person_id for e in ranked(facts, POLICY).entries]
        found = intervals(facts, POLICY, seed=SEED, draws=DRAWS)

        assert set(found) == set(listed)
        assert all(1 <= low <= high <= len(listed) for low, high in found.values())


@given(towns(), st.randoms(use_true_random=False), st.permutations(PEOPLE))
def test_rows_in_another_order_and_people_under_other_ids_have_the_same_intervals(
    town, random, ids
):
    new = dict(zip(PEOPLE, ids, strict=True))
    other = town | {
        "people": {new[p]: born for p, born in town["people"].items()},
        "memberships": [(new[p], *rest) for p, *rest in town["memberships"]],
        "ties": [(new[a], new[b], *rest) for a, b, *rest in town["ties"]],
        "involvements": [(i, new[p], *rest) for i, p, *rest in town["involvements"]],
    }
    for name in ("memberships", "ties", "relations", "involvements"):
        other[name] = random.sample(other[name], len(other[name]))
    facts, renamed = some_facts(**town), some_facts(**other)
    called = dict(zip(facts.persons.id, facts.persons.code_name, strict=True))
    names = {new[p]: name for p, name in called.items()}
    persons = replace(renamed.persons, code_name=[names[p] for p in renamed.persons.id])

    for intervals in (driving_intervals, exposed_intervals):
        before = intervals(facts, POLICY, seed=SEED, draws=DRAWS)
        after = intervals(replace(renamed, persons=persons), POLICY, seed=SEED, draws=DRAWS)

        assert after == {new[p]: interval for p, interval in before.items()}


@given(random_facts())
def test_other_units_of_harm_change_no_interval(facts):
    doubled = replace(POLICY, harm={kind: 2 * harm for kind, harm in POLICY.harm.items()})

    for intervals in (driving_intervals, exposed_intervals):
        before = intervals(facts, POLICY, seed=SEED, draws=DRAWS)
        assert intervals(facts, doubled, seed=SEED, draws=DRAWS) == before


@given(random_facts())
def test_the_seed_decides_and_nothing_else(facts):
    once = driving_intervals(facts, POLICY, seed=SEED, draws=DRAWS)

    assert driving_intervals(facts, POLICY, seed=SEED, draws=DRAWS) == once


def test_another_seed_draws_something_else():
    facts = some_facts(
        people=range(1, 31),
        incidents=[(i, days_ago(9 * i), "stabbing") for i in range(1, 151)],
        involvements=[(i, 1 + i % 30, "suspect") for i in range(1, 151)],
    )

    found = [driving_intervals(facts, POLICY, seed=seed) for seed in range(1, 4)]

    assert found[0] != found[1] or found[1] != found[2]


def test_one_who_leads_in_every_draw_has_the_interval_one_to_one():
    facts = some_facts(
        people=range(1, 6),
        incidents=[
            *((i, days_ago(i), "homicide") for i in range(1, 31)),
            *((30 + p, days_ago(700), "threat") for p in range(2, 6)),
        ],
        involvements=[
            *((i, 1, "convicted") for i in range(1, 31)),
            *((30 + p, p, "present", "possible") for p in range(2, 6)),
        ],
    )

    assert driving_intervals(facts, POLICY, seed=SEED)[1] == RankInterval(1, 1)


def test_somebody_whose_only_incident_is_not_drawn_stands_at_the_end_of_the_list():
    facts = some_facts(
        people=[1, 2],
        incidents=[(1, days_ago(0), "homicide"), (2, days_ago(0), "threat")],
        involvements=[(1, 1, "convicted"), (2, 2, "convicted")],
    )
    counts = incident_streams(facts.incidents.key, seed=SEED).counts(slice(0, 200))

    [drawn] = draws_of(facts, [1, 2], "driving", draws=200)

    first = ranks(drawn)[:, 0].tolist()
    gone = counts[0] == 0
    assert any(gone)
    assert first == [2 if each else 1 for each in gone]


def test_of_equal_scores_own_decides_and_then_the_place():
    score = np.array([[5, 7, 7, 7, -1, 5, -1]])
    first = np.array([[1, 1, 2, 1, -1, 1, -1]])

    assert ranks(drawn_scores.Drawn(score, first)).tolist() == [[4, 2, 1, 3, 7, 5, 7]]


def test_an_incident_more_leaves_what_was_drawn_for_the_others():
    few = Streams(["a", "b"], seed=SEED).counts(ALL)
    more = Streams(["z", "a", "b"], seed=SEED).counts(ALL)

    assert np.array_equal(few, more[1:])
    assert not np.array_equal(Streams(["a", "b"], seed=SEED + 1).counts(ALL), few)


def test_counts_are_poisson_with_mean_one():
    counts = Streams([f"incident {i}" for i in range(5_000)], seed=SEED).counts(slice(0, 200))

    assert counts.mean() == pytest.approx(1.0, abs=0.004)
    assert counts.var() == pytest.approx(1.0, abs=0.008)
    assert [(counts == n).mean() for n in range(3)] == pytest.approx(
        [0.36788, 0.36788, 0.18394], abs=0.002
    )


def test_constants_are_drawn_evenly_on_a_logarithmic_scale_between_two_thirds_and_three_halves():
    drawn = drawn_policy(POLICY, seed=SEED, draws=20_000).constants
    logs = np.log(drawn["harm.homicide"] / 100.0) / np.log(1.5)

    assert logs.min() >= -1.0
    assert logs.max() <= 1.0
    assert np.histogram(logs, bins=4, range=(-1, 1))[0] == pytest.approx([5_000] * 4, rel=0.05)
    assert not drawn["gmi.known_not"].any()
    assert abs(np.corrcoef(drawn["near"], drawn["far"])[0, 1]) < 0.03


def test_every_number_of_the_policy_is_drawn():
    numbers = {
        name if code is None else f"{name}.{code}"
        for field in fields(POLICY)
        if (name := field.name) not in ("version", "source", "decided_on")
        for value in [getattr(POLICY, name)]
        for code in (value if hasattr(value, "items") else [None])
    }

    assert drawn_policy(POLICY, seed=SEED, draws=1).constants.keys() == numbers


def test_nobody_and_nothing_gives_no_intervals():
    assert driving_intervals(some_facts(), POLICY, seed=SEED) == {}
    assert exposed_intervals(some_facts(), POLICY, seed=SEED) == {}
