"""Kept lists: the lists somebody acted on, made again on demand, and what changed between two."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.list_snapshot import ListAct, Verdict
from gvi.domain.text import N_
from gvi.store.models import ListSnapshot
from gvi.store.queries.list_snapshot import (
    SnapshotRow,
    snapshot,
    snapshot_entries,
    snapshots,
)
from gvi.store.queries.person import names_of
from gvi.store.queries.why import incidents_behind
from gvi.usecases.list_comparison import Changes, age, compare
from gvi.usecases.list_snapshot import Verified, keep_list, verify
from gvi.usecases.ranking import SCORES
from gvi.web.forms import Form
from gvi.web.labels import kind_label
from gvi.web.list_change_words import FEW, record_lines_of
from gvi.web.numbers import whole_number
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("score:read")]
LISTS = "/people/lists"
SHOWN = 200
"""People shown one by one; the counts are of everybody."""

CAUSES: Mapping[str, str] = {
    "erased": N_("facts erased since"),
    "policy": N_("scoring policy"),
    "time": N_("time passed"),
    "corrected": N_("earlier incidents corrected"),
    "incidents": N_("new incidents"),
    "ties": N_("ties"),
    "groups": N_("groups and memberships"),
    "person": N_("record of a person"),
}


ACTS: Mapping[ListAct, str] = {
    ListAct.EXPORTED: N_("Exported"),
    ListAct.KEPT: N_("Kept"),
    ListAct.PRINTED: N_("Printed"),
    ListAct.DECIDED: N_("Colour decided"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UseLine:
    """One act that a list is kept for, in words."""

    act: str
    said: str
    url: str
    """Where the decision stands; blank for other acts."""
    who: str
    at: datetime


@router.get("/people/lists", response_class=HTMLResponse)
def listed(visit: Reader, db: ReadDb) -> HTMLResponse:
    """List the kept lists, the newest first."""
    rows = snapshots(db, visit.viewer)
    visit.shows("list_snapshot", [row.id for row in rows])
    return visit.render(
        "list_snapshot/list.html",
        rows=rows,
        said_by={row.id: _who(visit, row.made_by) for row in rows},
        acts=ACTS,
    )


def _who(visit: Visit, name: str) -> str:
    return name or visit.say(N_("local operator"))


@router.get("/people/lists/new", response_class=HTMLResponse)
def new(visit: Reader) -> HTMLResponse:
    """Ask why a list is kept."""
    return _new_page(visit, visit.form())


@router.post("/people/lists/new", response_class=RedirectResponse)
def keep(visit: Reader, form: PageForm, db: Db) -> Response:
    """Keep the list as it is now, or as of the moment asked about."""
    reason = form.text("reason", required=True, most=500)
    kept: ListSnapshot | None = None
    if not form.errors:
        kept = attempt(
            db,
            form,
            lambda: keep_list(
                db,
                visit.viewer,
                _score(visit),
                act=ListAct.KEPT,
                reason=reason,
                as_of=visit.instant,
                at=visit.now,
                zone=visit.zone,
            ),
        )
    if kept is None:
        return _new_page(visit, form, status_code=422)
    return done(f"{LISTS}/{kept.id}")


def _score(visit: Visit) -> str:
    asked = visit.request.query_params.get("score", "")
    return asked if asked in SCORES else SCORES[0]


def _new_page(visit: Visit, form: Form, *, status_code: int = 200) -> HTMLResponse:
    asked = visit.request.query_params.get("as_of", "") if visit.as_of else ""
    return visit.render(
        "list_snapshot/new.html",
        status_code=status_code,
        form=form,
        score=_score(visit),
        action=f"{LISTS}/new?score={_score(visit)}" + (f"&as_of={asked}" if asked else ""),
    )


@router.get("/people/lists/{snapshot_id}", response_class=HTMLResponse)
def show(visit: Reader, snapshot_id: int, db: ReadDb) -> HTMLResponse:
    """Show a kept list with today's names, and, when asked, whether it can be made again."""
    row = snapshot(db, visit.viewer, snapshot_id)
    entries = snapshot_entries(db, visit.viewer, snapshot_id)
    people = [entry.person_id for entry in entries[:SHOWN]]
    visit.shows("list_snapshot", [row.id])
    visit.shows("person", people)
    verified: Verified | None = None
    if visit.request.query_params.get("verify"):
        verified = verify(db, visit.viewer, snapshot_id, zone=visit.zone)
    others = snapshots(db, visit.viewer)
    return visit.render(
        "list_snapshot/show.html",
        row=row,
        said_by=_who(visit, row.made_by),
        uses=_use_lines(visit, db, row),
        entries=entries[:SHOWN],
        more=max(0, len(entries) - SHOWN),
        names=names_of(db, visit.viewer, people, on=visit.today),
        verdict=_verdict(visit, verified) if verified else "",
        is_alarming=verified is not None and verified.verdict is Verdict.DIFFERS,
        earlier=_before(row, others),
    )


