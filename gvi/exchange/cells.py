"""One cell: reading what people and programs write, and writing it back the same."""

import calendar
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from gvi.domain.exchange import CellKind, Column, tidy
from gvi.domain.text import N_
from gvi.domain.tie import MAX_STRENGTH
from gvi.domain.time import is_day, read_day, read_time, start_of_day
from gvi.exchange.formula import as_written, harmless

Reader = Callable[[str], object]
Writer = Callable[[object], str]

UTC_ZONE = ZoneInfo("UTC")
EARLIEST_YEAR = 1900
LONGEST_NAME = 500
_TIME_OF_DAY = re.compile(r"[T ].*", re.DOTALL)
_YEAR_FIRST = re.compile(
    r"(\d{4})(?:([./-])(\d{1,2})\2(\d{1,2})|(\d{2})(\d{2}))",
    re.ASCII,
)
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

NOT_A_CODE = N_("This is not one of the codes for this column.")
DID_YOU_MEAN = N_("Did you mean %(nearest)s?")
ONE_OF = N_("Use one of: %(codes)s.")
NOT_A_DAY = N_("This cannot be read as a day.")
NOT_A_TIME = N_("This cannot be read as a day or a time.")
NO_SUCH_DAY = N_("There is no such day.")
SKIPPED_TIME = N_("There is no such time: the clocks were put forward over it.")
OTHER_TIME = N_("Write the time that was meant, or one with its offset, such as +01:00.")
TOO_LONG = N_("This is longer than %(most)s characters.")
SHORTEN = N_("Shorten it to at most %(most)s characters.")
IMPOSSIBLE_TIME = N_("This time is impossible: it lies before %(year)s or too far ahead.")
WRITE_DAY = N_("Write year-month-day, for example 2026-03-02.")
WRITE_TIME = N_("Write 2026-03-02, or 2026-03-02T14:30 with the time.")
WRITE = N_("Write %(instead)s if that is meant.")
NOT_A_NUMBER = N_("This is not a number.")
WRITE_NUMBER = N_("Write digits only, for example 1 or 0.5, or leave it blank.")
BAD_STRENGTH = N_("Strength must be above 0 and at most %(most)s.")
LEAVE_BLANK = N_("Give a strength above 0 and at most %(most)s, or leave it blank for 1.")
OUT_OF_RANGE = N_("A %(column)s lies between -%(most)s and %(most)s.")
DEGREES = N_("Give degrees of WGS 84, for example 59.274; are the two mixed up?")
NOT_YES_OR_NO = N_("This is neither yes nor no.")
YES_OR_NO = N_("Write true or false (yes, no, 1 and 0 do as well).")


class CellError(Exception):
    """A cell that cannot mean anything in its column."""

    def __init__(self, reason: str, suggestion: str = "", **params: object) -> None:
        super().__init__(reason)
        self.reason, self.suggestion = reason, suggestion
        self.params: Mapping[str, object] = params


def readers(columns: Iterable[Column], zone: ZoneInfo) -> list[Reader]:
    """Give for each column what turns the text of a cell into its value.

    A reader gets text without spaces around it, never a blank, and raises CellError.
    """
    read_instant = lru_cache(maxsize=100_000)(lambda text: _instant(text, zone))
    return [_reader(column, read_instant) for column in columns]


def _reader(column: Column, read_instant: Reader) -> Reader:
    if column.kind is CellKind.CODE:
        codes = {code: code for code in column.codes}
        return lambda text: codes.get(text) or _no_code(text, column.codes)
    by_kind: dict[CellKind, Reader] = {
        CellKind.NAME: read_name,
        CellKind.PROSE: _prose,
        CellKind.INSTANT: read_instant,
        CellKind.DAY: _day,
        CellKind.STRENGTH: read_strength,
        CellKind.LATITUDE: lambda text: _degrees(text, column.name, 90.0),
        CellKind.LONGITUDE: lambda text: _degrees(text, column.name, 180.0),
        CellKind.FLAG: _flag,
    }
    return by_kind[column.kind]


def read_name(text: str) -> str:
    """Read an id or a short text; ids are indexed, and no index takes a text of any length."""
    name = tidy(as_written(text))
    if len(name) > LONGEST_NAME:
        raise CellError(TOO_LONG, SHORTEN, most=LONGEST_NAME)
    return name


def _prose(text: str) -> str:
    return tidy(as_written(text), CellKind.PROSE)


def _no_code(text: str, codes: tuple[str, ...]) -> object:
    near = nearest_word(text, codes)
    if near:
        raise CellError(NOT_A_CODE, DID_YOU_MEAN, nearest=near)
    raise CellError(NOT_A_CODE, ONE_OF, codes=", ".join(codes))


