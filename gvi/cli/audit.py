"""`gvi audit verify` and `gvi audit head`: is the log whole, and what would show that it is not."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, REFUSED, CommandError, Site, tell
from gvi.domain.audit import Flaw, FlawKind
from gvi.exchange.audit_head import write_head
from gvi.store import audit
from gvi.store.engine import reading
from gvi.usecases.audit import (
    ExportedHead,
    UnreadableHeadError,
    examine,
    keep_head,
    kept_heads,
)

if TYPE_CHECKING:
    from gvi.cli.command import Commands


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi audit verify` and `gvi audit head`."""
    log = commands.add_parser("audit", parents=[common], help="the audit log")
    acts = log.add_subparsers(dest="act", required=True, metavar="ACT")
    parser = acts.add_parser(
        "verify",
        parents=[common],
        help="walk the whole chain and name the first entry that does not fit",
    )
    parser.add_argument(
        "--heads",
        type=Path,
        metavar="PATH",
        help="a folder or file of exported heads to compare with (usual: GVI_AUDIT_HEADS)",
    )
    parser.set_defaults(run=verify)
    head = acts.add_parser(
        "head", parents=[common], help="print the newest entry's number and hash"
    )
    head.add_argument(
        "--write", type=Path, metavar="FOLDER", help="add it to the day's file in a folder"
    )
    head.set_defaults(run=show_head)


def verify(arguments: argparse.Namespace, site: Site) -> int:
    """Walk the chain of all programmes; status 3 where an entry was changed, moved or taken."""
    site.check_database()
    with reading(site.engine) as db:
        found, entries = examine(db, _heads(arguments.heads, site)), audit.length(db)
    if found.flaw is None:
        compared = f", and agrees with {found.heads} exported heads" if found.heads else ""
        print(f"The audit log is whole: {entries} entries{compared}.")
        return DONE
    tell(f"The audit log is broken: {_said(found.flaw, found.contradicts)}")
    return REFUSED


def _heads(given: Path | None, site: Site) -> list[ExportedHead]:
    if given is not None and not given.exists():
        raise CommandError(f"There is nothing at {given}.")
    place = given or site.settings.audit_heads_folder
    try:
        return kept_heads(place) if place else []
    except UnreadableHeadError as error:
        raise CommandError(f"{error} is no head of an audit log. Was the file changed?") from None


def _said(flaw: Flaw, against: ExportedHead | None) -> str:
    where = f" ({against.file})" if against else ""
    match flaw.kind:
        case FlawKind.ENTRY:
            return f"entry {flaw.entry} was changed, moved or taken away."
        case FlawKind.INDEX:
            return f"the index of what entry {flaw.entry} is about was changed."
        case FlawKind.SHORTER:
            last = against.head.number if against else flaw.entry
            return f"entry {flaw.entry} is missing, though entry {last} was exported{where}."
        case FlawKind.REWRITTEN:
            return f"entry {flaw.entry} is not the one that was exported{where}."


def show_head(arguments: argparse.Namespace, site: Site) -> int:
    """Print the head, and keep it in a folder where one is named."""
    site.check_database()
    at, folder = site.clock(), arguments.write
    with reading(site.engine) as db:
        print(write_head(audit.head(db), at), end="")
        if folder is not None:
            tell(f"Added to {keep_head(db, folder, at=at, zone=site.settings.zone)}")
    return DONE
