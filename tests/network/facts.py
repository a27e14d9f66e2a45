"""Facts written down briefly: what a test does not say has the plainest value there is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from gvi.domain.facts import (
    Facts,
    GroupFacts,
    IncidentFacts,
    InvolvementFacts,
    MembershipFacts,
    PersonFacts,
    RelationFacts,
    TieFacts,
)

AS_OF = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def columns(rows: Iterable[Sequence[object]], defaults: Sequence[object]) -> list[tuple]:
    """Turn rows into columns; a row that ends early takes the last defaults."""
    padded = [(*row, *defaults[len(row) :]) for row in rows]
    return list(zip(*padded, strict=True)) or [()] * len(defaults)


def some_facts(
    *,
    people: Iterable[int] | Mapping[int, date | None] = (),
    groups: Iterable[int] = (),
    memberships: Iterable[Sequence[object]] = (),
    ties: Iterable[Sequence[object]] = (),
    relations: Iterable[Sequence[object]] = (),
    incidents: Iterable[Sequence[object]] = (),
    involvements: Iterable[Sequence[object]] = (),
    as_of: datetime = AS_OF,
) -> Facts:
    """Rows in the order of the fields of `domain.facts`, ids first; ties get their ids in order."""
    births = people if isinstance(people, Mapping) else dict.fromkeys(people)
    ids = sorted(births)
    group_ids = sorted(groups)
    member = columns(memberships, (0, 0, "member", "confirmed"))
    tie = columns(ties, (0, 0, "associate", 1.0, "confirmed"))
    relation = columns(relations, (0, 0, "open_conflict"))
    incident = columns(sorted(incidents), (0, AS_OF, "homicide", "unknown"))
    involved = columns(involvements, (0, 0, "suspect", "confirmed"))
    return Facts(
        as_of=as_of,
        as_of_day=as_of.date(),
        persons=PersonFacts(
            id=ids,
            key=[f"P{i}" for i in ids],
            code_name=[f"Fågel {i:04}" for i in ids],
            birth_date=[births[i] for i in ids],
        ),
        groups=GroupFacts(
            id=group_ids, key=[f"G{i}" for i in group_ids], name=[f"Grupp {i}" for i in group_ids]
        ),
        memberships=MembershipFacts(
            person=member[0], group=member[1], role=member[2], certainty=member[3]
        ),
        ties=TieFacts(
            id=range(1, len(tie[0]) + 1),
            a=tie[0],
            b=tie[1],
            kind=tie[2],
            strength=tie[3],
            certainty=tie[4],
        ),
        relations=RelationFacts(group_a=relation[0], group_b=relation[1], kind=relation[2]),
        incidents=IncidentFacts(
            id=incident[0],
            key=[f"I{i}" for i in incident[0]],
            occurred_at=incident[1],
            kind=incident[2],
            gmi=incident[3],
        ),
        involvements=InvolvementFacts(
            incident=involved[0], person=involved[1], role=involved[2], certainty=involved[3]
        ),
    )
