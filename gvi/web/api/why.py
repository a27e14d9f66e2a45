"""What the why-page says of a score, as JSON: the sentence, the records behind it, the doubts."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel

from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.store.queries.correction import corrections_of
from gvi.store.queries.why import Behind
from gvi.usecases.ranking import UNDER_18
from gvi.usecases.why import Explained, standing
from gvi.web.api.ids import PersonId
from gvi.web.api.problems import MISSING
from gvi.web.api.ranking import AsOf
from gvi.web.api.routing import reads
from gvi.web.visit import ReadDb, Visit, may
from gvi.web.why_open import why_of
from gvi.web.why_rows import Brought, GroupRow, IncidentRow, RoleLine, TieRow, Why
from gvi.web.why_words import sentence

router = reads("rankings")

Everything = Annotated[
    bool, Query(alias="all", description="Every incident and tie, not the first few only.")
]


class Evidence(BaseModel):
    """One record: where it comes from and how good it is, as far as the asker may know."""

    id: int
    certainty: str | None = None
    grade: str | None
    source: str | None
    recorded_at: datetime
    recorded_assumed: bool


class RoleHeld(BaseModel):
    """Who was what in an incident; `record` is null for somebody under 18."""

    person: str
    role: str
    record: Evidence | None


class IncidentBehind(BaseModel):
    """One incident behind a score, and how it enters each part, in harm units to one decimal."""

    incident: str
    kind: str
    occurred_at: datetime
    gmi: str
    record: Evidence
    roles: list[RoleHeld]
    more_roles: int
    amounts: dict[str, float]
    total: float


class Strongest(BaseModel):
    """The incident that brings most along a tie or through a group, and who took part in it."""

    incident: str
    person: str
    ties: list[Evidence]


class TieBehindScore(BaseModel):
    """One direct associate: the records that tie, the incidents that do, what they carry."""

    person: str
    kinds: list[str]
    records: list[Evidence]
    together: list[str]
    total: float
    strongest: list[Strongest]


class GroupBehindScore(BaseModel):
    """One group through which violence enters: the person's own, or one in conflict with it."""

    group: str
    memberships: list[Evidence]
    relations: list[Evidence]
    people: int
    total: float
    strongest: list[Strongest]


class OpenCorrection(BaseModel):
    """What somebody says is wrong, who checks it and by when; it changes nothing by itself."""

    disputed: str
    record: int | None
    text: str
    owner: str
    due_at: datetime


class WhyScore(BaseModel):
    """A score as it is explained to people; `persons/{id}/explanation` has every amount exactly."""

    person: str
    score: Literal["driving", "exposed"]
    sentence: str
    rank: int
    listed: int
    interval: tuple[int, int] | None
    total: float
    parts: dict[str, float]
    incidents: list[IncidentBehind]
    more_incidents: int
    ties: list[TieBehindScore]
    more_ties: int
    groups: list[GroupBehindScore]
    uncertain: dict[str, int]
    corrections: list[OpenCorrection]


@router.get("/persons/{person_id}/why", responses=MISSING)
def why(
    visit: Annotated[Visit, may("score:read")],
    person_id: PersonId,
    db: ReadDb,
    *,
    score: Literal["driving", "exposed"] = "driving",
    everything: Everything = False,
    as_of: AsOf = None,
) -> WhyScore:
    """Say why one person has a score; 422 for somebody who is not listed, such as under-18s."""
    found = standing(db, visit.viewer, visit.instant, visit.zone, person_id, score=score)
    visit.shows("person", [person_id])
    if found.explained is None:
        raise RuleError(
            N_("This person is not on the list, so there is nothing that may be explained.")
        )
    opened = why_of(visit, db, found.explained, everything=everything)
    corrections = [
        OpenCorrection(
            disputed=each.disputed,
            record=each.disputed_id,
            text=each.text,
            owner=each.owner,
            due_at=each.due_at,
        )
        for each in corrections_of(db, visit.viewer, person_id)
    ]
    said = sentence(visit, found.explained)
    return _Keys(found.explained).document(opened, score=score, said=said, corrections=corrections)


class _Keys:
    """External ids of what an explanation names; people under 18 have none."""

    def __init__(self, known: Explained) -> None:
        facts = known.facts
        self._people = dict(zip(facts.persons.id, facts.persons.key, strict=True))
        self._groups = dict(zip(facts.groups.id, facts.groups.key, strict=True))
        self._incidents = dict(zip(facts.incidents.id, facts.incidents.key, strict=True))
        self._own, self._interval = known.entry.key, known.interval

    def document(
        self,
        why: Why,
        *,
        score: Literal["driving", "exposed"],
        said: str,
        corrections: list[OpenCorrection],
    ) -> WhyScore:
        return WhyScore(
            person=self._own,
            score=score,
            sentence=said,
            rank=why.entry.rank,
            listed=why.listed,
            interval=self._interval,
            total=why.entry.score,
            parts=dict(why.entry.parts),
            incidents=[self._incident(row) for row in why.incidents],
            more_incidents=why.more,
            ties=[self._tie(row) for row in why.ties],
            more_ties=why.more_ties,
            groups=[self._group(row) for row in why.groups],
            uncertain=asdict(why.doubts),
            corrections=corrections,
        )

    def _person(self, person_id: int | None) -> str:
        return UNDER_18 if person_id is None else self._people[person_id]

    def _incident(self, row: IncidentRow) -> IncidentBehind:
        return IncidentBehind(
            incident=self._incidents[row.detail.id],
            kind=row.detail.kind,
            occurred_at=row.detail.occurred_at,
            gmi=row.detail.gmi,
            record=_evidence(row.detail),
            roles=[self._role(line) for line in row.roles],
            more_roles=row.more_roles,
            amounts=dict(row.amounts),
            total=row.total,
        )

    def _role(self, line: RoleLine) -> RoleHeld:
        return RoleHeld(
            person=self._person(line.person_id) if line.name else self._own,
            role=line.role,
            record=_evidence(line.record) if line.record else None,
        )

    def _tie(self, row: TieRow) -> TieBehindScore:
        return TieBehindScore(
            person=self._person(row.person_id),
            kinds=[kind.value for kind in row.kinds],
            records=_all(row.records),
            together=[self._incidents[each.id] for each in row.together],
            total=row.total,
            strongest=[self._strongest(each) for each in row.brought],
        )

    def _group(self, row: GroupRow) -> GroupBehindScore:
        return GroupBehindScore(
            group=self._groups[row.group_id],
            memberships=_all(row.memberships),
            relations=_all(row.relations),
            people=row.people,
            total=row.total,
            strongest=[self._strongest(each) for each in row.brought],
        )

    def _strongest(self, brought: Brought) -> Strongest:
        return Strongest(
            incident=self._incidents[brought.incident.id],
            person=self._person(brought.person_id),
            ties=_all(brought.ties),
        )


def _all(records: Iterable[Behind]) -> list[Evidence]:
    return [_evidence(record) for record in records]


def _evidence(record: Behind) -> Evidence:
    return Evidence(
        id=record.id,
        certainty=getattr(record, "certainty", None),
        grade=record.grade,
        source=record.source,
        recorded_at=record.recorded_at,
        recorded_assumed=record.recorded_assumed,
    )
