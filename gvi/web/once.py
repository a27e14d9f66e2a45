"""Every form of a page acts once: its key is taken in the same transaction as what it does.

`ui/csrf_field.html` puts a fresh key into every form. A form that comes again with its key is led
to where the first one led, without anything being done; see docs/decisions/0057.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.orm import Session

from gvi.domain.text import N_
from gvi.usecases.sent_form import give_back, led_to, take
from gvi.web.addresses import addresses_of
from gvi.web.error_page import error_page
from gvi.web.forms import KEY, Form
from gvi.web.visit import Visit, write_session

ALREADY = N_("That was sent already, and is done once. Open the page anew to do it again.")
_REFUSED = 400


def act_once(routers: Iterable[APIRouter]) -> None:
    """Guard every route of pages that writes what a form says."""
    for router in routers:
        for each in iter_route_contexts(router.routes):
            route = each.original_route
            if isinstance(route, APIRoute) and write_session in _calls(route.dependant):
                route.dependant.call = _once(route.endpoint)


def _calls(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


def _once(act: Callable[..., Response]) -> Callable[..., Response]:
    @wraps(act)
    def once(**given: Any) -> Response:
        sent = _sent(given)
        return act(**given) if sent is None else sent.answer(lambda: act(**given))

    return once


def _sent(given: Mapping[str, Any]) -> "_Sent | None":
    """Find the form a request brings, if it has a key and is meant to do something."""

    def one(kind: type) -> Any:
        return next((value for value in given.values() if isinstance(value, kind)), None)

    visit, form, db = one(Visit), one(Form), one(Session)
    if visit is None or form is None or db is None or visit.viewer.user_id is None:
        return None
    key = form.value(KEY)
    only_looks = getattr(visit.request.state, "only_looks", None)
    return _Sent(visit, db, key) if key and not only_looks else None


class _Sent:
    def __init__(self, visit: Visit, db: Session, key: str) -> None:
        self._visit, self._db, self._key = visit, db, key

    def answer(self, act: Callable[[], Response]) -> Response:
        """Do the act and note where it led; or lead there without doing it again."""
        visit, viewer = self._visit, self._visit.viewer
        led = take(self._db, viewer, self._key, at=visit.now)
        if led is not None:
            if led:
                return RedirectResponse(led, status_code=303)
            return error_page(visit.request, 409, N_("Done once"), ALREADY, {})
        answer = act()
        if _has_acted(answer):
            address = answer.headers.get("location", "")
            led_to(self._db, viewer, self._key, addresses_of(visit.request).outward(address))
        else:
            give_back(self._db, viewer, self._key)
        return answer


def _has_acted(answer: Response) -> bool:
    """Tell whether the form is used up: a refusal is corrected, and a file taken out again."""
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    return answer.status_code < _REFUSED and ("location" in answer.headers or is_page)
