"""Bringing a database to this version of the program."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from gvi.store.wall import EVERYTHING, walled

_PACKAGE = Path(__file__).parents[1]
_CHECKOUT = _PACKAGE.parent / "migrations"
MIGRATIONS = _CHECKOUT if _CHECKOUT.is_dir() else _PACKAGE / "_migrations"


def configuration() -> Config:
    """Give Alembic's settings; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def upgrade(engine: Engine, revision: str = "head", *, secret_key: str = "") -> bool:
    """Run the migrations that the database has not seen yet, in one transaction.

    Tells whether plain text was sealed: then `scrub` must follow. Raises SealError where names and
    notes are to be sealed and there is no secret key.
    """
    config = configuration()
    config.attributes["secret_key"] = secret_key
    with walled(engine, EVERYTHING).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return bool(config.attributes.get("has_sealed"))


def scrub(engine: Engine) -> None:
    """Rewrite the database's files, so that nothing stays in them that was deleted or sealed."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL")
        return
    # Past SQLAlchemy, which would begin a transaction.
    bare = engine.raw_connection()
    try:
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            bare.cursor().execute(statement)
    finally:
        bare.close()


def downgrade(engine: Engine, revision: str, *, secret_key: str = "") -> None:
    """Take migrations back; what they added is lost, what they sealed is opened."""
    config = configuration()
    config.attributes["secret_key"] = secret_key
    with walled(engine, EVERYTHING).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def is_current(connection: Connection) -> bool:
    """Tell whether the database is at this program's version."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    return revision_of(connection) == head


def revision_of(connection: Connection) -> str | None:
    """Give the version of the database's schema; None where there is none yet."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str) -> bool:
    """Tell whether this program can make a schema of that version."""
    known = ScriptDirectory.from_config(configuration()).walk_revisions()
    return any(each.revision == revision for each in known)
