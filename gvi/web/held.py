"""Pages for somebody whose session is there but not open: one more step, or locked."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from gvi.domain.errors import NotAllowedError
from gvi.domain.text import N_
from gvi.store.engine import transaction
from gvi.usecases.log_in import WAIT
from gvi.usecases.session import SignedIn
from gvi.usecases.wrong_tries import Try, begin_try
from gvi.web.context import PageContext
from gvi.web.format import say_clock
from gvi.web.forms import Form
from gvi.web.outside import outside_page
from gvi.web.session import Held, NotSignedInError, is_form_token, source_of
from gvi.web.templating import manner_of
from gvi.web.visit import submitted


def held_form(request: Request, data: Annotated[FormData, Depends(submitted)], held: Held) -> Form:
    """Take a form that carries the token of its session, whatever the session opens."""
    if held is None:
        raise NotSignedInError
    if not is_form_token(data.get("csrf_token"), held.csrf_token):
        raise NotAllowedError(
            N_("The form is too old or from elsewhere. Go back, reload the page and try again.")
        )
    zone = request.app.state.settings.zone
    return Form(data.multi_items(), language=held.viewer.language, zone=zone)


HeldForm = Annotated[Form, Depends(held_form)]


def held_page(request: Request, held: SignedIn) -> PageContext:
    """Make the context of a page without navigation for somebody known."""
    page = outside_page(
        request, is_invented=held.is_invented, programme=held.programme, town=held.town
    )
    return replace(page, language=held.viewer.language, csrf_token=held.csrf_token)


def empty_form(request: Request, held: SignedIn) -> Form:
    """Give an empty form in the language of somebody known."""
    return Form(language=held.viewer.language, zone=request.app.state.settings.zone)


def counted(request: Request, name: str, at: datetime) -> Try:
    """Count a try in a transaction of its own, before it is checked."""
    with transaction(request.app.state.engine) as db:
        return begin_try(db, name, source=source_of(request), at=at)


def say_wait(form: Form, name: str, page: PageContext, tried: Try) -> None:
    """Say by a field until when this place must wait."""
    form.add_error(name, WAIT, when=said_clock(page, tried))


def said_clock(page: PageContext, tried: Try) -> str:
    """Say when the pause of a try ends, as a time of day."""
    return say_clock(tried.wait_until, manner_of(page)) if tried.wait_until else ""
