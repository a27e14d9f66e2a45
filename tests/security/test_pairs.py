"""Hidden equals absent, for random viewers and records: a few here, 10,000 in `make security`."""

import os

import pytest

from gvi.settings import Settings
from gvi.web.app import create_app
from tests.conftest import MONDAY, SECRET_KEY, ZONE
from tests.security import pairs
from tests.town import invented_town

pytestmark = pytest.mark.slow

PAIRS = int(os.environ.get("GVI_PAIRS", "250"))
SEED = int(os.environ.get("GVI_SEED", "42"))
LEAST_SHARE = 0.15
"""So much of the pairs at least must be hidden, and so much visible: else little was tried."""


def test_what_is_hidden_from_a_viewer_is_answered_as_what_never_was(tmp_path):
    engine = invented_town(tmp_path, at=MONDAY, zone=ZONE)
    removed = pairs.mix_up(engine, at=MONDAY, seed=SEED)
    settings = Settings(database_url=str(engine.url), environment="demo", secret_key=SECRET_KEY)
    app = create_app(settings, engine=engine, clock=lambda: MONDAY)

    outcome = pairs.run(engine, app, removed, at=MONDAY, pairs=PAIRS, seed=SEED)
    engine.dispose()

    print(f"\n{PAIRS} pairs of a viewer and a record, seed {SEED}\n{outcome}")  # noqa: T201
    assert outcome.wrong == []
    assert all(removed.values())
    assert outcome.of("hidden") >= LEAST_SHARE * PAIRS
    assert outcome.of("visible") >= LEAST_SHARE * PAIRS
