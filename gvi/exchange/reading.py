"""From the bytes of a file to its rows, with a message for everything that is not plain CSV."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from gvi.domain.text import N_
from gvi.exchange.problem import HEADER_ROW, Problem

DELIMITERS = ",;\t"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# A spreadsheet or an archive, an old spreadsheet, a PDF, a picture – under whatever name.
_NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-", b"\x89PNG")
_LOOKED_AT_BYTES = 4096
_MOST_NULS = 0.1
_BYTE_ORDER_MARK = "\ufeff"
# Bytes that are not UTF-8 are carried through as these and written back as they were.
_FOREIGN = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

NO_FILE = N_("This could not be read: a folder, a link that leads nowhere, or a locked file.")
PUT_FILE = N_("Put a CSV file in its place that may be read, or take it away.")
EMPTY = N_("The file is empty.")
GIVE_HEADER = N_("Give it at least its header, or leave the file out.")
NOT_TEXT = N_("This is not a text file.")
SAVE_AS_UTF8 = N_("Save the file as “CSV UTF-8” and try again.")
FOREIGN_BYTES = N_("These letters are not written in UTF-8.")
CONTROL_CHARACTERS = N_("There are invisible control characters in this cell.")
TAKE_THEM_AWAY = N_("Type the text anew.")
BROKEN_CSV = N_("From this row on the file cannot be read: %(why)s.")
CHECK_QUOTES = N_("Look for a quotation mark that is not closed, or not doubled inside a cell.")
NOT_A_ZIP = N_("The archive cannot be opened.")
PACK_AGAIN = N_("Pack the CSV files anew, or choose the files themselves.")
TOO_LARGE = N_("Unpacked, the archive is too large.")
SPLIT_IT = N_("Bring the files in one after the other.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file as it came."""

    name: str
    content: bytes
    is_readable: bool = True
    """False for what bears the name and is no file, or may not be read; `content` is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file's cells: all rows that are not blank, with the numbers a spreadsheet gives them."""

    name: str
    delimiter: str
    rows: Sequence[tuple[int, list[str]]]
    """The header is the first of them, where the file has one."""
    is_clean: bool
    """Whether every character of the file can be kept."""


def read_sheet(file: SourceFile) -> tuple[Sheet | None, list[Problem]]:
    """Read a file's rows; gives None and says why where there is nothing to read."""
    wrong = _not_text(file)
    if wrong is not None:
        return None, [wrong]
    text = file.content.decode("utf-8", errors="surrogateescape").removeprefix(_BYTE_ORDER_MARK)
    delimiter = _delimiter(text)
    rows: list[tuple[int, list[str]]] = []
    number = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if any(cells) and any(cell.strip() for cell in cells):
                rows.append((number, cells))
    except csv.Error as error:
        broken = Problem(
            file=file.name,
            row=number + 1,
            reason=BROKEN_CSV,
            suggestion=CHECK_QUOTES,
            params={"why": str(error)},
        )
        return None, [broken]
    if not rows:
        return None, [_whole(file, EMPTY, GIVE_HEADER)]
    clean = _FOREIGN.search(text) is None and _CONTROL.search(text) is None
    return Sheet(name=file.name, delimiter=delimiter, rows=rows, is_clean=clean), []


def _not_text(file: SourceFile) -> Problem | None:
    if not file.is_readable:
        return _whole(file, NO_FILE, PUT_FILE)
    if not file.content.strip():
        return _whole(file, EMPTY, GIVE_HEADER)
    beginning = file.content[:_LOOKED_AT_BYTES]
    is_binary = beginning.count(0) > _MOST_NULS * len(beginning)
    if is_binary or beginning.startswith((*_UTF16, *_NOT_TEXT)):
        return _whole(file, NOT_TEXT, SAVE_AS_UTF8)
    return None


def _whole(file: SourceFile, reason: str, suggestion: str) -> Problem:
    return Problem(file=file.name, row=HEADER_ROW, reason=reason, suggestion=suggestion)


def _delimiter(text: str) -> str:
    """Choose what parts the cells by the first line that is not blank; a comma where in doubt."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def foreign(cell: str) -> tuple[str, str] | None:
    """Give reason and suggestion for a cell whose characters cannot be kept, or None."""
    if _FOREIGN.search(cell):
        return FOREIGN_BYTES, SAVE_AS_UTF8
    if _CONTROL.search(cell):
        return CONTROL_CHARACTERS, TAKE_THEM_AWAY
    return None


def readable(cell: str) -> str:
    """Show a cell with foreign bytes as its writer most likely saw it (Windows, Western Europe)."""
    if not _FOREIGN.search(cell):
        return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", cell)
    return cell.encode("utf-8", errors="surrogateescape").decode("cp1252", errors="replace")


def unpacked(file: SourceFile, *, most_bytes: int) -> tuple[list[SourceFile], list[Problem]]:
    """Take the files out of a .zip, by their bare names; one that unpacks too large is refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            return list(_members(archive, most_bytes)), []
    except _TooLargeError:
        return [], [_whole(file, TOO_LARGE, SPLIT_IT)]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return [], [_whole(file, NOT_A_ZIP, PACK_AGAIN)]


class _TooLargeError(Exception):
    pass


def _members(archive: zipfile.ZipFile, most_bytes: int) -> Iterable[SourceFile]:
    left = most_bytes
    for entry in archive.infolist():
        name = PurePosixPath(entry.filename).name
        if entry.is_dir() or name.startswith("."):
            continue
        # What the archive says about sizes may be false; what is read is counted.
        with archive.open(entry) as member:
            content = member.read(left + 1)
        left -= len(content)
        if left < 0:
            raise _TooLargeError
        yield SourceFile(name=name, content=content)
