"""The version of a record: its ETag, and changes that only hold for the version that was read."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, HTTPException, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from gvi.domain.text import N_
from gvi.store.models import Base
from gvi.store.queries.hold import hold

M = TypeVar("M", bound=BaseModel)

_PASSING = frozenset({"days_open", "is_late", "under_18"})
"""What becomes another value by time alone, without anybody changing the record."""
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')


def etag_of(shown: BaseModel) -> str:
    """Give the strong ETag of a record as this reader sees it.

    It is made of what the reader is shown and of nothing else, so it neither tells that something
    hidden was changed nor stands in the way of somebody who does not see it.
    """
    known = _lasting(shown.model_dump(mode="json"))
    body = json.dumps(known, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(each) for name, each in value.items() if name not in _PASSING}
    return [_lasting(each) for each in value] if isinstance(value, list) else value


def tagged(response: Response, shown: M) -> M:
    """Answer with a record and its version."""
    response.headers["ETag"] = etag_of(shown)
    return shown


class Change:
    """One request that changes a record, if it is still as its sender read it."""

    def __init__(self, response: Response, given: str | None) -> None:
        self._response = response
        self._given = given

    def of(
        self,
        db: Session,
        model: type[Base],
        thing_id: int,
        read: Callable[[], M],
        act: Callable[[M], object],
    ) -> M:
        """Do an act on a record and answer what it is then; `read` gives it as the asker sees it.

        Raises NotFoundError from `read`, 428 without If-Match, and 412 where it was changed since.
        """
        self.removes(db, model, thing_id, read, act)
        db.flush()
        return tagged(self._response, read())

    def removes(
        self,
        db: Session,
        model: type[Base],
        thing_id: int,
        read: Callable[[], M],
        act: Callable[[M], object],
    ) -> None:
        """Do an act after which the record is not there any more."""
        hold(db, model, thing_id)
        before = read()
        self._check(before)
        act(before)

    def _check(self, before: BaseModel) -> None:
        tags = _TAG.findall(self._given or "")
        if not tags:
            raise HTTPException(428, N_("Read the record first and send its ETag in If-Match."))
        if etag_of(before) not in tags:
            raise HTTPException(
                412, N_("It was changed since you read it. Read it again, then decide anew.")
            )


def _change(
    response: Response,
    if_match: Annotated[
        str | None, Header(alias="If-Match", description="The ETag of the record as it was read.")
    ] = None,
) -> Change:
    return Change(response, if_match)


Guarded = Annotated[Change, Depends(_change)]
