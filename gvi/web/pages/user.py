"""Users: who may log in, in which role; added, changed and stopped by the administrator."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.domain.errors import NotFoundError
from gvi.domain.log_in import random_letters
from gvi.domain.text import N_
from gvi.store.models import User
from gvi.store.queries.hold import hold
from gvi.store.queries.session import Account, account_of
from gvi.store.queries.user import UserRow, users
from gvi.usecases.passkey import remove_passkeys_of
from gvi.usecases.passphrase import give_start_passphrase
from gvi.usecases.second_step import (
    demand_second_step,
    roles_with_second_step,
    turn_off_second_step,
)
from gvi.usecases.session import end_sessions_of
from gvi.usecases.user import add_user, change_user
from gvi.web.forms import Form
from gvi.web.labels import label, options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.sign_on import offer
from gvi.web.text import LANGUAGES
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

COLUMNS: tuple[Column[UserRow], ...] = (
    Column("name", N_("Name"), lambda row: row.display_name),
    Column("username", N_("User name"), lambda row: row.username),
    Column("role", N_("Role"), lambda row: row.role),
    Column("team", N_("Team"), lambda row: row.team),
    Column("clients", N_("Clients"), lambda row: row.clients, numeric=True),
    Column("seen", N_("Last here"), lambda row: row.last_seen_at),
    Column("active", N_("May log in"), lambda row: row.is_active),
)


@router.get("/users", response_class=HTMLResponse)
def list_users(visit: Annotated[Visit, may("user:list")], db: ReadDb) -> HTMLResponse:
    """List everybody who can log in."""
    rows = users(db, visit.viewer)
    filters = (
        Filter("role", N_("Role"), options(Role, visit.viewer.language), any_label=N_("Any role")),
    )
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters, default_sort="name")
    found, total = query.apply(
        rows,
        COLUMNS,
        search=lambda row: (row.display_name, row.username, row.team),
        filters={"role": lambda row: row.role},
    )
    listing = Listing(
        rows=found,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/users",
        search_label=N_("Name or team"),
    )
    visit.shows("user", [row.id for row in found])
    return visit.render(
        "user/list.html", listing=listing, active=sum(row.is_active for row in rows)
    )


@router.get("/users/new", response_class=HTMLResponse)
def new_user(visit: Annotated[Visit, may("user:write")]) -> HTMLResponse:
    """Show the empty form."""
    form = Form.filled(
        {"language": visit.viewer.language}, language=visit.viewer.language, zone=visit.zone
    )
    return _form(visit, form, None)


@router.post("/users/new", response_class=HTMLResponse)
def create_user(visit: Annotated[Visit, may("user:write")], form: PageForm, db: Db) -> Response:
    """Add a user with a start passphrase, which is shown once."""
    username = form.text("username", required=True, most=100)
    display_name = form.text("display_name", required=True, most=200)
    role = form.choice("role", Role, required=True)
    team = form.text("team", most=100)
    language = form.one_of("language", LANGUAGES, required=True)
    if not form.errors:
        given = random_letters(5)
        added = attempt(
            db,
            form,
            lambda: add_user(
                db,
                visit.viewer,
                username=username,
                display_name=display_name,
                role=role.value,
                team=team,
                language=language,
                passphrase=given,
                at=visit.now,
            ),
        )
        if added is not None:
            return _started(visit, username.strip().lower(), display_name, given)
    return _form(visit, form, None, status_code=422)


@router.get("/users/second-step", response_class=HTMLResponse)
def ask_who_needs_second_step(
    visit: Annotated[Visit, may("user:write")], db: ReadDb
) -> HTMLResponse:
    """Show which roles must log in with a second step."""
    return _second_step_roles(visit, _demanded(visit, db))


def _demanded(visit: Visit, db: Session) -> Form:
    values = {"roles": roles_with_second_step(db, visit.viewer)}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


@router.post("/users/second-step", response_class=HTMLResponse)
def say_who_needs_second_step(
    visit: Annotated[Visit, may("user:write")], form: PageForm, db: Db
) -> Response:
    """Say which roles must log in with a second step, from their next log-in."""
    form.sees(_demanded(visit, db))
    roles = form.choices("roles", Role)
    if form.errors:
        return _second_step_roles(visit, form, status_code=422)
    demand_second_step(db, visit.viewer, roles, at=visit.now)
    return done("/users")


def _second_step_roles(visit: Visit, form: Form, *, status_code: int = 200) -> HTMLResponse:
    roles = options(Role, visit.viewer.language)
    return visit.render("user/second_step.html", status_code=status_code, form=form, roles=roles)


@router.get("/users/{user_id}", response_class=HTMLResponse)
def edit_user(visit: Annotated[Visit, may("user:write")], user_id: int, db: ReadDb) -> HTMLResponse:
    """Show one user's rights for changing."""
    row = _one(visit, db, user_id)
    visit.shows("user", [user_id])
    return _form(
        visit, _stored(visit, row), row, account=account_of(db, visit.viewer, user_id, at=visit.now)
    )


