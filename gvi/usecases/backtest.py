"""Holding past lists against what came after them, as one viewer may know both."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.domain.time import end_of_day, local_day
from gvi.network.backtest import (
    ENOUGH,
    Share,
    Window,
    incidents_in,
    look_ahead,
    shares,
    violent_parts,
)
from gvi.store.facts import count_facts, facts
from gvi.usecases.interval import SEED
from gvi.usecases.policy import in_force

YEARS_BACK = timedelta(days=730)
MOST_DAYS = 120
"""Days of a backtest: each reads everything as it was known then."""
MOST_WAITED_FOR = 300_000
"""Ties and involvements, read anew for each list, that a page may read: about three seconds."""
LENGTHS = (90, 180)
"""How many days after the list are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Past lists against the violence after them, under the policy in force today.

    Windows that are not over yet are left out; `not_over` says how many. Where `is_enough` does not
    hold, there are too few incidents for the shares to say anything.
    """

    policy_version: int
    days: int
    top: int
    every: int
    windows: tuple[Window, ...]
    not_over: int
    incidents: int
    shares: dict[str, Share]

    @property
    def is_enough(self) -> bool:
        """Tell whether there were incidents enough to say anything."""
        return self.incidents >= ENOUGH


def backtest(
    db: Session,
    viewer: Viewer,
    *,
    now: datetime,
    zone: ZoneInfo,
    start: date | None = None,
    every: int = 30,
    days: int = 90,
    top: int = 20,
) -> Backtest:
    """Hold the driving list of past days against the violence of the next 90 or 180 days.

    The lists are as known at the end of each day, the violence as known `now`. The first day is
    `start`, or two years ago. Raises RuleError for numbers that cannot be, NotAllowedError for a
    role that may not receive scores.
    """
    first = start or local_day(now - YEARS_BACK, zone)
    dates = _dates(first, local_day(now, zone), every=every, days=days, top=top)
    policy = in_force(db, viewer)
    later = violent_parts(facts(db, viewer, now, zone, ties=False), policy)
    ends = {day: end_of_day(day, zone) for day in dates}
    over = [day for day in dates if ends[day] + timedelta(days=days) <= now]
    windows = tuple(
        look_ahead(facts(db, viewer, ends[day], zone), later, policy, days=days, top=top)
        for day in over
    )
    return Backtest(
        policy_version=policy.version,
        days=days,
        top=top,
        every=every,
        windows=windows,
        not_over=len(dates) - len(over),
        incidents=incidents_in(windows),
        shares=shares(windows, seed=SEED),
    )


def is_worth_waiting(
    db: Session, viewer: Viewer, *, now: datetime, zone: ZoneInfo, every: int, days: int
) -> bool:
    """Tell whether a backtest of the last two years is done while somebody waits for a page."""
    first, today = local_day(now - YEARS_BACK, zone), local_day(now, zone)
    dates = _dates(first, today, every=every, days=days, top=1)
    over = sum(end_of_day(day, zone) + timedelta(days=days) <= now for day in dates)
    return count_facts(db, viewer, now) * (over + 1) <= MOST_WAITED_FOR


def backtest_document(found: Backtest, zone: ZoneInfo) -> dict[str, Any]:
    """Give a backtest in a machine format; shares are between 0 and 1."""
    return {
        "policy": found.policy_version,
        "days": found.days,
        "top": found.top,
        "every": found.every,
        "windows_not_over": found.not_over,
        "incidents": found.incidents,
        "enough": found.is_enough,
        "shares": {
            way: {
                "hits": share.hits,
                "involvements": share.parts,
                "share": share.share,
                "interval": [share.low, share.high],
            }
            for way, share in found.shares.items()
        },
        "windows": [
            {
                "as_of": window.start.astimezone(zone).isoformat(),
                "until": window.end.astimezone(zone).isoformat(),
                "adults": window.adults,
                "listed": window.listed,
                "incidents": window.incidents,
                "involvements": window.parts,
                "by_under_18": window.by_minors,
                "by_unrecorded": window.by_unrecorded,
                "hits": dict(window.hits),
            }
            for window in found.windows
        ],
    }


def _dates(first: date, today: date, *, every: int, days: int, top: int) -> list[date]:
    if days not in LENGTHS:
        raise RuleError(N_("Look 90 or 180 days ahead."), field="days")
    if every < 1:
        raise RuleError(N_("Give at least one day between the lists."), field="every")
    if top < 1:
        raise RuleError(N_("Ask for at least one person with --top."), field="top")
    if first > today:
        raise RuleError(N_("The first day lies ahead. Give one that is past."), field="from")
    count = (today - first).days // every + 1
    if count > MOST_DAYS:
        raise RuleError(
            N_("That is more than %(most)s lists. Start later or leave more days between them."),
            field="every",
            most=MOST_DAYS,
        )
    return [first + timedelta(days=every * n) for n in range(count)]
