"""The invented town in a database of its own."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from gvi.domain.access import Viewer
from gvi.store.engine import make_engine, transaction
from gvi.store.migrate import upgrade
from gvi.store.models import Programme
from gvi.usecases.demo.load import load
from tests.conftest import ready_engine


def invented_town(folder: Path, *, at: datetime, zone: ZoneInfo) -> Engine:
    """Make the town as it is at a moment; gives the engine of its SQLite file."""
    url = f"sqlite:///{folder / 'gvi.db'}"
    bare = make_engine(url)
    upgrade(bare)
    bare.dispose()
    engine = ready_engine(url)
    with transaction(engine) as db:
        programme = Programme(code="default", display_name="", created_at=at)
        db.add(programme)
        db.flush()
        operator = Viewer(programme_id=programme.id, user_id=None, role=None, name="op")
        load(db, operator, at=at, zone=zone)
    return engine
