"""What would change a rank, as JSON: without each record, source and kind; the smallest change."""

from typing import Annotated, Literal

from pydantic import BaseModel

from gvi.domain.errors import RuleError
from gvi.domain.facts import Facts
from gvi.domain.person import is_adult
from gvi.domain.text import N_
from gvi.network.leave_out import LeftOut
from gvi.usecases.ranking import UNDER_18
from gvi.usecases.what_if import Without, is_worth_waiting, what_if
from gvi.web.api.ids import PersonId
from gvi.web.api.problems import MISSING
from gvi.web.api.ranking import AsOf
from gvi.web.api.routing import reads
from gvi.web.visit import ReadDb, Visit, may

router = reads("rankings")


class RecordLeftOut(BaseModel):
    """One record, by external ids; what does not belong to its sort is null or empty.

    An involvement is everything one person was in one incident. Somebody under 18 has no id.
    """

    sort: Literal["incident", "involvement", "tie", "membership"]
    id: int | None
    """The record's number; null for a membership and for a part in an incident."""
    incident: str | None
    roles: list[str]
    kind: str | None
    people: list[str]
    group: str | None


class WithoutRecord(BaseModel):
    """The rank without one record; null where the person is then not on the list."""

    record: RecordLeftOut
    rank: int | None


class WithoutNamed(BaseModel):
    """The rank without everything one source says, or without one kind of incident or tie."""

    name: str
    rank: int | None


class SmallestChange(BaseModel):
    """The fewest records without which the person is not among the first `top`.

    `proved` is false where fewer might do and nobody has looked.
    """

    top: int
    records: list[RecordLeftOut]
    rank: int | None
    proved: bool


class WhatWouldChange(BaseModel):
    """How a rank hangs on single things; what moves it most comes first.

    That a rank would change is no reason to leave a record out.
    `smallest` is null for somebody who is not among the first `top`.
    """

    person: str
    score: Literal["driving", "exposed"]
    rank: int
    records: list[WithoutRecord]
    sources: list[WithoutNamed]
    kinds: list[WithoutNamed]
    smallest: SmallestChange | None


@router.get("/persons/{person_id}/why/change", responses=MISSING)
def change(
    visit: Annotated[Visit, may("score:read")],
    person_id: PersonId,
    db: ReadDb,
    *,
    score: Literal["driving", "exposed"] = "driving",
    as_of: AsOf = None,
) -> WhatWouldChange:
    """Say what would change one person's rank; 422 for somebody who is not listed.

    422 too where there are too many records to try it: `gvi rank --what-if` prints it then.
    """
    if not is_worth_waiting(db, visit.viewer, visit.instant, person_id):
        raise RuleError(
            N_("There are too many records to try this while you wait: gvi rank prints it.")
        )
    visit.shows("person", [person_id])
    told = what_if(db, visit.viewer, visit.instant, visit.zone, person_id, score=score)
    records = _Records(told.facts)
    every = [each.left_out for each in told.records]
    smallest = None
    if told.smallest is not None:
        fewest = told.smallest.left_out.apart()
        every += fewest
        smallest = SmallestChange(
            top=told.top,
            records=[records.told(each) for each in fewest],
            rank=told.smallest.rank,
            proved=told.smallest.proved,
        )
    visit.shows("person", records.people_in(every))
    return WhatWouldChange(
        person=records.person(person_id),
        score=score,
        rank=told.rank,
        records=[
            WithoutRecord(record=records.told(each.left_out), rank=each.rank)
            for each in told.records
        ],
        sources=_named(told.sources),
        kinds=_named(told.kinds),
        smallest=smallest,
    )


def _named(found: tuple[Without, ...]) -> list[WithoutNamed]:
    return [WithoutNamed(name=each.name, rank=each.rank) for each in found]


class _Records:
    """Says records by their external ids."""

    def __init__(self, facts: Facts) -> None:
        p, i, g, t = facts.persons, facts.incidents, facts.groups, facts.ties
        born = dict(zip(p.id, p.birth_date, strict=True))
        self._adults = {key for key, day in born.items() if is_adult(day, facts.as_of_day)}
        self._people = dict(zip(p.id, p.key, strict=True))
        self._incidents = dict(zip(i.id, zip(i.key, i.kind, strict=True), strict=True))
        self._groups = dict(zip(g.id, g.key, strict=True))
        self._ties = dict(zip(t.id, zip(t.a, t.b, t.kind, strict=True), strict=True))

    def person(self, person_id: int) -> str:
        return self._people[person_id] if person_id in self._adults else UNDER_18

    def people_in(self, found: list[LeftOut]) -> set[int]:
        """Give the adults whom records name."""
        people = {end for out in found for tie in out.ties for end in self._ties[tie][:2]}
        people |= {person for out in found for _, person, _ in out.involvements}
        people |= {person for out in found for person, _ in out.memberships}
        return people & self._adults

    def told(self, out: LeftOut) -> RecordLeftOut:
        for tie in out.ties:
            a, b, kind = self._ties[tie]
            people = [self.person(a), self.person(b)]
            return _record("tie", number=tie, kind=kind, people=people)
        for person, group in out.memberships:
            return _record("membership", people=[self.person(person)], group=self._groups[group])
        for number in out.incidents:
            key, kind = self._incidents[number]
            return _record("incident", number=number, incident=key, kind=kind)
        rows = sorted(out.involvements)
        key, kind = self._incidents[rows[0][0]]
        return _record(
            "involvement",
            incident=key,
            kind=kind,
            people=[self.person(rows[0][1])],
            roles=[role for _, _, role in rows],
        )


def _record(
    sort: Literal["incident", "involvement", "tie", "membership"],
    *,
    number: int | None = None,
    incident: str | None = None,
    kind: str | None = None,
    people: list[str] | None = None,
    roles: list[str] | None = None,
    group: str | None = None,
) -> RecordLeftOut:
    return RecordLeftOut(
        sort=sort,
        id=number,
        incident=incident,
        roles=roles or [],
        kind=kind,
        people=people or [],
        group=group,
    )
