"""From a file's rows to typed records: what each row says, and which rows cannot be meant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from gvi.domain.exchange import Column, FileLayout, Key
from gvi.domain.text import N_
from gvi.exchange.cells import DID_YOU_MEAN, UTC_ZONE, CellError, Reader, nearest_word, readers, say
from gvi.exchange.problem import HEADER_ROW, Problem
from gvi.exchange.reading import Sheet, foreign, readable

UNKNOWN_COLUMN = N_("This column is not part of the format; it was left alone.")
COLUMNS_ARE = N_("This file may have the columns: %(columns)s.")
UNNAMED_COLUMN = N_("Column %(number)s has no heading; it was left alone.")
NAME_IT = N_("Give it a heading, or take the column away.")
DOUBLE_COLUMN = N_("This column stands twice.")
KEEP_ONE = N_("Take one of them away.")
MISSING_COLUMN = N_("This column is missing; without it no row can be read.")
ADD_COLUMN = N_("Add the column; the header is: %(header)s.")
TOO_MANY_CELLS = N_("The row has more cells than the header has columns.")
QUOTE_IT = N_("Put a text that holds a %(delimiter)s in quotation marks.")
MISSING_VALUE = N_("This cell must not be blank.")
FILL_IN = N_("Fill it in.")
KEPT_AS = N_("This kind is not known; it was kept as %(kind)s.")
LEFT_BLANK = N_("This kind is not known; it was left blank.")
REPEATED = N_("Row %(first)s says something else about the same thing.")
ONE_ROW = N_("Keep the row that is right, and take the other away.")
SAME_PERSON = N_("A person has no tie to himself or herself.")
SAME_GROUP = N_("A group has no relation to itself.")
TWO_IDS = N_("Give two different ids, or take the row away.")
ENDS_BEFORE = N_("It ends before it begins, or at the same moment.")
LATER_END = N_("Give a later valid_to, or leave it blank while it lasts.")


@dataclass(frozen=True, slots=True)
class Record:
    """What one row says: its values in the layout's columns, None where a cell is blank."""

    row: int
    key: Key
    values: tuple[object, ...]


@dataclass
class Records:
    """What one file says, and how far it can be used."""

    layout: FileLayout
    file: str
    rows: int = 0
    records: list[Record] = field(default_factory=list)
    """Rows that can be meant, in their order, the first of equal ones."""
    repeated: int = 0
    """Rows that say again what an earlier one said."""
    problems: list[Problem] = field(default_factory=list)
    rejected: set[int] = field(default_factory=set)
    is_implied: bool = False
    """The rows were not in the file: persons that an edge list makes necessary."""
    rejected_ids: dict[str, int] = field(default_factory=dict)
    """Ids whose own row was rejected, so that rows which name them can say so."""
    zone: ZoneInfo = UTC_ZONE
    """In which times are said in messages, as the file says them."""

    def reject(self, problem: Problem) -> None:
        """Keep a row out, and say why."""
        self.problems.append(problem)
        self.rejected.add(problem.row)


def read_records(sheet: Sheet, layout: FileLayout, zone: ZoneInfo) -> Records:
    """Read the rows of a file of the exchange format."""
    found = Records(layout=layout, file=sheet.name, rows=len(sheet.rows) - 1, zone=zone)
    columns = _header(sheet, found)
    if columns is None:
        found.rejected = {row for row, _ in sheet.rows[1:]}
        return found
    width = len(sheet.rows[0][1])
    table = _Table(sheet, found, columns, readers(layout.columns, zone))
    seen: dict[Key, Record] = {}
    for row, cells in sheet.rows[1:]:
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            found.reject(_too_wide(sheet, row, cells[width:]))
            continue
        values = table.values_of(row, cells)
        if values is not None:
            _take(found, seen, Record(row, layout.key_of(values), values))
    return found


def _header(sheet: Sheet, found: Records) -> dict[int, int] | None:
    """Match headings to columns: place in the file → place in the layout; None if none will do."""
    places: dict[int, int] = {}
    wrong: list[Problem] = []
    row, headings = sheet.rows[0]
    layout = found.layout
    for number, heading in enumerate(headings):
        name = readable(heading).strip().lower()
        place = layout.places.get(name)
        if place is None:
            if name or any(
                len(cells) > number and cells[number].strip() for _, cells in sheet.rows
            ):
                found.problems.append(_unknown_column(sheet.name, layout, row, number, name))
        elif place in places.values():
            wrong.append(_at_header(sheet, name, DOUBLE_COLUMN, KEEP_ONE))
        else:
            places[number] = place
    header = ",".join(column.name for column in layout.own)
    for place, column in enumerate(layout.columns):
        if column.is_required and place not in places.values():
            wrong.append(_at_header(sheet, column.name, MISSING_COLUMN, ADD_COLUMN, header=header))
    found.problems.extend(wrong)
    return None if wrong else places


def _at_header(
    sheet: Sheet, column: str, reason: str, suggestion: str, **params: object
) -> Problem:
    return Problem(
        file=sheet.name,
        row=sheet.rows[0][0],
        column=column,
        reason=reason,
        suggestion=suggestion,
        params=params,
    )


