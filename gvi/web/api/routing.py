"""What all addresses of the API share: only parameters that exist, and no forged writes."""

from collections.abc import Iterator

from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError

from gvi.domain.errors import NotAllowedError
from gvi.domain.text import N_
from gvi.web.api.problems import CHANGES, REFUSALS
from gvi.web.session import Known, Now, is_form_token
from gvi.web.visit_log import note_refusal

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


def unforged(request: Request, found: Known, at: Now) -> None:
    """Refuse a write that only a session's cookie speaks for, without the session's form token.

    Another site can make a browser send the cookie but cannot know the token. A bearer token is
    sent by no browser of itself.
    """
    if found is None or found.scopes is not None:
        return
    if not is_form_token(request.headers.get(FORM_TOKEN), found.csrf_token):
        note_refusal(request, found.viewer, _asked_right(request.scope["route"].dependant), at)
        raise NotAllowedError(
            N_("With a cookie, send the session’s form token in X-CSRF-Token, or use a token.")
        )


def _asked_right(dependant: Dependant) -> str:
    """Name the right the address asks for, which is not reached where this refuses."""
    rights = (getattr(each.call, "permission", "") for each in dependant.dependencies)
    return next(filter(None, rights), "")
