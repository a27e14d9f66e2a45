"""The search of the top bar: people, groups, incidents by word, only what one may see."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gvi.domain.text import N_
from gvi.store.queries.search import MOST_OF_EACH, Found, search
from gvi.web.labels import kind_options
from gvi.web.session import own_address
from gvi.web.text import translate_plural
from gvi.web.visit import PageForm, ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

OWN_FIELDS = frozenset({"csrf_token", "find_in"})


@router.post("/find", response_class=RedirectResponse)
def ask(form: PageForm) -> Response:
    """Lead on to a list with what was typed above it, which its address keeps sealed.

    The list checks its own right; nothing is read here.
    """
    pairs = [(name, value) for name, value in form.pairs() if value and name not in OWN_FIELDS]
    url = own_address(form.value("find_in")) or "/search"
    mark = "&" if "?" in url else "?"
    return RedirectResponse(url + (f"{mark}{urlencode(pairs)}" if pairs else ""), status_code=303)


@router.get("/search", response_class=HTMLResponse)
def find(visit: Annotated[Visit, may("search:use")], db: ReadDb, q: str = "") -> HTMLResponse:
    """Show what a search finds; the words themselves are not in the log, their number is."""
    asked = " ".join(q.replace("\0", "").split())[:200]
    kinds = dict(kind_options(visit.viewer.language))
    found = search(db, visit.viewer, asked, visit.asked, kinds=kinds)
    visit.shows("person", [row.id for row in found.people])
    visit.shows("group", [row.id for row in found.groups])
    visit.shows("incident", [row.id for row in found.incidents])
    visit.notes(search=True, words=len(asked.split()))
    return visit.render(
        "search/show.html",
        q=asked,
        found=found,
        most=MOST_OF_EACH,
        answer=_answer(visit, asked, found),
        may_list_people=visit.may("person:list"),
        may_list_groups=visit.may("group:list"),
        may_list_incidents=visit.may("incident:list"),
    )


def _answer(visit: Visit, asked: str, found: Found) -> str:
    if not asked:
        return visit.say(N_("Type a name, a code name, a group or a place."))
    language = visit.viewer.language
    counts = [
        translate_plural("%(num)s person", "%(num)s people", found.people_total, language),
        translate_plural("%(num)s group", "%(num)s groups", len(found.groups), language),
        translate_plural("%(num)s incident", "%(num)s incidents", found.incidents_total, language),
    ]
    totals = (found.people_total, len(found.groups), found.incidents_total)
    said = [count for count, total in zip(counts, totals, strict=True) if total]
    if not said:
        return visit.say(N_("Nothing that you may see holds these words."))
    return visit.say(N_("Found: %(what)s."), what=", ".join(said))
