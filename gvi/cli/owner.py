"""The database as its owner opens it: for what changes the schema, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, make_url

from gvi.cli.command import CommandError, Site, tell
from gvi.store.engine import make_engine
from gvi.store.roles import grant_to_application, standing


@contextmanager
def as_owner(site: Site) -> Iterator[Engine]:
    """Give the owner's engine: the application's own where GVI_MIGRATION_URL is not set.

    At the end the application's role is granted what it needs. Raises CommandError where the wall
    would not hold that role.
    """
    given = site.settings.migration_url
    if not given:
        yield site.engine
        return
    theirs, ours = make_url(given), make_url(site.settings.database_url)
    if {theirs.get_backend_name(), ours.get_backend_name()} != {"postgresql"}:
        raise CommandError("GVI_MIGRATION_URL is for PostgreSQL. Take it away, or set both to it.")
    owner = make_engine(given)
    try:
        yield owner
        role = _application(site)
        with owner.begin() as connection:
            grant_to_application(connection, role)
        tell(f"Granted {role} what the application needs, and no more.")
    finally:
        owner.dispose()


def _application(site: Site) -> str:
    with site.engine.connect() as connection:
        found = standing(connection)
    if found is None or not found.is_held:
        raise CommandError(
            "GVI_DATABASE_URL must name a role that owns no tables and is no superuser, or the"
            " second wall does not hold it. See docs/postgresql.md."
        )
    return found.role
