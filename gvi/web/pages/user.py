"""Users: who may log in, in which role; added, changed and stopped by the administrator."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from gvi.domain.access import Role
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.queries.user import UserRow, users
from gvi.usecases.user import add_user, change_user
from gvi.web.forms import Form
from gvi.web.labels import label, options
from gvi.web.listing import Column, Filter, Listing, ListQuery
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
    """Add a user with a first password."""
    username = form.text("username", required=True, most=100)
    display_name = form.text("display_name", required=True, most=200)
    role = form.choice("role", Role, required=True)
    team = form.text("team", most=100)
    language = form.one_of("language", LANGUAGES, required=True)
    password = form.text("password", required=True, most=1000)
    if not form.errors:
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
                password=password,
                at=visit.now,
            ),
        )
        if added is not None:
            return done("/users", "added")
    return _form(visit, form, None, status_code=422)


@router.get("/users/{user_id}", response_class=HTMLResponse)
def edit_user(visit: Annotated[Visit, may("user:write")], user_id: int, db: ReadDb) -> HTMLResponse:
    """Show one user's rights for changing."""
    row = _one(visit, db, user_id)
    visit.shows("user", [user_id])
    values = {"role": row.role, "team": row.team, "is_active": row.is_active}
    form = Form.filled(values, language=visit.viewer.language, zone=visit.zone)
    return _form(visit, form, row)


@router.post("/users/{user_id}", response_class=HTMLResponse)
def save_user(
    visit: Annotated[Visit, may("user:write")], user_id: int, form: PageForm, db: Db
) -> Response:
    """Change a user's role, team or password, or stop the account; open sessions end."""
    row = _one(visit, db, user_id)
    role = form.choice("role", Role, required=True)
    team = form.text("team", most=100)
    password = form.text("password", most=1000)
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
                password=password or None,
                at=visit.now,
            ),
        )
        if changed is not None:
            return done("/users")
    return _form(visit, form, row, status_code=422)


def _one(visit: Visit, db: ReadDb, user_id: int) -> UserRow:
    for row in users(db, visit.viewer):
        if row.id == user_id:
            return row
    raise NotFoundError(N_("There is no such user."))


def _form(visit: Visit, form: Form, row: UserRow | None, *, status_code: int = 200) -> HTMLResponse:
    language = visit.viewer.language
    return visit.render(
        "user/edit.html",
        status_code=status_code,
        form=form,
        row=row,
        roles=[(role.value, label(role, language)) for role in Role],
        languages=list(LANGUAGES.items()),
    )
