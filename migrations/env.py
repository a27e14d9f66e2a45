"""How migrations are run: on a connection handed in by `gvi.store.migrate`, or on a URL."""

import os
from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext

from gvi.store.engine import make_engine
from gvi.store.models import Base
from gvi.store.types import Instant
from gvi.store.wall import EVERYTHING, walled


def render_item(kind: str, thing: Any, _context: AutogenContext) -> str | bool:
    """Write instants as plain timestamps, so that migrations do not depend on our classes."""
    if kind == "type" and isinstance(thing, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Any) -> None:
    """Run on one connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = make_engine(os.environ.get("GVI_DATABASE_URL", "sqlite:///gvi.db"))
    with walled(engine, EVERYTHING).begin() as opened:
        run(opened)
