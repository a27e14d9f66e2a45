"""Where groups and people stand on the network map: two levels, so that a reader sees islands.

Groups are circles whose area is the number of members, drawn near those they have to do with and
pushed apart until none touch; the opened group shows its members inside, leaders in the middle.
A force layout of all people at once is a hairball at any size worth drawing. The same facts give
the same map, and a small change moves it little: everybody starts from a place that follows from
their id alone. Position carries no other meaning.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from gvi.domain.facts import Facts
from gvi.domain.membership import MembershipRole
from gvi.domain.policy import ScoringPolicy
from gvi.network.arrays import BoolArray, FloatArray, IntArray, positions, whole_numbers
from gvi.network.reach import tied_pairs

MEMBER_RADIUS = 9.0
"""A closed circle of n members has this radius times √n; lengths are pixels at 100 %."""
OPEN_RADIUS = 170.0
OPEN_MEMBER_RADIUS = 22.0
"""The opened circle is at least the former, and leaves each member the room of the latter."""
LABEL_RADIUS = 36.0
"""Room for a name and a number in or above a small circle."""
GAP = 14.0
MARGIN = 24.0
DOT_RADIUS = 13.0
DOT_ROOM = 0.62
"""Each member's room, of the circle's radius / √n: more could not be packed into the circle."""
RINGS = {
    MembershipRole.LEADER: 0.12,
    MembershipRole.CORE: 0.34,
    MembershipRole.MEMBER: 0.62,
    MembershipRole.ASSOCIATE: 0.84,
    MembershipRole.RECRUIT: 0.84,
}
"""How far from the middle of the circle each role stands, as a fraction of its radius."""

ROUNDS = 200
"""Rounds in which springs pull, ever more weakly; in the cold ones only crowding is undone."""
COLD_ROUNDS = 100
PLASTIC = 1.324717957244746
"""The number that spreads points evenly over a square (Roberts, 2018, the R2 sequence)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlace:
    """A group's circle; y grows downwards, as in SVG."""

    group_id: int
    x: float
    y: float
    radius: float
    members: int
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPlace:
    """A member inside the opened circle."""

    person_id: int
    role: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkMap:
    """Everything with a place, and the ties of the opened group's members.

    `ties` are pairs of members tied to each other; `ties_outside` are a member and another group
    with somebody tied to them.
    """

    width: float
    height: float
    groups: tuple[GroupPlace, ...]
    people: tuple[PersonPlace, ...]
    ties: tuple[tuple[int, int], ...]
    ties_outside: tuple[tuple[int, int], ...]


def network_map(
    facts: Facts, policy: ScoringPolicy, *, open_group: int | None = None
) -> NetworkMap:
    """Place every group, and the members of one that is opened."""
    groups, people = whole_numbers(facts.groups.id), whole_numbers(facts.persons.id)
    ends = np.array(tied_pairs(facts, policy), dtype=np.int64).reshape(-1, 2)
    belongs = _belongs(facts, people, groups)
    number = np.asarray(belongs.sum(axis=0), dtype=np.int64)
    is_open = groups == (-1 if open_group is None else open_group)
    radius = np.where(is_open, _open_radius(number), MEMBER_RADIUS * np.sqrt(number))
    centre = _group_centres(facts, groups, radius, _tied_groups(belongs, positions(people, ends)))
    room = radius + MARGIN + (LABEL_RADIUS - radius).clip(min=0.0)
    corner = (centre - room[:, None]).min(axis=0, initial=0.0)
    size = (centre + room[:, None]).max(axis=0, initial=0.0) - corner
    places = _group_places(facts, centre - corner, radius, number, is_open)
    opened = [place for place in places if place.is_open]
    inside = _people_places(facts, opened[0], ends) if opened else ()
    ties, outside = _ties_of_opened(facts, inside, open_group, ends)
    return NetworkMap(
        width=round(float(size[0]), 1),
        height=round(float(size[1]), 1),
        groups=places,
        people=inside,
        ties=ties,
        ties_outside=outside,
    )


def _belongs(facts: Facts, people: IntArray, groups: IntArray) -> csr_array:
    """Give a matrix with a 1 for each person (row) in each group (column)."""
    rows = facts.memberships
    person = positions(people, whole_numbers(rows.person))
    group = positions(groups, whole_numbers(rows.group))
    is_member = np.array([role != MembershipRole.FORMER for role in rows.role], dtype=bool)
    kept = (person >= 0) & (group >= 0) & is_member
    matrix = csr_array(
        (np.ones(kept.sum()), (person[kept], group[kept])), shape=(people.size, groups.size)
    )
    matrix.data[:] = 1.0
    return matrix


def _open_radius(number: IntArray) -> FloatArray:
    return np.maximum(OPEN_RADIUS, OPEN_MEMBER_RADIUS * np.sqrt(number))


def _tied_groups(belongs: csr_array, ties: IntArray) -> BoolArray:
    """Tell which groups have members tied to each other."""
    people = belongs.shape[0]
    tied = csr_array((np.ones(len(ties)), (ties[:, 0], ties[:, 1])), shape=(people, people))
    between = (belongs.T @ tied @ belongs).toarray() > 0.0
    result: BoolArray = between | between.T
    return result


