"""What would change a rank: without each source, record and kind, and the smallest change."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.facts import Facts
from gvi.domain.incident import InvolvementRole
from gvi.domain.person import is_adult
from gvi.domain.text import N_
from gvi.domain.tie import TieKind
from gvi.network.leave_out import LeftOut
from gvi.usecases.what_if import WhatIf, Without, is_worth_waiting, what_if
from gvi.web.format import say_date
from gvi.web.labels import kind_label, label
from gvi.web.pages.why import called, score_asked
from gvi.web.visit import ReadDb, Visit, may
from gvi.web.why_names import Names

router = APIRouter(include_in_schema=False)

FEW = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing left out, in words, and the rank without it."""

    what: str
    url: str
    """Where the record stands; blank for a source or a kind."""
    rank: int | None


@router.get("/people/{person_id}/why/change", response_class=HTMLResponse)
def change(visit: Annotated[Visit, may("score:read")], person_id: int, db: ReadDb) -> HTMLResponse:
    """Show what the rank hangs on; raises NotFoundError for somebody without that score."""
    score = score_asked(visit)
    if not is_worth_waiting(db, visit.viewer, visit.instant, person_id):
        return visit.render("ranking/what_if_too_long.html", person_id=person_id, score=score)
    try:
        told = what_if(db, visit.viewer, visit.instant, visit.zone, person_id, score=score)
    except RuleError:
        raise NotFoundError(N_("There is no score here that could change.")) from None
    name = called(visit, db, told.facts, person_id)
    records = [each for each in told.records if each.rank != told.rank][:FEW]
    fewest = told.smallest.left_out.apart() if told.smallest else ()
    say = _speaker(visit, db, told.facts, [*(each.left_out for each in records), *fewest])
    return visit.render(
        "ranking/what_if.html",
        person_id=person_id,
        name=name,
        score=score,
        rank=told.rank,
        top=told.top,
        smallest=told.smallest,
        fewest=[say(each) for each in fewest],
        first=_first(told),
        sources=[_line(each.name, each) for each in told.sources if each.rank != told.rank][:FEW],
        records=[
            Line(what=what, url=url, rank=each.rank)
            for each in records
            for what, url in [say(each.left_out)]
        ],
        kinds=[
            _line(_kind(visit, each.name), each) for each in told.kinds if each.rank != told.rank
        ],
    )


def _first(told: WhatIf) -> int | None:
    """Give the rank that the one record which matters most moves the person to."""
    return told.records[0].rank if told.records else told.rank


def _line(what: str, each: Without) -> Line:
    return Line(what=what, url="", rank=each.rank)


def _kind(visit: Visit, code: str) -> str:
    if code in set(TieKind):
        return label(code, visit.viewer.language, TieKind)
    return kind_label(code, visit.viewer.language)


def _speaker(
    visit: Visit, db: Session, facts: Facts, shown: Iterable[LeftOut]
) -> Callable[[LeftOut], tuple[str, str]]:
    """Give what says a record in words, with its address."""
    shown = list(shown)
    ties = {
        key: (a, b, kind)
        for key, a, b, kind in zip(
            facts.ties.id, facts.ties.a, facts.ties.b, facts.ties.kind, strict=True
        )
    }
    births = zip(facts.persons.id, facts.persons.birth_date, strict=True)
    minors = {key for key, born in births if not is_adult(born, facts.as_of_day)}
    people = {person for out in shown for _, person, _ in out.involvements}
    people |= {person for out in shown for person, _ in out.memberships}
    people |= {end for out in shown for key in out.ties for end in ties[key][:2]}
    return _Speaker(visit, facts, ties, Names(visit, db, people, under_18=minors)).say


class _Speaker:
    """Says records in words."""

    def __init__(
        self,
        visit: Visit,
        facts: Facts,
        ties: dict[int, tuple[int, int, str]],
        names: Names,
    ) -> None:
        table = facts.incidents
        self._visit, self._ties, self._names = visit, ties, names
        self._groups = dict(zip(facts.groups.id, facts.groups.name, strict=True))
        self._incidents = dict(
            zip(table.id, zip(table.kind, table.occurred_at, strict=True), strict=True)
        )

    def say(self, out: LeftOut) -> tuple[str, str]:
        """Say one record, and where it stands."""
        language = self._visit.viewer.language
        for key in out.incidents:
            return self._incident(key), f"/incidents/{key}"
        for key in out.ties:
            a, b, kind = self._ties[key]
            said = f"{self._people([a, b])}: {label(kind, language, TieKind).lower()}"
            grown = self._names.link(a) or self._names.link(b)
            return said, f"/people/{grown}/records" if grown else ""
        for person, group in out.memberships:
            said = self._visit.say(
                N_("Membership of %(group)s: %(name)s"),
                group=self._groups[group],
                name=self._names.of(person),
            )
            return said, f"/groups/{group}"
        rows = sorted(out.involvements)
        roles = ", ".join(label(role, language, InvolvementRole).lower() for _, _, role in rows)
        incident, person, _ = rows[0]
        said = f"{self._incident(incident)}: {self._names.of(person)}, {roles}"
        return said, f"/incidents/{incident}"

    def _incident(self, key: int) -> str:
        kind, at = self._incidents[key]
        said = kind_label(kind, self._visit.viewer.language)
        return f"{said}, {say_date(at, self._visit.manner)}"

    def _people(self, ends: Sequence[int]) -> str:
        return " – ".join(self._names.of(end) for end in ends)
