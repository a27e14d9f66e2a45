"""What all addresses of the API share: only parameters that exist, and no forged writes."""

from collections.abc import Iterator
from secrets import compare_digest

from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError

from gvi.domain.errors import NotAllowedError
from gvi.domain.text import N_
from gvi.web.api.problems import CHANGES, REFUSALS
from gvi.web.session import Known

FORM_TOKEN = "X-CSRF-Token"  # noqa: S105 — the name of a header


def reads(tag: str) -> APIRouter:
    """Make the router of a noun's addresses that read."""
    return APIRouter(
        prefix="/api/v1",
        tags=[tag],
        responses=REFUSALS,
        dependencies=[Depends(only_known_parameters)],
    )


def writes(tag: str) -> APIRouter:
    """Make the router of a noun's addresses that write."""
    return APIRouter(
        prefix="/api/v1",
        tags=[tag],
        responses=REFUSALS | CHANGES,
        dependencies=[Depends(only_known_parameters), Depends(unforged)],
    )


async def only_known_parameters(request: Request) -> None:
    """Refuse a parameter the address does not have: a filter that is ignored shows too much."""
    if not request.query_params:
        return
    known = set(_named(request.scope["route"].dependant))
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise RequestValidationError(
            [
                {"type": "unknown", "loc": ("query", name), "msg": "There is no such parameter"}
                for name in unknown
            ]
        )


def _named(dependant: Dependant) -> Iterator[str]:
    for parameter in dependant.query_params:
        yield parameter.alias
    for each in dependant.dependencies:
        yield from _named(each)


def unforged(request: Request, found: Known) -> None:
    """Refuse a write that only a session's cookie speaks for, without the session's form token.

    Another site can make a browser send the cookie but cannot know the token. A bearer token is
    sent by no browser of itself.
    """
    if found is None or found.scopes is not None:
        return
    if not compare_digest(request.headers.get(FORM_TOKEN, ""), found.csrf_token):
        raise NotAllowedError(
            N_("With a cookie, send the session’s form token in X-CSRF-Token, or use a token.")
        )
