"""`gvi keys`: the keys that names and notes are sealed with."""

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, Site, tell
from gvi.store.resealing import key_lines, reseal_some
from gvi.usecases.keys import new_key, retire_keys, rewrap_keys

if TYPE_CHECKING:
    from gvi.cli.command import Commands

_ACTS = (
    ("list", "list the keys, and how many rows each one seals"),
    ("rotate", "make a new key and seal everything anew with it; run again if it was stopped"),
    ("retire", "take the old keys out for ever, once nothing is sealed with them"),
    ("rewrap", "change GVI_SECRET_KEY: wrap the keys by a new one"),
)


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi keys`."""
    keys = commands.add_parser("keys", parents=[common], help="the keys of sealed names and notes")
    acts = keys.add_subparsers(dest="act", required=True, metavar="ACT")
    for (name, said), run in zip(_ACTS, (list_keys, rotate, retire, rewrap), strict=True):
        acts.add_parser(name, parents=[common], help=said).set_defaults(run=run)


def list_keys(_arguments: argparse.Namespace, site: Site) -> int:
    """Print one line for each key."""
    with site.writing() as (db, _viewer):
        for line in key_lines(db):
            mark = "  newest" if line.is_newest else ""
            print(f"{line.number:>4}  {line.made_at:%Y-%m-%d}  {line.rows:>9} rows{mark}")
    return DONE


def rotate(_arguments: argparse.Namespace, site: Site) -> int:
    """Make a key, unless one is being rotated to already, and seal batch by batch."""
    with site.writing() as (db, viewer):
        number = new_key(db, viewer, site.secret_key, at=site.clock())
    tell("Going on where it was stopped." if number is None else f"Made key {number}.")
    rows = 0
    while done := _batch(site):
        rows += done
    tell(f"Sealed {rows} rows anew. Backups from before still need the old keys.")
    tell("When nothing needs them any more: gvi keys retire")
    return DONE


def _batch(site: Site) -> int:
    with site.writing() as (db, _viewer):
        return reseal_some(db)


def retire(_arguments: argparse.Namespace, site: Site) -> int:
    """Drop every key but the newest."""
    with site.writing() as (db, viewer):
        gone = retire_keys(db, viewer, at=site.clock())
    tell(f"Taken out: {', '.join(map(str, gone))}." if gone else "There is only the newest key.")
    return DONE


def rewrap(_arguments: argparse.Namespace, site: Site) -> int:
    """Ask for the new secret key, or read it from standard input, and wrap the ring by it."""
    asked = sys.stdin.isatty()
    given = getpass.getpass("New secret key: ") if asked else sys.stdin.readline()
    with site.writing() as (db, viewer):
        rewrap_keys(db, viewer, site.secret_key, given.strip(), at=site.clock())
    tell("Done. Set GVI_SECRET_KEY to the new one now and start the server anew; keep the old one")
    tell("as long as there are backups from before.")
    return DONE
