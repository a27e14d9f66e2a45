"""Records to review: what is due or overdue, asking for a longer time, and the second person."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.review import GRACE_DAYS, ExtensionOutcome, Reviewed, latest_review
from gvi.domain.text import N_
from gvi.store.queries.review import (
    ExtensionRow,
    ReviewRow,
    extension,
    pending_extensions,
    record_to_review,
    records_to_review,
    review_counts,
)
from gvi.usecases.review import ask_extension, decide_extension
from gvi.web.export import export_list
from gvi.web.format import say_date
from gvi.web.forms import Form
from gvi.web.labels import kind_label
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.pages.removal import KINDS
from gvi.web.templating import manner_of
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Extender = Annotated[Visit, may("review:extend")]
MINE, OVERDUE, SOON = "mine", "overdue", "soon"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """One record in the visitor's words."""

    row: ReviewRow
    title: str
    kind: str
    url: str
    """The page on which it is looked at."""
    page_url: str
    """The page of the person, group or incident it is about."""

    @property
    def due_on(self) -> date:
        """The day of its review."""
        return self.row.due_on


_COLUMNS: tuple[Column[ReviewLine], ...] = (
    Column("what", N_("What"), lambda line: line.title),
    Column("kind", N_("Kind"), lambda line: line.kind),
    Column("due", N_("Review day"), lambda line: line.due_on),
    Column("gone", N_("Goes by itself"), lambda line: line.row.removed_on),
    Column("owner", N_("Recorded by"), lambda line: line.row.owner),
)


@router.get("/review", response_class=HTMLResponse)
def listed(visit: Annotated[Visit, may("review:list")], db: ReadDb) -> HTMLResponse:
    """List the records whose review day is near or past, one's own first."""
    rows = records_to_review(db, visit.viewer, on=visit.today)
    listing = _listing(visit, rows)
    pending = [
        (each, review_line(visit, each.record))
        for each in pending_extensions(db, visit.viewer, on=visit.today)
    ]
    _show(visit, [*[line.row for line in listing.rows], *[each.record for each, _ in pending]])
    return visit.render(
        "review/list.html",
        listing=listing,
        pending=pending,
        answer=_answer(visit, rows),
        grace=GRACE_DAYS,
        may_extend=visit.may("review:extend"),
        may_remove=visit.may("removal:write"),
        may_list_removed=visit.may("removal:list"),
    )


@router.post("/review/export", response_class=Response)
def export(visit: Annotated[Visit, may("list:export")], form: PageForm, db: Db) -> Response:
    """Export the list as it was asked for, with its purpose."""
    listing = _listing(visit, records_to_review(db, visit.viewer, on=visit.today), whole=True)
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="review",
        title=visit.say(N_("Records to review")),
        subjects={"person": [each for line in listing.rows for each in line.row.people]},
    )


def _listing(
    visit: Visit, rows: tuple[ReviewRow, ...], *, whole: bool = False
) -> Listing[ReviewLine]:
    lines = [review_line(visit, row) for row in rows]
    kinds = sorted({(line.row.kind.value, line.kind) for line in lines}, key=lambda each: each[1])
    filters = (
        Filter("kind", N_("Kind"), kinds, N_("Every kind")),
        Filter(
            "when",
            N_("When"),
            [(OVERDUE, visit.say(N_("Overdue"))), (SOON, visit.say(N_("Within 30 days")))],
            N_("Any time"),
        ),
        Filter("who", N_("Recorded by"), [(MINE, visit.say(N_("Me")))], N_("Everybody")),
    )
    query = ListQuery.parse(visit.request.query_params, _COLUMNS, filters)
    shown, total = (query.whole() if whole else query).apply(
        lines,
        _COLUMNS,
        search=lambda line: (line.title, line.kind, line.row.owner),
        filters={
            "kind": lambda line: line.row.kind.value,
            "when": lambda line: OVERDUE if line.row.is_overdue else SOON,
            "who": lambda line: MINE if line.row.is_mine else "",
        },
    )
    return Listing(
        rows=shown,
        total=total,
        query=query,
        columns=_COLUMNS,
        filters=filters,
        base_url="/review",
        may_export=visit.may("list:export"),
    )


def review_line(visit: Visit, row: ReviewRow) -> ReviewLine:
    """Say in words which record it is."""
    names = [*row.people.values(), *row.groups.values()]
    if row.incident_id is not None and row.occurred_at is not None:
        day = say_date(row.occurred_at, manner_of(visit.page()))
        names.append(f"{kind_label(row.incident_kind, visit.viewer.language)}, {day}")
    return ReviewLine(
        row=row,
        title=" – ".join(names),
        kind=visit.say(KINDS[row.kind.value]),
        url=f"/review/{row.kind.value}/{row.id}",
        page_url=_page_of(row),
    )


