"""The file of a backup: one archive with the rows of every table and a manifest."""

import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from gvi.domain.audit import Head

FORMAT = 1
MANIFEST = "manifest.json"


class BackupError(Exception):
    """A file is no backup, or not the one that was written; says what is wrong."""


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows a table had, and the hash of them all."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds."""

    made_at: datetime
    program: str
    """The version of the program that made it."""
    revision: str
    """The version of the schema its rows are of."""
    tables: dict[str, Content]
    numbers: dict[str, int]
    """By table, the highest number ever given to a row."""
    head: Head
    """The audit log's newest entry in it."""

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(each.rows for each in self.tables.values())


class Archive:
    """A backup that is being written."""

    def __init__(self, path: Path) -> None:
        """Begin a file; whatever has that name is written over."""
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.tables: dict[str, Content] = {}

    def add(self, table: str, lines: Iterable[bytes]) -> None:
        """Write a table's rows."""
        with self._zip.open(_place(table), "w", force_zip64=True) as file:
            self.tables[table] = digest(_written(file, lines))

    def close(self, manifest: Manifest) -> None:
        """Write the manifest, last of all: a file without it is no backup."""
        self._zip.writestr(MANIFEST, json.dumps(_document(manifest), indent=1, sort_keys=True))
        self._zip.close()


def read_manifest(path: Path) -> Manifest:
    """Read what a backup holds; raises BackupError, and OSError where there is no such file."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _manifest(json.loads(archive.read(MANIFEST)))
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{path} is no backup, or was broken off: {error}.") from None


def check(path: Path, manifest: Manifest) -> None:
    """Read every row again; raises BackupError for one that is not as it was written."""
    for table, content in manifest.tables.items():
        if digest(lines_in(path, table)) != content:
            raise BackupError(f"{path} was damaged: {table} is not as it was written.")


def lines_in(path: Path, table: str) -> Iterator[bytes]:
    """Give a table's rows, one line each; raises BackupError where they cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_place(table)) as file:
            yield from file
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise BackupError(f"{path} was damaged: {table} cannot be read ({error}).") from None


def digest(lines: Iterable[bytes]) -> Content:
    """Count rows and give the hash of them all."""
    rows, so_far = 0, sha256()
    for line in lines:
        rows += 1
        so_far.update(line)
    return Content(rows, so_far.hexdigest())


def _written(file: Any, lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        file.write(line)
        yield line


def _place(table: str) -> str:
    return f"tables/{table}.jsonl"


def _document(manifest: Manifest) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": manifest.made_at.isoformat(),
        "program": manifest.program,
        "revision": manifest.revision,
        "tables": {
            name: {"rows": each.rows, "sha256": each.sha256}
            for name, each in manifest.tables.items()
        },
        "numbers": manifest.numbers,
        "audit_head": {"number": manifest.head.number, "hash": manifest.head.hash},
    }


def _manifest(found: dict[str, Any]) -> Manifest:
    if found["format"] != FORMAT:
        raise ValueError(f"its format {found['format']} is not known to this version")
    head = found["audit_head"]
    return Manifest(
        made_at=datetime.fromisoformat(found["made_at"]),
        program=found["program"],
        revision=found["revision"],
        tables={
            name: Content(each["rows"], each["sha256"]) for name, each in found["tables"].items()
        },
        numbers=found["numbers"],
        head=Head(number=head["number"], hash=head["hash"]),
    )
