"""What in the audit log an auditor should look at, and why; thresholds as in decision 0037.

A sign is a reason to ask, never a finding: each says in one sentence what is out of the ordinary.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from gvi.domain.access import Role
from gvi.domain.audit import AuditVerb


class AnomalyKind(StrEnum):
    """Why a sign is shown."""

    MANY_IN_A_DAY = "many_in_a_day"
    MANY_IN_AN_HOUR = "many_in_an_hour"
    OWN_NAME = "own_name"
    OWN_AREA = "own_area"
    OUT_OF_HOURS = "out_of_hours"
    ACCESS_BEYOND = "access_beyond"
    DENIED = "denied"
    NO_TASK = "no_task"
    PASSKEY_COPIED = "passkey_copied"


FEWEST_IN_A_DAY = 100
FEWEST_IN_AN_HOUR = 60
TIMES_THE_MEDIAN = 3
FEWEST_DENIED = 5
FEWEST_WITHOUT_TASK = {Role.COORDINATOR_POLICE.value: 10, Role.ANALYST.value: 10}
"""Roles whose work is to read many records; for all others one look without a task is a sign."""
OPENED_AT_MOST = 5
"""An entry about so few people is a record that was opened, not a list that showed them."""
WORK_BEGINS, WORK_ENDS = time(6), time(21)
SATURDAY = 5
USUAL_SHARE, USUAL_DAYS = 0.2, 5
"""Whoever works out of hours on such a share of at least so many days has such hours: no sign."""
_SEEN = frozenset({AuditVerb.CONSULTED, AuditVerb.COMBINED, AuditVerb.DISCLOSED})
_WRITTEN = frozenset({AuditVerb.COLLECTED, AuditVerb.CHANGED})
_GIVEN = frozenset({"access:granted", "access:break_glass", "access:break_glass_failed"})
"""Access beyond the table of rights, given or taken."""
_COPIED = "passkey:counted_back"
"""A device that counts showed a lower number than before: two hold the same key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One entry of the log, as far as signs need it."""

    entry: int
    at: datetime
    user_id: int
    actor: str
    role: str
    verb: str
    kind: str
    people: frozenset[int]
    asked: int | None = None
    """The person whose own page it was; its people are then those around, too."""

    @property
    def has_seen(self) -> bool:
        """Whether people's records were shown, as against asked for in vain."""
        return self.verb in _SEEN and bool(self.people)

    @property
    def opened(self) -> frozenset[int]:
        """The people whose records were opened, not merely listed."""
        if not self.has_seen:
            return frozenset()
        if self.asked is not None:
            return self.people & {self.asked}
        return self.people if len(self.people) <= OPENED_AT_MOST else frozenset()


Pairs = frozenset[tuple[int, int]]
"""User and person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is known beside the log, at the moment of asking; no names leave the store."""

    own_names: Pairs = frozenset()
    """Who bear the same surname, or one that is watched for."""
    own_areas: Pairs = frozenset()
    """Who live in the same area."""
    tasks: Pairs = frozenset()
    """Whom work brings together."""
    everybodys: frozenset[int] = frozenset()
    """People who are everybody's work just now: invited to a call-in, or in a recent incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """One sign: who, which day, why, and where in the log."""

    kind: AnomalyKind
    user_id: int
    actor: str
    on: date
    entries: tuple[int, ...]
    number: int
    """How many people, tries or looks; what the sentence counts."""
    usual: int = 0
    """The user's own median, where it is compared with."""
    people: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """What the sign is known by, the same however often it is computed."""
        each = self.kind in (AnomalyKind.ACCESS_BEYOND, AnomalyKind.MANY_IN_AN_HOUR)
        return f"{self.kind}-{self.user_id}-{self.on}" + (f"-{self.entries[0]}" if each else "")


def signs(
    looks: Iterable[Look], ground: Ground, *, since: date, zone: ZoneInfo
) -> tuple[Anomaly, ...]:
    """Give every sign from a day on, the latest first; looks before it give the usual measure."""
    by_user: dict[int, list[Look]] = defaultdict(list)
    for look in looks:
        by_user[look.user_id].append(look)
    every = (sign for own in by_user.values() for sign in _signs_of(own, ground, zone))
    found = [sign for sign in every if sign.on >= since]
    return tuple(sorted(found, key=lambda each: (each.on, each.entries[-1]), reverse=True))


