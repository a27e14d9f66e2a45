"""One person's rank without single records, for many choices of records at once.

Each choice is a column beside one structure, as the draws of a rank interval are; what is left out
is a number changed in that column. The ranks equal `leave_out.rank_without`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from gvi.domain.facts import Facts
from gvi.domain.policy import UNITS, ScoringPolicy
from gvi.network.arrays import TIE_KINDS, IntArray, coded, positions, whole_numbers
from gvi.network.drawn_amounts import Block, Cells, Involved
from gvi.network.drawn_scores import NOT_LISTED, Sums, sums_of
from gvi.network.draws import undrawn_policy
from gvi.network.explanation import explain_driving, explain_exposed
from gvi.network.interval import by_code_name, ranks
from gvi.network.leave_out import LeftOut
from gvi.network.ranking import most_exposed, most_violence_driving

Change = tuple[str, IntArray, float]
"""A table of rows, the rows of it that change, and by what they are multiplied."""


class Standing(NamedTuple):
    """Where a person stands without some records: None and 0 where the list does not have them."""

    rank: int | None
    score: float


class RecordsBehind:
    """The records that bear on one listed person, and what the rank is without them."""

    def __init__(self, facts: Facts, policy: ScoringPolicy, person_id: int, *, score: str) -> None:
        """Sort out what the score is made of; raises ValueError for somebody not listed."""
        entries = (most_violence_driving if score == "driving" else most_exposed)(facts, policy)
        people = by_code_name(entries.entries)
        self._facts, self._policy, self._person_id, self._score = facts, policy, person_id, score
        self._listed_at = people.index(person_id)
        self._sums: Sums = sums_of(facts, policy, people, score=score)
        self._place = int(self._sums.places[self._listed_at])
        age = self._sums.incidents.age_days
        decay = np.exp2(-np.maximum(age, 0.0) / policy.half_life_days)
        self._decay = np.where(age < 0.0, 0.0, decay)
        self._places = {key: at for at, key in enumerate(facts.incidents.id)}
        self._own = self._own_parts()
        self._taken_out: dict[int, list[Change]] = {}
        self._ties = self._own_ties()
        shared = self._sums.ties.shared
        pairs = np.repeat(shared.key // len(TIE_KINDS), np.diff(shared.summed.indptr))
        self._one, self._other = np.divmod(pairs, len(facts.persons.id))

    @property
    def cost(self) -> int:
        """How many numbers the widest array has for each choice of records."""
        return max(self._sums.ties.rows, self._sums.incidents.rows, 1)

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

    def standings(self, choices: Sequence[LeftOut]) -> list[Standing]:
        """Give rank and score without each choice of the records above, or of several of them."""
        found: list[Standing] = []
        for start in range(0, len(choices), self._sums.at_once):
            some = choices[start : start + self._sums.at_once]
            drawn = self._sums.of(self._block(some))
            scores = drawn.score[:, self._listed_at].tolist()
            places = ranks(drawn)[:, self._listed_at].tolist()
            found += [
                Standing(None, 0.0) if score == NOT_LISTED else Standing(rank, score / UNITS)
                for rank, score in zip(places, scores, strict=True)
            ]
        return found

    def _block(self, choices: Sequence[LeftOut]) -> Block:
        """Make one column for each choice."""
        counted = np.repeat(self._decay[:, np.newaxis], len(choices), axis=1)
        changed: dict[str, list[tuple[IntArray, int, float]]] = defaultdict(list)
        for column, choice in enumerate(choices):
            for incident in choice.incidents:
                counted[self._places[incident], column] = 0.0
            for table, rows, factor in self._changes(choice):
                changed[table].append((rows, column, factor))
        return Block(
            policy=undrawn_policy(self._policy, draws=len(choices)),
            draws=slice(0, len(choices)),
            age_days=self._sums.incidents.age_days,
            counted=counted,
            changed={table: _cells(rows) for table, rows in changed.items()},
        )

    def _changes(self, choice: LeftOut) -> Iterable[Change]:
        for incident in sorted({incident for incident, _, _ in choice.involvements}):
            if incident not in self._taken_out:
                self._taken_out[incident] = list(self._without_part_in(self._places[incident]))
            yield from self._taken_out[incident]
        for person_id, group_id in sorted(choice.memberships):
            yield from self._without_membership(person_id, group_id)
        for slot, ties in self._ties.items() if choice.ties else ():
            left = max((value for tie, value in ties if tie not in choice.ties), default=0.0)
            most = max(value for _, value in ties)
            if left < most:
                yield "ties", whole_numbers([slot]), left / most

    def _without_part_in(self, at: int) -> Iterable[Change]:
        """Take the person out of an incident; the others in it are then fewer who share it."""
        incidents, shared = self._sums.incidents, self._sums.ties.shared
        doing = self._rows(incidents.doing, at)
        yield "doing", doing, 0.0
        yield "suffering", self._rows(incidents.suffering, at), 0.0
        if not doing.size:
            return
        in_it = shared.incident == at
        with_person = in_it & ((self._one == self._place) | (self._other == self._place))
        yield "shared", np.flatnonzero(with_person), 0.0
        present = np.count_nonzero(incidents.doing.incident == at)
        if present > 2:
            yield "shared", np.flatnonzero(in_it & ~with_person), (present - 1) / (present - 2)

    def _rows(self, involved: Involved, incident: int) -> IntArray:
        return np.flatnonzero((involved.incident == incident) & (involved.person == self._place))

    def _without_membership(self, person_id: int, group_id: int) -> Iterable[Change]:
        groups = self._sums.groups
        [person] = positions(whole_numbers(self._facts.persons.id), whole_numbers([person_id]))
        [group] = positions(whole_numbers(self._facts.groups.id), whole_numbers([group_id]))
        yield (
            "memberships",
            np.flatnonzero((groups.person == person) & (groups.group == group)),
            0.0,
        )

    def _own_parts(self) -> dict[int, list[tuple[int, int, str]]]:
        """Collect the person's roles by incident, those that bear on a score, heaviest first."""
        incidents = self._sums.incidents
        theirs = [
            involved.incident[involved.person == self._place]
            for involved in (incidents.doing, incidents.suffering)
        ]
        places = np.unique(np.concatenate(theirs)).tolist()
        kinds = self._facts.incidents.kind
        places.sort(key=lambda at: -self._policy.harm.get(kinds[at], 0.0) * self._decay[at])
        parts: dict[int, list[tuple[int, int, str]]] = {
            self._facts.incidents.id[at]: [] for at in places
        }
        table = self._facts.involvements
        for row in zip(table.incident, table.person, table.role, strict=True):
            if row[1] == self._person_id and row[0] in parts:
                parts[row[0]].append(row)
        return parts

    def _own_ties(self) -> dict[int, list[tuple[int, float]]]:
        """Collect the person's recorded ties, id and strength, by pair and kind."""
        table, key = self._facts.ties, self._sums.ties.key
        person_ids = whole_numbers(self._facts.persons.id)
        a, b = (
            positions(person_ids, whole_numbers(table.a)),
            positions(person_ids, whole_numbers(table.b)),
        )
        rows = np.flatnonzero(
            ((a == self._place) | (b == self._place)) & (a >= 0) & (b >= 0) & (a != b)
        )
        pair = np.minimum(a, b)[rows] * person_ids.size + np.maximum(a, b)[rows]
        kind = coded([table.kind[row] for row in rows.tolist()], TIE_KINDS)
        slots = positions(key, pair * len(TIE_KINDS) + kind)
        ties: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for slot, row in zip(slots.tolist(), rows.tolist(), strict=True):
            strength = table.strength[row] * self._policy.certainty[table.certainty[row]]
            if slot >= 0 and strength > 0.0:
                ties[slot].append((table.id[row], strength))
        return ties

    def _incidents_of_others(self) -> list[int]:
        """Give the incidents that enter the score through others only, heaviest first."""
        explain = explain_driving if self._score == "driving" else explain_exposed
        amounts: dict[int, float] = defaultdict(float)
        found = explain(self._facts, self._policy, self._person_id)
        for brought in found.by_incident().values():
            for key in brought.keys() - self._own.keys():
                amounts[key] += brought[key]
        return sorted(amounts, key=lambda key: (-amounts[key], key))


def _cells(changes: Sequence[tuple[IntArray, int, float]]) -> Cells:
    sizes = [rows.size for rows, _, _ in changes]
    return Cells(
        row=np.concatenate([rows for rows, _, _ in changes]),
        draw=np.repeat([column for _, column, _ in changes], sizes),
        factor=np.repeat([factor for _, _, factor in changes], sizes),
    )