def _group_centres(
    facts: Facts, groups: IntArray, radius: FloatArray, tied: BoolArray
) -> FloatArray:
    """Place the circles, the related nearest, then those with ties between their members."""
    springs = np.where(tied, 0.03, 0.0)
    a = positions(groups, whole_numbers(facts.relations.group_a))
    b = positions(groups, whole_numbers(facts.relations.group_b))
    known = (a >= 0) & (b >= 0)
    springs[a[known], b[known]] = springs[b[known], a[known]] = 1.0
    room = np.maximum(radius, LABEL_RADIUS) + GAP
    start = _spread_evenly(groups) * 2.0 * np.sqrt(np.square(room).sum())
    return _settled(start, room=room, springs=springs, ring=np.zeros(groups.size), hold=0.05)


def _group_places(
    facts: Facts, centre: FloatArray, radius: FloatArray, number: IntArray, is_open: BoolArray
) -> tuple[GroupPlace, ...]:
    return tuple(
        GroupPlace(
            group_id=id_,
            x=round(float(centre[at, 0]), 1),
            y=round(float(centre[at, 1]), 1),
            radius=round(float(radius[at]), 1),
            members=int(number[at]),
            is_open=bool(is_open[at]),
        )
        for at, id_ in enumerate(facts.groups.id)
    )


def _people_places(facts: Facts, circle: GroupPlace, ends: IntArray) -> tuple[PersonPlace, ...]:
    """Place the members inside the circle: by role from the middle, the tied near each other."""
    rows = facts.memberships
    role_of = {
        person: role
        for person, group, role in zip(rows.person, rows.group, rows.role, strict=True)
        if group == circle.group_id and role != MembershipRole.FORMER
    }
    ids = sorted(role_of.keys() & set(facts.persons.id))
    people = whole_numbers(ids)
    places = positions(people, ends)
    a, b = places[(places >= 0).all(axis=1)].T
    springs = np.zeros((people.size, people.size))
    springs[a, b] = springs[b, a] = 1.0
    inner = circle.radius - DOT_RADIUS
    ring = inner * np.array([RINGS[MembershipRole(role_of[id_])] for id_ in ids])
    angle = _spread_evenly(people)[:, 0] * 2.0 * np.pi
    start = np.stack([ring * np.cos(angle), ring * np.sin(angle)], axis=1)
    springs *= 0.2 / max(springs.sum(axis=1).max(initial=0.0), 1.0)
    room = np.full(people.size, DOT_ROOM * inner / np.sqrt(max(people.size, 1)))
    at = _settled(start, room=room, springs=springs, ring=ring, hold=0.25, within=inner)
    return tuple(
        PersonPlace(
            person_id=id_,
            role=role_of[id_],
            x=round(circle.x + float(x), 1),
            y=round(circle.y + float(y), 1),
        )
        for id_, (x, y) in zip(ids, at, strict=True)
    )


def _ties_of_opened(
    facts: Facts, inside: Iterable[PersonPlace], open_group: int | None, ends: IntArray
) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """Give the ties between the members, and between members and other groups."""
    members = {place.person_id for place in inside}
    pairs = [tuple(pair) for pair in ends.tolist() if members.intersection(pair)]
    groups_of: dict[int, set[int]] = {}
    rows = facts.memberships
    for person, group, role in zip(rows.person, rows.group, rows.role, strict=True):
        if role != MembershipRole.FORMER and group != open_group and group in facts.groups.id:
            groups_of.setdefault(person, set()).add(group)
    outside = {
        (one, group)
        for a, b in pairs
        for one, other in ((a, b), (b, a))
        if one in members and other not in members
        for group in groups_of.get(other, ())
    }
    return tuple((a, b) for a, b in pairs if {a, b} <= members), tuple(sorted(outside))


def _spread_evenly(ids: IntArray) -> FloatArray:
    """Give each id a place of its own in the square from −½ to ½, whoever else there is."""
    steps = np.array([1.0 / PLASTIC, 1.0 / PLASTIC**2])
    return np.asarray((0.5 + ids[:, None] * steps) % 1.0 - 0.5)


def _settled(
    points: FloatArray,
    *,
    room: FloatArray,
    springs: FloatArray,
    ring: FloatArray,
    hold: float,
    within: float = np.inf,
) -> FloatArray:
    """Let springs pull and crowding push, ever more gently, until nobody is in another's room.

    Each point is also drawn to its ring, a distance from the middle, as firmly as `hold` says, and
    kept `within` the circle.
    """
    touching = room[:, None] + room[None, :]
    np.fill_diagonal(touching, 0.0)
    for heat in (*np.linspace(1.0, 0.0, ROUNDS), *np.zeros(COLD_ROUNDS)):
        apart = points[:, None, :] - points[None, :, :]
        distance = np.sqrt(np.square(apart).sum(axis=2)) + 1e-9
        overlap = (touching - distance).clip(min=0.0)
        # while it is hot, circles may slip through each other to get where they belong
        push = (0.35 - 0.3 * heat) * overlap
        pull = 0.1 * heat * springs * (distance - 0.5 * touching).clip(min=0.0)
        points = points + (apart * ((push - pull) / distance)[:, :, None]).sum(axis=1)
        away = np.sqrt(np.square(points).sum(axis=1)) + 1e-9
        wanted = away + hold * heat * (ring - away)
        points = points * (np.minimum(wanted, within) / away)[:, None]
    return points
