"""`gvi migrate`: the database of this version, with a first programme in it."""

import argparse
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, Site, tell
from gvi.store.engine import transaction
from gvi.store.migrate import upgrade
from gvi.usecases.programme import FIRST_CODE, ensure_programme

if TYPE_CHECKING:
    from gvi.cli.command import Commands


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi migrate`."""
    parser = commands.add_parser(
        "migrate", parents=[common], help="make the database, or bring it to this version"
    )
    parser.set_defaults(run=migrate)


def migrate(_arguments: argparse.Namespace, site: Site) -> int:
    """Run the migrations; make the programme `default` where there is none."""
    upgrade(site.engine)
    with transaction(site.engine) as db:
        is_new = ensure_programme(db, at=site.clock())
    tell("The database is of this version." + (f" Made programme {FIRST_CODE}." if is_new else ""))
    return DONE
