"""Making a record by POST: 201 with its address and version, once for each Idempotency-Key."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from gvi.usecases.api_write import keep_made, made_before
from gvi.web.api.version import tagged
from gvi.web.visit import Visit

M = TypeVar("M", bound=BaseModel)


class Making:
    """One request that makes a record."""

    def __init__(self, response: Response, key: str | None) -> None:
        self._response = response
        self._key = key

    def of(
        self,
        db: Session,
        visit: Visit,
        body: BaseModel,
        act: Callable[[], int],
        read: Callable[[int], M],
    ) -> M:
        """Do the act, which gives the new record's id, and answer the record as the asker sees it.

        Asked again with the same key, it does nothing and answers with the record as it is now.
        """
        path = visit.request.url.path
        request = f"{path}\n{body.model_dump_json()}"
        made = None
        if self._key:
            made = made_before(db, visit.viewer, self._key, request, at=visit.now)
        if made is None:
            made = act()
            db.flush()
            if self._key:
                keep_made(db, visit.viewer, self._key, request, made, at=visit.now)
        self._response.headers["Location"] = f"{path}/{made}"
        return tagged(self._response, read(made))


def _making(
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            description="Any text of your own for one act; sending it again makes no second one.",
        ),
    ] = None,
) -> Making:
    return Making(response, idempotency_key)


Once = Annotated[Making, Depends(_making)]
