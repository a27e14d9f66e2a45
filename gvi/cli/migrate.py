"""`gvi migrate`: the database of this version, with a first programme and a first key in it."""

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from gvi.cli.command import DONE, Site, tell
from gvi.cli.owner import as_owner
from gvi.settings import secret_path, with_key_file
from gvi.store.engine import transaction, unlock
from gvi.store.keys import ensure_key
from gvi.store.migrate import scrub, upgrade
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
    """Run the migrations; make the programme `default` and the first key where there is none."""
    path = secret_path(site.settings.database_url)
    is_made = not site.settings.secret_key and not path.exists()
    secret_key = with_key_file(site.settings).secret_key
    if is_made:
        tell(
            f"GVI_SECRET_KEY is not set: made one and kept it in {path}. Names and notes are "
            "sealed with it. KEEP A COPY APART FROM THE DATABASE: without it nobody can read them."
        )
    with as_owner(site) as owner:
        is_new = _bring_up(owner, secret_key, site.clock())
    tell("The database is of this version." + (f" Made programme {FIRST_CODE}." if is_new else ""))
    return DONE


def _bring_up(owner: Engine, secret_key: str, at: datetime) -> bool:
    has_sealed = upgrade(owner, secret_key=secret_key)
    with owner.begin() as connection:
        ensure_key(connection, secret_key, at=at)
    unlock(owner, secret_key)
    if has_sealed:
        scrub(owner)
    with transaction(owner) as db:
        return ensure_programme(db, at=at)
