"""The application: its routes, and its one clock and engine."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import anyio.to_thread
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine

from gvi.settings import Settings, with_secret_key
from gvi.settings import from_environment as settings_from
from gvi.store.engine import make_engine, refresh_statistics, unlock
from gvi.store.roles import standing
from gvi.web import api, errors, pages, templating
from gvi.web.api.description import describe
from gvi.web.edge import AtTheEdge
from gvi.web.guard import Guard
from gvi.web.opaque import Keys
from gvi.web.prover import Prover
from gvi.web.provider import provider_of
from gvi.web.session import Clock

THREADS = 2
"""Threads a worker: with more, they fight for the interpreter and each request costs double."""


def utc_now() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)


def create_app(
    settings: Settings, *, engine: Engine | None = None, clock: Clock = utc_now
) -> FastAPI:
    """Make the application for one site; tests pass their own engine and clock."""
    app = FastAPI(
        title="GVI Tracker",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=_limit_threads,
    )
    app.state.settings = settings
    app.state.engine = engine or make_engine(settings.database_url)
    app.state.clock = clock
    app.state.keys = Keys(settings.secret_key)
    app.state.provider = provider_of(settings)
    app.state.prover = Prover(settings.secret_key, settings.database_url)
    app.add_middleware(AtTheEdge)
    app.add_middleware(Guard)
    errors.install(app)
    app.mount(
        templating.static_prefix(),
        StaticFiles(directory=templating.STATIC),
        name="static",
    )
    for router in (*pages.ROUTERS, *api.ROUTERS):
        # Side by side: every request would search routers within the application twice.
        app.router.routes += [each.original_route for each in iter_route_contexts(router.routes)]
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    return app


def from_environment() -> FastAPI:
    """Make the application as the environment says: what a server process starts from."""
    settings = with_secret_key(settings_from(os.environ))
    engine = make_engine(settings.database_url)
    unlock(engine, settings.secret_key)
    refresh_statistics(engine)
    if settings.environment == "production":
        _warn_of_the_wall(engine)
    return create_app(settings, engine=engine)


def _warn_of_the_wall(engine: Engine) -> None:
    """Say at the start where PostgreSQL's second wall does not hold the application's role."""
    with engine.connect() as connection:
        found = standing(connection)
    if found is not None and not found.is_held:
        logging.getLogger("gvi").warning(
            "%s owns the tables or is a superuser: it can take the wall between compartments and"
            " the log's guards down. Give the application a role of its own: docs/postgresql.md.",
            found.role,
        )


@asynccontextmanager
async def _limit_threads(_app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield
