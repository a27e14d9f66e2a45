"""`gvi user add`: somebody who may log in; the first administrator comes this way."""

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, CommandError, Site, tell
from gvi.domain.access import Role
from gvi.usecases.user import add_user

if TYPE_CHECKING:
    from gvi.cli.command import Commands


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi user add`."""
    users = commands.add_parser("user", parents=[common], help="users who log in")
    acts = users.add_subparsers(dest="act", required=True, metavar="ACT")
    parser = acts.add_parser(
        "add",
        parents=[common],
        help="add a user",
        description="The passphrase to start with is asked for, or read from the first line of"
        " standard input. It opens only the page on which the user chooses an own one, for a week.",
    )
    parser.add_argument("username", help="what they log in with")
    parser.add_argument("--name", required=True, help="the name people know them by")
    parser.add_argument("--role", required=True, choices=[role.value for role in Role])
    parser.add_argument("--team", default="", help="whose clients an outreach lead sees")
    parser.add_argument("--language", default="sv", choices=("sv", "en"))
    parser.set_defaults(run=add)


def add(arguments: argparse.Namespace, site: Site) -> int:
    """Add a user as the operator."""
    site.check_database()
    passphrase = _passphrase()
    with site.writing() as (db, viewer):
        add_user(
            db,
            viewer,
            username=arguments.username,
            display_name=arguments.name,
            role=arguments.role,
            passphrase=passphrase,
            team=arguments.team,
            language=arguments.language,
            at=site.clock(),
        )
    tell(
        f"{arguments.name} can log in as {arguments.username.strip().lower()}"
        " and must then choose an own passphrase."
    )
    return DONE


def _passphrase() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    passphrase = getpass.getpass("Passphrase to start with (a sentence is good): ")
    if getpass.getpass("Once more: ") != passphrase:
        raise CommandError("The two are not the same. Nothing was saved; try again.")
    return passphrase
