"""One person's rank without some records, for many choices of records at once.

Each choice is a column beside one structure (`changed_sums`); what is left out is a number changed
in that column. The ranks equal `leave_out.rank_without`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from gvi.domain.facts import Facts
from gvi.domain.incident import DOING_ROLES
from gvi.domain.policy import UNITS, ScoringPolicy
from gvi.network.arrays import (
    TIE_KINDS,
    FloatArray,
    IntArray,
    Involved,
    positions,
    recorded_ties,
    shared_incidents,
    weigh,
    whole_numbers,
)
from gvi.network.changed_rows import Cells, RowsOf
from gvi.network.changed_sums import ChangedSums
from gvi.network.explanation import driving_explained, exposed_explained
from gvi.network.leave_out import LeftOut
from gvi.network.ranking import driving_sums, exposed_sums

AT_ONCE = 1_000_000
"""Numbers in a table of people down and choices across: 8 megabytes, of which some are held."""
MOST_CHOICES = 64
"""Beyond this nothing is gained, and who looks for the first choice that does something waits."""

Part = tuple[int, int, str]
"""Incident, person, role."""
Held = tuple[Part, str]
"""A part and its certainty."""
Change = tuple[str, IntArray, FloatArray]
"""A table of rows, the rows of it that change, and by what each is multiplied."""


class Standing(NamedTuple):
    """Where a person stands without some records: None and 0 where the list does not have them."""

    rank: int | None
    score: float


class RecordsBehind:
    """The records that bear on one listed person, and what the rank is without them."""

    def __init__(self, facts: Facts, policy: ScoringPolicy, person_id: int, *, score: str) -> None:
        """Sort out what the score is made of; raises RuleError for somebody not listed."""
        weighed = weigh(facts, policy)
        if score == "driving":
            driving = driving_sums(weighed)
            self._explained, listed = driving_explained(driving, person_id), driving.listed
        else:
            exposed = exposed_sums(weighed)
            self._explained, listed = exposed_explained(exposed, person_id), exposed.listed
        self._facts, self._policy, self._person_id = facts, policy, person_id
        self._arrays, self._members = weighed.arrays, weighed.members
        self._place = int(np.searchsorted(weighed.arrays.person_ids, person_id))
        self.rank = 1 + listed.index(self._place)
        code_names = facts.persons.code_name
        self._listed = sorted(listed, key=lambda place: (code_names[place], place))
        self._shared = shared_incidents(weighed.arrays, policy)
        self._sums = ChangedSums(weighed, self._shared, score=score)
        self._parts = _by_incident(facts)
        self._own = self._own_parts()
        self._ties = self._own_ties()
        self._slot_of = {tie: slot for slot, ties in self._ties.items() for tie, _ in ties}
        self._incident_of = {
            "doing": self._arrays.doing.incident,
            "suffering": self._arrays.suffering.incident,
            "shared": self._shared.incident,
        }
        self._rows_of = {table: RowsOf(rows) for table, rows in self._incident_of.items()}
        self._found: dict[int | frozenset[Part], list[Change]] = {}
        """Without an incident, or without some parts in one."""

    @property
    def cost(self) -> int:
        """How many numbers the sums of one choice go through."""
        arrays = self._arrays
        tables = (arrays.incident_ids, arrays.person_ids, arrays.doing.incident)
        ties = (self._sums.ties.key, self._shared.pair)
        return max(1, *(table.size for table in (*tables, arrays.suffering.incident, *ties)))

    def records(self) -> list[LeftOut]:
        """Give the records behind the score, one in each, what weighs most first of each sort.

        They are the person's part in an incident (all roles in it count as one record), their
        memberships and recorded ties, and incidents of others that enter the score.
        """
        own = [LeftOut(involvements=frozenset(rows)) for rows in self._own.values()]
        members = zip(self._facts.memberships.person, self._facts.memberships.group, strict=True)
        groups = dict.fromkeys(group for person, group in members if person == self._person_id)
        memberships = [
            LeftOut(memberships=frozenset([(self._person_id, group)])) for group in groups
        ]
        ties = [LeftOut(ties=frozenset([tie])) for slot in self._ties.values() for tie, _ in slot]
        incidents = [LeftOut(incidents=frozenset([key])) for key in self._incidents_of_others()]
        return [*own, *memberships, *ties, *incidents]

    def standings(self, choices: Iterable[LeftOut]) -> Iterator[Standing]:
        """Give rank and score without each choice, one after the other as they are asked for.

        A choice may have whole kinds, incidents, anybody's parts in incidents, and the person's own
        ties and memberships.
        """
        at_once = min(MOST_CHOICES, max(1, AT_ONCE // len(self._facts.persons.id)))
        coming = iter(choices)
        while some := list(islice(coming, at_once)):
            yield from self._standings(some)

    def _standings(self, choices: Sequence[LeftOut]) -> Iterator[Standing]:
        changed: dict[str, list[tuple[IntArray, int, FloatArray]]] = defaultdict(list)
        for column, choice in enumerate(choices):
            for table, rows, factors in self._changes(choice):
                changed[table].append((rows, column, factors))
        cells = {table: _cells(rows) for table, rows in changed.items()}
        score, first = self._sums.of(cells, self._listed, columns=len(choices))
        at = self._listed.index(self._place)
        equal = score == score[at]
        is_before = score > score[at]
        is_before |= equal & (first > first[at])
        is_before[:at] |= equal[:at] & (first[:at] == first[at])
        ranks = 1 + np.count_nonzero(is_before, axis=0)
        for rank, units in zip(ranks.tolist(), score[at].tolist(), strict=True):
            yield Standing(rank, units / UNITS) if units >= 0.0 else Standing(None, 0.0)

    def _changes(self, choice: LeftOut) -> Iterator[Change]:
        for kind in choice.kinds:
            yield from self._without_kind(kind)
        for incident_id in choice.incidents:
            if incident_id not in self._found:
                self._found[incident_id] = self._without_incident(incident_id)
            yield from self._found[incident_id]
        for parts in _together(choice.involvements):
            if parts not in self._found:
                self._found[parts] = self._without_parts(parts)
            yield from self._found[parts]
        yield from self._without_ties(choice.ties)
        for _, group_id in choice.memberships:
            group = np.searchsorted(self._arrays.group_ids, group_id)
            rows = (self._members.person == self._place) & (self._members.group == group)
            yield _zeroed("memberships", np.flatnonzero(rows))

    def _without_kind(self, kind: str) -> Iterator[Change]:
        of_kind = np.array([each == kind for each in self._facts.incidents.kind], dtype=np.bool_)
        for table, of_table in self._incident_of.items():
            yield _zeroed(table, np.flatnonzero(of_kind[of_table]))
        if kind in TIE_KINDS:
            slots = self._sums.ties.key % len(TIE_KINDS) == TIE_KINDS.index(kind)
            yield _zeroed("ties", np.flatnonzero(slots))

    def _without_incident(self, incident_id: int) -> list[Change]:
        at = positions(self._arrays.incident_ids, whole_numbers([incident_id]))
        return [_zeroed(table, rows_of(at)) for table, rows_of in self._rows_of.items()]

    def _without_parts(self, parts: frozenset[Part]) -> list[Change]:
        """Take some people's roles out of one incident; those left in it are fewer to share it."""
        incident_id = next(iter(parts))[0]
        at = positions(self._arrays.incident_ids, whole_numbers([incident_id]))
        left = [each for each in self._parts[incident_id] if each[0] not in parts]
        policy, doing = self._policy, self._arrays.doing
        actors = [each for each in left if each[0][2] in DOING_ROLES]
        rows, before = self._rows_of["shared"](at), self._rows_of["doing"](at)
        sure = self._largest(doing.person[before], actors, dict.fromkeys(DOING_ROLES, 1.0))
        one, other = (
            np.searchsorted(before, end[rows]) for end in (self._shared.left, self._shared.right)
        )
        was_sure = doing.certainty[before]
        less_sure = _ratio(
            np.minimum(sure[one], sure[other]), np.minimum(was_sure[one], was_sure[other])
        )
        ids = self._arrays.person_ids[doing.person[before]].tolist()
        present = len({part[1] for part, _ in actors}.intersection(ids))
        fewer = less_sure * (before.size - 1) / max(1, present - 1)
        return [
            self._weighing_less("doing", at, left, policy.doing),
            self._weighing_less("suffering", at, left, policy.exposure),
            ("shared", rows, fewer),
        ]

    def _weighing_less(
        self, table: str, at: IntArray, left: Sequence[Held], weight_of: Mapping[str, float]
    ) -> Change:
        involved: Involved = getattr(self._arrays, table)
        rows = self._rows_of[table](at)
        weight = self._largest(involved.person[rows], left, weight_of)
        return table, rows, _ratio(weight, involved.weight[rows])

    def _largest(
        self, people: IntArray, left: Sequence[Held], weight_of: Mapping[str, float]
    ) -> FloatArray:
        """Give the largest weight times certainty of each person's roles that are left."""
        most: dict[int, float] = defaultdict(float)
        for (_, person_id, role), certainty in left:
            weight = weight_of.get(role, 0.0) * self._policy.certainty[certainty]
            most[person_id] = max(most[person_id], weight)
        ids = self._arrays.person_ids[people].tolist()
        return np.array([most[person_id] for person_id in ids], dtype=np.float64)

    def _without_ties(self, gone: frozenset[int]) -> Iterator[Change]:
        for slot in sorted({self._slot_of[tie] for tie in gone}):
            ties = self._ties[slot]
            left = max((strength for tie, strength in ties if tie not in gone), default=0.0)
            most = max(strength for _, strength in ties)
            yield "ties", np.array([slot]), np.array([left / most])

    def _own_parts(self) -> dict[int, list[Part]]:
        """Collect the person's roles by incident, those that bear on a score, heaviest first."""
        incidents, ids = self._arrays.incidents, self._arrays.incident_ids
        theirs = [
            involved.incident[involved.person == self._place]
            for involved in (self._arrays.doing, self._arrays.suffering)
        ]
        places = np.unique(np.concatenate(theirs))
        heaviest = np.argsort(-incidents.harm[places] * incidents.decay[places], kind="stable")
        return {
            key: [part for part, _ in self._parts[key] if part[1] == self._person_id]
            for key in ids[places[heaviest]].tolist()
        }

    def _own_ties(self) -> dict[int, list[tuple[int, float]]]:
        """Collect the person's recorded ties, id and strength, by pair and kind."""
        table = recorded_ties(self._facts.ties, self._policy, self._arrays.person_ids)
        ends = np.divmod(table.key // len(TIE_KINDS), self._arrays.person_ids.size)
        theirs = (ends[0] == self._place) | (ends[1] == self._place)
        slots = positions(self._sums.ties.key, table.key)
        ties: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for at in np.flatnonzero(theirs & (slots >= 0) & (table.strength > 0.0)).tolist():
            ties[int(slots[at])].append(
                (self._facts.ties.id[table.row[at]], float(table.strength[at]))
            )
        return ties

    def _incidents_of_others(self) -> list[int]:
        """Give the incidents that enter the score through others only, heaviest first."""
        amounts: dict[int, float] = defaultdict(float)
        for brought in self._explained.by_incident().values():
            for key in brought.keys() - self._own.keys():
                amounts[key] += brought[key]
        return sorted(amounts, key=lambda key: (-amounts[key], key))


def _by_incident(facts: Facts) -> dict[int, list[Held]]:
    table = facts.involvements
    held: dict[int, list[Held]] = defaultdict(list)
    parts = zip(table.incident, table.person, table.role, strict=True)
    for part, certainty in zip(parts, table.certainty, strict=True):
        held[part[0]].append((part, certainty))
    return held


def _together(parts: frozenset[Part]) -> list[frozenset[Part]]:
    """Put parts in one incident together."""
    by_incident: dict[int, set[Part]] = defaultdict(set)
    for part in parts:
        by_incident[part[0]].add(part)
    return [frozenset(some) for some in by_incident.values()]


def _zeroed(table: str, rows: IntArray) -> Change:
    return table, rows, np.zeros(rows.size)


def _ratio(left: FloatArray, before: FloatArray) -> FloatArray:
    return np.divide(left, before, out=np.zeros_like(left), where=before > 0.0)


def _cells(changes: Sequence[tuple[IntArray, int, FloatArray]]) -> Cells:
    return Cells(
        row=np.concatenate([rows for rows, _, _ in changes]),
        column=np.repeat([column for _, column, _ in changes], [rows.size for rows, *_ in changes]),
        factor=np.concatenate([factors for _, _, factors in changes]),
    )
