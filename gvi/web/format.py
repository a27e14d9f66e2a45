"""Dates, clocks and numbers as people say them, in the viewer's language and the town's time zone.

Instants come in with a zone and are shown in the programme's; dates are local days already.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle, islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from gvi.domain.text import N_
from gvi.web.text import translate, translate_plural

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Manner:
    """How one viewer is spoken to: language, zone, and the moment that is now."""

    language: str
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        """The local day of now."""
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as a sign: `status` is the badge's, `text` its words."""

    status: str
    text: str


def _day(value: date | datetime, manner: Manner) -> date:
    return value.astimezone(manner.zone).date() if isinstance(value, datetime) else value


def _clock(value: datetime, manner: Manner) -> str:
    return value.astimezone(manner.zone).strftime("%H:%M")


def say_date(value: date | datetime | None, manner: Manner) -> str:
    """Say a day: `today`, `Tue 3 Mar`, or `14 Nov 2025` in another year; nothing for None."""
    if value is None:
        return ""
    day = _day(value, manner)
    if day == manner.today:
        return translate(N_("today"), manner.language)
    pattern = "EEE d MMM" if day.year == manner.today.year else "d MMM y"
    return format_date(day, pattern, locale=manner.language).replace(".", "")


def say_time(value: datetime | None, manner: Manner) -> str:
    """Say an instant: `today 14:30`, `Tue 3 Mar 14:30`, `14 Nov 2025 14:30`."""
    if value is None:
        return ""
    return f"{say_date(value, manner)} {_clock(value, manner)}"


def say_clock(value: datetime | None, manner: Manner) -> str:
    """Say the time of day only: `14:30`."""
    return "" if value is None else _clock(value, manner)


def say_full(value: date | datetime | None, manner: Manner) -> str:
    """Say a moment in full, with weekday, year and clock, for titles and for paper."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = value.astimezone(manner.zone)
        return format_datetime(local, "EEE d MMM y HH:mm", locale=manner.language).replace(".", "")
    return format_date(value, "EEE d MMM y", locale=manner.language).replace(".", "")


def say_known(value: datetime, manner: Manner) -> str:
    """Say an as-known moment in full; the end of a day is just that day."""
    local = value.astimezone(manner.zone)
    return say_full(local.date() if (local.hour, local.minute) == (23, 59) else value, manner)


def say_month(value: date | datetime, manner: Manner) -> str:
    """Say a month: `Mar 2026`."""
    return format_date(_day(value, manner), "MMM y", locale=manner.language).replace(".", "")


def say_week(value: date | datetime, manner: Manner) -> str:
    """Say an ISO week as Swedes do: `v. 10`."""
    return f"v. {_day(value, manner).isocalendar().week}"


def say_since(value: date | datetime | None, manner: Manner) -> str:
    """Say how long ago, short: `40 min`, `16 h`, `9 d`; nothing for None."""
    if value is None:
        return ""
    if not isinstance(value, datetime):
        return f"{(manner.today - value).days} d"
    passed = manner.now - value
    if passed < timedelta(hours=1):
        return f"{max(0, int(passed.total_seconds() // 60))} min"
    if passed < timedelta(days=1):
        return f"{int(passed.total_seconds() // 3600)} h"
    return f"{(manner.today - _day(value, manner)).days} d"


def say_days(count: int, manner: Manner) -> str:
    """Say a number of days in words: `1 day`, `14 days`."""
    return translate_plural("%(num)s day", "%(num)s days", count, manner.language)


def say_due(value: date | datetime | None, manner: Manner) -> Due:
    """Say a due date as a sign: red `3 days late`, yellow `Today 15:00`, open `Tue 3 Mar`."""
    if value is None:
        return Due("unknown", translate(N_("No date"), manner.language))
    said = say_time(value, manner) if isinstance(value, datetime) else say_date(value, manner)
    days = (manner.today - _day(value, manner)).days
    if days > 0:
        late = translate_plural("%(num)s day late", "%(num)s days late", days, manner.language)
        return Due("red", late)
    if isinstance(value, datetime) and value < manner.now:
        return Due("red", translate(N_("Late, %(when)s"), manner.language, when=said))
    return Due("yellow" if days == 0 else "open", sentence_start(said))


def say_number(value: float | None, manner: Manner, decimals: int = 1) -> str:
    """Say a measured number with its decimals: `80.4`, Swedish `80,4`; zero is a bare `0`."""
    if value is None:
        return translate(N_("unknown"), manner.language)
    if value == 0:
        return "0"
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, pattern, locale=manner.language)


def say_constant(value: float, manner: Manner) -> str:
    """Say a number somebody chose, with the decimals it has: `365`, `0.7`, Swedish `0,7`."""
    return format_decimal(value, "#,##0.######", locale=manner.language)


def adding_up(
    amounts: Mapping[K, float], total: float | None = None, decimals: int = 1
) -> dict[K, float]:
    """Round amounts so that what is shown adds up to the sum shown: the largest remainder first.

    `total` is the sum shown where that was rounded together with others.

    Example:
        >>> adding_up({"own": 1.04, "near": 1.04, "far": 1.04})
        {'own': 1.1, 'near': 1.0, 'far': 1.0}
        >>> adding_up({"own": 2.04, "near": 1.0}, total=2.9)
        {'own': 1.9, 'near': 1.0}
    """
    unit = 10**decimals
    aim = round((sum(amounts.values()) if total is None else total) * unit)
    whole = {key: math.floor(amount * unit) for key, amount in amounts.items()}
    by_remainder = sorted(amounts, key=lambda key: whole[key] - amounts[key] * unit)
    missing = aim - sum(whole.values())
    for key in islice(cycle(by_remainder), max(missing, 0)):
        whole[key] += 1
    if missing < 0:
        whole[max(amounts, key=lambda key: amounts[key])] += missing
    return {key: number / unit for key, number in whole.items()}


def say_count(value: int, manner: Manner) -> str:
    """Say a count, thousands apart: `1,528`, Swedish with a hard space."""
    return format_decimal(value, "#,##0", locale=manner.language)


def say_ordinal(value: int, manner: Manner) -> str:
    """Say a place in a row: `4th`, Swedish `4:e`."""
    unit, teen = value % 10, 10 < value % 100 < 20
    if manner.language == "sv":
        return f"{value}:a" if unit in (1, 2) and not teen else f"{value}:e"
    if manner.language == "en":
        return f"{value}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(unit, 'th')}"
    return f"{value}."


def sentence_start(said: str) -> str:
    """Give the same words with a capital, for the start of a sentence or a cell."""
    return said[:1].upper() + said[1:]
