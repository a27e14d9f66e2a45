from gvi.domain.policy import ScoringPolicy
from gvi.network.scorecard import Totals, group_scorecard
from tests.network.facts import days_ago, some_facts

POLICY = ScoringPolicy()


def test_totals_count_each_member_and_what_they_did_within_each_span():
    facts = some_facts(
        people=[1, 2, 3],
        groups=[7, 8],
        memberships=[(1, 7), (2, 7), (2, 8), (3, 8, "former")],
        incidents=[
            (1, days_ago(10)),
            (2, days_ago(60), "stabbing"),
            (3, days_ago(365), "robbery"),
            (4, days_ago(730)),
            (5, days_ago(-1)),
            (6, days_ago(10), "homicide", "known_not"),
        ],
        involvements=[
            (1, 1, "convicted"),
            (2, 2, "suspect"),
            (2, 1, "victim"),
            (3, 2, "convicted"),
            (4, 1, "convicted"),
            (5, 1, "convicted"),
            (6, 2, "convicted"),
            (6, 2, "intended_victim"),
            (1, 3, "convicted"),
        ],
    )

    granit, lotsen = group_scorecard(facts, POLICY)

    decayed = 21 * 2 ** (-60 / 365) + 5
    assert (granit.group_id, granit.members) == (7, 2)
    assert (lotsen.group_id, lotsen.members) == (8, 1)
    assert granit.doing == Totals(
        days_30=100.0,
        days_90=121.0,
        days_365=131.0,
        decayed=round(100 * 2 ** (-10 / 365) + 25 + decayed, 9),
    )
    assert lotsen.doing == Totals(
        days_30=0.0, days_90=21.0, days_365=31.0, decayed=round(decayed, 9)
    )
    assert granit.suffered.days_30 == 70.0
    assert granit.suffered.days_365 == 100.0
    assert lotsen.suffered.days_365 == 70.0
    assert lotsen.share == round(decayed / 2, 9)


def test_incidents_are_counted_once_a_group_in_twelfths_of_the_year_oldest_first():
    facts = some_facts(
        people=[1, 2],
        groups=[7],
        memberships=[(1, 7), (2, 7)],
        incidents=[
            (1, days_ago(0)),
            (2, days_ago(1)),
            (3, days_ago(364.9), "weapon"),
            (4, days_ago(365)),
            (5, days_ago(5), "homicide", "known_not"),
            (6, days_ago(6)),
            (7, days_ago(31)),
        ],
        involvements=[
            (1, 1),
            (1, 2),
            (2, 2, "present"),
            (3, 1),
            (4, 1),
            (5, 1),
            (6, 1, "victim"),
            (7, 2),
        ],
    )

    [granit] = group_scorecard(facts, POLICY)

    assert granit.incidents == (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2)


def test_open_conflicts_and_tensions_name_the_other_group():
    facts = some_facts(
        groups=[7, 8, 9],
        relations=[
            (7, 8, "open_conflict"),
            (9, 7, "tension"),
            (7, 10, "open_conflict"),
            (8, 9, "alliance"),
        ],
    )

    seven, eight, nine = group_scorecard(facts, POLICY)

    assert (seven.open_conflicts, seven.tensions) == ((8,), (9,))
    assert (eight.open_conflicts, eight.tensions) == ((7,), ())
    assert (nine.open_conflicts, nine.tensions) == ((), (7,))


def test_groups_stand_by_what_they_did_then_suffered_then_by_name():
    facts = some_facts(
        people=[1, 2],
        groups=[1, 2, 3, 4],
        memberships=[(1, 4), (2, 3)],
        incidents=[(1, days_ago(0))],
        involvements=[(1, 1), (1, 2, "victim")],
    )

    assert [row.name for row in group_scorecard(facts, POLICY)] == [
        "Grupp 4",
        "Grupp 3",
        "Grupp 1",
        "Grupp 2",
    ]
