"""`gvi serve`: the dashboard on 127.0.0.1."""

import argparse
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, Site, tell
from gvi.settings import with_secret_key
from gvi.store.engine import unlock

if TYPE_CHECKING:
    from gvi.cli.command import Commands

HOST = "127.0.0.1"
APPLICATION = "gvi.web.app:from_environment"
"""Named and not imported: the command line and the web do not know each other."""


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi serve`."""
    parser = commands.add_parser("serve", parents=[common], help="serve the dashboard on this host")
    parser.set_defaults(run=serve)


def serve(_arguments: argparse.Namespace, site: Site) -> int:
    """Serve until interrupted. Addresses are not logged: they may hold what somebody searched."""
    import uvicorn  # noqa: PLC0415 — the other commands start faster without it

    settings = with_secret_key(site.settings)
    port, proxies = settings.port, settings.trusted_proxies
    site.check_database()
    unlock(site.engine, settings.secret_key)
    tell(f"The dashboard is on http://{HOST}:{port} (Ctrl-C ends it).")
    uvicorn.run(
        APPLICATION,
        factory=True,
        host=HOST,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
    )
    return DONE
