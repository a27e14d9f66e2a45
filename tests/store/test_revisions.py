"""Corrections keep what was known before; nobody's past is rewritten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.known import known
from gvi.store.models import Incident
from gvi.usecases.facts import correct, withdraw
from tests.conftest import MONDAY
from tests.factories import an_incident


def _kind_known(engine, as_of):
    table = known(Incident, as_of)
    with reading(engine) as db:
        return list(db.execute(select(table.c.kind)).scalars())


def test_a_corrected_fact_shows_what_was_known_on_the_day(engine, programme, viewer):
    analyst = viewer(Role.ANALYST)
    with transaction(engine) as db:
        incident = an_incident(db, programme, MONDAY - timedelta(days=9), "threat")
        incident_id = incident.id
    with transaction(engine) as db:
        incident = db.get_one(Incident, incident_id)
        correct(incident, analyst, "incident:write", at=MONDAY, kind="homicide")

    assert _kind_known(engine, None) == ["homicide"]
    assert _kind_known(engine, MONDAY) == ["homicide"]
    assert _kind_known(engine, MONDAY - timedelta(seconds=1)) == ["threat"]
    assert _kind_known(engine, MONDAY - timedelta(days=10)) == []


def test_a_withdrawn_fact_counts_until_the_day_it_was_withdrawn(engine, programme, viewer):
    with transaction(engine) as db:
        incident_id = an_incident(db, programme, MONDAY - timedelta(days=9), "threat").id
    with transaction(engine) as db:
        withdraw(
            db.get_one(Incident, incident_id), viewer(Role.ANALYST), at=MONDAY, reason="A car."
        )

    assert _kind_known(engine, None) == []
    assert _kind_known(engine, MONDAY) == []
    assert _kind_known(engine, MONDAY - timedelta(days=1)) == ["threat"]


def test_a_correction_without_its_instant_is_refused(engine, programme):
    with transaction(engine) as db:
        an_incident(db, programme, MONDAY, "threat", entered_at=MONDAY + timedelta(days=1))

    with pytest.raises(RuntimeError, match="must set revised_at"), transaction(engine) as db:
        db.execute(select(Incident)).scalar_one().kind = "homicide"