def nearest_word(text: str, words: Iterable[str]) -> str:
    """Give the known word that a misspelt one most resembles, or nothing."""
    plain = "_".join(text.casefold().replace("-", " ").split())
    by_fold = {word.casefold(): word for word in words}
    found = difflib.get_close_matches(plain, by_fold, n=1, cutoff=0.7)
    return by_fold[found[0]] if found else ""


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        if is_day(text):
            instant = start_of_day(read_day(text), zone)
        else:
            given = read_time(text)
            local = given if given.tzinfo else given.replace(tzinfo=zone)
            instant = local.astimezone(UTC)
            if instant.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
                raise CellError(SKIPPED_TIME, OTHER_TIME)
        shown = instant.astimezone(zone)
    except ValueError:
        raise _day_error(text, NOT_A_TIME, WRITE_TIME) from None
    except OverflowError:
        raise CellError(IMPOSSIBLE_TIME, WRITE_TIME, year=EARLIEST_YEAR) from None
    if shown.year < EARLIEST_YEAR:
        raise CellError(IMPOSSIBLE_TIME, WRITE_TIME, year=EARLIEST_YEAR)
    return instant


def _day(text: str) -> date:
    try:
        day = read_day(text)
    except ValueError:
        raise _day_error(text, NOT_A_DAY, WRITE_DAY) from None
    if day.year < EARLIEST_YEAR:
        raise CellError(IMPOSSIBLE_TIME, WRITE_DAY, year=EARLIEST_YEAR)
    return day


def _day_error(text: str, reason: str, advice: str) -> CellError:
    """Say why a day cannot be read, with the way it should be written where that is clear."""
    day = _TIME_OF_DAY.sub("", text)
    if found := _YEAR_FIRST.fullmatch(day):
        year, month, number = (int(part) for part in found.groups() if part and part.isdigit())
    elif found := _DAY_FIRST.fullmatch(day):
        number, month, year = (int(part) for part in found.groups())
        # 3/4/2026 is a day in March or in April, depending on who wrote it: no guess.
        if number <= 12:
            return CellError(reason, advice)
    else:
        return CellError(reason, advice)
    if not (1 <= month <= 12 and 1 <= number <= 31 and year > 0):
        return CellError(NO_SUCH_DAY, advice)
    last = calendar.monthrange(year, month)[1]
    instead = date(year, month, min(number, last)).isoformat()
    why = reason if number <= last else NO_SUCH_DAY
    if instead == day or day != text:  # a day alone would lose the time, or repeat what is right
        return CellError(why, advice)
    return CellError(why, WRITE, instead=instead)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise CellError(NOT_A_NUMBER, WRITE_NUMBER)
    return float(text.replace(",", "."))


def read_strength(text: str) -> float:
    """Read the strength of a tie."""
    strength = _number(text)
    if not 0 < strength <= MAX_STRENGTH:
        raise CellError(BAD_STRENGTH, LEAVE_BLANK, most=say_number(MAX_STRENGTH))
    return strength


def _degrees(text: str, column: str, most: float) -> float:
    degrees = _number(text)
    if not -most <= degrees <= most:
        raise CellError(OUT_OF_RANGE, DEGREES, column=column, most=say_number(most))
    return degrees


def _flag(text: str) -> bool:
    flag = _FLAGS.get(text.lower())
    if flag is None:
        raise CellError(NOT_YES_OR_NO, YES_OR_NO)
    return flag


# Writing


def writers(columns: Iterable[Column], zone: ZoneInfo) -> list[Writer]:
    """Give for each column what writes a value so that its reader reads the same again."""
    write_instant = lru_cache(maxsize=100_000)(lambda value: _say_instant(value, zone))
    return [_writer(column, write_instant) for column in columns]


def _writer(column: Column, write_instant: Writer) -> Writer:
    match column.kind:
        case CellKind.INSTANT:
            return write_instant
        case CellKind.STRENGTH | CellKind.LATITUDE | CellKind.LONGITUDE:
            return lambda value: "" if value is None else say_number(value)
        case CellKind.FLAG:
            return lambda value: "" if value is None else str(value).lower()
        case CellKind.NAME | CellKind.PROSE:
            return lambda value: "" if value is None else harmless(tidy(str(value), column.kind))
        case CellKind.CODE | CellKind.DAY:
            return lambda value: "" if value is None else str(value)


def say_number(number: object) -> str:
    """Write a number as short as it reads back the same."""
    return repr(float(str(number))).removesuffix(".0")


def _say_instant(value: object, zone: ZoneInfo) -> str:
    """Write an instant: the day alone where it is that day's first moment, else with its offset."""
    if not isinstance(value, datetime):
        return ""
    local = value.astimezone(zone)
    if local.time() == local.time().min and start_of_day(local.date(), zone) == value:
        return local.date().isoformat()
    return local.isoformat()


def say(value: object, column: Column, zone: ZoneInfo) -> str:
    """Write one value as its file would show it, for a message."""
    return writers([column], zone)[0](value)
