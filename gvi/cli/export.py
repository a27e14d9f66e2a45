"""`gvi export`: everything that holds now, as files of the exchange format."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, CommandError, Site, tell
from gvi.exchange.reading import SourceFile
from gvi.store.engine import reading
from gvi.usecases.audit import keep_head
from gvi.usecases.exchange import Export, export_files

if TYPE_CHECKING:
    from gvi.cli.command import Commands

USUAL_PURPOSE = "Export by the local operator"


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi export`."""
    parser = commands.add_parser(
        "export", parents=[common], help="write everything as files of the exchange format"
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="made where it is not there")
    parser.add_argument(
        "--purpose", default=USUAL_PURPOSE, help="what for; it is kept in the audit log"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, site: Site) -> int:
    """Write all files into a folder; those of the same names there are replaced."""
    folder: Path = arguments.folder
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is a file. Name a folder.")
    with site.writing() as (db, viewer):
        done = export_files(
            db, viewer, purpose=arguments.purpose, at=site.clock(), zone=site.settings.zone
        )
        # Before the commit: an export that could not be written is not in the log as one.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in done.files:
            _write(folder, file)
    tell(f"{sum(done.rows.values())} rows are in {folder}; it holds personal data.")
    _keep_head(site)
    _tell_what_is_missing(done)
    return DONE


def _keep_head(site: Site) -> None:
    heads = site.settings.audit_heads_folder
    if heads is not None:
        with reading(site.engine) as db:
            keep_head(db, heads, at=site.clock(), zone=site.settings.zone)


def _write(folder: Path, file: SourceFile) -> None:
    """Write a file for its owner's eyes only, whole or not at all."""
    unfinished = folder / f".{file.name}.part"
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(file.content)
    unfinished.replace(folder / file.name)


def _tell_what_is_missing(done: Export) -> None:
    if done.collapsed:
        tell(
            f"{done.collapsed} facts are not in the files, because another one says the same of "
            "the same thing, at least as surely."
        )
    if done.marked:
        tell(
            f"{done.marked} people are marked as protected or in the exit programme. The files do "
            "not carry that mark: set it again where they are brought in."
        )
