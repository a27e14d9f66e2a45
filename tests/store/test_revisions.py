"""Corrections keep what was known before; nobody's past is rewritten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.known import known
from gvi.store.models import Incident, revisions_of
from gvi.store.queries.audit_entry import changes_of, one_entry
from gvi.usecases.facts import correct, log_change, withdraw
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


def _sources_known(engine, as_of):
    table = known(Incident, as_of)
    with reading(engine) as db:
        return list(db.execute(select(table.c.source)).scalars())


def _corrected_twice(engine, programme, viewer, first, second):
    """An incident of a report, corrected in two acts: says what was seen, then what was heard."""
    analyst = viewer(Role.ANALYST)
    with transaction(engine) as db:
        incident = an_incident(db, programme, MONDAY - timedelta(days=9), source="Report")
        incident_id = incident.id
    for at, source in ((first, "Seen"), (second, "Heard")):
        with transaction(engine) as db:
            incident = db.get_one(Incident, incident_id)
            fields = correct(incident, analyst, "incident:write", at=at, source=source)
            log_change(
                db, analyst, "incident:corrected", at=at, fields=fields, incident=incident_id
            )


@pytest.mark.parametrize("lag", [timedelta(0), timedelta(seconds=1)], ids=["same", "lagging"])
def test_of_two_corrections_in_one_instant_the_second_is_known_and_both_are_kept(
    engine, programme, viewer, lag
):
    """Also where the second comes from a process whose clock lags behind the first's."""
    _corrected_twice(engine, programme, viewer, MONDAY, MONDAY - lag)

    assert _sources_known(engine, None) == ["Heard"]
    assert _sources_known(engine, MONDAY) == ["Heard"]
    for before in (timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=1)):
        assert _sources_known(engine, MONDAY - before) == ["Report"]
    old = revisions_of(Incident)
    with reading(engine) as db:
        kept = db.execute(select(old.c.source).order_by(old.c.revision_id)).scalars().all()
    assert kept == ["Report", "Seen"]


def test_a_fact_corrected_and_withdrawn_in_one_instant_counts_until_then(engine, programme, viewer):
    _corrected_twice(engine, programme, viewer, MONDAY - timedelta(days=1), MONDAY)
    with transaction(engine) as db:
        incident = db.execute(select(Incident)).scalar_one()
        withdraw(incident, viewer(Role.ANALYST), at=MONDAY, reason="A car.")

    assert _sources_known(engine, None) == []
    assert _sources_known(engine, MONDAY) == []
    assert _sources_known(engine, MONDAY - timedelta(seconds=1)) == ["Seen"]


def test_a_second_correction_without_its_instant_is_refused(engine, programme, viewer):
    _corrected_twice(engine, programme, viewer, MONDAY, MONDAY)

    with pytest.raises(RuntimeError, match="must set revised_at"), transaction(engine) as db:
        db.execute(select(Incident)).scalar_one().source = "Guessed"


def test_the_log_tells_two_corrections_in_one_instant_apart(engine, programme, viewer):
    _corrected_twice(engine, programme, viewer, MONDAY, MONDAY)

    auditor = viewer(Role.AUDITOR)
    with reading(engine) as db:
        told = [changes_of(db, auditor, one_entry(db, auditor, number)) for number in (1, 2)]
    lengths = [(change.old, change.new) for (change,) in told]
    assert lengths == [(len("Report"), len("Seen")), (len("Seen"), len("Heard"))]
