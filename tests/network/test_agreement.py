"""The fast sums equal the slow, obvious ones on random towns."""

from hypothesis import given

from gvi.domain.person import is_adult
from gvi.domain.policy import ScoringPolicy
from gvi.network.ranking import most_exposed, most_violence_driving
from tests.network.reference import Reference
from tests.network.strategies import random_facts

POLICY = ScoringPolicy()


def adults(facts):
    births = zip(facts.persons.id, facts.persons.birth_date, strict=True)
    return {p for p, born in births if is_adult(born, facts.as_of_day)}


def assert_lists_equal(entries, expected):
    assert {e.person_id for e in entries} == expected.keys()
    for entry in entries:
        for part, right in zip(entry.parts.values(), expected[entry.person_id], strict=True):
            assert abs(part - right) <= 1e-9
        assert abs(entry.score - sum(expected[entry.person_id])) <= 3e-9


@given(random_facts())
def test_driving_equals_the_reference(facts):
    listed = {
        p: parts
        for p, parts in Reference(facts, POLICY).driving().items()
        if parts[0] > 0 and p in adults(facts)
    }

    assert_lists_equal(most_violence_driving(facts, POLICY).entries, listed)


@given(random_facts())
def test_exposed_equals_the_reference(facts):
    listed = {
        p: parts
        for p, parts in Reference(facts, POLICY).exposed().items()
        if sum(parts) > 0 and p in adults(facts)
    }

    assert_lists_equal(most_exposed(facts, POLICY).entries, listed)


@given(random_facts())
def test_the_order_is_score_then_first_part_then_code_name(facts):
    driving = most_violence_driving(facts, POLICY).entries
    exposed = most_exposed(facts, POLICY).entries

    assert list(driving) == sorted(driving, key=lambda e: (-e.score, -e.own, e.code_name))
    assert list(exposed) == sorted(exposed, key=lambda e: (-e.score, -e.hurt, e.code_name))
    assert [e.rank for e in driving] == list(range(1, len(driving) + 1))
    assert [e.rank for e in exposed] == list(range(1, len(exposed) + 1))