def _unknown_column(file: str, layout: FileLayout, row: int, number: int, name: str) -> Problem:
    near = nearest_word(name, layout.places)
    return Problem(
        file=file,
        row=row,
        column=name,
        value=name,
        reason=UNKNOWN_COLUMN if name else UNNAMED_COLUMN,
        suggestion=(DID_YOU_MEAN if near else COLUMNS_ARE) if name else NAME_IT,
        params={"nearest": near, "number": number + 1, "columns": ", ".join(layout.places)},
        rejects=False,
    )


def _too_wide(sheet: Sheet, row: int, extra: Sequence[str]) -> Problem:
    return Problem(
        file=sheet.name,
        row=row,
        value=readable(sheet.delimiter.join(extra)),
        reason=TOO_MANY_CELLS,
        suggestion=QUOTE_IT,
        params={"delimiter": sheet.delimiter},
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """Everything needed to read the cells of one row."""

    sheet: Sheet
    found: Records
    places: dict[int, int]
    readers: Sequence[Reader]

    def values_of(self, row: int, cells: Sequence[str]) -> tuple[object, ...] | None:
        """Read one row; gives None and says why where it cannot be meant."""
        layout, problems = self.found.layout, self.found.problems
        values: list[object] = [None] * len(layout.columns)
        said = len(problems)
        for number, place in self.places.items():
            text = cells[number].strip() if number < len(cells) else ""
            column = layout.columns[place]
            if not text:
                if column.is_required:
                    problems.append(self._problem(row, column, "", MISSING_VALUE, FILL_IN))
                continue
            if not self.sheet.is_clean and (strange := foreign(text)):
                problems.append(self._problem(row, column, readable(text), *strange))
                continue
            try:
                values[place] = self.readers[place](text)
            except CellError as error:
                values[place] = self._mend(row, column, text, error)
        problems.extend(self._impossible(row, values, cells))
        if any(problem.rejects for problem in problems[said:]):
            self.found.rejected.add(row)
            if layout.has_ids and values[0] is not None:
                self.found.rejected_ids[str(values[0])] = row
            return None
        return tuple(values)

    def _problem(
        self, row: int, column: Column, value: str, reason: str, suggestion: str
    ) -> Problem:
        return Problem(
            file=self.sheet.name,
            row=row,
            column=column.name,
            value=value,
            reason=reason,
            suggestion=suggestion,
        )

    def _mend(self, row: int, column: Column, text: str, error: CellError) -> object:
        """Report a cell that cannot be read; a word where any will do is kept as something."""
        note = KEPT_AS if column.otherwise else LEFT_BLANK
        self.found.problems.append(
            Problem(
                file=self.sheet.name,
                row=row,
                column=column.name,
                value=text,
                reason=note if column.takes_any else error.reason,
                suggestion=error.suggestion,
                params={**error.params, "kind": column.otherwise},
                rejects=not column.takes_any,
            )
        )
        return column.otherwise

    def _impossible(
        self, row: int, values: Sequence[object], cells: Sequence[str]
    ) -> Iterator[Problem]:
        """Find what each cell allows but the row as a whole cannot mean."""
        layout = self.found.layout
        if layout.pair:
            first, second = (layout.columns[layout.places[name]] for name in layout.pair)
            one, other = values[layout.places[first.name]], values[layout.places[second.name]]
            if one is not None and one == other:
                reason = SAME_GROUP if first.refers_to == "groups.csv" else SAME_PERSON
                yield self._problem(row, second, str(other), reason, TWO_IDS)
        if "valid_to" in layout.places:
            since, until = (values[layout.places[name]] for name in ("valid_from", "valid_to"))
            if isinstance(since, datetime) and isinstance(until, datetime) and until <= since:
                place = layout.places["valid_to"]
                number = next(number for number, at in self.places.items() if at == place)
                yield self._problem(
                    row, layout.columns[place], cells[number].strip(), ENDS_BEFORE, LATER_END
                )


def _take(found: Records, seen: dict[Key, Record], record: Record) -> None:
    """Keep a record, unless an earlier row said the same or something else of the same thing."""
    earlier = seen.get(record.key)
    if earlier is None:
        seen[record.key] = record
        found.records.append(record)
    elif _same(found.layout, earlier, record):
        found.repeated += 1
    else:
        found.reject(
            Problem(
                file=found.file,
                row=record.row,
                column=",".join(found.layout.key),
                value=",".join(
                    say(part, found.layout.columns[found.layout.places[name]], found.zone)
                    for name, part in zip(found.layout.key, record.key, strict=True)
                ),
                reason=REPEATED,
                suggestion=ONE_ROW,
                params={"first": earlier.row},
            )
        )


def _same(layout: FileLayout, one: Record, other: Record) -> bool:
    """Tell whether two rows of one key say the same; the order of a pair says nothing."""
    at_pair = {layout.places[name] for name in layout.pair}
    pairs = zip(one.values, other.values, strict=True)
    return all(a == b for place, (a, b) in enumerate(pairs) if place not in at_pair)


def unreadable(layout: FileLayout, file: str, problems: Sequence[Problem]) -> Records:
    """Give the records of a file of which nothing could be read."""
    found = Records(layout=layout, file=file, problems=list(problems))
    broken = [problem.row for problem in problems if problem.row > HEADER_ROW]
    found.rejected.update(broken)
    found.rows = len(broken)
    return found
