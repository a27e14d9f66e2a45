"""Saying who is meant without a script: a name is typed, the server finds who that may be.

One person found is taken; several are offered as choices on the page that comes back.
"""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from gvi.domain.text import N_
from gvi.store.queries.involvement import PersonMatch, people_called
from gvi.web.forms import Form
from gvi.web.visit import Visit

NOBODY = N_("Nobody you may see is called that. Check the spelling, or add the person first.")
SEVERAL = N_("Several people may be meant. Choose one, or write more of the name.")


@dataclass(frozen=True, slots=True)
class Picker:
    """What picking found: who was meant in each row, and the choices where that is open."""

    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Row → choices as value and text, for `incident/_person.html`."""


def pick_person(db: Session, visit: Visit, form: Form, row: str, picker: Picker) -> int | None:
    """Read who is meant in one row; None where nobody is, or where it is still open.

    `row` is the ending of the row's field names: `person-1`, `pick-1` and `pick_for-1`.
    """
    name = f"person{row}"
    typed = form.text(name, most=200)
    if not typed:
        return None
    matches = people_called(db, visit.viewer, typed, on=visit.today)
    if len(matches) == 1:
        return matches[0].id
    if not matches:
        form.add_error(name, NOBODY)
        return None
    chosen = form.value(f"pick{row}")
    if form.value(f"pick_for{row}") == typed and chosen in {str(m.id) for m in matches}:
        return int(chosen)
    picker.choices[row] = [_choice(match) for match in matches]
    form.add_error(name, SEVERAL)
    return None


def _choice(match: PersonMatch) -> tuple[str, str]:
    return str(match.id), match.label
