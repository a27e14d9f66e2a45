"""`gvi retention run`: a dry run says what would go and changes nothing; a run does it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.cli.main import main
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Membership, Person
from tests.conftest import MONDAY, SECRET_KEY
from tests.factories import a_group, a_membership, a_person


@pytest.fixture
def overdue(engine, programme):
    with transaction(engine) as db:
        late = MONDAY.date() - timedelta(days=70)
        far = MONDAY.date() + timedelta(days=70)
        person = a_person(db, programme, MONDAY, "Lom", review_due_on=far)
        group = a_group(db, programme, MONDAY, review_due_on=far)
        return a_membership(db, MONDAY, person, group, review_due_on=late).id


def _gvi(url, *words):
    return main(
        ["retention", "run", *words],
        environ={"GVI_DATABASE_URL": url, "GVI_SECRET_KEY": SECRET_KEY},
        clock=_now,
    )


def _now():
    return MONDAY


def test_a_dry_run_says_what_would_go_and_changes_nothing(database_url, engine, overdue, capsys):
    assert _gvi(database_url, "--dry-run", "--format", "json") == 0

    said = json.loads(capsys.readouterr().out)
    assert said["dry_run"] is True
    assert said["removed"] == {"membership": 1}
    with reading(engine) as db:
        assert db.get(Membership, overdue) is not None
        assert db.execute(select(AuditEntry.id)).first() is None


def test_a_run_does_what_the_dry_run_said(database_url, engine, overdue, capsys):
    assert _gvi(database_url) == 0

    assert "1  membership: removed, nobody looked at them" in capsys.readouterr().out
    with reading(engine) as db:
        assert db.get(Membership, overdue) is None
        assert db.execute(select(Person.id)).first() is not None
