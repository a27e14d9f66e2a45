"""Access tokens of the API: one's own, shown once when made, and everybody's for administrators."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gvi.domain.access import POLICY
from gvi.domain.text import N_
from gvi.domain.token import TokenScope, scope_for
from gvi.store.queries.token import TokenRow, every_token, one_token, own_tokens
from gvi.usecases.token import make_token, revoke_own_token, revoke_token
from gvi.web.fact_form import is_reasoned
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.listing import Column, Listing, ListQuery
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("own_token:read")]
Writer = Annotated[Visit, may("own_token:write")]
Maker = Annotated[Visit, may("own_token:write", fresh=True)]
LIVES = (7, 30, 90, 180)
OWN, ALL = "/tokens", "/tokens/all"

COLUMNS: tuple[Column[TokenRow], ...] = (
    Column("name", N_("Program"), lambda row: row.name),
    Column("may", N_("May"), lambda row: len(row.scopes), sortable=False),
    Column("used", N_("Last used"), lambda row: row.last_used_at),
    Column("until", N_("Until"), lambda row: row.expires_at),
    Column("act", N_("Revoke"), lambda row: "", sortable=False),
)
EVERY_COLUMNS = (COLUMNS[0], Column("user", N_("Whose"), lambda row: row.user), *COLUMNS[1:])


@router.get("/tokens", response_class=HTMLResponse)
def list_own(visit: Reader, db: ReadDb) -> HTMLResponse:
    """List the visitor's own tokens."""
    rows = own_tokens(db, visit.viewer, at=visit.now)
    return _list(visit, rows, COLUMNS, "token/own.html", OWN)


@router.get("/tokens/all", response_class=HTMLResponse)
def list_every(visit: Annotated[Visit, may("token:list")], db: ReadDb) -> HTMLResponse:
    """List everybody's tokens."""
    rows = every_token(db, visit.viewer, at=visit.now)
    return _list(visit, rows, EVERY_COLUMNS, "token/every.html", ALL)


def _list(
    visit: Visit,
    rows: tuple[TokenRow, ...],
    columns: tuple[Column[TokenRow], ...],
    template: str,
    url: str,
) -> HTMLResponse:
    query = ListQuery.parse(visit.request.query_params, columns)
    found, total = query.apply(rows, columns, search=lambda row: (row.name, row.user, row.ending))
    listing = Listing(
        rows=found,
        total=total,
        query=query,
        columns=columns,
        base_url=url,
        search_label=N_("Program or last letters"),
    )
    visit.shows("token", [row.id for row in found])
    return visit.render(template, listing=listing, in_force=sum(not row.is_over for row in rows))


@router.get("/tokens/new", response_class=HTMLResponse)
def new(visit: Maker) -> HTMLResponse:
    """Ask what a new token is for."""
    return _new_page(visit, visit.form())


@router.post("/tokens/new", response_class=HTMLResponse)
def create(visit: Maker, form: PageForm, db: Db) -> Response:
    """Make the token and show it, this once."""
    name = form.text("name", required=True, most=60)
    scopes = form.choices("scopes", TokenScope)
    days = form.integer("days", required=True)
    if not form.errors:
        made = attempt(
            db,
            form,
            lambda: make_token(db, visit.viewer, name=name, scopes=scopes, days=days, at=visit.now),
        )
        if made is not None:
            return visit.render("token/made.html", made=made)
    return _new_page(visit, form)


def _new_page(visit: Visit, form: Form) -> HTMLResponse:
    usable = {scope_for(each) for each in POLICY if visit.may(each)}
    return visit.render(
        "token/new.html",
        status_code=422 if form.errors else 200,
        form=form,
        scopes=options([each for each in TokenScope if each in usable], visit.viewer.language),
        lives=[
            (str(days), visit.say_plural("%(num)s day", "%(num)s days", days)) for days in LIVES
        ],
    )


@router.get("/tokens/{token_id}/revoke", response_class=HTMLResponse)
def ask_revoke(visit: Writer, token_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether one of one's own tokens is to open nothing any more."""
    row = one_token(own_tokens(db, visit.viewer, at=visit.now), token_id)
    return _revoke_page(visit, row, visit.form(), f"{OWN}/{token_id}/revoke", OWN)


@router.post("/tokens/{token_id}/revoke", response_class=RedirectResponse)
def revoke_own(visit: Writer, token_id: int, form: PageForm, db: Db) -> Response:
    """Revoke one of one's own tokens."""
    revoke_own_token(db, visit.viewer, token_id, at=visit.now)
    return done(OWN, "revoked")


@router.get("/tokens/all/{token_id}/revoke", response_class=HTMLResponse)
def ask_revoke_any(
    visit: Annotated[Visit, may("token:write")], token_id: int, db: ReadDb
) -> HTMLResponse:
    """Ask why somebody's token is to open nothing any more."""
    row = one_token(every_token(db, visit.viewer, at=visit.now), token_id)
    return _revoke_page(visit, row, visit.form(), f"{ALL}/{token_id}/revoke", ALL)


@router.post("/tokens/all/{token_id}/revoke", response_class=RedirectResponse)
def revoke_any(
    visit: Annotated[Visit, may("token:write")], token_id: int, form: PageForm, db: Db
) -> Response:
    """Revoke somebody's token, with the reason."""
    row = one_token(every_token(db, visit.viewer, at=visit.now), token_id)

    def act(reason: str) -> None:
        revoke_token(db, visit.viewer, token_id, reason=reason, at=visit.now)

    if is_reasoned(db, form, act):
        return done(ALL, "revoked")
    return _revoke_page(visit, row, form, f"{ALL}/{token_id}/revoke", ALL)


def _revoke_page(visit: Visit, row: TokenRow, form: Form, action: str, back: str) -> HTMLResponse:
    visit.shows("token", [row.id])
    return visit.render(
        "token/revoke.html",
        status_code=422 if form.errors else 200,
        row=row,
        form=form,
        action=action,
        back=back,
        asks_why=back == ALL,
    )
