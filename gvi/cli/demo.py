"""`gvi demo`: the invented town, in a database that holds nothing else."""

import argparse
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, REFUSED, Site, tell
from gvi.usecases.demo.growth import SIZES
from gvi.usecases.demo.load import holds_anything, load

if TYPE_CHECKING:
    from gvi.cli.command import Commands


TOWN = "town"


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi demo`."""
    parser = commands.add_parser(
        "demo", parents=[common], help="fill an empty database with an invented town"
    )
    parser.add_argument(
        "--if-empty", action="store_true", help="do nothing where the database holds anything"
    )
    parser.add_argument(
        "--size", choices=(TOWN, *SIZES), default=TOWN, help="how much to invent (town)"
    )
    parser.set_defaults(run=demo)


def demo(arguments: argparse.Namespace, site: Site) -> int:
    """Load the invented town; never into a database that holds anything."""
    with site.writing() as (db, viewer):
        if holds_anything(db):
            tell("The database holds data already; the invented town was not loaded.")
            return DONE if arguments.if_empty else REFUSED
        load(db, viewer, at=site.clock(), zone=site.settings.zone, size=SIZES.get(arguments.size))
    tell(f"The invented {arguments.size} is loaded: everybody in it is made up.")
    return DONE
