"""Refusals and mistakes as pages and as RFC 9457 problem documents; HTTP numbers live here only."""

from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from gvi.domain.errors import GviError, NotAllowedError, NotFoundError, RuleError
from gvi.domain.text import N_
from gvi.web.error_page import error_page, plain_error_page
from gvi.web.faults import fault_of_rule, faults_of
from gvi.web.headers import secure
from gvi.web.kept import lead_to_log_in, lead_to_proof
from gvi.web.session import NotFreshError, NotSignedInError

PROBLEM = "application/problem+json"

STATUS: dict[type[GviError], int] = {RuleError: 422, NotFoundError: 404, NotAllowedError: 403}
TITLES = {
    400: N_("That request cannot be read"),
    401: N_("Log in first"),
    403: N_("Not for your role"),
    404: N_("Not found"),
    405: N_("Not possible here"),
    409: N_("Somebody was faster"),
    412: N_("Changed since"),
    413: N_("Too large"),
    421: N_("Not the right name"),
    422: N_("Something is missing or wrong"),
    428: N_("Which version?"),
    500: N_("Something went wrong here"),
}
_UNEXPECTED = N_("Nothing was saved. Try again; if it happens again, tell your administrator when.")


def install(app: FastAPI) -> None:
    """Teach the application to answer every refusal in the form the asker understands."""

    @app.exception_handler(GviError)
    def _refused(request: Request, error: GviError) -> Response:
        field = getattr(error, "field", None)
        if field and _wants_problem(request):
            return problem(422, str(error), request.url.path, [fault_of_rule(field, str(error))])
        return answer(request, STATUS.get(type(error), 422), error.message, dict(error.params))

    @app.exception_handler(IntegrityError)
    def _clash(request: Request, _error: IntegrityError) -> Response:
        message = N_(
            "The database refused this: it clashes with what is stored. Nothing was saved."
        )
        return answer(request, 409, message, {})

    @app.exception_handler(Exception)
    def _unexpected(request: Request, _error: Exception) -> Response:
        # The framework answers this one outside the guard, so its headers are set here.
        given = _plain(request, 500, TITLES[500], _UNEXPECTED)
        secure(given.headers, request.url.path, 500)
        return given

    for kind in (DataError, OverflowError):
        app.add_exception_handler(kind, _cannot_be_stored)
    app.add_exception_handler(OperationalError, _collided)

    _install_log_in_answers(app)
    _install_protocol_answers(app)


def _install_log_in_answers(app: FastAPI) -> None:
    @app.exception_handler(NotSignedInError)
    async def _not_signed_in(request: Request, _error: NotSignedInError) -> Response:
        if _wants_problem(request):
            given = answer(request, 401, N_("Log in, or show a token, then ask again."), {})
            given.headers["WWW-Authenticate"] = "Bearer"
            return given
        return await lead_to_log_in(request)

    @app.exception_handler(NotFreshError)
    async def _not_fresh(request: Request, _error: NotFreshError) -> Response:
        if _wants_problem(request):
            message = N_("Confirm on the pages that it is you, then ask again.")
            return answer(request, 401, message, {})
        return await lead_to_proof(request)


def _install_protocol_answers(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        known = {
            404: N_("There is no such page. Go back, or start from the menu."),
            405: N_("This address cannot be used that way."),
        }
        message = known.get(error.status_code, error.detail)
        given = answer(request, error.status_code, message, {})
        given.headers.update(error.headers or {})
        return given

    @app.exception_handler(ClientDisconnect)
    async def _gone(_request: Request, _error: ClientDisconnect) -> Response:
        # Nobody reads this answer. As a mistake of ours it would fill the server's log.
        return Response(status_code=400)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if not _wants_problem(request) and first["loc"][0] == "path":
            return answer(request, 404, N_("There is no such page."), {})
        where = ".".join(str(part) for part in first["loc"][1:])
        message = N_("%(where)s: %(reason)s. Correct it and ask again.")
        params = {"where": where, "reason": first["msg"]}
        if not _wants_problem(request):
            return answer(request, 422, message, params)
        return problem(422, message % params, request.url.path, faults_of(error.errors()))


def _cannot_be_stored(request: Request, _error: Exception) -> Response:
    """Answer a number no row can have, or a character no database keeps."""
    if request.method == "GET":
        return answer(request, 404, N_("There is no such page."), {})
    message = N_("A number is too large here, or a text holds a character that cannot be kept.")
    return answer(request, 422, message, {})


def _collided(request: Request, error: Exception) -> Response:
    """Answer two writers who waited for one another, of whom the database let one go on."""
    if getattr(getattr(error, "orig", None), "sqlstate", None) not in _COLLISIONS:
        raise error
    message = N_("Somebody changed the same at this moment. Nothing was saved; try again.")
    return answer(request, 409, message, {})


_COLLISIONS = ("40P01", "40001")
"""PostgreSQL's deadlock and serialisation failure."""


def from_elsewhere(request: Request) -> Response:
    """Refuse a write that another site started."""
    message = N_("This came from another site. Go to the page yourself and try again.")
    return _plain(request, 403, N_("Not from our own pages"), message)


WRONG_HOST = N_("This site is not served under that name.")
TWO_LENGTHS = N_("The request says in two ways how long it is.")


def unread(request: Request, status: int, message: str) -> Response:
    """Refuse a request of which nothing more than its head was read."""
    return _plain(request, status, TITLES[status], message)


def _plain(request: Request, status: int, title: str, message: str) -> Response:
    """Answer without asking the database who is logged in: it may be what failed."""
    if _wants_problem(request):
        return problem(status, message, request.url.path)
    return plain_error_page(request, status, title, message)


def _wants_problem(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def answer(request: Request, status: int, message: str, params: dict[str, object]) -> Response:
    """Give a refusal as a problem document under /api, as a page elsewhere."""
    if _wants_problem(request):
        return problem(status, message % params if params else message, request.url.path)
    return error_page(request, status, TITLES.get(status, TITLES[422]), message, params)


def problem(
    status: int, detail: str, instance: str, errors: Sequence[Mapping[str, str]] = ()
) -> JSONResponse:
    """Give an RFC 9457 problem document, with what is wrong field by field where that is known."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": TITLES.get(status, TITLES[422]),
        "status": status,
        "detail": detail,
        "instance": instance,
    }
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status_code=status, media_type=PROBLEM)
