"""Which ties and memberships changed between two lists, and whose scores they bear on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple, TypeVar

from gvi.domain.facts import Facts


class How(StrEnum):
    """What became of a record between two lists."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"


class TieChange(NamedTuple):
    """A tie that came, went or has another kind, strength or certainty."""

    tie: int
    a: int
    b: int
    kind: str
    """The later kind; the earlier one where it went."""
    how: How


class MembershipChange(NamedTuple):
    """A person's part in a group that came, went or has another role or certainty."""

    person: int
    group: int
    how: How


Key = TypeVar("Key")


def changed_ties(before: Facts, after: Facts) -> tuple[TieChange, ...]:
    """Give the ties that changed, by id."""
    old, new = _ties(before), _ties(after)
    return tuple(
        TieChange(tie, a, b, kind, how)
        for tie, how in _changed(old, new)
        for a, b, kind, *_ in [new.get(tie) or old[tie]]
    )


def changed_memberships(before: Facts, after: Facts) -> tuple[MembershipChange, ...]:
    """Give the memberships that changed, by person and group."""
    old, new = _memberships(before), _memberships(after)
    return tuple(MembershipChange(*place, how) for place, how in _changed(old, new))


def ties_bearing(
    changes: Iterable[TieChange], before: Facts, after: Facts
) -> Mapping[int, tuple[TieChange, ...]]:
    """Give each person's changed ties: their own first, then those one step further away.

    A score looks two steps along ties, so that no other tie can have changed it.
    """
    ties = {*zip(before.ties.a, before.ties.b, strict=True)}
    ties |= {*zip(after.ties.a, after.ties.b, strict=True)}
    near: dict[int, set[int]] = defaultdict(set)
    for a, b in ties | _together(before) | _together(after):
        near[a].add(b)
        near[b].add(a)
    own: dict[int, dict[TieChange, None]] = defaultdict(dict)
    far: dict[int, dict[TieChange, None]] = defaultdict(dict)
    for change in changes:
        ends = {change.a, change.b}
        for end in sorted(ends):
            own[end][change] = None
        for person in set().union(*(near[end] for end in ends)) - ends:
            far[person][change] = None
    return {person: tuple({**own[person], **far[person]}) for person in {*own, *far}}


def memberships_bearing(
    changes: Iterable[MembershipChange], before: Facts, after: Facts
) -> Mapping[int, tuple[MembershipChange, ...]]:
    """Give each person's changed memberships: their own first, then others' of the same groups."""
    members: dict[int, set[int]] = defaultdict(set)
    for facts in (before, after):
        table = facts.memberships
        for person, group in zip(table.person, table.group, strict=True):
            members[group].add(person)
    found: dict[int, list[MembershipChange]] = defaultdict(list)
    for change in changes:
        for person in members[change.group]:
            found[person].append(change)
    return {
        person: tuple(sorted(mine, key=lambda change: change.person != person))
        for person, mine in found.items()
    }


def _changed(old: Mapping[Key, object], new: Mapping[Key, object]) -> Iterable[tuple[Key, How]]:
    for key in dict.fromkeys((*new, *old)):
        if key not in old:
            yield key, How.ADDED
        elif key not in new:
            yield key, How.ENDED
        elif old[key] != new[key]:
            yield key, How.CHANGED


def _ties(facts: Facts) -> dict[int, tuple[int, int, str, float, str]]:
    t = facts.ties
    rows = zip(t.a, t.b, t.kind, t.strength, t.certainty, strict=True)
    return dict(zip(t.id, rows, strict=True))


def _memberships(facts: Facts) -> dict[tuple[int, int], list[tuple[str, str]]]:
    """Collect the parts by person and group; there may be several records of one."""
    m = facts.memberships
    found: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    for person, group, role, certainty in sorted(
        zip(m.person, m.group, m.role, m.certainty, strict=True)
    ):
        found[person, group].append((role, certainty))
    return dict(found)


def _together(facts: Facts) -> set[tuple[int, int]]:
    """Pair people who took part in one incident: that ties them, too."""
    present: dict[int, set[int]] = defaultdict(set)
    for incident, person in zip(
        facts.involvements.incident, facts.involvements.person, strict=True
    ):
        present[incident].add(person)
    return {(a, b) for people in present.values() for a in people for b in people if a < b}
