"""`gvi network export FILE`: the network for networkx, Gephi or a spreadsheet."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, CommandError, Site, tell
from gvi.exchange.network_file import FORMS
from gvi.usecases.network import export_network

if TYPE_CHECKING:
    from gvi.cli.command import Commands

USUAL_PURPOSE = "Network analysis by the local operator"


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi network export`."""
    parser = commands.add_parser("network", help="the network as a file")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    export = acts.add_parser(
        "export", parents=[common], help="write people, groups, incidents and what ties them"
    )
    endings = ", ".join(f".{form}" for form in FORMS)
    export.add_argument("file", type=Path, metavar="FILE", help=f"its ending is one of {endings}")
    export.add_argument("--as-of", metavar="D", help="as known at this day (its end) or instant")
    export.add_argument(
        "--purpose", default=USUAL_PURPOSE, help="what for; it is kept in the audit log"
    )
    export.set_defaults(run=run)


def run(arguments: argparse.Namespace, site: Site) -> int:
    """Write the file for its owner's eyes only, whole or not at all."""
    path: Path = arguments.file
    form = path.suffix.removeprefix(".")
    if form not in FORMS:
        raise CommandError(f"{path}: end the name in one of {', '.join(FORMS)}.")
    unfinished = path.with_name(f".{path.name}.part")
    with site.writing() as (db, viewer):
        content = export_network(
            db,
            viewer,
            form,
            purpose=arguments.purpose,
            as_of=site.as_of(arguments.as_of),
            at=site.clock(),
            zone=site.settings.zone,
        )
        # Before the commit: an export that could not be written is not in the log as one.
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    tell(f"The network is in {path}; it holds personal data.")
    return DONE