def _page_of(row: ReviewRow) -> str:
    if row.incident_id is not None:
        return f"/incidents/{row.incident_id}"
    if row.people:
        return f"/people/{next(iter(row.people))}/records"
    return f"/groups/{next(iter(row.groups))}/records" if row.groups else "/review"


def _show(visit: Visit, rows: list[ReviewRow]) -> None:
    visit.shows("person", [each for row in rows for each in row.people])
    visit.shows("group", [each for row in rows for each in row.groups])
    visit.shows("incident", [row.incident_id for row in rows if row.incident_id is not None])


def _answer(visit: Visit, rows: tuple[ReviewRow, ...]) -> str:
    overdue = sum(row.is_overdue for row in rows)
    mine = sum(row.is_mine for row in rows)
    if not rows:
        return visit.say(N_("No record is due for review within 30 days."))
    return visit.say(
        N_("%(overdue)s, %(soon)s; %(mine)s."),
        overdue=visit.say_plural("%(num)s overdue", "%(num)s overdue", overdue),
        soon=visit.say_plural(
            "%(num)s due within 30 days", "%(num)s due within 30 days", len(rows) - overdue
        ),
        mine=visit.say_plural("%(num)s is yours", "%(num)s are yours", mine),
    )


def review_sentence(visit: Visit, db: Session) -> str:
    """Say on the pages of what is due how many records wait; nothing where none does."""
    if not visit.may("review:list"):
        return ""
    counts = review_counts(db, visit.viewer, on=visit.today)
    said = []
    if counts.overdue:
        said.append(
            visit.say_plural(
                "%(num)s record is past its review day",
                "%(num)s records are past their review day",
                counts.overdue,
            )
        )
    if counts.to_confirm:
        said.append(
            visit.say_plural(
                "%(num)s longer time waits for your yes or no",
                "%(num)s longer times wait for your yes or no",
                counts.to_confirm,
            )
        )
    return ", ".join(said)


# The second person; before /review/{kind}/{id}, which it would be


@router.get("/review/extensions/{extension_id}", response_class=HTMLResponse)
def ask_decision(visit: Extender, extension_id: int, db: ReadDb) -> HTMLResponse:
    """Show a longer time that was asked for, and ask for yes or no."""
    found = extension(db, visit.viewer, extension_id, on=visit.today)
    return _extension_page(visit, found, visit.form())


@router.post("/review/extensions/{extension_id}", response_class=RedirectResponse)
def decide(visit: Extender, extension_id: int, form: PageForm, db: Db) -> Response:
    """Say yes or no to a longer time; never to one's own."""
    outcome = form.choice("outcome", ExtensionOutcome, required=True)
    answer = form.text("reason", most=500)
    if not form.errors:
        decided = attempt(
            db,
            form,
            lambda: decide_extension(
                db,
                visit.viewer,
                extension_id,
                outcome=outcome,
                answer=answer,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if decided is not None:
            return done("/review", "decided")
    found = extension(db, visit.viewer, extension_id, on=visit.today)
    return _extension_page(visit, found, form, status_code=422)


def _extension_page(
    visit: Visit, found: ExtensionRow, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    _show(visit, [found.record])
    return visit.render(
        "review/extension.html",
        status_code=status_code,
        asked=found,
        line=review_line(visit, found.record),
        form=form,
    )


# One record


@router.get("/review/{kind}/{record_id}", response_class=HTMLResponse)
def show(visit: Extender, kind: str, record_id: int, db: ReadDb) -> HTMLResponse:
    """Show one record with its review day, and ask for a longer time."""
    return _record_page(visit, db, _kind(kind), record_id, visit.form())


@router.post("/review/{kind}/{record_id}", response_class=RedirectResponse)
def extend(visit: Extender, kind: str, record_id: int, form: PageForm, db: Db) -> Response:
    """Ask for a longer time; it holds once somebody else has said yes."""
    until = form.date("until", required=True)
    reason = form.text("reason", required=True, most=500)
    if not form.errors:
        asked = attempt(
            db,
            form,
            lambda: ask_extension(
                db,
                visit.viewer,
                _kind(kind),
                record_id,
                until=until,
                reason=reason,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if asked is not None:
            return done("/review", "asked")
    return _record_page(visit, db, _kind(kind), record_id, form, status_code=422)


def _kind(given: str) -> Reviewed:
    try:
        return Reviewed(given)
    except ValueError:
        raise NotFoundError(N_("There is no such record, or it is not for you.")) from None


def _record_page(
    visit: Visit,
    db: Session,
    kind: Reviewed,
    thing_id: int,
    form: Form,
    *,
    status_code: int = 200,
) -> HTMLResponse:
    row = record_to_review(db, visit.viewer, kind, thing_id, on=visit.today)
    _show(visit, [row])
    return visit.render(
        "review/show.html",
        status_code=status_code,
        line=review_line(visit, row),
        row=row,
        latest=latest_review(kind, visit.today),
        may_remove=visit.may("removal:write"),
        form=form,
    )
