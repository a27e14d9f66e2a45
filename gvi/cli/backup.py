"""`gvi backup FILE` and `gvi restore FILE`: everything in one file, and back from it."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, REFUSED, CommandError, Site, tell
from gvi.cli.owner import as_owner
from gvi.exchange.backup import BackupError, Manifest, check, read_manifest
from gvi.store.engine import reading
from gvi.store.queries.programme import programme_ids
from gvi.store.wall import EVERYTHING
from gvi.usecases.audit import ExportedHead, examine
from gvi.usecases.backup import make_backup, note_backup, restore, why_not

if TYPE_CHECKING:
    from gvi.cli.command import Commands


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi backup` and `gvi restore`."""
    parser = commands.add_parser(
        "backup", parents=[common], help="write everything into one file, and read it again"
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="must not be there yet")
    parser.set_defaults(run=back_up)
    parser = commands.add_parser(
        "restore", parents=[common], help="make an empty database from a backup"
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="written by gvi backup")
    parser.set_defaults(run=make_again)


def back_up(arguments: argparse.Namespace, site: Site) -> int:
    """Write the file for its owner's eyes only, whole or not at all."""
    path: Path = arguments.file
    if path.exists():
        raise CommandError(f"There is a file {path} already. Name another one.")
    site.check_database()
    with _unfinished(path) as part:
        with reading(site.engine, wall=EVERYTHING) as db:
            at = site.clock()
            manifest = make_backup(db, part, program=version("gvi-tracker"), at=at)
        _note(site, "backup:made", manifest)
    tell(
        f"{manifest.rows} rows are in {path}. Names and notes in it are sealed: keep GVI_SECRET_KEY"
        " too, apart from it. Keep no backup longer than 30 days (docs/retention.md)."
    )
    return DONE


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _note(site: Site, kind: str, manifest: Manifest) -> None:
    with reading(site.engine) as db:
        programmes = programme_ids(db)
    for code in programmes:
        one = replace(site, programme=code)
        try:
            with one.writing() as (db, viewer):
                note_backup(db, viewer, kind, manifest, site.clock())
        finally:
            one.close()


def make_again(arguments: argparse.Namespace, site: Site) -> int:
    """Fill an empty database; status 3 where it is not empty, or the log in it is not whole."""
    path: Path = arguments.file
    manifest = _whole(path)
    with as_owner(site) as owner:
        refusal = why_not(owner, manifest)
        if refusal:
            tell(refusal)
            return REFUSED
        try:
            restore(owner, path, manifest, secret_key=site.secret_key)
        except BackupError as error:
            raise CommandError(str(error)) from None
    _note(site, "backup:restored", manifest)
    return _verified(site, path, manifest)


def _whole(path: Path) -> Manifest:
    try:
        manifest = read_manifest(path)
        check(path, manifest)
    except BackupError as error:
        raise CommandError(str(error)) from None
    return manifest


def _verified(site: Site, path: Path, manifest: Manifest) -> int:
    with reading(site.engine) as db:
        found = examine(db, [ExportedHead(head=manifest.head, file=path)])
    tell(f"{manifest.rows} rows of {manifest.made_at:%Y-%m-%d %H:%M} UTC are back.")
    if found.flaw is not None:
        tell(f"The audit log in it was broken before: entry {found.flaw.entry} is not as written.")
        return REFUSED
    tell(
        "The audit log is whole. Now run: gvi retention run – what was removed or changed since "
        "then has come back or is lost (docs/retention.md)."
    )
    return DONE
