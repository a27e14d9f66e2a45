"""`gvi`: one command for what an operator does; design §9 is its contract."""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from gvi.cli import (
    audit,
    backup,
    demo,
    export,
    import_,
    keys,
    migrate,
    network,
    questions,
    retention,
    serve,
    token,
    user,
)
from gvi.cli.command import REFUSED, UNUSABLE, CommandError, Site, tell
from gvi.domain.errors import GviError
from gvi.settings import SettingsError, from_environment

UNFORESEEN = 1
COLLECT_AFTER = 10_000
"""So many new objects before Python looks for garbage: by its own 700 it does so all the time while
a nation's people are listed, for a quarter of the work."""
_COMMANDS = (
    serve,
    migrate,
    demo,
    import_,
    export,
    network,
    questions,
    user,
    token,
    keys,
    audit,
    backup,
    retention,
)


def utc_now() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)


def main(
    argv: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    clock: Callable[[], datetime] = utc_now,
) -> int:
    """Run one command and give its exit status: 0 done, 2 unusable, 3 refused, 1 unforeseen."""
    gc.set_threshold(COLLECT_AFTER)
    arguments = parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    try:
        return _run(arguments, environ, clock)
    except BrokenPipeError:
        # Whoever read our output has enough; what was done is done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        # The last edge: a sentence, not a traceback.
        if arguments.debug:
            raise
        return _explained(error)


def parser() -> argparse.ArgumentParser:
    """Declare all commands."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    _common_options(common)
    top = argparse.ArgumentParser(prog="gvi", description=__doc__, allow_abbrev=False)
    _common_options(top)
    top.set_defaults(debug=False, programme=None)
    top.add_argument("--version", action="version", version=version("gvi-tracker"))
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.add_parsers(commands, common)
    return top


def _common_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.add_argument(
        "--programme", metavar="CODE", help="which programme, where there are several"
    )


def _run(
    arguments: argparse.Namespace, environ: Mapping[str, str], clock: Callable[[], datetime]
) -> int:
    site = Site(
        settings=from_environment(environ),
        clock=clock,
        command=arguments.command,
        programme=arguments.programme,
    )
    try:
        status: int = arguments.run(arguments, site)
    finally:
        site.close()
    return status


def _explained(error: Exception) -> int:
    """Say what went wrong in a sentence, and give the exit status."""
    status = UNUSABLE
    match error:
        case GviError() | CommandError() | SettingsError():
            said = str(error)
        case IntegrityError():
            said, status = "The database changed at the same time. Nothing was saved.", REFUSED
        case ArgumentError():
            said = f"GVI_DATABASE_URL cannot be used: {error}"
        case DBAPIError():
            said = f"The database cannot be used: {error.orig}"
        case ModuleNotFoundError(name="psycopg"):
            said = "PostgreSQL needs its driver: pip install 'gvi-tracker[postgres]'"
        case OSError():
            said = f"{error.filename or 'A file'}: {error.strerror or error}"
        case _:
            said, status = f"Unforeseen: {type(error).__name__}: {error}", UNFORESEEN
            said += "\nNothing was saved. Run it again with --debug to see where."
    tell(said)
    return status


if __name__ == "__main__":
    sys.exit(main())
