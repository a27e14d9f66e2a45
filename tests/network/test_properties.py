"""What holds for every data set (design section 4), tried on random towns."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gvi.domain.incident import VICTIM_ROLES
from gvi.domain.policy import ScoringPolicy
from gvi.network.arrays import arrays_of
from gvi.network.ranking import most_exposed, most_violence_driving
from tests.network.facts import days_ago, some_facts
from tests.network.strategies import (
    CERTAINTY,
    GMI,
    INCIDENTS,
    KINDS,
    PEOPLE,
    PERSON,
    ROLE,
    random_facts,
    towns,
)

POLICY = ScoringPolicy()
NEW_INCIDENT = max(INCIDENTS) + 1
NEW_GROUP = 99


def driving(town_or_facts):
    facts = some_facts(**town_or_facts) if isinstance(town_or_facts, dict) else town_or_facts
    return {e.person_id: e for e in most_violence_driving(facts, POLICY).entries}


def amounts(entries):
    return {p: (e.score, *e.parts.values()) for p, e in entries.items()}


def all_adults(town):
    return town | {"people": dict.fromkeys(town["people"])}


def own_of(town):
    facts = some_facts(**town)
    return dict(zip(facts.persons.id, arrays_of(facts, POLICY).own().tolist(), strict=True))


def is_close(one, other):
    return one.keys() == other.keys() and all(
        abs(a - b) <= 1.01e-9 for p in one for a, b in zip(one[p][1:], other[p][1:], strict=True)
    )


@given(random_facts())
def test_parts_are_never_negative_and_add_up_to_the_score_exactly(facts):
    entries = [
        *most_violence_driving(facts, POLICY).entries,
        *most_exposed(facts, POLICY).entries,
    ]
    for entry in entries:
        parts = entry.parts.values()
        assert min(parts) >= 0.0
        assert round(entry.score * 1e9) == sum(round(part * 1e9) for part in parts)


@given(towns())
def test_no_part_creates_violence(town):
    entries = driving(all_adults(town)).values()
    own = sum(e.own for e in entries)

    assert sum(e.near for e in entries) <= POLICY.near * own + 1e-8
    assert sum(e.far for e in entries) <= POLICY.far * own + 1e-8
    assert sum(e.group for e in entries) <= POLICY.group * own + 1e-8


@given(towns(), st.sampled_from(INCIDENTS), PERSON, ROLE, CERTAINTY)
def test_a_further_involvement_never_lowers_the_persons_own(town, incident, person, role, c):
    more = town | {"involvements": [*town["involvements"], (incident, person, role, c)]}

    before, after = own_of(town), own_of(more)

    assert all(after[p] >= before[p] - 1e-12 for p in before)


@given(towns(), PERSON, st.tuples(KINDS, GMI), st.floats(0, 1500), st.tuples(ROLE, CERTAINTY))
def test_a_new_incident_with_the_person_as_only_doer_never_lowers_their_driving(
    town, person, what, days, part
):
    more = town | {
        "incidents": [*town["incidents"], (NEW_INCIDENT, days_ago(days), *what)],
        "involvements": [*town["involvements"], (NEW_INCIDENT, person, *part)],
    }

    before, after = driving(town), driving(more)

    if person in before:
        assert after[person].score >= before[person].score - 4e-9


@given(towns(), st.sampled_from(INCIDENTS), PERSON, st.sampled_from(sorted(VICTIM_ROLES)))
def test_a_victim_involvement_changes_nobodys_driving(town, incident, person, role):
    more = town | {"involvements": [*town["involvements"], (incident, person, role, "confirmed")]}

    assert driving(more) == driving(town)


@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_score(town, random):
    shuffled = dict(town)
    for name in ("memberships", "ties", "relations", "involvements"):
        shuffled[name] = random.sample(town[name], len(town[name]))

    assert driving(shuffled) == driving(town)
    assert (
        most_exposed(some_facts(**shuffled), POLICY).entries
        == most_exposed(some_facts(**town), POLICY).entries
    )


@given(towns(), st.permutations(PEOPLE))
def test_other_ids_for_the_same_people_change_no_score(town, ids):
    new = dict(zip(PEOPLE, ids, strict=True))
    renamed = town | {
        "people": {new[p]: born for p, born in town["people"].items()},
        "memberships": [(new[p], *rest) for p, *rest in town["memberships"]],
        "ties": [(new[a], new[b], *rest) for a, b, *rest in town["ties"]],
        "involvements": [(i, new[p], *rest) for i, p, *rest in town["involvements"]],
    }

    before = {new[p]: parts for p, parts in amounts(driving(town)).items()}

    assert is_close(amounts(driving(renamed)), before)


@given(random_facts(), st.floats(0.1, 50))
def test_other_units_of_harm_scale_every_score_and_keep_the_order(facts, factor):
    scaled = replace(POLICY, harm={kind: factor * harm for kind, harm in POLICY.harm.items()})

    for ranked in (most_violence_driving, most_exposed):
        before = {e.person_id: e.score for e in ranked(facts, POLICY).entries}
        after = [(e.person_id, e.score) for e in ranked(facts, scaled).entries]

        assert before.keys() == {p for p, _ in after}
        assert all(abs(score - factor * before[p]) <= 4e-9 * (1 + factor) for p, score in after)
        in_new_order = [before[p] for p, _ in after]
        assert all(a >= b - 8e-9 for a, b in pairwise(in_new_order))


@given(towns(), st.dates(date(1940, 1, 1), date(2000, 1, 1)))
def test_the_age_of_adults_changes_no_score(town, born):
    older = town | {"people": dict.fromkeys(town["people"], born)}

    assert amounts(driving(older)) == amounts(driving(all_adults(town)))


@given(towns(), PERSON)
def test_a_group_of_one_adds_nothing(town, person):
    groupless = [m for m in town["memberships"] if m[0] != person]
    without = town | {"memberships": groupless}
    alone = town | {
        "groups": {*town["groups"], NEW_GROUP},
        "memberships": [*groupless, (person, NEW_GROUP, "leader", "confirmed")],
    }

    assert driving(alone) == driving(without)


@given(towns(), PERSON, PERSON, st.sampled_from(["family", "household", "rival"]))
def test_a_family_tie_adds_nothing_to_driving(town, one, other, kind):
    more = town | {"ties": [*town["ties"], (one, other, kind, 5.0, "confirmed")]}

    assert driving(more) == driving(town)


@given(towns(), PERSON)
def test_a_former_membership_adds_nothing(town, person):
    more = town | {
        "groups": {*town["groups"], NEW_GROUP},
        "memberships": [
            *town["memberships"],
            (person, NEW_GROUP, "former", "confirmed"),
            *((p, NEW_GROUP, "former", "confirmed") for p in town["people"] if p != person),
        ],
    }

    assert driving(more) == driving(town)


@given(towns(), PERSON)
def test_turning_somebody_into_a_child_only_takes_them_off_the_list(town, person):
    adults = all_adults(town)
    child = adults | {"people": adults["people"] | {person: date(2015, 1, 1)}}
    if person not in town["people"]:
        return

    before, after = amounts(driving(adults)), amounts(driving(child))

    before.pop(person, None)
    assert after == before


def test_kinds_that_the_harm_table_lacks_are_reported_and_weigh_nothing():
    facts = some_facts(
        people=[1],
        incidents=[(1, days_ago(0), "bus_theft"), (2, days_ago(0), "threat")],
        involvements=[(1, 1, "convicted"), (2, 1, "convicted")],
    )

    assert most_violence_driving(facts, POLICY).unknown_kinds == ("bus_theft",)
    assert most_exposed(facts, POLICY).unknown_kinds == ("bus_theft",)
    assert driving(facts)[1].score == 5.0


def test_an_unknown_birth_date_counts_as_adult_and_is_flagged():
    facts = some_facts(
        people={1: None, 2: date(1990, 1, 1)},
        incidents=[(1, days_ago(0))],
        involvements=[(1, 1), (1, 2)],
    )

    assert [e.age_known for e in most_violence_driving(facts, POLICY).entries] == [False, True]


def test_of_equal_scores_the_code_name_decides_in_each_run_of_equals():
    facts = some_facts(
        people=range(1, 8),
        incidents=[(i, days_ago(0), "homicide" if i < 4 else "threat") for i in range(1, 8)],
        involvements=[(i, i, "convicted") for i in range(1, 8)],
    )
    persons = replace(facts.persons, code_name=["G", "F", "E", "D", "C", "B", "A"])

    entries = most_violence_driving(replace(facts, persons=persons), POLICY).entries

    assert [e.code_name for e in entries] == ["E", "F", "G", "A", "B", "C", "D"]


def test_nobody_and_nothing_gives_empty_lists():
    assert most_violence_driving(some_facts(), POLICY).entries == ()
    assert most_exposed(some_facts(), POLICY).entries == ()


def test_ids_far_apart_are_found_as_well_as_those_close_together():
    far = 10**12
    facts = some_facts(
        people=[1, far],
        ties=[(1, far, "friend"), (1, 5, "friend"), (far + 1, 1, "friend")],
        incidents=[(1, days_ago(0)), (2 * far, days_ago(0))],
        involvements=[(1, 1, "convicted"), (2 * far, far, "convicted"), (7, 1), (1, 3)],
    )

    assert amounts(driving(facts)) == dict.fromkeys((1, far), (150.0, 100.0, 50.0, 0.0, 0.0))
