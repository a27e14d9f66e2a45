"""The scoring policy: its history, one version beside the one in force, and the decision on it."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.policy import PolicyStatus
from gvi.domain.text import N_
from gvi.store.queries.person import names_of
from gvi.store.queries.policy import PolicyRow, policy_version, policy_versions
from gvi.usecases.policy import approve, drop, in_force, propose
from gvi.usecases.policy_preview import Preview, changed_constants, preview
from gvi.usecases.ranking import SCORES
from gvi.web.forms import Form
from gvi.web.policy_words import constant_called, constant_tables, table_called
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("method:read")]
Approver = Annotated[Visit, may("policy:approve")]
Dropper = Annotated[Visit, may("policy:drop")]
POLICIES = "/method/policies"
SHOWN = 60
"""People the preview shows one by one; the counts are of everybody."""


@router.get("/method/policies", response_class=HTMLResponse)
def listed(visit: Reader, db: ReadDb) -> HTMLResponse:
    """List every version: what is in force, what waits, and what was."""
    rows = policy_versions(db, visit.viewer)
    return visit.render(
        "policy/list.html",
        rows=rows,
        force=next(row for row in rows if row.is_in_force),
        waits=next((row for row in rows if row.is_open), None),
        may_draft=visit.may("policy:draft"),
    )


@router.get("/method/policies/{version}", response_class=HTMLResponse)
def show(visit: Reader, version: int, db: ReadDb) -> HTMLResponse:
    """Show one version's constants, those that differ from the ones in force first."""
    return _page(visit, db, version, visit.form())


def _page(
    visit: Visit, db: Session, version: int, form: Form, status_code: int = 200
) -> HTMLResponse:
    row = policy_version(db, visit.viewer, version)
    language, force = visit.viewer.language, in_force(db, visit.viewer)
    is_own = row.drafted_by_id is not None and row.drafted_by_id == visit.viewer.user_id
    return visit.render(
        "policy/show.html",
        status_code=status_code,
        row=row,
        force=force,
        tables=constant_tables(row.policy, language),
        changed=[
            (table_called(name, language), constant_called(name, language), before, after)
            for name, (before, after) in changed_constants(force, row.policy).items()
        ],
        form=form,
        may_preview=visit.may("score:read") and not row.is_in_force,
        may_edit=visit.may("policy:draft") and is_own and row.status is PolicyStatus.DRAFT,
        may_approve=_may_approve(visit, row),
        may_drop=visit.may("policy:drop") and row.is_open,
        may_draft=visit.may("policy:draft"),
    )


def _may_approve(visit: Visit, row: PolicyRow) -> bool:
    is_others = row.drafted_by_id != visit.viewer.user_id
    return visit.may("policy:approve") and row.status is PolicyStatus.PROPOSED and is_others


@router.post("/method/policies/{version}/propose", response_class=RedirectResponse)
def hand_on(
    visit: Annotated[Visit, may("policy:draft")], version: int, form: PageForm, db: Db
) -> Response:
    """Propose one's own draft for approval."""
    if attempt(db, form, lambda: propose(db, visit.viewer, version, at=visit.now)) is None:
        return _page(visit, db, version, form, status_code=422)
    return done(f"{POLICIES}/{version}", "policy_proposed")


@router.get("/method/policies/{version}/approve", response_class=HTMLResponse)
def ask_approval(visit: Approver, version: int, db: ReadDb) -> HTMLResponse:
    """Ask whether a proposed version shall be in force, and say what that does."""
    return _ask(visit, db, version, visit.form(), "policy/approve.html")


@router.post("/method/policies/{version}/approve", response_class=RedirectResponse)
def put_in_force(visit: Approver, version: int, form: PageForm, db: Db) -> Response:
    """Put a proposed version in force."""
    approved = attempt(
        db,
        form,
        lambda: approve(db, visit.viewer, version, at=visit.now, zone=visit.zone),
    )
    if approved is None:
        return _ask(visit, db, version, form, "policy/approve.html", status_code=422)
    return done(POLICIES, "policy_approved")


@router.get("/method/policies/{version}/drop", response_class=HTMLResponse)
def ask_drop(visit: Dropper, version: int, db: ReadDb) -> HTMLResponse:
    """Ask why a version is dropped."""
    return _ask(visit, db, version, visit.form(), "policy/drop.html")


@router.post("/method/policies/{version}/drop", response_class=RedirectResponse)
def take_away(visit: Dropper, version: int, form: PageForm, db: Db) -> Response:
    """Drop a version nobody has decided about; it stays in the history."""
    reason = form.text("reason", required=True, most=500)
    dropped = None
    if not form.errors:
        dropped = attempt(
            db, form, lambda: drop(db, visit.viewer, version, reason=reason, at=visit.now)
        )
    if dropped is None:
        return _ask(visit, db, version, form, "policy/drop.html", status_code=422)
    return done(POLICIES, "decided")


def _ask(
    visit: Visit, db: Session, version: int, form: Form, template: str, *, status_code: int = 200
) -> HTMLResponse:
    return visit.render(
        template,
        status_code=status_code,
        row=policy_version(db, visit.viewer, version),
        force=in_force(db, visit.viewer),
        form=form,
    )


# What it would do


@router.get("/method/policies/{version}/preview", response_class=HTMLResponse)
def previewed(visit: Annotated[Visit, may("score:read")], version: int, db: ReadDb) -> HTMLResponse:
    """Show today's list under the policy in force and under this version, side by side."""
    row = policy_version(db, visit.viewer, version)
    asked = visit.request.query_params.get("score", "")
    score = asked if asked in SCORES else "driving"
    found = preview(db, visit.viewer, row.policy, score, as_of=visit.instant, zone=visit.zone)
    shown = found.moves[:SHOWN]
    people = [move.person_id for move in shown]
    visit.shows("person", people)
    return visit.render(
        "policy/preview.html",
        row=row,
        force=in_force(db, visit.viewer),
        score=score,
        answer=_answer(visit, found),
        moves=shown,
        more=len(found.moves) - len(shown),
        names=names_of(db, visit.viewer, people, on=visit.day),
        codes=dict(zip(found.facts.persons.id, found.facts.persons.code_name, strict=True)),
        may_approve=_may_approve(visit, row),
    )


def _answer(visit: Visit, found: Preview) -> str:
    moved = sum(move.is_moved for move in found.moves)
    came = sum(move.before is None for move in found.moves)
    went = sum(move.after is None for move in found.moves)
    return visit.say(
        N_("%(top)s of the top 20 would be others; %(moved)s, %(came)s, %(went)s."),
        top=found.new_at_the_top,
        moved=visit.say_plural("%(num)s person moves", "%(num)s people move", moved - came - went),
        came=visit.say_plural("%(num)s comes", "%(num)s come", came),
        went=visit.say_plural("%(num)s goes", "%(num)s go", went),
    )
