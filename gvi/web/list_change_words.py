"""The ties and memberships behind a changed score, in words, with their days and addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gvi.domain.person import adult_born_by
from gvi.domain.text import N_
from gvi.domain.tie import TieKind
from gvi.network.changed_records import How, MembershipChange, TieChange
from gvi.store.queries.record_days import (
    RecordDays,
    born_after,
    days_of_memberships,
    days_of_ties,
)
from gvi.usecases.list_comparison import Changed, Changes
from gvi.web.labels import label
from gvi.web.visit import Visit
from gvi.web.why_names import Names

FEW = 3
"""Records shown at once for each person; the others open."""
MOST = 20
"""Records told for each person: a merged group would otherwise fill the page."""

HOW: Mapping[How, str] = {
    How.ADDED: N_("counts since"),
    How.CHANGED: N_("was changed"),
    How.ENDED: N_("no longer counts since"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLineOf:
    """One changed record: what it says, where it stands, what became of it and when."""

    said: str
    url: str
    how: str
    day: datetime


def record_lines_of(
    visit: Visit, db: Session, found: Changes, shown: Sequence[Changed]
) -> dict[int, list[RecordLineOf]]:
    """Give the lines of each person shown; records removed since are not there any more."""
    told = {
        each.move.person_id: ([*each.ties][:MOST], [*each.memberships][:MOST]) for each in shown
    }
    ties = {change for mine, _ in told.values() for change in mine}
    memberships = {change for _, mine in told.values() for change in mine}
    people = {end for change in ties for end in (change.a, change.b)}
    people |= {change.person for change in memberships}
    words = _Words(visit, db, found, people)
    tie_days = days_of_ties(db, visit.viewer, {change.tie for change in ties})
    membership_days = days_of_memberships(db, visit.viewer, {c.person for c in memberships})
    return {
        person: [
            *(words.tie(each, tie_days[each.tie]) for each in mine if each.tie in tie_days),
            *(
                words.membership(each, membership_days[each.person, each.group])
                for each in parts
                if (each.person, each.group) in membership_days
            ),
        ]
        for person, (mine, parts) in told.items()
    }


class _Words:
    def __init__(self, visit: Visit, db: Session, found: Changes, people: set[int]) -> None:
        first = min(found.before.as_of, found.after.as_of).astimezone(visit.zone).date()
        minors = born_after(db, people, adult_born_by(first))
        self._visit = visit
        self._names = Names(visit, db, people, under_18=minors)
        self._groups = found.groups

    def tie(self, change: TieChange, days: RecordDays) -> RecordLineOf:
        names = " – ".join(self._names.of(end) for end in (change.a, change.b))
        person = self._names.link(change.a) or self._names.link(change.b)
        kind = label(change.kind, self._visit.viewer.language, TieKind).lower()
        return self._line(
            f"{names}: {kind}", f"/people/{person}/records" if person else "", change.how, days
        )

    def membership(self, change: MembershipChange, days: RecordDays) -> RecordLineOf:
        said = self._visit.say(
            N_("Membership of %(group)s: %(name)s"),
            group=self._groups[change.group],
            name=self._names.of(change.person),
        )
        return self._line(said, f"/groups/{change.group}", change.how, days)

    def _line(self, said: str, url: str, how: How, days: RecordDays) -> RecordLineOf:
        day: datetime = getattr(days, how.value)
        return RecordLineOf(said=said, url=url, how=self._visit.say(HOW[how]), day=day)
