"""The log's head is written out once a day by whichever process first logs a reading that day."""

import logging
from datetime import datetime

from fastapi import FastAPI

from gvi.domain.time import local_day
from gvi.settings import Settings
from gvi.store.engine import reading
from gvi.usecases.audit import keep_head

LOG = logging.getLogger(__name__)


def keep_head_of_day(app: FastAPI, at: datetime) -> None:
    """Write the head where this process has not done so today.

    That a folder cannot be written must not keep a page from anybody: it is told to whoever runs
    the server, and tried again tomorrow.
    """
    settings: Settings = app.state.settings
    folder, today = settings.audit_heads_folder, local_day(at, settings.zone)
    if folder is None or getattr(app.state, "head_kept_on", None) == today:
        return
    app.state.head_kept_on = today
    try:
        with reading(app.state.engine) as db:
            keep_head(db, folder, at=at, zone=settings.zone)
    except OSError as error:
        LOG.warning("The audit log's head could not be written to %s: %s", folder, error)
