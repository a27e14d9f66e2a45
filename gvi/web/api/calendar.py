"""The feed a calendar program subscribes to: its address alone opens it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from gvi.web.api.problems import MISSING
from gvi.web.calendar import feed_answer
from gvi.web.session import Now

router = APIRouter(prefix="/api/v1", tags=["calendar"])

_TAG = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}


class CalendarAnswer(Response):
    """What the description says an answer is."""

    media_type = "text/calendar"


@router.get(
    "/calendar/{token}.ics",
    response_class=CalendarAnswer,
    responses=MISSING
    | {
        200: {"description": "The call-ins with a day, without anybody's name.", "headers": _TAG},
        304: {"description": "Nothing changed since the ETag in If-None-Match.", "headers": _TAG},
    },
)
def feed(request: Request, token: str, at: Now) -> Response:
    """Give the call-ins the feed's user may see, for their calendar."""
    return feed_answer(request, token, at)
