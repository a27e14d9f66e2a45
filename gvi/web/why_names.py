"""What people are called on a page that explains a score, and to whom it may lead."""

from collections.abc import Collection, Iterable

from sqlalchemy.orm import Session

from gvi.domain.text import N_
from gvi.store.queries.person import names_of
from gvi.web.visit import Visit


class Names:
    """Names of the people shown; whoever is under 18 is "person under 18", and nothing leads there.

    Everybody named is noted for the audit log.
    """

    def __init__(
        self, visit: Visit, db: Session, people: Iterable[int], *, under_18: Collection[int]
    ) -> None:
        """Learn what people are called, as this visitor may know them."""
        shown = set(people) - set(under_18)
        visit.shows("person", shown)
        self._minor = visit.say(N_("person under 18"))
        self._under_18 = under_18
        self._names = names_of(db, visit.viewer, shown, on=visit.day)

    def of(self, person_id: int) -> str:
        """Name a person, or say only that they are under 18."""
        return self._minor if person_id in self._under_18 else self._names[person_id]

    def link(self, person_id: int) -> int | None:
        """Give the person to lead to; None for somebody under 18."""
        return None if person_id in self._under_18 else person_id
