"""Bringing files in, first to look at, then to do; and taking everything out as files."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.datastructures import FormData, UploadFile

from gvi.domain.exchange import FILES, FileLayout
from gvi.domain.text import N_
from gvi.exchange.problem import FileCount, Problem, Report
from gvi.exchange.reading import SourceFile
from gvi.exchange.writing import packed, write_problems
from gvi.usecases.exchange import Import, export_files, try_import
from gvi.usecases.exchange_draft import (
    KEPT_FOR,
    MOST_BYTES,
    Draft,
    draft_of,
    import_upload,
    keep_upload,
    throw_away,
)
from gvi.web.forms import Form
from gvi.web.heads import keep_head_now
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may, submitted

router = APIRouter(include_in_schema=False)

ZIP = "application/zip"
CSV = "text/csv; charset=utf-8"
CHANGED_SINCE = N_("Since you looked, something changed here: rows are rejected now. Look again.")


@router.get("/import", response_class=HTMLResponse)
def choose(visit: Annotated[Visit, may("import:run")]) -> HTMLResponse:
    """Ask for the files, and say what may stand in them."""
    return _choose(visit, visit.form())


# Files cannot be kept across the question who it is. Nobody is asked while they are sent: the next
# page asks, before it shows anything, and the files wait there.
@router.post("/import", response_class=RedirectResponse)
def upload(
    visit: Annotated[Visit, may("import:run", fresh=False)],
    form: PageForm,
    data: Annotated[FormData, Depends(submitted)],
    db: Db,
) -> Response:
    """Keep the files and lead on to what they would do."""
    files = _uploaded(data, form)
    if form.errors:
        return _choose(visit, form, status_code=422)
    draft = attempt(db, form, lambda: keep_upload(db, visit.viewer, files, at=visit.now))
    if draft is None:
        return _choose(visit, form, status_code=422)
    return RedirectResponse(f"/import/drafts/{draft.id}", status_code=303)


def _uploaded(data: FormData, form: Form) -> list[SourceFile]:
    """Take the uploaded files out of the form, unless they are too large to keep."""
    given = [each for each in data.getlist("files") if isinstance(each, UploadFile)]
    if sum(each.size or 0 for each in given) > MOST_BYTES:
        form.add_error("files", N_("These files are too large for the page: use the command."))
    files = []
    for each in given:
        with each.file as file:
            if each.filename and not form.errors:
                files.append(SourceFile(name=_bare(each.filename), content=file.read()))
    return files


def _bare(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _choose(visit: Visit, form: Form, status_code: int = 200) -> HTMLResponse:
    return visit.render(
        "exchange/import.html",
        status_code=status_code,
        form=form,
        files=[_described(layout) for layout in FILES if visit.may(_right(layout))],
        may_export=visit.may("export:run"),
        is_invented=visit.signed_in.is_invented,
    )


def _right(layout: FileLayout) -> str:
    return "incident:write" if layout.noun == "involvement" else f"{layout.noun}:write"


def _described(layout: FileLayout) -> dict[str, object]:
    """Give what the page says about one file: its columns, and the codes of some of them."""
    return {
        "name": layout.name,
        "columns": [(column.name, column.name in layout.key) for column in layout.own],
        "codes": [(column.name, column.codes) for column in layout.own if column.codes],
    }


# Looking


@router.get("/import/drafts/{draft_id}", response_class=HTMLResponse)
def look(visit: Annotated[Visit, may("import:run")], draft_id: int, db: ReadDb) -> HTMLResponse:
    """Show what the files would do, with every problem by row; or what they did."""
    return _look(visit, db, draft_of(db, visit.viewer, draft_id, at=visit.now))


def _look(visit: Visit, db: Session, draft: Draft, *, refusal: str = "") -> HTMLResponse:
    if draft.done_at is not None:
        return _show_done(visit, draft)
    report = _tried(visit, db, draft).report
    created, updated, unchanged, rejected = _sums(report.files)
    return visit.render(
        "exchange/draft.html",
        status_code=422 if refusal else 200,
        draft=draft,
        report=report,
        refusal=visit.say(refusal),
        rejected=rejected,
        brings=created + updated,
        is_clear=not report.rejecting,
        answer=_answer(visit, report),
        total=(created, updated, unchanged, rejected),
        listing=_listing(visit, draft, report),
        minutes=int(KEPT_FOR.total_seconds() // 60),
    )


def _sums(files: Iterable[FileCount]) -> tuple[int, int, int, int]:
    """Add up what was created, updated, unchanged and rejected."""
    counts = [(f.created, f.updated, f.unchanged, f.rejected) for f in files]
    created, updated, unchanged, rejected = zip(*counts, strict=True) if counts else ((),) * 4
    return sum(created), sum(updated), sum(unchanged), sum(rejected)


def _tried(visit: Visit, db: Session, draft: Draft) -> Import:
    """Compare the files with the database, as if rejected rows were left out."""
    tried = try_import(
        db, visit.viewer, draft.files, at=visit.now, zone=visit.zone, skip_rejected=True
    )
    for problem in tried.report.problems:
        visit.shows("person", problem.people)
    visit.notes(files=len(draft.files), problems=len(tried.report.problems))
    return tried


def _answer(visit: Visit, report: Report) -> str:
    created, updated, unchanged, rejected = _sums(report.files)
    if rejected:
        return visit.say_plural(
            "One row is rejected: nothing is brought in until it is mended or left out.",
            "%(num)s rows are rejected: nothing is brought in until they are mended or left out.",
            rejected,
        )
    if report.rejecting:
        return visit.say(N_("A file cannot be read: nothing is brought in until it is mended."))
    if not created and not updated:
        return visit.say(N_("There is nothing new in these files."))
    return visit.say(
        N_("%(new)s, %(changed)s, %(same)s. Nothing is done yet."),
        new=visit.say_plural("%(num)s new", "%(num)s new", created),
        changed=visit.say_plural("%(num)s to change", "%(num)s to change", updated),
        same=visit.say_plural("%(num)s as it is", "%(num)s as they are", unchanged),
    )


def _show_done(visit: Visit, draft: Draft) -> HTMLResponse:
    created, updated, unchanged, rejected = _sums(draft.outcome)
    answer = visit.say(
        N_("%(new)s, %(changed)s, %(same)s."),
        new=visit.say_plural("%(num)s new", "%(num)s new", created),
        changed=visit.say_plural("%(num)s changed", "%(num)s changed", updated),
        same=visit.say_plural("%(num)s as it was", "%(num)s as they were", unchanged),
    )
    return visit.render("exchange/done.html", draft=draft, rejected=rejected, answer=answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ProblemRow:
    """One problem as the list shows it, in the visitor's words."""

    file: str
    row: int
    column: str
    value: str
    reason: str
    suggestion: str
    rejects: bool

    @property
    def tone(self) -> str:
        """What does no harm is said more quietly."""
        return "" if self.rejects else "quiet"


