"""Drafting a version of the scoring policy: every constant with what it means."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.incident import kind_named
from gvi.domain.policy import NUMBERS, TABLES, Document, PolicyStatus, ScoringPolicy
from gvi.domain.text import N_
from gvi.store.models import StoredPolicy
from gvi.store.queries.policy import PolicyRow, kinds_in_use, policy_version
from gvi.usecases.policy import change_draft, draft, in_force
from gvi.web.forms import Form
from gvi.web.numbers import whole_number
from gvi.web.pages.policy import POLICIES
from gvi.web.policy_words import HARM, ConstantRow, ConstantTable, constant_tables
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Drafter = Annotated[Visit, may("policy:draft")]
NEW_KINDS = ("1", "2", "3")


@router.get("/method/policies/new", response_class=HTMLResponse)
def new(visit: Drafter, db: ReadDb) -> HTMLResponse:
    """Show the form, filled from the version in force or from the one asked for."""
    start = _start(visit, db)
    return _page(visit, db, start, _filled(visit, start))


@router.post("/method/policies/new", response_class=RedirectResponse)
def create(visit: Drafter, form: PageForm, db: Db) -> Response:
    """Keep the draft; a wrong form comes back with everything that was typed."""
    start = _start(visit, db)
    constants, source, reason = _read(form, _tables(visit, db, start))
    drafted: StoredPolicy | None = None
    if not form.errors:
        drafted = attempt(
            db,
            form,
            lambda: draft(db, visit.viewer, constants, source=source, reason=reason, at=visit.now),
        )
    if drafted is None:
        return _page(visit, db, start, form, status_code=422)
    return done(f"{POLICIES}/{drafted.version}")


def _start(visit: Visit, db: Session) -> ScoringPolicy:
    asked = whole_number(visit.request.query_params.get("from", ""))
    if asked is not None:
        return policy_version(db, visit.viewer, asked).policy
    return in_force(db, visit.viewer)


@router.get("/method/policies/{version}/edit", response_class=HTMLResponse)
def edit(visit: Drafter, version: int, db: ReadDb) -> HTMLResponse:
    """Show one's own draft, to be changed."""
    row = _own(visit, db, version)
    return _page(visit, db, row.policy, _filled(visit, row.policy, row), row)


@router.post("/method/policies/{version}/edit", response_class=RedirectResponse)
def change(visit: Drafter, version: int, form: PageForm, db: Db) -> Response:
    """Keep what was changed in the draft."""
    row = _own(visit, db, version)
    form.sees(_filled(visit, row.policy, row))
    constants, source, reason = _read(form, _tables(visit, db, row.policy))
    changed: StoredPolicy | None = None
    if not form.errors:
        changed = attempt(
            db,
            form,
            lambda: change_draft(
                db,
                visit.viewer,
                version,
                constants,
                source=source,
                reason=reason,
                at=visit.now,
            ),
        )
    if changed is None:
        return _page(visit, db, row.policy, form, row, status_code=422)
    return done(f"{POLICIES}/{version}")


def _own(visit: Visit, db: Session, version: int) -> PolicyRow:
    row = policy_version(db, visit.viewer, version)
    if row.status is not PolicyStatus.DRAFT or row.drafted_by_id != visit.viewer.user_id:
        raise NotFoundError(N_("There is no such draft of yours."))
    return row


def _tables(visit: Visit, db: Session, policy: ScoringPolicy) -> tuple[ConstantTable, ...]:
    kinds = kinds_in_use(db, visit.viewer)
    return constant_tables(policy, visit.viewer.language, kinds=kinds)


def _filled(visit: Visit, policy: ScoringPolicy, row: PolicyRow | None = None) -> Form:
    values: dict[str, object] = {
        each.name: each.value
        for table in constant_tables(policy, visit.viewer.language)
        for each in table.rows
    }
    if row is not None:
        values |= {"source": policy.source, "reason": row.reason}
    filled = Form.filled(values, language=visit.viewer.language, zone=visit.zone)
    if row is None:
        filled.stored = None
    return filled


def _read(form: Form, tables: tuple[ConstantTable, ...]) -> tuple[Document, str, str]:
    """Read every constant; what is wrong stands by its field."""
    constants: Document = dict.fromkeys(NUMBERS, 0.0)
    values: dict[str, dict[str, float]] = {table: {} for table in TABLES}
    for row in (row for table in tables for row in table.rows):
        number = _number(form, row)
        table, _, code = row.name.partition(".")
        if number is not None and code:
            values[table][code] = number
        elif number is not None:
            constants[table] = number
    for place in NEW_KINDS:
        _read_new_kind(form, place, values[HARM])
    return (
        {**constants, **values},
        form.text("source", required=True, most=300),
        form.text("reason", required=True, most=1000),
    )


def _number(form: Form, row: ConstantRow) -> float | None:
    least, most = row.limits
    return form.number(row.name, required=not row.is_new, least=least, most=most)


def _read_new_kind(form: Form, place: str, harm: dict[str, float]) -> None:
    called = form.text(f"kind-{place}", most=60)
    least, most = ConstantRow(name=HARM, label="", hint="", value=None).limits
    units = form.number(f"units-{place}", required=bool(called), least=least, most=most)
    if called and units is not None:
        harm.setdefault(kind_named(called), units)
    elif units is not None:
        form.add_error(f"kind-{place}", N_("Say which kind of incident."))


def _page(
    visit: Visit,
    db: Session,
    policy: ScoringPolicy,
    form: Form,
    row: PolicyRow | None = None,
    *,
    status_code: int = 200,
) -> HTMLResponse:
    return visit.render(
        "policy/form.html",
        status_code=status_code,
        form=form,
        tables=_tables(visit, db, policy),
        row=row,
        start=policy.version,
        new_kinds=NEW_KINDS,
        action=f"{POLICIES}/{row.version}/edit" if row else f"{POLICIES}/new?from={policy.version}",
    )
