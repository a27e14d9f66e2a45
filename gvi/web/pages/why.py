"""Why a person has a score: parts, the dated incidents and ties behind them, what is uncertain."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from gvi.domain.facts import Facts
from gvi.domain.grading import Certainty
from gvi.domain.incident import Gmi
from gvi.domain.person import is_adult
from gvi.domain.text import N_
from gvi.domain.tie import TieKind
from gvi.network.explanation import Contribution, Explanation
from gvi.store.queries.person import names_of
from gvi.store.queries.ranking import IncidentDetail, OwnRole, incident_details, own_roles
from gvi.store.queries.risk import colours_of
from gvi.usecases.ranking import Entry, driving, exposed, person_place, why_driving, why_exposed
from gvi.web.format import adding_up
from gvi.web.tabs import person_tabs
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

SCORES = ("driving", "exposed")
FEW = 12
"""Incidents shown one by one; the rest are one line, which opens the whole list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One incident behind the score: how it enters each part, in harm units."""

    detail: IncidentDetail
    role: OwnRole | None
    sources: tuple[str, ...]
    """Whose part it is, where it is not the person's own."""
    amounts: Mapping[str, float]
    total: float

    @property
    def tone(self) -> str:
        """Grey for what weighs nothing."""
        return "" if self.total else "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class TieRow:
    """One direct associate, and what runs through the tie."""

    person_id: int
    name: str
    kinds: tuple[TieKind, ...]
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Everything the page says of one score."""

    entry: Entry
    parts: Mapping[str, float]
    incidents: tuple[IncidentRow, ...]
    more: int
    """Incidents left out of the table until the whole list is asked for."""
    rest: Mapping[str, float]
    rest_total: float
    ties: tuple[TieRow, ...]
    own_incidents: int
    gmi_unknown: int
    possible: int
    ungraded: int


@router.get("/people/{person_id}/why", response_class=HTMLResponse)
def why(visit: Annotated[Visit, may("score:read")], person_id: int, db: ReadDb) -> HTMLResponse:
    """Explain a person's driving or exposed score; says plainly when there is none."""
    asked = visit.request.query_params.get("score", "driving")
    score = asked if asked in SCORES else "driving"
    facts, doing = driving(db, visit.viewer, visit.instant, visit.zone)
    place = person_place(facts, person_id)
    _, suffering = exposed(db, visit.viewer, visit.instant, visit.zone)
    lists: dict[str, Sequence[Entry]] = {"driving": doing.entries, "exposed": suffering.entries}
    entries = {
        name: next((entry for entry in listed if entry.person_id == person_id), None)
        for name, listed in lists.items()
    }
    entry = entries[score]
    shown = _why(visit, db, score, entry) if entry else None
    visit.shows("person", [person_id])
    code_name = facts.persons.code_name[place]
    return visit.render(
        "ranking/why.html",
        person_id=person_id,
        name=names_of(db, visit.viewer, [person_id], on=visit.day).get(person_id, code_name),
        code_name=code_name,
        score=score,
        why=shown,
        other=entries["exposed" if score == "driving" else "driving"],
        under_18=not is_adult(facts.persons.birth_date[place], facts.as_of_day),
        colour=colours_of(db, visit.viewer, [person_id], visit.instant, zone=visit.zone).get(
            person_id
        ),
        tabs=person_tabs(visit, person_id, "/why"),
    )


def _why(visit: Visit, db: Session, score: str, entry: Entry) -> Why:
    explain = why_driving if score == "driving" else why_exposed
    facts, found = explain(db, visit.viewer, visit.instant, visit.zone, entry.person_id)
    roles = own_roles(db, visit.viewer, visit.instant, entry.person_id)
    ids = {c.incident_id for c in found.contributions} | {role.incident_id for role in roles}
    details = incident_details(db, visit.viewer, visit.instant, ids)
    namer = _namer(visit, db, facts, found)
    exact = _incident_rows(found, details, roles, namer)
    rows = _rounded(exact)
    everything = "all" in visit.request.query_params
    shown = rows if everything else rows[:FEW]
    rest: dict[str, float] = defaultdict(float)
    for row in exact[len(shown) :]:
        for part, amount in row.amounts.items():
            rest[part] += amount
    rest_total = sum(row.total for row in rows[len(shown) :])
    own = [role for role in roles if role.incident_id in details]
    return Why(
        entry=entry,
        parts=adding_up(found.parts),
        incidents=tuple(shown),
        more=len(rows) - len(shown),
        rest=adding_up(rest, rest_total),
        rest_total=rest_total,
        ties=_tie_rows(found, namer),
        own_incidents=len({c.incident_id for c in found.contributions if c.part in _OWN}),
        gmi_unknown=sum(details[key].gmi == Gmi.UNKNOWN for key in ids if key in details),
        possible=sum(role.certainty in (None, Certainty.POSSIBLE) for role in own),
        ungraded=sum(role.grade is None for role in own),
    )


_OWN = frozenset({"own", "hurt"})


def _namer(visit: Visit, db: Session, facts: Facts, found: Explanation) -> Callable[[int], str]:
    people = {person for c in found.contributions for person in c.people} - found.under_18
    visit.shows("person", people)
    names = names_of(db, visit.viewer, people, on=visit.day)
    minor = visit.say(N_("person under 18"))
    codes = dict(zip(facts.persons.id, facts.persons.code_name, strict=True))

    def name(person_id: int) -> str:
        if person_id in found.under_18:
            return minor
        return names.get(person_id, codes[person_id])

    return name


def _incident_rows(
    found: Explanation,
    details: Mapping[int, IncidentDetail],
    roles: Sequence[OwnRole],
    namer: Callable[[int], str],
) -> list[IncidentRow]:
    amounts: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    sources: dict[int, dict[str, None]] = defaultdict(dict)
    for c in found.contributions:
        amounts[c.incident_id][c.part] += c.amount
        if c.part not in _OWN:
            sources[c.incident_id][namer(c.source_id)] = None
    own = {role.incident_id: role for role in reversed(roles)}
    rows = [
        IncidentRow(
            detail=details[key],
            role=own.get(key),
            sources=tuple(sources[key]),
            amounts=dict(amounts[key]),
            total=sum(amounts[key].values()),
        )
        for key in {*amounts, *own}
        if key in details
    ]
    return sorted(rows, key=lambda row: (-row.total, row.detail.occurred_at, row.detail.id))


def _rounded(rows: Sequence[IncidentRow]) -> list[IncidentRow]:
    """Round so that the rows shown add up to the score shown, and the parts of each to its sum."""
    totals = adding_up({place: row.total for place, row in enumerate(rows)})
    return [
        replace(row, amounts=adding_up(row.amounts, totals[place]), total=totals[place])
        for place, row in enumerate(rows)
    ]


def _tie_rows(found: Explanation, namer: Callable[[int], str]) -> tuple[TieRow, ...]:
    carried: dict[int, float] = defaultdict(float)
    kinds: dict[int, dict[str, None]] = defaultdict(dict)
    for c in found.contributions:
        if c.part not in ("near", "far"):
            continue
        through = _last_step(c)
        carried[through] += c.amount
        kinds[through] |= dict.fromkeys(c.ties[-1])
    rows = [
        TieRow(
            person_id=key,
            name=namer(key),
            kinds=tuple(TieKind(kind) for kind in kinds[key]),
            amount=amount,
        )
        for key, amount in carried.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.amount, row.person_id)))


def _last_step(contribution: Contribution) -> int:
    return contribution.path[-2]
