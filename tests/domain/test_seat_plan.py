"""Who sits where: every plan is judged by a checker that knows nothing of how it was found."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvi.domain import seating
from gvi.domain.seat_plan import (
    Given,
    Guest,
    arrange,
    plan_seats,
    setting_of,
    to_sit_apart,
    usual_room,
)
from gvi.domain.seating import Room, Seat, steps

ROOMS = st.builds(Room, rows=st.integers(2, 6), width=st.integers(1, 6))
GUESTS = st.lists(st.sampled_from([None, 1, 2, 3]), max_size=9).map(
    lambda groups: [Guest(person_id=n, group_id=group) for n, group in enumerate(groups, 1)]
)
CONFLICTS = st.sets(st.sampled_from([frozenset({1, 2}), frozenset({2, 3}), frozenset({1, 3})]))
BY_NAME = st.sets(st.frozensets(st.integers(1, 9), min_size=2, max_size=2), max_size=2)


def guests_of(*groups):
    return [Guest(person_id=n, group_id=group) for n, group in enumerate(groups, 1)]


def rivals_of(guests, conflicts=({1, 2},), by_name=()):
    return to_sit_apart(
        guests,
        conflicts=frozenset(map(frozenset, conflicts)),
        keep_apart=frozenset(map(frozenset, by_name)),
    )


def best_by_trying_all(guests, room, apart):
    """The most steps that rivals can be apart, by looking at every way to seat everybody."""
    people = [guest.person_id for guest in guests]
    ways = (
        dict(zip(people, seats, strict=True)) for seats in permutations(room.seats(), len(people))
    )
    return max(min(steps(*(way[p] for p in pair)) for pair in apart) for way in ways)


def check(places, guests, room):
    """Everybody has one seat in a row with another row behind it, and nobody shares one."""
    assert sorted(places) == sorted(guest.person_id for guest in guests)
    assert len(set(places.values())) == len(places)
    for row, number in places.values():
        assert row % 2 == 1
        assert 1 <= row < room.rows
        assert 1 <= number <= room.width


@settings(deadline=None, max_examples=150)
@given(guests=GUESTS, room=ROOMS, conflicts=CONFLICTS, by_name=BY_NAME)
def test_every_plan_keeps_the_rules_or_names_who_sit_beside_a_rival(
    guests, room, conflicts, by_name
):
    apart = to_sit_apart(guests, conflicts=conflicts, keep_apart=by_name)
    plan = plan_seats(guests, room, apart=apart)

    if len(guests) > len(room.seats()):
        assert not plan.places
        assert plan.arranged.needs * room.client_rows >= len(guests)
        return
    check(plan.places, guests, room)
    beside = {tuple(sorted(pair)) for pair in apart if steps(*(plan.places[p] for p in pair)) == 1}
    assert set(plan.beside) == beside
    assert plan.least == min(
        (steps(*(plan.places[p] for p in pair)) for pair in apart), default=None
    )
    assert (plan.arranged.needs > room.width) == bool(beside)
    wider = Room(rows=room.rows, width=plan.arranged.needs)
    assert not plan_seats(guests, wider, apart=apart).beside


@settings(deadline=None, max_examples=60)
@given(
    groups=st.lists(st.sampled_from([None, 1, 2, 3]), min_size=2, max_size=5),
    room=st.sampled_from([Room(rows=2, width=5), Room(rows=4, width=3), Room(rows=6, width=2)]),
    conflicts=CONFLICTS.filter(bool),
    by_name=BY_NAME,
)
def test_rivals_sit_as_far_apart_as_trying_every_way_finds(groups, room, conflicts, by_name):
    guests = guests_of(*groups)
    apart = to_sit_apart(guests, conflicts=conflicts, keep_apart=by_name)
    if not apart:
        return

    arranged = arrange(guests, room, apart=apart)

    best = best_by_trying_all(guests, room, apart)
    assert arranged.least == best
    assert arranged.is_proved


@settings(deadline=None, max_examples=60)
@given(groups=st.lists(st.sampled_from([1, 2]), min_size=2, max_size=5), by_name=BY_NAME)
def test_a_row_too_narrow_is_told_how_many_seats_it_needs_and_no_more(groups, by_name):
    guests, room = guests_of(*groups), Room(rows=2, width=len(groups))
    apart = rivals_of(guests, by_name=by_name)

    needs = arrange(guests, room, apart=apart).needs

    if needs > room.width and apart:
        assert best_by_trying_all(guests, Room(rows=2, width=needs - 1), apart) == 1
        assert best_by_trying_all(guests, Room(rows=2, width=needs), apart) > 1


def test_two_rival_groups_sit_at_the_two_ends_with_others_between():
    guests = guests_of(1, 1, 2, 2, 3, 3)

    arranged = arrange(guests, Room(rows=2, width=8), apart=rivals_of(guests))

    row = {seat.number: person for person, seat in arranged.places.items()}
    assert {row[1], row[2]} == {1, 2}
    assert {row[7], row[8]} == {3, 4}
    assert arranged.least == 5


def test_without_rivals_everybody_sits_in_front_and_groups_together():
    guests = guests_of(2, 1, 2, None, 1)

    arranged = arrange(guests, Room(rows=6, width=5), apart=rivals_of(guests, conflicts=()))

    assert list(arranged.places) == [2, 5, 1, 3, 4]
    assert set(arranged.places.values()) == set(Room(rows=2, width=5).seats())
    assert arranged.least is None


def test_two_are_rivals_whichever_of_their_groups_are_in_conflict():
    guests = [
        Guest(person_id=1, group_id=10, groups=frozenset({10, 1})),
        Guest(person_id=2, group_id=20, groups=frozenset({20, 2})),
        Guest(person_id=3, groups=frozenset({2})),
        Guest(person_id=4, group_id=10),
    ]

    assert rivals_of(guests) == {frozenset({1, 2}), frozenset({1, 3})}


def test_rivals_take_no_row_further_back_than_sets_them_apart():
    guests = guests_of(1, 2)

    arranged = arrange(guests, Room(rows=2, width=6), apart=rivals_of(guests))

    assert arranged.least == 5
    farther = arrange(guests, Room(rows=4, width=6), apart=rivals_of(guests))
    assert farther.least == 7
    assert {seat.row for seat in farther.places.values()} == {1, 3}


def test_the_order_in_which_guests_are_told_changes_nothing():
    guests = guests_of(1, 2, 1, None, 2, 3)
    apart = rivals_of(guests, by_name=[(1, 3)])

    plans = [
        plan_seats(order, Room(rows=4, width=5), apart=apart) for order in (guests, guests[::-1])
    ]

    assert plans[0].places == plans[1].places


def test_too_few_seats_leave_everybody_standing_and_say_how_many_a_row_needs():
    guests = guests_of(1, 1, 2, 2, 2)

    arranged = arrange(guests, Room(rows=2, width=3), apart=rivals_of(guests))

    assert not arranged.places
    assert arranged.needs == 6


def test_a_last_row_with_none_behind_it_holds_no_client():
    assert Room(rows=3, width=2).seats() == [Seat(1, 1), Seat(1, 2)]
    assert not Room(rows=1, width=2).seats()
    assert arrange(guests_of(1), Room(rows=1, width=2), apart=()).needs == 2


def moved(guests, room, apart, places):
    """Somebody put people on other seats while guests, room and rules were these."""
    before = plan_seats(guests, room, apart=apart).places
    return Given(
        places={**before, **places},
        by_hand=frozenset(places),
        setting=setting_of(guests, room, apart),
    )


def test_a_place_given_by_hand_moves_nobody_else():
    guests, room = guests_of(1, 1, 2, 2), Room(rows=2, width=8)
    apart = rivals_of(guests)
    before = plan_seats(guests, room, apart=apart).places
    by_hand = moved(guests, room, apart, {1: before[3], 3: before[1]})

    plan = plan_seats(guests, room, apart=apart, given=by_hand, setting=by_hand.setting)

    assert plan.places == {**before, 1: before[3], 3: before[1]}
    assert plan.by_hand == {1, 3}
    assert set(plan.beside) == {(2, 3), (1, 4)}
    assert plan.least == 1


@settings(deadline=None, max_examples=60)
@given(guests=GUESTS, more=GUESTS, room=ROOMS, conflicts=CONFLICTS, data=st.data())
def test_places_given_by_hand_stay_when_guests_change_and_the_others_make_room(
    guests, more, room, conflicts, data
):
    apart = to_sit_apart(guests, conflicts=conflicts, keep_apart=())
    before = plan_seats(guests, room, apart=apart).places
    if len(before) < 2 or len(more) > len(room.seats()) or len(more) == len(guests):
        return
    one, other = data.draw(st.permutations(sorted(before)))[:2]
    hand = moved(guests, room, apart, {one: before[other], other: before[one]})
    apart = to_sit_apart(more, conflicts=conflicts, keep_apart=())

    plan = plan_seats(more, room, apart=apart, given=hand)

    check(plan.places, more, room)
    still = {one, other} & {guest.person_id for guest in more}
    assert plan.by_hand == still
    assert plan.dropped == 2 - len(still)
    assert all(plan.places[person] == hand.places[person] for person in still)


def test_a_pair_that_sits_apart_already_is_another_setting_where_it_comes_to_a_second_rule():
    guests, room, pair = guests_of(1, 1), Room(rows=2, width=8), frozenset({1, 2})

    by_tie = setting_of(guests, room, (), (), {pair})

    assert by_tie != setting_of(guests, room, (), {pair}, {pair})
    assert by_tie != setting_of(guests, room, {pair}, (), {pair})
    assert by_tie == setting_of(guests, room, (), (), {pair})


def test_a_larger_room_sets_the_others_apart_from_those_placed_by_hand():
    guests, small = guests_of(1, 1, 2, 2), Room(rows=2, width=6)
    apart = rivals_of(guests)
    before = plan_seats(guests, small, apart=apart).places
    by_hand = moved(guests, small, apart, {1: before[4], 4: before[1]})

    plan = plan_seats(guests, Room(rows=4, width=10), apart=apart, given=by_hand)

    assert plan.places[1] == before[4]
    assert plan.places[4] == before[1]
    assert plan.least > 1


def test_a_place_by_hand_outside_a_smaller_room_falls_away():
    guests, apart = guests_of(1, 2), rivals_of(guests_of(1, 2))
    by_hand = moved(guests, Room(rows=2, width=9), apart, {1: Seat(1, 8)})

    plan = plan_seats(guests, Room(rows=2, width=5), apart=apart, given=by_hand)

    assert plan.dropped == 1
    assert not plan.by_hand
    assert plan.least == 4


def test_an_officer_sits_behind_one_client_and_a_colleague_behind_the_other():
    guests = [
        Guest(person_id=n, officer_id=officer) for n, officer in ((1, 70), (2, None), (3, 70))
    ]

    plan = plan_seats(guests, usual_room(3), apart=())

    assert plan.officers == {1: 70}
    assert plan.colleagues == {3: 70}


@pytest.mark.parametrize(("guests", "rows", "width"), [(0, 2, 10), (11, 4, 10), (200, 20, 20)])
def test_the_usual_room_holds_everybody(guests, rows, width):
    room = usual_room(guests)

    assert (room.rows, room.width) == (rows, width)
    assert len(room.seats()) >= guests


def test_a_search_without_patience_says_that_nothing_is_proved(monkeypatch):
    guests = guests_of(*[1, 2, 3] * 4)
    apart = rivals_of(guests, conflicts=({1, 2}, {2, 3}, {1, 3}))
    room = Room(rows=4, width=12)
    monkeypatch.setattr(seating, "PATIENCE", 40)

    arranged = arrange(guests, room, apart=apart)

    assert arranged.places
    assert not arranged.is_proved
    assert arranged.at_most > arranged.least
