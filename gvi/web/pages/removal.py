"""Removing a record: what goes, why; the list of what can be put back; letting an id in again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.removal import RESTORABLE, Removable, Side
from gvi.domain.text import N_
from gvi.store.queries.evening_note import noted_evenings
from gvi.store.queries.removal import RemovalRow, removal, removals
from gvi.usecases.removal import OF_THE_PERSON, Part, let_in_again, part_to_remove, remove, restore
from gvi.web.forms import Form
from gvi.web.things import thing_called
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Remover = Annotated[Visit, may("removal:write")]

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "person": N_("Person"),
        "incident": N_("Incident"),
        "support_case": N_("Support case"),
        "group": N_("Group"),
        "group_relation": N_("Relation between groups"),
        "membership": N_("Membership"),
        "tie": N_("Tie"),
        "supervision": N_("Supervision"),
        "involvement": N_("Part in an incident"),
    }
)
PAGES: Mapping[str, str] = MappingProxyType(
    {
        "person": "/people",
        "incident": "/incidents",
        "support_case": "/support",
        "group": "/groups",
    }
)
"""Things with a page of their own; the others lead back to the records to review."""
_COUNTED = ("_revisions", "_changes", "_drafts", "_notices", "_sections", "_extensions", "_lines")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalLine:
    """One removal in the visitor's words."""

    row: RemovalRow
    title: str
    kind: str


def page_of(thing: str, thing_id: int) -> str:
    """Give the page on which a thing stands, or that of what waits for review."""
    return f"{PAGES[thing]}/{thing_id}" if thing in PAGES else "/review"


@router.get("/remove/{thing}/{record_id}", response_class=HTMLResponse)
def ask(visit: Remover, thing: str, record_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether a record shall be removed, and say what goes with it."""
    return _ask(visit, db, _thing(thing), record_id, visit.form())


@router.post("/remove/{thing}/{record_id}", response_class=RedirectResponse)
def take_out(visit: Remover, thing: str, record_id: int, form: PageForm, db: Db) -> Response:
    """Remove a record; it is nowhere to be found from then on."""
    kind = _thing(thing)
    reason = form.text("reason", required=True, most=500)
    if not form.errors:
        taken = attempt(
            db,
            form,
            lambda: remove(db, visit.viewer, kind, record_id, reason=reason, at=visit.now),
        )
        if taken is not None:
            return done("/removals", "removed")
    return _ask(visit, db, kind, record_id, form, status_code=422)


def _thing(given: str) -> Removable:
    try:
        return Removable(given.replace("-", "_"))
    except ValueError:
        raise NotFoundError(N_("There is no such record, or it is not for you.")) from None


def _ask(
    visit: Visit,
    db: Session,
    thing: Removable,
    thing_id: int,
    form: Form,
    *,
    status_code: int = 200,
) -> HTMLResponse:
    part = part_to_remove(db, visit.viewer, thing, thing_id, at=visit.now)
    visit.shows(thing.value, [thing_id])
    return visit.render(
        "removal/ask.html",
        status_code=status_code,
        part=part,
        kind=visit.say(KINDS[thing.value]),
        goes=_goes(visit, part),
        evenings=(noted_evenings(db, visit.viewer, thing_id) if thing is Removable.PERSON else ()),
        keeps_something=not part.is_whole,
        is_social=part.side is Side.SOCIAL,
        erase_on=visit.today + timedelta(days=RESTORABLE.days),
        action=f"/remove/{thing.value}/{thing_id}",
        back=page_of(thing.value, thing_id),
        form=form,
    )


def _goes(visit: Visit, part: Part) -> list[str]:
    """Say how much of what goes: only what the visitor's own side holds is counted."""
    if part.hides_counts:
        return []
    said = []
    for table, number in sorted(part.counts.items()):
        if table in OF_THE_PERSON or table.endswith(_COUNTED) or table == part.thing.value + "s":
            continue
        called = thing_called(_NOUNS.get(table, table.removesuffix("s")), visit.viewer.language)
        said.append(f"{called}: {number}")
    return said


_NOUNS = {
    "support_offers": "offer",
    "message_deliveries": "message",
    "client_assignments": "client",
    "access_grants": "access",
    "notification_attempts": "attempt",
    "notification_visitors": "visitor",
    "withdrawn_attempts": "attempt",
    "list_snapshot_entries": "list_snapshot",
    "risk_decision_lists": "list_snapshot",
}


@router.get("/removals", response_class=HTMLResponse)
def listed(visit: Annotated[Visit, may("removal:list")], db: ReadDb) -> HTMLResponse:
    """List what was removed and can be put back, and what was erased."""
    held = [_line(visit, row) for row in removals(db, visit.viewer)]
    gone = [_line(visit, row) for row in removals(db, visit.viewer, erased=True, limit=100)]
    visit.shows("removal", [line.row.id for line in (*held, *gone)])
    return visit.render(
        "removal/list.html",
        held=held,
        gone=gone,
        answer=_answer(visit, len(held)),
        may_write=visit.may("removal:write"),
    )


def _line(visit: Visit, row: RemovalRow) -> RemovalLine:
    kind = visit.say(KINDS[row.thing.value])
    return RemovalLine(row=row, kind=kind, title=row.called or kind)


def _answer(visit: Visit, held: int) -> str:
    if not held:
        return visit.say(N_("Nothing that was removed waits for its erasure."))
    return visit.say_plural(
        "%(num)s removed record can still be put back.",
        "%(num)s removed records can still be put back.",
        held,
    )


@router.get("/removals/{removal_id}/restore", response_class=HTMLResponse)
def ask_restore(visit: Remover, removal_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether a removed record shall come back."""
    return _decide(visit, db, removal_id, visit.form(), "removal/restore.html")


@router.post("/removals/{removal_id}/restore", response_class=RedirectResponse)
def bring_back(visit: Remover, removal_id: int, form: PageForm, db: Db) -> Response:
    """Put a removed record back, exactly as it was."""
    thing = attempt(db, form, lambda: restore(db, visit.viewer, removal_id, at=visit.now))
    if thing is None:
        return _decide(visit, db, removal_id, form, "removal/restore.html", status_code=422)
    return done(page_of(*thing), "put_back")


@router.get("/removals/{removal_id}/let-in", response_class=HTMLResponse)
def ask_let_in(visit: Remover, removal_id: int, db: ReadDb) -> HTMLResponse:
    """Ask why files may name an erased record again."""
    return _decide(visit, db, removal_id, visit.form(), "removal/let_in.html")


@router.post("/removals/{removal_id}/let-in", response_class=RedirectResponse)
def let_in(visit: Remover, removal_id: int, form: PageForm, db: Db) -> Response:
    """Let files name an erased record again."""
    reason = form.text("reason", required=True, most=500)
    if not form.errors and attempt(db, form, lambda: _let_in(db, visit, removal_id, reason)):
        return done("/removals", "decided")
    return _decide(visit, db, removal_id, form, "removal/let_in.html", status_code=422)


def _let_in(db: Session, visit: Visit, removal_id: int, reason: str) -> bool:
    let_in_again(db, visit.viewer, removal_id, reason=reason, at=visit.now)
    return True


def _decide(
    visit: Visit,
    db: Session,
    removal_id: int,
    form: Form,
    template: str,
    *,
    status_code: int = 200,
) -> HTMLResponse:
    line = _line(visit, removal(db, visit.viewer, removal_id))
    visit.shows("removal", [removal_id])
    return visit.render(template, status_code=status_code, line=line, form=form)