def _use_lines(visit: Visit, db: Session, row: SnapshotRow) -> list[UseLine]:
    about = [use.person_id for use in row.uses if use.person_id is not None]
    visit.shows("person", about)
    names = names_of(db, visit.viewer, about, on=visit.today)
    return [
        UseLine(
            act=visit.say(ACTS[use.act]),
            said=names.get(use.person_id, "") if use.person_id else use.reason,
            url=f"/people/{use.person_id}/risk" if use.person_id else "",
            who=_who(visit, use.by),
            at=use.at,
        )
        for use in row.uses
    ]


def _verdict(visit: Visit, found: Verified) -> str:
    if found.verdict is Verdict.SAME:
        return visit.say(N_("Made again from what was known then: the same."))
    if found.verdict is Verdict.ERASED:
        return visit.say_plural(
            "Cannot be made again: %(num)s fact erased since.",
            "Cannot be made again: %(num)s facts erased since.",
            found.erased,
        )
    why = visit.say(found.difference, **(found.params or {}))
    return visit.say(N_("Made again it differs. %(why)s"), why=why)


@router.get("/people/lists/{snapshot_id}/changes", response_class=HTMLResponse)
def changes(visit: Reader, snapshot_id: int, db: ReadDb) -> HTMLResponse:
    """Say who came, went and moved since an earlier kept list, and why."""
    found = compare(
        db, visit.viewer, _earlier(visit, db, snapshot_id), snapshot_id, zone=visit.zone
    )
    moved = [each for each in found.people if each.move.is_moved or each.causes]
    shown = moved[:SHOWN]
    people = [each.move.person_id for each in shown]
    visit.shows("list_snapshot", [found.before.id, found.after.id])
    visit.shows("person", people)
    return visit.render(
        "list_snapshot/changes.html",
        before=found.before,
        after=found.after,
        answer=_answer(visit, found),
        changed=shown,
        more=len(moved) - len(shown),
        names=names_of(db, visit.viewer, people, on=visit.today),
        codes={person: entry.code_name for person, entry in found.entries.items()},
        causes={key: visit.say(text) for key, text in CAUSES.items()},
        incidents=_incidents(visit, db, found),
        records=record_lines_of(visit, db, found, shown),
        few=FEW,
    )


def _earlier(visit: Visit, db: Session, snapshot_id: int) -> int:
    """Give the list asked for, or the one before of the same score."""
    asked = whole_number(visit.request.query_params.get("since", ""))
    if asked is not None:
        return asked
    row = snapshot(db, visit.viewer, snapshot_id)
    for each in _before(row, snapshots(db, visit.viewer)):
        return each.id
    raise NotFoundError(N_("No earlier list of this score is kept."))


def _before(row: SnapshotRow, others: Iterable[SnapshotRow]) -> list[SnapshotRow]:
    """Give the lists of the same score that are earlier, the nearest first."""
    same = (each for each in others if each.score == row.score and age(each) < age(row))
    return sorted(same, key=age, reverse=True)


def _answer(visit: Visit, found: Changes) -> str:
    came = sum(each.move.before is None for each in found.people)
    went = sum(each.move.after is None for each in found.people)
    moved = sum(each.move.is_moved for each in found.people) - came - went
    return visit.say(
        N_("%(came)s, %(went)s, %(moved)s."),
        came=visit.say_plural("%(num)s came", "%(num)s came", came),
        went=visit.say_plural("%(num)s went", "%(num)s went", went),
        moved=visit.say_plural("%(num)s has another rank", "%(num)s have another rank", moved),
    )


def _incidents(visit: Visit, db: Session, found: Changes) -> dict[int, tuple[str, object]]:
    ids = {incident for each in found.people for incident in each.incidents}
    visit.shows("incident", ids)
    details = incidents_behind(db, visit.viewer, visit.now, ids)
    return {
        key: (kind_label(each.kind, visit.viewer.language), each.occurred_at)
        for key, each in details.items()
    }
