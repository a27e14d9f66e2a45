"""`gvi audit verify`: is the audit log whole?"""

import argparse
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, REFUSED, Site, tell
from gvi.store.audit import length
from gvi.store.audit_check import first_bad_entry
from gvi.store.engine import reading

if TYPE_CHECKING:
    from gvi.cli.command import Commands


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi audit verify`."""
    log = commands.add_parser("audit", parents=[common], help="the audit log")
    acts = log.add_subparsers(dest="act", required=True, metavar="ACT")
    parser = acts.add_parser(
        "verify",
        parents=[common],
        help="walk the whole chain and name the first entry that does not fit",
    )
    parser.set_defaults(run=verify)


def verify(_arguments: argparse.Namespace, site: Site) -> int:
    """Walk the chain of all programmes; status 3 where an entry was changed, moved or taken."""
    site.check_database()
    with reading(site.engine) as db:
        bad, entries = first_bad_entry(db), length(db)
    if bad is None:
        print(f"The audit log is whole: {entries} entries.")
        return DONE
    tell(f"The audit log is broken: entry {bad} was changed, moved or taken away.")
    return REFUSED
