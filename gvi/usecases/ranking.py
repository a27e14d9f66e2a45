"""The two rankings and their explanations, as one viewer may know them at an instant.

Every list is computed afresh from stored facts, with the viewer's rights and the as-of instant
applied before anything is summed, and every one that is shown is in the audit log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError
from gvi.domain.facts import Facts
from gvi.domain.text import N_
from gvi.network.explanation import Contribution, Explanation, explain_driving, explain_exposed
from gvi.network.ranking import (
    DrivingEntry,
    DrivingList,
    ExposedEntry,
    ExposedList,
    most_exposed,
    most_violence_driving,
)
from gvi.store.facts import facts
from gvi.usecases.interval import Intervals
from gvi.usecases.policy import in_force

UNDER_18 = "person under 18"
NO_SUCH_PERSON = N_("There is no such person, or it is not for you.")
SCORES = ("driving", "exposed")

Entry = DrivingEntry | ExposedEntry
Ranked = DrivingList | ExposedList


def driving(
    db: Session, viewer: Viewer, as_of: datetime, zone: ZoneInfo
) -> tuple[Facts, DrivingList]:
    """Rank the adults who drive violence, with the facts the list was made from.

    Raises NotAllowedError for a role that may not receive scores.
    """
    known = facts(db, viewer, as_of, zone)
    return known, most_violence_driving(known, in_force(db, viewer))


def exposed(
    db: Session, viewer: Viewer, as_of: datetime, zone: ZoneInfo
) -> tuple[Facts, ExposedList]:
    """Rank the adults who are exposed to violence, for protection and support only."""
    known = facts(db, viewer, as_of, zone)
    return known, most_exposed(known, in_force(db, viewer))


def why_ranked(
    db: Session, viewer: Viewer, known: Facts, person_id: int, *, score: str
) -> Explanation:
    """Explain one score down to its incidents, from facts read with the viewer's rights.

    Raises NotFoundError for somebody not among them, RuleError for somebody who may not be
    explained: under 18, or not on the list.
    """
    explain = explain_driving if score == "driving" else explain_exposed
    return explain(known, in_force(db, viewer), person_id)


def person_called(known: Facts, name: str) -> int:
    """Find a person by external id or code name; raises NotFoundError with what to do."""
    people = known.persons
    for column in (people.key, people.code_name):
        if name in column:
            return people.id[column.index(name)]
    raise NotFoundError(
        N_("There is no person %(name)s; give the external id or the code name."), name=name
    )


def person_place(known: Facts, person_id: int) -> int:
    """Give the row of a person among the facts; raises NotFoundError for one not to be seen."""
    try:
        return known.persons.id.index(person_id)
    except ValueError:
        raise NotFoundError(NO_SUCH_PERSON) from None


def ranking_document(
    found: Ranked, score: str, zone: ZoneInfo, *, top: int | None, intervals: Intervals
) -> dict[str, object]:
    """Give a ranking in the machine format of design §9; `top` None gives everybody."""
    return {
        "as_of": found.as_of.astimezone(zone).isoformat(),
        "policy": found.policy_version,
        "score": score,
        "entries": [
            {
                "rank": entry.rank,
                "person": entry.key,
                "score": entry.score,
                "parts": dict(entry.parts),
                "interval": intervals.get(entry.person_id),
            }
            for entry in (found.entries if top is None else found.entries[:top])
        ],
    }


def explanation_document(known: Facts, why: Explanation) -> dict[str, object]:
    """Give an explanation in the machine format of design §9; minors are named as such only."""
    names = Names.of(known, why.under_18)
    return {
        "person": names.person(why.person_id),
        "score": why.score,
        "parts": dict(why.parts),
        "contributions": [
            {
                "part": c.part,
                "incident": names.incidents[c.incident_id],
                "role": c.role,
                "source": names.person(c.source_id),
                "path": names.path(c),
                "paths": c.paths,
                "ties": [list(kinds) for kinds in c.ties],
                "amount": c.amount,
            }
            for c in why.contributions
        ],
    }


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called in a machine format: by external id, never by name."""

    people: Mapping[int, str]
    groups: Mapping[int, str]
    incidents: Mapping[int, str]
    under_18: frozenset[int]

    @classmethod
    def of(cls, known: Facts, under_18: Iterable[int]) -> "Names":
        """Collect the ids of everything in the facts."""
        return cls(
            people=dict(zip(known.persons.id, known.persons.key, strict=True)),
            groups=dict(zip(known.groups.id, known.groups.key, strict=True)),
            incidents=dict(zip(known.incidents.id, known.incidents.key, strict=True)),
            under_18=frozenset(under_18),
        )

    def person(self, person_id: int) -> str:
        """Name a person, or say only that the person is under 18."""
        return UNDER_18 if person_id in self.under_18 else self.people[person_id]

    def path(self, contribution: Contribution) -> list[str]:
        """Name what stands on the way from the source to the person explained."""
        inner = set(range(1, len(contribution.path) - 1)) if contribution.groups else set()
        return [
            self.groups[key] if place in inner else self.person(key)
            for place, key in enumerate(contribution.path)
        ]