def _signs_of(own: list[Look], ground: Ground, zone: ZoneInfo) -> Iterator[Anomaly]:
    days: dict[date, list[Look]] = defaultdict(list)
    hours: dict[datetime, list[Look]] = defaultdict(list)
    for look in own:
        local = look.at.astimezone(zone)
        days[local.date()].append(look)
        hours[local.replace(minute=0, second=0, microsecond=0)].append(look)
    yield from _many(AnomalyKind.MANY_IN_A_DAY, days, FEWEST_IN_A_DAY)
    yield from _many(AnomalyKind.MANY_IN_AN_HOUR, hours, FEWEST_IN_AN_HOUR)
    yield from _out_of_hours(days, zone)
    known = _known_to(own, ground)
    for on, looks in days.items():
        yield from _related(AnomalyKind.OWN_NAME, on, looks, ground.own_names)
        yield from _related(AnomalyKind.OWN_AREA, on, looks, ground.own_areas)
        yield from _denied(on, looks)
        yield from _without_task(on, looks, known)
        yield from _beyond(on, looks)
        yield from _copied(on, looks)


def _many(kind: AnomalyKind, spans: Mapping[Any, list[Look]], fewest: int) -> Iterator[Anomaly]:
    """More people than so many, and several times what is usual for this very user."""
    counted = {
        span: len({person for look in looks if look.has_seen for person in look.people})
        for span, looks in spans.items()
    }
    for span, number in counted.items():
        others = [count for other, count in counted.items() if other != span and count]
        usual = int(statistics.median(others)) if others else 0
        if number >= fewest and number > TIMES_THE_MEDIAN * usual:
            seen = [look for look in spans[span] if look.has_seen]
            on = span.date() if isinstance(span, datetime) else span
            yield _sign(kind, on, seen, number=number, usual=usual)


def _out_of_hours(days: Mapping[date, list[Look]], zone: ZoneInfo) -> Iterator[Anomaly]:
    late = {
        on: [look for look in looks if look.has_seen and _is_out_of_hours(look, zone)]
        for on, looks in days.items()
    }
    share = sum(1 for looks in late.values() if looks) / len(days)
    if share > USUAL_SHARE and len(days) >= USUAL_DAYS:
        return
    for on, looks in late.items():
        if looks:
            yield _sign(AnomalyKind.OUT_OF_HOURS, on, looks, number=len(looks))


def _is_out_of_hours(look: Look, zone: ZoneInfo) -> bool:
    local = look.at.astimezone(zone)
    return local.weekday() >= SATURDAY or not WORK_BEGINS <= local.time() < WORK_ENDS


def _related(kind: AnomalyKind, on: date, looks: list[Look], pairs: Pairs) -> Iterator[Anomaly]:
    people = {p for look in looks for p in look.opened if (look.user_id, p) in pairs}
    if people:
        yield _about(kind, on, looks, people)


def _denied(on: date, looks: list[Look]) -> Iterator[Anomaly]:
    refused = [look for look in looks if look.kind.endswith(("refused", "_failed"))]
    if len(refused) >= FEWEST_DENIED:
        yield _sign(AnomalyKind.DENIED, on, refused, number=len(refused))


def _known_to(own: list[Look], ground: Ground) -> frozenset[int]:
    """Give the people this user has a task with; whoever writes a record has one."""
    written = {p for look in own if look.verb in _WRITTEN for p in look.people}
    tasks = {person for user, person in ground.tasks if user == own[0].user_id}
    return ground.everybodys | tasks | written


def _without_task(on: date, looks: list[Look], known: frozenset[int]) -> Iterator[Anomaly]:
    people = {p for look in looks for p in look.opened} - known
    if len(people) >= FEWEST_WITHOUT_TASK.get(looks[0].role, 1):
        yield _about(AnomalyKind.NO_TASK, on, looks, people)


def _beyond(on: date, looks: list[Look]) -> Iterator[Anomaly]:
    for look in looks:
        if look.kind in _GIVEN:
            people = tuple(sorted(look.people))
            yield _sign(AnomalyKind.ACCESS_BEYOND, on, [look], number=1, people=people)


def _copied(on: date, looks: list[Look]) -> Iterator[Anomaly]:
    found = [look for look in looks if look.kind == _COPIED]
    if found:
        yield _sign(AnomalyKind.PASSKEY_COPIED, on, found, number=len(found))


def _about(kind: AnomalyKind, on: date, looks: list[Look], people: set[int]) -> Anomaly:
    found = [look for look in looks if look.opened & people]
    return _sign(kind, on, found, number=len(people), people=tuple(sorted(people)))


def _sign(
    kind: AnomalyKind,
    on: date,
    looks: list[Look],
    *,
    number: int,
    usual: int = 0,
    people: tuple[int, ...] = (),
) -> Anomaly:
    return Anomaly(
        kind=kind,
        user_id=looks[0].user_id,
        actor=looks[0].actor,
        on=on,
        entries=tuple(look.entry for look in looks),
        number=number,
        usual=usual,
        people=people,
    )
