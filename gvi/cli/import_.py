"""`gvi import`: a folder of exchange files, or one file, or a .zip of them."""

import argparse
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, REFUSED, CommandError, Site, tell
from gvi.domain.exchange import LATER, LAYOUTS, free_name
from gvi.exchange.problem import Problem, Report
from gvi.exchange.reading import SourceFile, unpacked
from gvi.usecases.exchange import Import, import_files, note_trial, try_import

if TYPE_CHECKING:
    from gvi.cli.command import Commands

FORMATS = ("table", "json")
MOST_UNPACKED_BYTES = 2_000_000_000
MOST_SAID = 100


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi import`."""
    parser = commands.add_parser(
        "import",
        parents=[common],
        help="bring in files of the exchange format, or a plain edge list",
    )
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder, or one file")
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
    parser.add_argument(
        "--skip-rejected",
        action="store_true",
        help="leave rejected rows out, and write them into a folder beside",
    )
    parser.add_argument("--format", choices=FORMATS, default="table", help="how to print it")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, site: Site) -> int:
    """Bring files in, or say what that would do; status 3 where rejected rows refuse the whole."""
    files = _files(arguments.path)
    act = try_import if arguments.dry_run else import_files
    with site.writing() as (db, viewer):
        at = site.clock()
        done = act(
            db,
            viewer,
            files,
            at=at,
            zone=site.settings.zone,
            skip_rejected=arguments.skip_rejected,
        )
        if arguments.dry_run:
            note_trial(db, viewer, done.report, at=at)
        # Before the commit: rows that cannot be written back must not be lost.
        kept_in = _write_rejected(arguments.path, done)
    if arguments.format == "json":
        print(json.dumps(done.report.document(), ensure_ascii=False, indent=2))
    else:
        print(_table(done.report))
        _tell_problems(done.report)
    _tell_outcome(done.report)
    if kept_in is not None:
        tell(f"The rejected rows are in {kept_in}.")
    return REFUSED if done.report.is_refused else DONE


def _files(path: Path) -> list[SourceFile]:
    if path.is_dir():
        found = [_file(each) for each in sorted(path.iterdir()) if not each.name.startswith(".")]
        where = f"the folder {path}"
    else:
        one = SourceFile(name=path.name, content=path.read_bytes())
        if path.suffix.lower() != ".zip":
            return [one]
        found, problems = unpacked(one, most_bytes=MOST_UNPACKED_BYTES)
        if problems:
            raise CommandError(f"{path}: {problems[0].reason} {problems[0].suggestion}")
        where = str(path)
    if not any(file.name in LAYOUTS or file.name in LATER for file in found):
        raise CommandError(
            f"There is no file of the exchange format in {where}. "
            f"The files are: {', '.join(LAYOUTS)}. A plain edge list is given by its own name."
        )
    return found


def _file(path: Path) -> SourceFile:
    """Read one entry of the folder; what is no file goes along unread, to be reported."""
    if path.is_file():
        # Somebody else's file, or one taken away since: the others are looked at all the same.
        with suppress(OSError):
            return SourceFile(name=path.name, content=path.read_bytes())
    return SourceFile(name=path.name, content=b"", is_readable=False)


def _write_rejected(path: Path, done: Import) -> Path | None:
    """Write the rejected rows back, in the same layout, into a new folder beside the files."""
    if done.report.dry_run or done.report.is_refused or not done.rejected:
        return None
    beside = path.resolve()
    held = {each.name for each in beside.parent.iterdir()}
    folder = beside.parent / free_name(f"{beside.stem}-rejected", held)
    folder.mkdir(mode=0o700)
    for file in done.rejected:
        (folder / file.name).write_bytes(file.content)
    return folder


def _table(report: Report) -> str:
    header = ("file", "rows", "created", "updated", "unchanged", "rejected")
    rows = [
        (f.name, *map(str, (f.rows, f.created, f.updated, f.unchanged, f.rejected)))
        for f in report.files
    ]
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (header, *rows)
    )


def _tell_problems(report: Report) -> None:
    _tell_some(report.rejecting, "Problems:")
    _tell_some(report.notes, "To know:")


def _tell_some(problems: Sequence[Problem], heading: str) -> None:
    if not problems:
        return
    tell(heading)
    for problem in problems[:MOST_SAID]:
        where = f"{problem.file} row {problem.row}"
        where += f", {problem.column}" if problem.column else ""
        value = f" “{problem.value}”:" if problem.value else ""
        said = f"{problem.said(problem.reason)} {problem.said(problem.suggestion)}".strip()
        tell(f"  {where}:{value} {said}")
    if len(problems) > MOST_SAID:
        tell(f"  … and {len(problems) - MOST_SAID} more; --format json lists them all.")


def _tell_outcome(report: Report) -> None:
    rejected = sum(count.rejected for count in report.files)
    would = " would be" if report.dry_run else " was"
    if report.is_refused:
        rows = "1 row is rejected" if rejected == 1 else f"{rejected} rows are rejected"
        them = "it" if rejected == 1 else "them"
        advice = (
            f"{rows}. Mend what is said above, or leave {them} out with --skip-rejected."
            if rejected
            else "a file cannot be read. Mend what is said above."
        )
        tell(f"Nothing{would} brought in: {advice}")
    elif report.dry_run:
        tell("This was a dry run: nothing was changed.")
