"""`gvi token`: tokens with which programs use the API, made and revoked by the operator."""

import argparse
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, Site, tell
from gvi.domain.token import LONGEST_LIFE, TokenScope
from gvi.store.queries.token import every_token
from gvi.usecases.token import make_token_for, revoke_token

if TYPE_CHECKING:
    from gvi.cli.command import Commands


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi token add`, `list` and `revoke`."""
    tokens = commands.add_parser("token", parents=[common], help="tokens of programs for the API")
    acts = tokens.add_subparsers(dest="act", required=True, metavar="ACT")
    parser = acts.add_parser(
        "add",
        parents=[common],
        help="make a token for a user",
        description="The token goes to standard output, this once.",
    )
    parser.add_argument("username", help="in whose name, and within whose rights, it works")
    parser.add_argument("--name", required=True, help="what it is for")
    parser.add_argument(
        "--scope",
        action="append",
        required=True,
        choices=[scope.value for scope in TokenScope],
        help="what it may do (repeat for several)",
    )
    parser.add_argument(
        "--days", type=int, default=30, help=f"until it ends (at most {LONGEST_LIFE.days})"
    )
    parser.set_defaults(run=add)
    acts.add_parser("list", parents=[common], help="list all tokens").set_defaults(run=show)
    parser = acts.add_parser("revoke", parents=[common], help="revoke a token")
    parser.add_argument("number", type=int, help="its number in the list")
    parser.add_argument("--reason", required=True)
    parser.set_defaults(run=revoke)


def add(arguments: argparse.Namespace, site: Site) -> int:
    """Make a token for a user and print it."""
    with site.writing() as (db, viewer):
        made = make_token_for(
            db,
            viewer,
            arguments.username,
            name=arguments.name,
            scopes=[TokenScope(each) for each in arguments.scope],
            days=arguments.days,
            at=site.clock(),
        )
    print(made.secret)
    tell(f"{made.name} may use the API until {made.expires_at:%Y-%m-%d}. Nobody can show it again.")
    return DONE


def show(_arguments: argparse.Namespace, site: Site) -> int:
    """List all tokens that nobody has revoked."""
    with site.writing() as (db, viewer):
        rows = every_token(db, viewer, at=site.clock())
    for row in rows:
        used = f"{row.last_used_at:%Y-%m-%d %H:%M}Z" if row.last_used_at else "never"
        scopes = " ".join(row.scopes)
        over = "over" if row.is_over else f"until {row.expires_at:%Y-%m-%d}"
        print(f"{row.id}\t{row.user}\t{row.name}\t…{row.ending}\t{over}\tused {used}\t{scopes}")
    return DONE


def revoke(arguments: argparse.Namespace, site: Site) -> int:
    """Revoke a token."""
    with site.writing() as (db, viewer):
        revoke_token(db, viewer, arguments.number, reason=arguments.reason, at=site.clock())
    tell("Revoked. It opens nothing from now on.")
    return DONE
