"""What would change a rank, over the API: what the page says, to whom the page says it."""

from datetime import date

import pytest

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry
from tests.conftest import MONDAY
from tests.factories import a_person, a_tie, an_incident, an_involvement

pytestmark = pytest.mark.both_databases


@pytest.fixture
def address(engine, programme):
    """The address about Lom, who is ranked for a homicide and tied to Mes and to a child."""
    with transaction(engine) as db:
        lom, mes, sik = (a_person(db, programme, MONDAY, name) for name in ("Lom", "Mes", "Sik"))
        child = a_person(db, programme, MONDAY, "Ry", birth_date=date(2010, 1, 1))
        for person, kind in ((lom, "homicide"), (mes, "stabbing"), (sik, "stabbing")):
            incident = an_incident(db, programme, MONDAY, kind, external_id=f"{kind}-{person.id}")
            an_involvement(db, incident, person, "convicted", source="Report 12")
        a_tie(db, MONDAY, lom, mes)
        a_tie(db, MONDAY, lom, child)
        return f"/api/v1/persons/{lom.id}/why/change"


def test_the_rank_without_each_record_source_and_kind_is_told(browser, address):
    told = browser(Role.ANALYST).json(address)

    assert (told["person"], told["score"], told["rank"]) == ("Lom", "driving", 1)
    first = told["records"][0]
    assert first["record"]["sort"] == "involvement"
    assert first["record"]["roles"] == ["convicted"]
    assert first["record"]["kind"] == "homicide"
    assert first["record"]["people"] == ["Lom"]
    ties = [each["record"]["people"] for each in told["records"] if each["record"]["sort"] == "tie"]
    assert sorted(ties) == [["Lom", "Mes"], ["Lom", "person under 18"]]
    assert {each["name"] for each in told["kinds"]} == {"homicide", "stabbing", "associate"}
    assert "Report 12" in {each["name"] for each in told["sources"]}
    assert told["smallest"]["top"] == 20
    assert told["smallest"]["records"] == [first["record"]]


def test_only_who_receives_scores_is_told_and_it_is_in_the_log(browser, engine, address):
    for role in (Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.AUDITOR, Role.STEERING):
        assert browser(role).json(address)["status"] == 403
    police = browser(Role.COORDINATOR_POLICE)
    assert police.json(address, score="exposed")["status"] == 422
    police.json(address)

    with reading(engine) as db:
        entries = db.query(AuditEntry).filter(AuditEntry.kind.like("score:%")).all()
    assert '"person": [1, 2]' in entries[-1].subjects
