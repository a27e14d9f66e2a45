"""What the bodies of the API are made of: texts, days, and where a fact comes from."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from gvi.domain.grading import Compartment
from gvi.domain.time import read_day, read_time
from gvi.usecases.facts import Provenance
from gvi.web.fact_form import FIRST_DAY, LAST_DAY

_KEEPABLE = r"^[^\x00]*$"
"""Every character but the one no database keeps."""


def _written_day(given: object) -> date:
    try:
        return read_day(given if isinstance(given, str) else "")
    except ValueError:
        raise ValueError("Give the day as year-month-day, for example 2026-03-02") from None


def _written_moment(given: object) -> datetime:
    try:
        return read_time(given if isinstance(given, str) else "")
    except ValueError:
        raise ValueError("Give day and time, for example 2026-03-02T14:30:00+01:00") from None


def _day(given: date) -> date:
    if not FIRST_DAY <= given <= LAST_DAY:
        raise ValueError("Give a day between 1900 and 2200")
    return given


def _moment(given: datetime) -> datetime:
    _day(given.date())
    return given.astimezone(UTC)


Short = Annotated[str, StringConstraints(max_length=200, pattern=_KEEPABLE)]
Text = Annotated[str, StringConstraints(max_length=2000, pattern=_KEEPABLE)]
Long = Annotated[str, StringConstraints(max_length=4000, pattern=_KEEPABLE)]
Day = Annotated[date, BeforeValidator(_written_day), AfterValidator(_day)]
"""A number of seconds or a week is none."""
Moment = Annotated[AwareDatetime, BeforeValidator(_written_moment), AfterValidator(_moment)]
Grade = Annotated[str, StringConstraints(pattern=r"^[A-F][1-6]$")]
Reason = Annotated[Text, Field(description="Why, in a few words; it stays in the record.")]

KEPT: Any = Field(default_factory=lambda: None)
"""What a change leaves out stays as it is."""


class Body(BaseModel):
    """The body of a write; a name that is not in it is refused."""

    model_config = ConfigDict(extra="forbid")


class Reasoned(Body):
    """An act that needs nothing but its reason."""

    reason: Reason


class Ended(Reasoned):
    """The end of something on a day."""

    valid_to: Moment


class Sourced(Body):
    """Where a new fact comes from and why it may be kept."""

    source: Annotated[Short, Field(description="Who saw it, or which report.")]
    ground: Annotated[Text, Field(description="Why it may be kept: its purpose or decision.")]
    grade: Grade | None = None
    review_due_on: Day | None = None

    def provenance(self, compartment: str = Compartment.POLICE.value) -> Provenance:
        """Give it as the use cases take it."""
        return provenance_of(self.model_dump(), compartment)


class SourceChange(Body):
    """Changes of where a fact comes from."""

    source: Short = KEPT
    ground: Text = KEPT
    grade: Grade | None = KEPT
    review_due_on: Day | None = KEPT

    def over(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Give what the record holds after the change: what was sent, else what is stored."""
        return {**stored, **{name: getattr(self, name) for name in self.model_fields_set}}


def over(was: BaseModel, body: Body) -> dict[str, Any]:
    """Give what a record holds after a change: what was sent, else what it held."""
    return {
        **was.model_dump(),
        **{name: getattr(body, name) for name in body.model_fields_set},
    }


def provenance_of(
    values: Mapping[str, Any], compartment: str = Compartment.POLICE.value
) -> Provenance:
    """Give where a fact comes from, of the values of a record."""
    return Provenance(
        source=values["source"] or "",
        ground=values["ground"] or "",
        grade=values["grade"],
        compartment=compartment,
        review_due_on=values["review_due_on"],
    )
