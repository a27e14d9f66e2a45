"""From typed values to the bytes of a file, the same on every machine and database."""

import csv
import io
import zipfile
from collections.abc import Collection, Iterable, Sequence
from zoneinfo import ZoneInfo

from gvi.domain.exchange import FileLayout
from gvi.exchange.cells import writers
from gvi.exchange.formula import harmless_for_good
from gvi.exchange.problem import Problem
from gvi.exchange.reading import Sheet, SourceFile

_PACKED_ON = (1980, 1, 1, 0, 0, 0)
PROBLEM_HEADER = ("file", "row", "column", "value", "reason", "suggestion")


def write_file(layout: FileLayout, rows: Iterable[Sequence[object]], zone: ZoneInfo) -> SourceFile:
    """Write one file of the exchange format, its rows in the order of their keys.

    `compartment` is written only where some row's secrecy is not the file's usual one; blank is
    the usual.
    """
    in_order = sorted(rows, key=lambda values: _sort_key(layout, values))
    at = layout.places["compartment"]
    usual = {None, layout.compartment}
    is_mixed = any(values[at] not in usual for values in in_order)
    width = len(layout.columns) if is_mixed else at
    columns = layout.columns[:width]
    cells = writers(columns, zone)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for values in in_order:
        shown = values if values[at] not in usual else (*values[:at], None)
        writer.writerow([write(value) for write, value in zip(cells, shown, strict=False)])
    return SourceFile(name=layout.name, content=out.getvalue().encode())


def _sort_key(layout: FileLayout, values: Sequence[object]) -> tuple[str, ...]:
    return tuple("" if part is None else str(part) for part in layout.key_of(values))


def write_rejected(sheet: Sheet, rejected: Collection[int], *, has_header: bool) -> SourceFile:
    """Write the rejected rows of a file back in its own layout, byte for byte as they came."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sheet.delimiter, lineterminator="\n")
    header = sheet.rows[0][0]
    for number, cells in sheet.rows:
        if number in rejected or (has_header and number == header):
            writer.writerow(cells)
    content = out.getvalue().encode("utf-8", errors="surrogateescape")
    return SourceFile(name=sheet.name, content=content)


def write_problems(said: Iterable[tuple[Problem, str, str]]) -> bytes:
    """Write problems as CSV for a spreadsheet: each with reason and suggestion in words."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(PROBLEM_HEADER)
    for problem, reason, suggestion in said:
        texts = (problem.column, problem.value, reason, suggestion)
        name = harmless_for_good(problem.file)
        writer.writerow([name, problem.row, *map(harmless_for_good, texts)])
    return out.getvalue().encode("utf-8-sig")


def packed(files: Iterable[SourceFile]) -> bytes:
    """Pack files into one archive, the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, _PACKED_ON)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, file.content)
    return out.getvalue()
