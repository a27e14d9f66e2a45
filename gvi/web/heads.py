"""The log's head is written out with every export, and by each process's first reading of a day."""

import logging
from datetime import datetime

from fastapi import FastAPI

from gvi.domain.time import local_day
from gvi.settings import Settings
from gvi.store.engine import reading
from gvi.usecases.audit import keep_head

LOG = logging.getLogger(__name__)


def keep_head_of_day(app: FastAPI, at: datetime) -> None:
    """Write the head where this process has not done so today."""
    settings: Settings = app.state.settings
    today = local_day(at, settings.zone)
    if getattr(app.state, "head_kept_on", None) != today:
        app.state.head_kept_on = today
        keep_head_now(app, at)


def keep_head_now(app: FastAPI, at: datetime) -> None:
    """Write the head, where a folder for it is known.

    That a folder cannot be written must not keep a page from anybody: it is told to whoever runs
    the server, and tried again tomorrow.
    """
    settings: Settings = app.state.settings
    folder = settings.audit_heads_folder
    if folder is None:
        return
    try:
        with reading(app.state.engine) as db:
            keep_head(db, folder, at=at, zone=settings.zone)
    except OSError as error:
        LOG.warning("The audit log's head could not be written to %s: %s", folder, error)
