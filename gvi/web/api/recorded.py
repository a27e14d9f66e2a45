"""When something was recorded, as an answer says it."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from gvi.store.types import ALWAYS

RecordedAt = Annotated[
    datetime | None,
    BeforeValidator(lambda given: None if given == ALWAYS else given),
    Field(description="Null where that is not known: an undated row of an imported file."),
]
