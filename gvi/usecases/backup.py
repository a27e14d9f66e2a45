"""Everything in one file, and a database made from such a file: SQLite and PostgreSQL alike."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.exchange.backup import Archive, BackupError, Manifest, check, digest, lines_in
from gvi.store import audit
from gvi.store.keys import read_ring
from gvi.store.migrate import knows, revision_of, upgrade
from gvi.store.rows import go_on_from, is_empty, last_numbers, lines_of, put_in, tables
from gvi.store.wall import EVERYTHING, walled
from gvi.usecases.rights import require


def make_backup(db: Session, path: Path, *, program: str, at: datetime) -> Manifest:
    """Write every row of every programme, as of one moment, and read the file again.

    What is sealed stays sealed: the file is worth nothing without GVI_SECRET_KEY, and lost with it.
    Raises BackupError where the file cannot be read as it was written.
    """
    connection = db.connection()
    archive = Archive(path)
    for table in tables(connection):
        archive.add(table.name, lines_of(connection, table))
    manifest = Manifest(
        made_at=at,
        program=program,
        revision=revision_of(connection) or "",
        tables=archive.tables,
        numbers=last_numbers(connection),
        head=audit.head(db),
    )
    archive.close(manifest)
    check(path, manifest)
    return manifest


def note_backup(db: Session, viewer: Viewer, kind: str, manifest: Manifest, at: datetime) -> None:
    """Log that a backup was made, or that the database was made from one."""
    require(viewer, "export:run")
    detail = {"rows": manifest.rows, "head": manifest.head.number}
    audit.append(db, viewer, AuditVerb.DISCLOSED, kind, at=at, detail=detail)


def why_not(engine: Engine, manifest: Manifest) -> str:
    """Say why a database cannot be made from a backup; blank where it can."""
    if not knows(manifest.revision):
        return (
            f"The backup is of version {manifest.program}, which is newer than this program. "
            "Install that version or a later one."
        )
    with walled(engine, EVERYTHING).connect() as connection:
        if not is_empty(connection):
            return "The database holds something already. Name an empty one in GVI_DATABASE_URL."
        if revision_of(connection) not in (None, manifest.revision):
            return "The database is of another version than the backup. Name one without tables."
    return ""


def restore(engine: Engine, path: Path, manifest: Manifest, *, secret_key: str) -> None:
    """Make an empty database what it was when the backup was written, then of this version.

    All rows are written in one transaction, and read again and compared before it ends. Raises
    BackupError where a row is not as it was, SealError where the secret key is another one.
    """
    upgrade(engine, manifest.revision, secret_key=secret_key)
    with walled(engine, EVERYTHING).begin() as connection:
        _fill(connection, path, manifest)
        read_ring(connection, secret_key)
    upgrade(engine, secret_key=secret_key)


def _fill(connection: Connection, path: Path, manifest: Manifest) -> None:
    known = {table.name: table for table in tables(connection)}
    unknown = manifest.tables.keys() - known.keys()
    if unknown:
        raise BackupError(f"{path} holds a table that its version has not: {min(unknown)}.")
    for name, table in known.items():
        if name not in manifest.tables:
            continue
        put_in(connection, table, lines_in(path, name))
        if digest(lines_of(connection, table)) != manifest.tables[name]:
            raise BackupError(f"{name} is not as it was after writing it. Nothing was restored.")
    go_on_from(connection, manifest.numbers)
