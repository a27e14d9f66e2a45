"""Lists of the API: so many rows at a time, and the cursor that leads to the next."""

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

MOST_ROWS = 500

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Some rows of a list, ordered by id."""

    items: list[Item]
    next_cursor: int | None = Field(
        description="Ask again with this as `cursor` for the rows that follow; null at the end."
    )


Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="How many rows at most.")]
Cursor = Annotated[int, Query(ge=0, description="`next_cursor` of the rows before; 0 to begin.")]
AsOf = Annotated[
    str | None,
    Query(description="As known at this day (its end) or instant; blank is now."),
]


def page_of(items: Sequence[Item], ids: Sequence[int], limit: int) -> Page[Item]:
    """Make a page of rows; fewer than asked for is the end of the list."""
    return Page(items=list(items), next_cursor=ids[-1] if len(ids) == limit else None)