def _listing(visit: Visit, draft: Draft, report: Report) -> Listing[_ProblemRow]:
    files = sorted({problem.file for problem in report.problems})
    filters = (
        Filter("file", N_("File"), [(name, name) for name in files], any_label=N_("All files")),
        Filter(
            "weight",
            N_("Weight"),
            [
                ("rejects", visit.say(N_("Keeps a row out"))),
                ("note", visit.say(N_("To know"))),
            ],
        ),
    )
    query = ListQuery.parse(visit.request.query_params, _COLUMNS, filters)
    rows, total = query.apply(
        [_said(visit, problem) for problem in report.problems],
        _COLUMNS,
        search=lambda row: (row.file, row.column, row.value, row.reason),
        filters={
            "file": lambda row: row.file,
            "weight": lambda row: "rejects" if row.rejects else "note",
        },
    )
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=_COLUMNS,
        filters=filters,
        base_url=f"/import/drafts/{draft.id}",
        search_label=N_("Value, column or reason"),
    )


_COLUMNS: tuple[Column[_ProblemRow], ...] = (
    Column("row", N_("Where"), lambda row: row.row),
    Column("column", N_("Column"), lambda row: row.column),
    Column("value", N_("Value"), lambda row: row.value),
    Column("reason", N_("What is wrong"), lambda row: row.reason),
    Column("suggestion", N_("What to do"), lambda row: row.suggestion, sortable=False),
)


