"""Lists of the API: so many rows at a time, and the cursor that leads to the next."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

MOST_ROWS = 500

Item = TypeVar("Item")


def cursor_after(row_id: int) -> str:
    """Write the cursor of the rows that follow a row; what stands in it is nobody's business.

    Example:
        >>> read_cursor(cursor_after(12))
        12
    """
    number = row_id.to_bytes(4, "big")
    return base64.urlsafe_b64encode(number + _check(number)).decode().rstrip("=")


def read_cursor(given: str) -> int:
    """Read a cursor; raises ValueError for a text that no answer gave."""
    try:
        raw = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_")
    except (binascii.Error, ValueError):
        raw = b""
    row_id = int.from_bytes(raw[:4], "big")
    if cursor_after(row_id) != given:
        raise ValueError(given)
    return row_id


def _check(number: bytes) -> bytes:
    return zlib.crc32(b"cursor" + number).to_bytes(4, "big")


class Page(BaseModel, Generic[Item]):
    """Some rows of a list, ordered by id."""

    items: list[Item]
    next_cursor: str | None = Field(
        description="Ask again with this as `cursor` for the rows that follow; null at the end."
    )


Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="How many rows at most.")]


async def _after(
    cursor: Annotated[
        str | None,
        Query(description="`next_cursor` of the rows before; leave it out to begin."),
    ] = None,
) -> int:
    if cursor is None:
        return 0
    try:
        return read_cursor(cursor)
    except ValueError:
        fault = {"type": "cursor", "loc": ("query", "cursor"), "msg": "No answer gave that cursor"}
        raise RequestValidationError([fault]) from None


Cursor = Annotated[int, Depends(_after)]
"""The id after which the rows begin; 0 is from the start."""
AsOf = Annotated[
    str | None,
    Query(description="As known at this day (its end) or instant; blank is now."),
]


def page_of(items: Sequence[Item], ids: Sequence[int], limit: int) -> Page[Item]:
    """Make a page of rows; fewer than asked for is the end of the list."""
    following = cursor_after(ids[-1]) if len(ids) == limit else None
    return Page(items=list(items), next_cursor=following)
