"""The list component: search, sort, filters in the address, pages, export (design §2.11).

A page that reads rows from the database hands `ListQuery` to its query function, which answers the
rows of one page and their total. A page that has all rows at hand calls `ListQuery.apply`.
"""

import csv
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from io import StringIO
from types import MappingProxyType
from typing import Generic, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from gvi.domain.audit import Head
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.exchange.formula import harmless_for_good
from gvi.web.labels import label as code_label
from gvi.web.text import translate

PAGE_SIZE = 50
MOST_PAGES = 100_000

Row = TypeVar("Row")


@dataclass(frozen=True)  # no slots: with them, Column[Row](…) cannot be called in Python 3.11
class Column(Generic[Row]):
    """One column: `label` is marked with `N_`, `value` is what is sorted in memory and exported."""

    key: str
    label: str
    value: Callable[[Row], object]
    sortable: bool = True
    numeric: bool = False
    is_score: bool = False
    """Shows a score or rank: its header carries `data-score`."""
    shown: bool = True
    """False for a column that only the export has."""
    is_act: bool = False
    """Holds what can be done with the row, which means nothing on paper."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One select: `label` and `any_label` marked with `N_`, options as value and shown text."""

    key: str
    label: str
    options: Sequence[tuple[str, str]]
    any_label: str = N_("Any")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What the address asks of a list; anything it cannot mean has been ignored."""

    q: str = ""
    sort: str = ""
    descending: bool = False
    filters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    page: int = 1
    page_size: int = PAGE_SIZE

    @classmethod
    def parse(
        cls,
        params: Mapping[str, str],
        columns: Iterable[Column[Row]],
        filters: Iterable[Filter] = (),
        *,
        default_sort: str = "",
        page_size: int = PAGE_SIZE,
    ) -> "ListQuery":
        """Read `q`, `sort` (`-key` is descending), `page` and filters; ignore what is unknown."""
        sortable = {column.key for column in columns if column.sortable}
        wish = params.get("sort", "")
        sort = wish if wish.removeprefix("-") in sortable else default_sort
        chosen = {
            each.key: params[each.key]
            for each in filters
            if params.get(each.key) in {value for value, _ in each.options}
        }
        return cls(
            q=" ".join(params.get("q", "").replace("\0", "").split())[:200],
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
            filters=MappingProxyType({key: value for key, value in chosen.items() if value}),
            page=_page_number(params.get("page", "")),
            page_size=page_size,
        )

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.page - 1) * self.page_size

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter leaves rows out."""
        return bool(self.q or self.filters)

    def whole(self) -> "ListQuery":
        """Give the same question for all rows at once, for an export."""
        return replace(self, page=1, page_size=10_000_000)

    def apply(
        self,
        rows: Iterable[Row],
        columns: Iterable[Column[Row]],
        *,
        search: Callable[[Row], Iterable[str]],
        filters: Mapping[str, Callable[[Row], object]] | None = None,
    ) -> tuple[list[Row], int]:
        """Search, filter, sort and cut rows that are all at hand.

        `search` gives the texts of a row that are searched; `filters` how a filter key reads a row
        (its answer as text, or several of them, is compared with the chosen value).
        """
        readers = filters or {}
        wanted = [(readers[key], value) for key, value in self.filters.items() if key in readers]
        words = self.q.casefold().split()
        found = [
            row
            for row in rows
            if all(_holds(read(row), value) for read, value in wanted)
            and _mentions(search(row), words)
        ]
        by_key = {column.key: column for column in columns}
        if self.sort in by_key:
            found = _sorted(found, by_key[self.sort].value, descending=self.descending)
        return found[self.offset : self.offset + self.page_size], len(found)


def _page_number(text: str) -> int:
    return min(max(int(text[:9]), 1), MOST_PAGES) if text.isdecimal() else 1


def _holds(answer: object, value: str) -> bool:
    if isinstance(answer, list | tuple | set | frozenset):
        return value in {str(each) for each in answer}
    return str(answer) == value


