"""A record left out is as if it had never been written down."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from gvi.domain.policy import ScoringPolicy
from gvi.network.leave_out import LeftOut, rank_without, without
from gvi.network.ranking import most_exposed, most_violence_driving
from gvi.network.records_behind import RecordsBehind
from gvi.network.smallest_change import smallest_change
from tests.network.facts import days_ago, some_facts
from tests.network.strategies import random_facts, towns

POLICY = ScoringPolicy()
RANKED = {"driving": most_violence_driving, "exposed": most_exposed}
SCORES = st.sampled_from(sorted(RANKED))


def listed(facts, score):
    return RANKED[score](facts, POLICY).entries


@given(random_facts())
def test_leaving_out_nothing_changes_nothing(facts):
    assert without(facts, LeftOut()) == facts


@given(towns(), st.data())
def test_it_equals_facts_made_without_the_rows(town, data):
    incidents = data.draw(st.sets(st.sampled_from([i for i, *_ in town["incidents"]]), max_size=2))
    members = data.draw(st.sets(st.sampled_from([m[:2] for m in town["memberships"]] or [(0, 0)])))
    roles = data.draw(st.sets(st.sampled_from([v[:3] for v in town["involvements"]])))
    ties = data.draw(st.sets(st.integers(1, len(town["ties"]))))
    kinds = data.draw(st.sets(st.sampled_from(["homicide", "threat", "friend", "family"])))
    left_out = LeftOut(
        incidents=frozenset(incidents),
        memberships=frozenset(members),
        involvements=frozenset(roles),
        ties=frozenset(ties),
        kinds=frozenset(kinds),
    )
    kept = town | {
        "incidents": [i for i in town["incidents"] if i[0] not in incidents and i[2] not in kinds],
        "memberships": [m for m in town["memberships"] if m[:2] not in members],
        "involvements": [
            v for v in town["involvements"] if v[:3] not in roles and v[0] not in incidents
        ],
        "ties": [t for n, t in enumerate(town["ties"], 1) if n not in ties and t[2] not in kinds],
    }
    facts = some_facts(**town)
    expected = some_facts(**kept)

    found = without(facts, left_out)

    for score in RANKED:
        assert listed(found, score) == listed(expected, score)
        for entry in listed(facts, score):
            ranks = {e.person_id: e.rank for e in listed(expected, score)}
            rank = rank_without(facts, POLICY, entry.person_id, left_out, score=score)
            assert rank == ranks.get(entry.person_id)


@given(random_facts())
def test_without_any_part_in_incidents_nobody_is_on_the_driving_list(facts):
    table = facts.involvements
    for entry in listed(facts, "driving"):
        rows = zip(table.incident, table.person, table.role, strict=True)
        everything = LeftOut(involvements=frozenset(r for r in rows if r[1] == entry.person_id))

        assert rank_without(facts, POLICY, entry.person_id, everything, score="driving") is None


def stands_as_whole_ranking_says(facts, score, person_id, choice, standing):
    """Rank everybody without the choice, the slow way, and hold one standing against it."""
    left = {e.person_id: e for e in listed(without(facts, choice), score)}
    if person_id not in left:
        return standing == (None, 0.0)
    right = left[person_id]
    near = [e.rank for e in left.values() if abs(e.score - right.score) <= 1e-8]
    is_near = abs(standing.score - right.score) <= 4e-9
    return is_near and min(near) <= standing.rank <= max(near)


def some_of(rows, random):
    return frozenset(random.sample(rows, random.randint(0, min(4, len(rows)))))


@settings(max_examples=60)
@given(random_facts(), SCORES, st.randoms(use_true_random=False))
def test_many_choices_at_once_give_the_ranks_one_by_one(facts, score, random):
    for entry in random.sample(listed(facts, score), min(2, len(listed(facts, score)))):
        behind = RecordsBehind(facts, POLICY, entry.person_id, score=score)
        records = behind.records()
        pairs = list(combinations(records, 2))
        choices = [
            LeftOut(),
            *records,
            *(one | other for one, other in random.sample(pairs, min(10, len(pairs)))),
        ]

        for choice, standing in zip(choices, behind.standings(choices), strict=True):
            assert stands_as_whole_ranking_says(facts, score, entry.person_id, choice, standing)


@settings(max_examples=30)
@given(random_facts(), SCORES, st.randoms(use_true_random=False))
def test_so_do_kinds_and_what_a_source_says_of_others_too(facts, score, random):
    table = facts.involvements
    parts = sorted(set(zip(table.incident, table.person, table.role, strict=True)))
    kinds = sorted({*facts.incidents.kind, *facts.ties.kind})
    for entry in random.sample(listed(facts, score), min(2, len(listed(facts, score)))):
        behind = RecordsBehind(facts, POLICY, entry.person_id, score=score)
        whole = LeftOut.all_of(behind.records())
        sources = [
            LeftOut(
                incidents=some_of(facts.incidents.id, random),
                involvements=some_of(parts, random),
                ties=some_of(sorted(whole.ties), random),
                memberships=some_of(sorted(whole.memberships), random),
            )
            for _ in range(6)
        ]
        choices = [*sources, *(LeftOut(kinds=frozenset([kind])) for kind in kinds)]

        for choice, standing in zip(choices, behind.standings(choices), strict=True):
            assert stands_as_whole_ranking_says(facts, score, entry.person_id, choice, standing)


@settings(max_examples=60)
@given(random_facts(), SCORES, st.integers(1, 3))
def test_the_smallest_change_moves_the_person_out_and_fewer_do_not(facts, score, top):
    for entry in listed(facts, score)[:top][:1]:
        change = smallest_change(
            RecordsBehind(facts, POLICY, entry.person_id, score=score), top=top
        )
        if change is None:
            continue
        rank = rank_without(facts, POLICY, entry.person_id, change.left_out, score=score)
        assert rank is None or rank > top
        records = RecordsBehind(facts, POLICY, entry.person_id, score=score).records()
        if change.proved and change.records == 2:
            ranks = [
                rank_without(facts, POLICY, entry.person_id, one, score=score) for one in records
            ]
            assert all(rank is not None and rank <= top for rank in ranks)


def shooters(*times):
    """Person n took part in so many stabbings, all on one day, alone."""
    numbered = [p for p, count in enumerate(times, 1) for _ in range(count)]
    return some_facts(
        people=range(1, len(times) + 1),
        incidents=[(i, days_ago(0), "stabbing") for i in range(1, len(numbered) + 1)],
        involvements=[(i, p, "convicted") for i, p in enumerate(numbered, 1)],
    )


def smallest_for(facts, *, top):
    """The smallest change for person 1 on the driving list."""
    return smallest_change(RecordsBehind(facts, POLICY, 1, score="driving"), top=top)


def test_two_records_more_than_the_next_need_three_to_fall_behind():
    change = smallest_for(shooters(5, 3), top=1)

    assert (change.records, change.rank, change.proved) == (3, 2, True)


def test_one_record_is_proved_smallest():
    change = smallest_for(shooters(2, 2), top=1)

    assert (change.records, change.rank, change.proved) == (1, 2, True)
    assert len(change.left_out.involvements) == 1


def test_what_is_needed_beyond_three_is_found_and_not_called_proved():
    change = smallest_for(shooters(7, 1, 1), top=2)

    assert (change.records, change.rank, change.proved) == (7, None, False)


def test_nobody_outside_the_top_needs_a_change():
    assert smallest_for(shooters(1, 3), top=1) is None


def test_a_membership_or_a_tie_may_be_what_keeps_somebody_there():
    facts = some_facts(
        people=[1, 2, 3],
        groups=[1],
        memberships=[(1, 1, "leader"), (3, 1, "member")],
        incidents=[(i, days_ago(0), "stabbing") for i in range(1, 9)],
        involvements=[(1, 2, "convicted"), (2, 1, "convicted"), *((i, 3) for i in range(3, 9))],
    )

    change = smallest_for(facts, top=2)

    assert change.records == 1
    assert change.rank in (None, 3)
