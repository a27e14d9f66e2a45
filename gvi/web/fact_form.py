"""Reading what every form about a fact asks: since when, until when, from whom, on what ground."""

import datetime as dt
from collections.abc import Callable
from enum import StrEnum

from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.grading import Certainty, Compartment
from gvi.domain.text import N_
from gvi.domain.time import start_of_day
from gvi.store.queries.record import Record
from gvi.usecases.facts import Provenance
from gvi.web.forms import FactInput, Form
from gvi.web.visit import Visit, attempt

FIRST_DAY = dt.date(1900, 1, 2)
LAST_DAY = dt.date(2200, 1, 1)


def given(fact: FactInput, compartment: str = Compartment.POLICE.value) -> Provenance:
    """Give where a fact comes from, as the use cases take it."""
    return Provenance(
        source=fact.source,
        ground=fact.ground,
        grade=fact.grade or None,
        compartment=compartment,
        review_due_on=fact.review_due_on,
    )


def day_read(visit: Visit, form: Form, name: str, *, required: bool = False) -> dt.datetime | None:
    """Read a day as the instant at which it begins in the programme's zone."""
    day = form.date(name, required=True) if required else form.date(name)
    if day is None or form.error(name):
        return None
    if not FIRST_DAY <= day <= LAST_DAY:
        form.add_error(name, N_("Give a day between 1900 and 2200."))
        return None
    return start_of_day(day, visit.zone)


def period(visit: Visit, form: Form) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Read since when and until when a fact holds."""
    return day_read(visit, form, "valid_from"), day_read(visit, form, "valid_to")


def filled(visit: Visit, record: Record, *columns: str, **fields: object) -> Form:
    """Fill a form with a record: its provenance, its days, some columns, and further fields."""
    grade = record.grade or ""
    values: dict[str, object] = {
        "source": record.source,
        "ground": record.ground,
        "grade_source": grade[:1],
        "grade_content": grade[1:],
        "review_due_on": record.review_due_on,
        "certainty": code(Certainty, record.values.get("certainty")),
        **{column: record.values[column] for column in columns},
        **fields,
    }
    for name in ("valid_from", "valid_to"):
        if isinstance(moment := record.values.get(name), dt.datetime):
            values[name] = moment.astimezone(visit.zone).date()
    shown = {name: value for name, value in values.items() if value not in (None, "")}
    return Form.filled(shown, language=visit.viewer.language, zone=visit.zone)


def opened(visit: Visit, now: Form, table: str) -> Form:
    """Give the empty form of an act on a record as it stands now."""
    form = visit.form()
    form.acts_on(now, table)
    return form


def code(codes: type[StrEnum], value: object) -> StrEnum | None:
    """Give a stored code as one of its vocabulary, which is how it is said; None for blank."""
    return codes(str(value)) if value else None


def must_be_now(visit: Visit) -> None:
    """Refuse an act on a page of the past: what was known then cannot be changed."""
    if visit.as_of is not None:
        raise NotFoundError(N_("The past cannot be changed: go back to now."))


def is_reasoned(db: Session, form: Form, act: Callable[[str], None]) -> bool:
    """Read the reason of an act and do it; False leaves why in the form's errors."""
    reason = form.text("reason", required=True, most=2000)
    if form.errors:
        return False
    attempt(db, form, lambda: act(reason))
    return not form.errors


def withdraw_page(visit: Visit, form: Form, what: str, *, action: str, back: str) -> HTMLResponse:
    """Ask, on a page of its own, whether something was never true."""
    return visit.render(
        "fact/withdraw.html",
        status_code=422 if form.errors else 200,
        title=visit.say(N_("Withdraw: %(what)s?"), what=what),
        form=form,
        action=action,
        back=back,
    )
