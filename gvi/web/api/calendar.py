"""The feed a calendar program subscribes to: its address alone opens it.

It is not in the description of the API: nobody who asks the API has the secret that it takes.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from gvi.web.calendar import feed_answer
from gvi.web.session import Now

router = APIRouter(prefix="/api/v1", include_in_schema=False)


@router.get("/calendar/{token}.ics")
def feed(request: Request, token: str, at: Now) -> Response:
    """Give the call-ins the feed's user may see, for their calendar."""
    return feed_answer(request, token, at)
