"""What a rank would be without some of the records: a source, a record, a kind.

A record that was left out is as if it had never been written down. What one record does to a rank
says how much hangs on it: where a doubtful one decides, somebody should look at it again.

Source: design, section 4, "what would change it".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import compress
from typing import Any, TypeVar

from gvi.domain.facts import (
    Facts,
    IncidentFacts,
    InvolvementFacts,
    MembershipFacts,
    TieFacts,
)
from gvi.domain.policy import ScoringPolicy
from gvi.network.ranking import most_exposed, most_violence_driving


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Records to do without, by id; an incident goes with everybody's part in it.

    `kinds` are kinds of incident and kinds of tie, by code.
    """

    incidents: frozenset[int] = frozenset()
    involvements: frozenset[tuple[int, int, str]] = frozenset()
    """Incident, person, role."""
    ties: frozenset[int] = frozenset()
    memberships: frozenset[tuple[int, int]] = frozenset()
    """Person, group."""
    kinds: frozenset[str] = frozenset()

    def __or__(self, other: "LeftOut") -> "LeftOut":
        """Leave out what either leaves out."""
        return LeftOut(
            **{field.name: getattr(self, field.name) | getattr(other, field.name) for field in _OUT}
        )

    @classmethod
    def all_of(cls, choices: Iterable["LeftOut"]) -> "LeftOut":
        """Leave out everything that any of them leaves out."""
        every = tuple(choices)
        return cls(
            **{
                field.name: frozenset().union(*(getattr(each, field.name) for each in every))
                for field in _OUT
            }
        )

    def apart(self) -> tuple["LeftOut", ...]:
        """Give the records one by one; a person's roles in one incident stay together."""
        parts: dict[tuple[int, int], set[tuple[int, int, str]]] = {}
        for row in sorted(self.involvements):
            parts.setdefault(row[:2], set()).add(row)
        return (
            *(LeftOut(incidents=frozenset([key])) for key in sorted(self.incidents)),
            *(LeftOut(involvements=frozenset(rows)) for rows in parts.values()),
            *(LeftOut(ties=frozenset([key])) for key in sorted(self.ties)),
            *(LeftOut(memberships=frozenset([key])) for key in sorted(self.memberships)),
        )


_OUT = fields(LeftOut)


def without(facts: Facts, left_out: LeftOut) -> Facts:
    """Give the same facts without some of the records, in the same order."""
    incidents, involved = facts.incidents, facts.involvements
    ties, members = facts.ties, facts.memberships
    gone = set(left_out.incidents)
    gone.update(
        key
        for key, kind in zip(incidents.id, incidents.kind, strict=True)
        if kind in left_out.kinds
    )
    roles = zip(involved.incident, involved.person, involved.role, strict=True)
    return replace(
        facts,
        incidents=_kept(incidents, [key not in gone for key in incidents.id]),
        involvements=_kept(
            involved, [row[0] not in gone and row not in left_out.involvements for row in roles]
        ),
        ties=_kept(
            ties,
            [
                key not in left_out.ties and kind not in left_out.kinds
                for key, kind in zip(ties.id, ties.kind, strict=True)
            ],
        ),
        memberships=_kept(
            members,
            [
                row not in left_out.memberships
                for row in zip(members.person, members.group, strict=True)
            ],
        ),
    )


def rank_without(
    facts: Facts, policy: ScoringPolicy, person_id: int, left_out: LeftOut, *, score: str
) -> int | None:
    """Give the rank a person would have without some records; None where they are not listed.

    `score` is `driving` or `exposed`.
    """
    rank = most_violence_driving if score == "driving" else most_exposed
    entries = rank(without(facts, left_out), policy).entries
    return next((entry.rank for entry in entries if entry.person_id == person_id), None)


Table = TypeVar("Table", IncidentFacts, InvolvementFacts, TieFacts, MembershipFacts)


def _kept(table: Table, rows: Sequence[bool]) -> Table:
    if all(rows):
        return table
    columns: dict[str, Any] = {
        field.name: tuple(compress(getattr(table, field.name), rows)) for field in fields(table)
    }
    return replace(table, **columns)
