from collections import defaultdict

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.policy import ScoringPolicy
from gvi.network.explanation import explain_driving, explain_exposed
from gvi.network.ranking import most_exposed, most_violence_driving
from tests.network.facts import days_ago, some_facts
from tests.network.reference import Reference
from tests.network.strategies import random_facts

POLICY = ScoringPolicy()


def by_key(explanation):
    return {
        (c.part, c.source_id, c.incident_id, c.role): c.amount for c in explanation.contributions
    }


@given(random_facts(), st.data())
def test_contributions_to_driving_equal_the_reference(facts, data):
    entries = most_violence_driving(facts, POLICY).entries
    assume(entries)
    person = data.draw(st.sampled_from(entries)).person_id

    explained = by_key(explain_driving(facts, POLICY, person))
    expected = Reference(facts, POLICY).driving_contributions(person)

    assert explained.keys() == expected.keys()
    assert all(abs(explained[key] - expected[key]) <= 1.01e-9 for key in expected)


@given(random_facts(), st.data())
def test_amounts_add_up_to_each_part_and_to_the_score(facts, data):
    for ranked, explain in (
        (most_violence_driving, explain_driving),
        (most_exposed, explain_exposed),
    ):
        entries = ranked(facts, POLICY).entries
        if not entries:
            continue
        entry = data.draw(st.sampled_from(entries))
        explanation = explain(facts, POLICY, entry.person_id)

        keys = [(c.part, c.source_id, c.incident_id, c.role) for c in explanation.contributions]
        assert len(set(keys)) == len(keys)
        assert explanation.score == entry.score
        assert explanation.parts == entry.parts
        for part, amount in entry.parts.items():
            behind = sum(c.amount for c in explanation.contributions if c.part == part)
            assert behind == pytest.approx(amount, abs=1e-10)


@given(random_facts(), st.data())
def test_what_incidents_bring_is_what_their_contributions_add_up_to(facts, data):
    for ranked, explain in (
        (most_violence_driving, explain_driving),
        (most_exposed, explain_exposed),
    ):
        entries = ranked(facts, POLICY).entries
        if not entries:
            continue
        explanation = explain(facts, POLICY, data.draw(st.sampled_from(entries)).person_id)

        added = defaultdict(float)
        for c in explanation.contributions:
            added[c.part, c.incident_id] += c.amount
        brought = {
            (part, incident): amount
            for part, amounts in explanation.by_incident().items()
            for incident, amount in amounts.items()
        }
        assert brought == pytest.approx(dict(added), abs=1e-9)
        order = [
            (list(explanation.parts).index(c.part), -c.amount, c.incident_id, c.source_id)
            for c in explanation.contributions
        ]
        assert order == sorted(order)


def test_each_part_shows_the_way_the_violence_came():
    facts = some_facts(
        people=[1, 2, 3, 4],
        groups=[7],
        memberships=[(1, 7, "leader"), (4, 7)],
        ties=[(1, 2, "friend"), (1, 2, "online"), (3, 2, "associate")],
        incidents=[(50, days_ago(0)), (60, days_ago(2000))],
        involvements=[(50, 1, "convicted"), (60, 2), (60, 3, "instigator"), (60, 4)],
    )

    contributions = explain_driving(facts, POLICY, 1).contributions

    assert [(c.part, c.incident_id, c.role, c.path, c.paths, c.ties) for c in contributions] == [
        ("own", 50, "convicted", (1,), 1, ()),
        ("near", 60, "suspect", (2, 1), 1, (("friend", "online"),)),
        ("far", 60, "instigator", (3, 2, 1), 1, (("associate",), ("friend", "online"))),
        ("group", 60, "suspect", (4, 7, 1), 1, (("membership",), ("membership",))),
    ]
    assert [c.people for c in contributions] == [(1,), (2, 1), (3, 2, 1), (4, 1)]
    assert [c.groups for c in contributions] == [(), (), (), (7,)]


def test_the_strongest_of_several_ways_is_shown_and_all_are_counted():
    facts = some_facts(
        people=[1, 2, 3, 4, 5],
        ties=[(1, 2), (1, 3, "friend", 2), (1, 4), (5, 2), (5, 3), (5, 4)],
        incidents=[(50, days_ago(0)), (60, days_ago(2000))],
        involvements=[(50, 1), (60, 5)],
    )

    [far] = [c for c in explain_driving(facts, POLICY, 1).contributions if c.part == "far"]

    assert (far.path, far.paths) == ((5, 3, 1), 3)
    assert far.ties == (("associate",), ("friend",))


def test_shared_incidents_show_as_co_offending():
    facts = some_facts(
        people=[1, 2], incidents=[(50, days_ago(0))], involvements=[(50, 1), (50, 2)]
    )

    near = explain_driving(facts, POLICY, 1).contributions[1]

    assert (near.part, near.source_id, near.ties) == ("near", 2, (("co_offending",),))


def test_conflict_leads_from_the_opponent_through_both_groups():
    facts = some_facts(
        people=[1, 2],
        groups=[7, 8],
        memberships=[(1, 7), (2, 8)],
        relations=[(7, 8, "alliance"), (8, 7, "tension"), (7, 8, "open_conflict")],
        incidents=[(50, days_ago(0))],
        involvements=[(50, 2, "convicted")],
    )

    [conflict] = explain_exposed(facts, POLICY, 1).contributions

    assert conflict.part == "conflict"
    assert conflict.path == (2, 8, 7, 1)
    assert conflict.ties == (("membership",), ("open_conflict",), ("membership",))
    assert (conflict.people, conflict.groups) == ((2, 1), (8, 7))
    assert conflict.amount == 25.0


def test_people_under_18_in_a_path_are_named_as_such(child_born):
    facts = some_facts(
        people={1: None, 2: child_born},
        ties=[(1, 2)],
        incidents=[(50, days_ago(0))],
        involvements=[(50, 1), (50, 2)],
    )

    assert explain_driving(facts, POLICY, 1).under_18 == {2}


@pytest.mark.parametrize("explain", [explain_driving, explain_exposed])
def test_people_under_18_may_not_be_explained(explain, child_born):
    facts = some_facts(
        people={1: child_born},
        incidents=[(50, days_ago(0))],
        involvements=[(50, 1), (50, 1, "victim")],
    )

    with pytest.raises(RuleError, match="under 18"):
        explain(facts, POLICY, 1)


@pytest.mark.parametrize("explain", [explain_driving, explain_exposed])
def test_who_is_not_on_the_list_may_not_be_explained(explain):
    with pytest.raises(RuleError, match="not on the list"):
        explain(some_facts(people=[1, 2]), POLICY, 1)


@pytest.mark.parametrize("explain", [explain_driving, explain_exposed])
@pytest.mark.parametrize("person", [1, 9])
def test_who_is_not_there_cannot_be_explained(explain, person):
    with pytest.raises(NotFoundError):
        explain(some_facts(people=[2, 3]), POLICY, person)