def _mentions(texts: Iterable[str], words: Sequence[str]) -> bool:
    if not words:
        return True
    haystack = " ".join(text for text in texts if text).casefold()
    return all(word in haystack for word in words)


def _sorted(rows: list[Row], read: Callable[[Row], object], *, descending: bool) -> list[Row]:
    """Sort by one value, rows without it last in either direction; equal rows keep their order."""
    known = [row for row in rows if read(row) not in (None, "")]
    unknown = [row for row in rows if read(row) in (None, "")]
    known.sort(key=lambda row: _sort_key(read(row)), reverse=descending)
    return known + unknown


def _sort_key(value: object) -> tuple[int, object]:
    if isinstance(value, StrEnum):
        return (0, list(type(value)).index(value))
    if isinstance(value, bool | int | float):
        return (0, value)
    if isinstance(value, datetime):
        return (1, value.timestamp())
    if isinstance(value, date):
        return (2, value.toordinal())
    return (3, _alphabetical(str(value)))


# å, ä and ö stand last in the alphabet, in this order, whatever language the reader has chosen;
# the characters after z stand in for them
_LAST_LETTERS = str.maketrans("åäöæø", "{|}|}")


def _alphabetical(text: str) -> str:
    """Give a key that orders names as people do: `Ärla` after `Åkerlund`, `Call-in 4` before 10."""
    plain = text.casefold().translate(_LAST_LETTERS)
    return re.sub(r"\d+", lambda digits: digits[0].zfill(20), plain)


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Row]):
    """One page of rows, and every address the list component needs."""

    rows: Sequence[Row]
    total: int
    query: ListQuery
    columns: Sequence[Column[Row]]
    base_url: str
    filters: Sequence[Filter] = ()
    keep: Mapping[str, str] = field(default_factory=dict)
    """Other parameters of the address that must not be lost, such as `as_of` or a view."""
    may_export: bool = False
    search_label: str = N_("Search")

    @property
    def first(self) -> int:
        """Number of the first row shown; 0 where there is none."""
        return self.query.offset + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return self.query.offset + len(self.rows)

    @property
    def page_count(self) -> int:
        """How many pages there are, at least one."""
        return max(1, math.ceil(self.total / self.query.page_size))

    @property
    def pages(self) -> list[int | None]:
        """Page numbers to offer: the ends and the neighbours; None is a gap."""
        near = {1, self.page_count, *range(self.query.page - 1, self.query.page + 2)}
        numbers = sorted(number for number in near if 1 <= number <= self.page_count)
        shown: list[int | None] = []
        for number in numbers:
            if shown and shown[-1] is not None and number - shown[-1] > 1:
                shown.append(None)
            shown.append(number)
        return shown

    @property
    def shown_columns(self) -> list[Column[Row]]:
        """The columns that stand on the page."""
        return [column for column in self.columns if column.shown]

    def _parameters(self) -> dict[str, str]:
        sort = ("-" if self.query.descending else "") + self.query.sort
        own = {"q": self.query.q, **self.query.filters, "sort": sort, **self.keep}
        return {key: value for key, value in own.items() if value}

    def url_with(self, **changes: object) -> str:
        """Give this list's address with some parameters changed; a blank takes one away."""
        changed = {key: "" if value is None else str(value) for key, value in changes.items()}
        parameters = {**self._parameters(), **changed}
        text = urlencode({key: value for key, value in parameters.items() if value})
        return f"{self.base_url}?{text}" if text else self.base_url

    def page_url(self, page: int) -> str:
        """Give the address of one page."""
        return self.url_with(page=page if page > 1 else "")

    def sort_url(self, column: Column[Row]) -> str:
        """Give the address that sorts by a column, or turns it where it is sorted already.

        Numbers begin with the largest, words with the first.
        """
        is_sorted = self.query.sort == column.key
        descending = not self.query.descending if is_sorted else column.numeric
        return self.url_with(sort=("-" if descending else "") + column.key, page="")

    def aria_sort(self, column: Column[Row]) -> str:
        """Give the column's `aria-sort`, blank where the list is not sorted by it."""
        if self.query.sort != column.key:
            return ""
        return "descending" if self.query.descending else "ascending"

    @property
    def export_url(self) -> str:
        """Where the export form is posted, with the same question."""
        text = urlencode(self._parameters())
        return f"{self.base_url}/export" + (f"?{text}" if text else "")

    @property
    def clear_url(self) -> str:
        """The list without search and filters."""
        text = urlencode(dict(self.keep))
        return f"{self.base_url}?{text}" if text else self.base_url

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the filter form must carry along: sorting and kept parameters."""
        own = {*(each.key for each in self.filters), "q"}
        return [(key, value) for key, value in self._parameters().items() if key not in own]


# Export


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportStamp:
    """What an exported file says about itself in its first lines."""

    title: str
    programme: str
    viewer: str
    at: datetime
    zone: ZoneInfo
    purpose: str
    as_of: datetime | None = None
    is_invented: bool = False
    head: Head | None = None
    """The audit log's head: the export's own entry. Files kept elsewhere hold the log to it."""


def export_purpose(purpose: str) -> str:
    """Check that an export says what it is for."""
    cleaned = " ".join(purpose.split())[:500]
    if len(cleaned) < 3:
        raise RuleError(
            N_("Say what the export is for, in a few words. It is kept in the log."),
            field="purpose",
        )
    return cleaned


def to_csv(
    rows: Iterable[Row], columns: Iterable[Column[Row]], stamp: ExportStamp, *, language: str
) -> bytes:
    """Write rows as CSV: first the stamp as comment lines, then a header, then the rows.

    UTF-8 with a byte-order mark, so that spreadsheets read å, ä and ö. Text that a spreadsheet
    would take for a formula is made harmless by an apostrophe before it.
    """
    chosen = list(columns)
    out = StringIO(newline="")
    writer = csv.writer(out)
    for line in _stamp_lines(stamp, language):
        writer.writerow([harmless_for_good(f"# {line}")])
    writer.writerow([translate(column.label, language) for column in chosen])
    for row in rows:
        writer.writerow([_cell(column.value(row), stamp.zone, language) for column in chosen])
    return out.getvalue().encode("utf-8-sig")


def _stamp_lines(stamp: ExportStamp, language: str) -> list[str]:
    at = stamp.at.astimezone(stamp.zone).isoformat(timespec="minutes")
    known = (stamp.as_of or stamp.at).astimezone(stamp.zone).isoformat(timespec="minutes")
    lines = [
        f"{stamp.programme}: {stamp.title}",
        translate(N_("Exported %(at)s by %(viewer)s"), language, at=at, viewer=stamp.viewer),
        translate(N_("Purpose: %(purpose)s"), language, purpose=stamp.purpose),
        translate(N_("As known %(at)s"), language, at=known),
        translate(N_("Contains personal data; destroy after use."), language),
    ]
    if stamp.head:
        entry = N_("Entry %(number)s of the audit log, %(hash)s")
        lines.append(translate(entry, language, number=stamp.head.number, hash=stamp.head.hash))
    if stamp.is_invented:
        lines.append(translate(N_("Invented data"), language))
    return [" ".join(line.split()) for line in lines]


def _cell(value: object, zone: ZoneInfo, language: str) -> str | int | float:
    """Write one value for a file: numbers bare, days and instants ISO 8601, codes in words."""
    if isinstance(value, list | tuple | set | frozenset):
        return harmless_for_good("; ".join(str(_cell(each, zone, language)) for each in value))
    match value:
        case None:
            text = ""
        case bool():
            text = translate(N_("yes") if value else N_("no"), language)
        case StrEnum():
            text = code_label(value, language)
        case int() | float():
            return value
        case datetime():
            text = value.astimezone(zone).isoformat(timespec="minutes")
        case date():
            text = value.isoformat()
        case _:
            text = str(value)
    return harmless_for_good(text)


def csv_response(content: bytes, name: str, at: datetime) -> Response:
    """Answer a CSV file named for the list and the day."""
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{at:%Y-%m-%d}.csv"',
            "Cache-Control": "no-store",
        },
    )
