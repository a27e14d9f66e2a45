from itertools import combinations, pairwise
from math import dist, sqrt

from gvi.domain.policy import ScoringPolicy
from gvi.network.layout import network_map
from tests.network.facts import some_facts

POLICY = ScoringPolicy()
SIZES = [23, 19, 17, 12, 11, 9, 7, 6]
RELATIONS = [(1, 2), (3, 4, "tension"), (6, 7, "truce"), (1, 8, "alliance"), (2, 5, "alliance")]


def town_facts(*, sizes=SIZES, relations=RELATIONS, more_ties=()):
    people = iter(range(1, 1000))
    members = {
        group: [next(people) for _ in range(size)] for group, size in enumerate(sizes, start=1)
    }
    roles = ["leader", *["core"] * 4, *["member"] * 12, "associate", "recruit"]
    return some_facts(
        people=[p for group in members.values() for p in group],
        groups=members,
        memberships=[
            (p, group, roles[n % len(roles)])
            for group, inside in members.items()
            for n, p in enumerate(inside)
        ],
        ties=[
            *((p, q) for inside in members.values() for p, q in pairwise(inside)),
            *more_ties,
        ],
        relations=relations,
    )


def middle(place):
    return (place.x, place.y)


def test_circles_never_touch_and_stay_on_the_paper():
    for opened in (None, 1, 8):
        drawn = network_map(town_facts(), POLICY, open_group=opened)

        for a, b in combinations(drawn.groups, 2):
            assert dist(middle(a), middle(b)) > a.radius + b.radius
        for g in drawn.groups:
            assert g.radius <= g.x <= drawn.width - g.radius
            assert g.radius <= g.y <= drawn.height - g.radius


def test_the_area_of_a_closed_circle_is_the_number_of_members():
    drawn = network_map(town_facts(), POLICY)

    assert [g.members for g in drawn.groups] == SIZES
    assert all(abs(g.radius / sqrt(g.members) - 9) < 0.05 for g in drawn.groups)
    assert drawn.people == drawn.ties == drawn.ties_outside == ()


def test_members_stand_inside_the_opened_circle_leaders_in_the_middle_and_none_on_another():
    drawn = network_map(town_facts(), POLICY, open_group=1)
    [opened] = [g for g in drawn.groups if g.is_open]
    away = {p.person_id: dist(middle(p), middle(opened)) for p in drawn.people}
    leaders = [away[p.person_id] for p in drawn.people if p.role == "leader"]
    others = [away[p.person_id] for p in drawn.people if p.role in {"member", "associate"}]

    assert opened.group_id == 1
    assert len(drawn.people) == opened.members
    assert max(away.values()) < opened.radius
    assert max(leaders) < min(others)
    assert all(dist(middle(a), middle(b)) > 26 for a, b in combinations(drawn.people, 2))


def test_related_groups_stand_nearer_than_others():
    drawn = network_map(town_facts(), POLICY)
    at = {g.group_id: g for g in drawn.groups}
    gaps = {
        (a, b): dist(middle(at[a]), middle(at[b])) - at[a].radius - at[b].radius
        for a, b in combinations(sorted(at), 2)
    }
    related = [gaps[min(a, b), max(a, b)] for a, b, *_ in RELATIONS]

    assert sum(related) / len(related) < 0.5 * sum(gaps.values()) / len(gaps)


def test_the_same_facts_give_the_same_map():
    assert network_map(town_facts(), POLICY, open_group=2) == network_map(
        town_facts(), POLICY, open_group=2
    )


def test_one_more_member_or_tie_moves_the_map_little():
    before = network_map(town_facts(), POLICY)
    one_more = network_map(town_facts(sizes=[*SIZES[:-1], 7]), POLICY)
    tied = network_map(town_facts(more_ties=[(1, 100)]), POLICY)

    for after in (one_more, tied):
        moved = [
            dist(middle(a), middle(b)) for a, b in zip(before.groups, after.groups, strict=True)
        ]
        assert max(moved) < 40


def test_ties_of_the_opened_group_lead_to_members_and_to_other_groups():
    facts = some_facts(
        people=[1, 2, 3, 4, 5],
        groups=[7, 8, 9],
        memberships=[(1, 7), (2, 7), (3, 8), (3, 9), (4, 9, "former")],
        ties=[(1, 2), (3, 1), (2, 4), (2, 5), (3, 4)],
    )

    drawn = network_map(facts, POLICY, open_group=7)

    assert drawn.ties == ((1, 2),)
    assert drawn.ties_outside == ((1, 8), (1, 9))


def test_a_town_without_groups_has_an_empty_map():
    drawn = network_map(some_facts(people=[1]), POLICY, open_group=3)

    assert (drawn.width, drawn.height, drawn.groups, drawn.people) == (0.0, 0.0, (), ())


def test_an_opened_group_may_be_empty():
    drawn = network_map(some_facts(groups=[7]), POLICY, open_group=7)

    assert drawn.groups[0].is_open
    assert drawn.people == ()


def test_even_a_crowd_is_drawn_apart():
    drawn = network_map(town_facts(sizes=[300, *[3] * 60], relations=[]), POLICY, open_group=1)

    assert min(dist(middle(a), middle(b)) for a, b in combinations(drawn.people, 2)) > 18
    assert all(
        dist(middle(a), middle(b)) > a.radius + b.radius for a, b in combinations(drawn.groups, 2)
    )
