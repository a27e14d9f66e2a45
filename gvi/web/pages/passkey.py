"""My passkeys: added by a device, listed on My log-in, removed."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from gvi.domain.errors import NotFoundError
from gvi.domain.log_in import MOST_PASSKEYS
from gvi.domain.text import N_
from gvi.store.queries.passkey import PasskeyRow, own_passkeys
from gvi.usecases.passkey import add_passkey, ask_for_new, remove_passkey
from gvi.web.forms import Form
from gvi.web.passkey import can_have_passkeys, site_of
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

OwnFresh = Annotated[Visit, may("own_account:use", fresh=True)]


@router.get("/account/passkeys/new", response_class=HTMLResponse)
def new(visit: OwnFresh, db: ReadDb) -> HTMLResponse:
    """Ask what a new passkey is to be called."""
    return _new_page(visit, db, visit.form())


def _new_page(visit: Visit, db: ReadDb, form: Form, *, status_code: int = 200) -> HTMLResponse:
    return visit.render(
        "account/new_passkey.html",
        status_code=status_code,
        form=form,
        is_possible=can_have_passkeys(visit.request),
        has_room=len(own_passkeys(db, visit.viewer)) < MOST_PASSKEYS,
        most=MOST_PASSKEYS,
    )


@router.post("/account/passkeys/challenge", response_class=JSONResponse)
def ask_device(visit: OwnFresh, _form: PageForm, db: Db) -> JSONResponse:
    """Give what the browser asks its device in order to make a passkey."""
    site, browser = site_of(visit.request), visit.signed_in.csrf_token
    return JSONResponse(ask_for_new(db, visit.viewer, site, browser=browser, at=visit.now))


@router.post("/account/passkeys/new", response_class=HTMLResponse)
def add(visit: OwnFresh, form: PageForm, db: Db) -> Response:
    """Keep the passkey that the device made."""
    name = form.text("name", required=True, most=60)
    refusal = None if form.errors else attempt(db, form, lambda: _add(visit, db, name, form))
    if refusal == "":
        return done("/account", "passkey_added")
    if refusal:
        form.add_error("", refusal)
    return _new_page(visit, db, form, status_code=422)


def _add(visit: Visit, db: Db, name: str, form: Form) -> str:
    return add_passkey(
        db,
        visit.viewer,
        site_of(visit.request),
        name=name,
        answered=form.value("credential"),
        browser=visit.signed_in.csrf_token,
        at=visit.now,
    )


@router.get("/account/passkeys/{passkey_id}/remove", response_class=HTMLResponse)
def ask_remove(visit: OwnFresh, passkey_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether one of one's own passkeys is to open nothing any more."""
    return visit.render(
        "account/remove_passkey.html", row=_one(visit, db, passkey_id), form=visit.form()
    )


def _one(visit: Visit, db: ReadDb, passkey_id: int) -> PasskeyRow:
    for row in own_passkeys(db, visit.viewer):
        if row.id == passkey_id:
            return row
    raise NotFoundError(N_("There is no such passkey."))


@router.post("/account/passkeys/{passkey_id}/remove", response_class=RedirectResponse)
def remove(visit: OwnFresh, passkey_id: int, _form: PageForm, db: Db) -> Response:
    """Remove one of one's own passkeys; other log-ins end."""
    remove_passkey(
        db, visit.viewer, passkey_id, session_id=visit.signed_in.session_id, at=visit.now
    )
    return done("/account", "passkey_removed")