def _said(visit: Visit, problem: Problem) -> _ProblemRow:
    return _ProblemRow(
        file=problem.file,
        row=problem.row,
        column=problem.column,
        value=problem.value,
        reason=_reason(visit, problem),
        suggestion=visit.say(problem.suggestion, **problem.params),
        rejects=problem.rejects,
    )


def _reason(visit: Visit, problem: Problem) -> str:
    if not problem.reasons:
        return visit.say(problem.reason, **problem.params)
    number = int(str(problem.params["num"]))
    return visit.say_plural(problem.reason, problem.reasons, number, **problem.params)


@router.get("/import/drafts/{draft_id}/problems", response_class=Response)
def problems(visit: Annotated[Visit, may("import:run")], draft_id: int, db: ReadDb) -> Response:
    """Give the problems as a file, to mend the rows by."""
    report = _tried(visit, db, draft_of(db, visit.viewer, draft_id, at=visit.now)).report
    said = [_said(visit, problem) for problem in report.problems]
    content = write_problems(
        (problem, row.reason, row.suggestion)
        for problem, row in zip(report.problems, said, strict=True)
    )
    return _download(content, CSV, f"import-problems-{visit.today}.csv")


@router.get("/import/drafts/{draft_id}/rejected", response_class=Response)
def rejected(visit: Annotated[Visit, may("import:run")], draft_id: int, db: ReadDb) -> Response:
    """Give the rejected rows back in the layout in which they came."""
    draft = draft_of(db, visit.viewer, draft_id, at=visit.now)
    rows = draft.files if draft.done_at is not None else _tried(visit, db, draft).rejected
    return _download(packed(rows), ZIP, f"import-rejected-{visit.today}.zip")


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


# Doing


@router.post("/import/drafts/{draft_id}", response_class=RedirectResponse)
def bring_in(
    visit: Annotated[Visit, may("import:run")], draft_id: int, form: PageForm, db: Db
) -> Response:
    """Bring the files in; where rows turn out to be rejected now, show the look again."""
    result = import_upload(
        db,
        visit.viewer,
        draft_id,
        skip_rejected=form.ticked("skip_rejected"),
        at=visit.now,
        zone=visit.zone,
    )
    if result.report.is_refused:
        draft = draft_of(db, visit.viewer, draft_id, at=visit.now)
        return _look(visit, db, draft, refusal=CHANGED_SINCE)
    return RedirectResponse(f"/import/drafts/{draft_id}", status_code=303)


@router.post("/import/drafts/{draft_id}/throw-away", response_class=RedirectResponse)
def discard(
    visit: Annotated[Visit, may("import:run")], draft_id: int, _form: PageForm, db: Db
) -> Response:
    """Throw the upload away."""
    throw_away(db, visit.viewer, draft_id, at=visit.now)
    return done("/import", "discarded")


# Taking out


@router.get("/export", response_class=HTMLResponse)
def ask_purpose(visit: Annotated[Visit, may("export:run")]) -> HTMLResponse:
    """Ask what an export is for."""
    return _ask_purpose(visit, visit.form())


@router.post("/export", response_class=Response)
def take_out(visit: Annotated[Visit, may("export:run")], form: PageForm, db: Db) -> Response:
    """Give everything the visitor may take out, as one archive of CSV files."""
    purpose = form.text("purpose", required=True, most=500)
    if not form.errors:
        export = attempt(
            db,
            form,
            lambda: export_files(db, visit.viewer, purpose=purpose, at=visit.now, zone=visit.zone),
        )
        if export is not None:
            answer = _download(packed(export.files), ZIP, f"gvi-export-{visit.today}.zip")
            # After the commit: a head of what was taken back would make the log look cut.
            answer.background = BackgroundTask(keep_head_now, visit.request.app, visit.now)
            return answer
    return _ask_purpose(visit, form, status_code=422)


def _ask_purpose(visit: Visit, form: Form, status_code: int = 200) -> HTMLResponse:
    return visit.render(
        "exchange/export.html",
        status_code=status_code,
        form=form,
        files=[layout.name for layout in FILES if visit.may(f"{layout.noun}:read")],
        leaves_out_children=not visit.may("under_18:read"),
        may_import=visit.may("import:run"),
    )
