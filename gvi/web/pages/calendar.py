"""My calendar: the call-ins in a calendar program, by an address of one's own or as one file."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.queries.calendar import calendar_rows, own_feed
from gvi.usecases.calendar import make_feed, revoke_own_feed
from gvi.web.calendar import file_answer, file_of
from gvi.web.visit import Db, PageForm, ReadDb, Visit, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("own_calendar:read")]
Writer = Annotated[Visit, may("own_calendar:write")]
Maker = Annotated[Visit, may("own_calendar:write", fresh=True)]


@router.get("/calendar", response_class=HTMLResponse)
def show(visit: Reader, db: ReadDb) -> HTMLResponse:
    """Say whether a calendar program reads the call-ins in the visitor's name."""
    feed = own_feed(db, visit.viewer)
    visit.shows("calendar_feed", [feed.id] if feed else [])
    return visit.render("calendar/show.html", feed=feed)


@router.post("/calendar/new", response_class=HTMLResponse)
def create(visit: Maker, _form: PageForm, db: Db) -> HTMLResponse:
    """Make the visitor's address and show it, this once."""
    secret = make_feed(db, visit.viewer, at=visit.now)
    site = visit.settings.public_url or str(visit.request.base_url).rstrip("/")
    return visit.render("calendar/made.html", address=f"{site}/api/v1/calendar/{secret}.ics")


@router.get("/calendar/revoke", response_class=HTMLResponse)
def ask_revoke(visit: Writer) -> HTMLResponse:
    """Ask whether the visitor's address is to tell nothing any more."""
    return visit.render("calendar/revoke.html", form=visit.form())


@router.post("/calendar/revoke", response_class=RedirectResponse)
def revoke(visit: Writer, _form: PageForm, db: Db) -> Response:
    """Revoke the visitor's address."""
    revoke_own_feed(db, visit.viewer, at=visit.now)
    return done("/calendar", "revoked")


@router.get("/call-ins/{call_in_id}/calendar.ics")
def one_file(visit: Annotated[Visit, may("call_in:read")], call_in_id: int, db: ReadDb) -> Response:
    """Give one call-in as a file for a calendar; raises NotFoundError while it has no day."""
    rows = calendar_rows(db, visit.viewer, "call_in:read", call_in_id=call_in_id)
    if not rows:
        raise NotFoundError(N_("There is no such call-in, or it has no day yet."))
    visit.shows("call_in", [call_in_id])
    content = file_of(
        rows,
        programme=visit.signed_in.programme,
        language=visit.viewer.language,
        settings=visit.settings,
    )
    return file_answer(content, name=f"call-in-{call_in_id}")