def _stored(visit: Visit, row: UserRow) -> Form:
    values = {"role": Role(row.role), "team": row.team, "is_active": row.is_active}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


@router.post("/users/{user_id}", response_class=HTMLResponse)
def save_user(
    visit: Annotated[Visit, may("user:write")], user_id: int, form: PageForm, db: Db
) -> Response:
    """Change a user's role or team, or stop the account; open sessions end."""
    hold(db, User, user_id)
    row = _one(visit, db, user_id)
    form.sees(_stored(visit, row))
    role = form.choice("role", Role, required=True)
    team = form.text("team", most=100)
    if not form.errors:
        changed = attempt(
            db,
            form,
            lambda: change_user(
                db,
                visit.viewer,
                user_id,
                role=role.value,
                team=team,
                is_active=form.ticked("is_active"),
                at=visit.now,
            ),
        )
        if changed is not None:
            return done("/users")
    account = account_of(db, visit.viewer, user_id, at=visit.now)
    return _form(visit, form, row, account=account, status_code=422)


def _one(visit: Visit, db: ReadDb, user_id: int) -> UserRow:
    for row in users(db, visit.viewer):
        if row.id == user_id:
            return row
    raise NotFoundError(N_("There is no such user."))


def _form(
    visit: Visit,
    form: Form,
    row: UserRow | None,
    *,
    account: Account | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    language = visit.viewer.language
    return visit.render(
        "user/edit.html",
        status_code=status_code,
        form=form,
        row=row,
        account=account,
        sign_on=offer(visit.request, "/log-in/provider"),
        roles=[(role.value, label(role, language)) for role in Role],
        languages=list(LANGUAGES.items()),
    )


def _started(visit: Visit, username: str, name: str, given: str) -> HTMLResponse:
    """Show a start passphrase, the only time; it is not kept."""
    return visit.render("user/started.html", username=username, name=name, given=given)


# How a user logs in


@router.post("/users/{user_id}/start-passphrase", response_class=HTMLResponse)
def start_anew(
    visit: Annotated[Visit, may("user:write")], user_id: int, _form: PageForm, db: Db
) -> HTMLResponse:
    """Give a user a new start passphrase, for one who has forgotten the own one."""
    row = _one(visit, db, user_id)
    given = give_start_passphrase(db, visit.viewer, user_id, at=visit.now)
    return _started(visit, row.username, row.display_name, given)


@router.post("/users/{user_id}/second-step/off", response_class=RedirectResponse)
def no_second_step(
    visit: Annotated[Visit, may("user:write")], user_id: int, _form: PageForm, db: Db
) -> Response:
    """Take a user's second step away, after a telephone was lost."""
    turn_off_second_step(db, visit.viewer, user_id, at=visit.now)
    return done(f"/users/{user_id}", "done")


@router.post("/users/{user_id}/passkeys/remove", response_class=RedirectResponse)
def no_passkeys(
    visit: Annotated[Visit, may("user:write")], user_id: int, _form: PageForm, db: Db
) -> Response:
    """Remove a user's passkeys, after a telephone was lost."""
    remove_passkeys_of(db, visit.viewer, user_id, at=visit.now)
    return done(f"/users/{user_id}", "done")


@router.post("/users/{user_id}/log-ins/end", response_class=RedirectResponse)
def end_log_ins(
    visit: Annotated[Visit, may("user:write")], user_id: int, _form: PageForm, db: Db
) -> Response:
    """End every log-in of a user."""
    end_sessions_of(db, visit.viewer, user_id, at=visit.now)
    return done(f"/users/{user_id}", "log_ins_ended")
