"""What every part of the invented town is made with: one random source, one day, one database."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.grading import Compartment
from gvi.domain.time import local_day
from gvi.store.models import Group, Incident, Person, StatusChange, User

MARKERS = {
    Compartment.POLICE: "mk-police",
    Compartment.SOCIAL: "mk-social",
    Compartment.PROBATION: "mk-probation",
    Compartment.CHILD: "mk-child",
}
"""A word in the free text of each compartment, so that a leak can be seen from outside."""

T = TypeVar("T")


@dataclass(kw_only=True)
class Town:
    """The town while it is being made."""

    db: Session
    programme_id: int
    now: datetime
    zone: ZoneInfo
    rng: random.Random
    users: dict[str, User] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    """Everybody the police may know; people whom only social services know are not here."""
    members: dict[int, list[Person]] = field(default_factory=dict)
    """Members of each group, the strongest role first."""
    incidents: list[Incident] = field(default_factory=list)
    facts: int = 0
    """How many facts were made so far."""

    @property
    def today(self) -> date:
        """The local day on which the town is loaded."""
        return local_day(self.now, self.zone)

    def at(self, days_ago: float, hour: int = 10, minute: int = 0) -> datetime:
        """Give a clock time so many days ago (negative: ahead)."""
        day = self.today - timedelta(days=int(days_ago))
        return datetime.combine(day, time(hour, minute), self.zone)

    def past(self, days_ago: float) -> datetime:
        """Give an instant so many days (with fractions) before now."""
        return self.now - timedelta(days=days_ago)

    def day(self, days_ahead: int) -> date:
        """Give the day so many days from today."""
        return self.today + timedelta(days=days_ahead)

    def add(self, thing: T) -> T:
        """Put a thing into the database and give it its number."""
        self.db.add(thing)
        self.db.flush()
        return thing

    def fact(
        self, recorded: datetime, *, compartment: str = "police", **given: Any
    ) -> dict[str, Any]:
        """Give the columns of a graded fact; police facts name a source nobody else may read."""
        moment = min(recorded, self.now - timedelta(minutes=5))
        author = {"police": "asa", "social": "karin", "probation": "sara", "child": "karin"}
        base: dict[str, Any] = {
            "programme_id": self.programme_id,
            "compartment": compartment,
            "source": self.source(compartment),
            "grade": self.pick(("A1", "A2", "B2", "B2", "B3", "C3", None), 1)[0],
            "ground": "Kartläggning inom GVI, beslut 2024-03",
            "recorded_at": moment,
            "entered_at": moment,
            "revised_at": moment,
            "recorded_by_id": self.users[author.get(compartment, "asa")].id,
            "review_due_on": self._review_day(),
            "edited_by_hand": True,
        }
        return {**base, **given}

    def _review_day(self) -> date:
        """Spread review days over the months to come, the same every time and without chance."""
        self.facts += 1
        return self.day(40 + self.facts * 37 % 140)

    def source(self, compartment: str) -> str:
        """Invent who said so."""
        if compartment == Compartment.POLICE:
            what = self.rng.choice(("Områdespolis", "Uppslag", "Förhör", "Händelserapport"))
            return f"{what} {self.rng.randint(100, 999)} {MARKERS[Compartment.POLICE]}"
        return {"social": "Socialtjänsten", "probation": "Frivården"}.get(compartment, "Samverkan")

    def pick(self, values: Sequence[T], number: int) -> list[T]:
        """Draw some of a sequence without repeats."""
        return self.rng.sample(list(values), min(number, len(values)))

    def changed(
        self,
        thing: str,
        thing_id: int,
        old: str | None,
        new: str,
        *,
        when: datetime,
        by: str = "asa",
        reason: str = "",
        what: str = "status",
    ) -> None:
        """Note a change of status: dated, signed, reasoned."""
        self.db.add(
            StatusChange(
                programme_id=self.programme_id,
                thing=thing,
                thing_id=thing_id,
                field=what,
                old=old,
                new=new,
                changed_at=when,
                changed_by_id=self.users[by].id,
                reason=reason,
            )
        )
