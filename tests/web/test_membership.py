"""Memberships, ties and supervision in the browser: forms, acts, refusals, rights."""

from datetime import date

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import Group, Membership, Person, Supervision, Tie, User
from tests.conftest import MONDAY
from tests.factories import a_client, a_group, a_membership, a_person, a_supervision, a_tie

POLICE, PROBATION = Role.COORDINATOR_POLICE, Role.PROBATION
FACT = {"source": "Report 4", "ground": "Mapping"}


@pytest.fixture
def town(engine, programme):
    """Two people, a child and a group; the first is probation's client."""
    with transaction(engine) as db:
        users = {user.role: user.id for user in db.query(User)}
        granit = a_group(db, programme, MONDAY)
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        spov = a_person(db, programme, MONDAY, "Spov", name="Viktor Ek")
        mes = a_person(db, programme, MONDAY, "Mes", birth_date=date(2010, 6, 1))
        a_client(db, MONDAY, lom, users["probation"])
        return {"granit": granit.id, "lom": lom.id, "spov": spov.id, "mes": mes.id}


def only(engine, model):
    with reading(engine) as db:
        return db.execute(select(*model.__table__.columns)).one()


# Memberships


def test_a_member_is_added_from_the_groups_card(browser, engine, town):
    police = browser(POLICE)
    form = police.get("/memberships/new", group=str(town["granit"]))
    assert form.one("input", name="back").get("value") == "group"

    page = police.post(
        "/memberships/new",
        back="group",
        group=town["granit"],
        person="Lom",
        role="leader",
        certainty="probable",
        valid_from="2026-01-15",
        **FACT,
    )

    row = only(engine, Membership)
    assert page.title == "Granit"
    assert "Viktor Älgmark" in page.text
    assert (row.role, row.certainty, row.source) == ("leader", "probable", "Report 4")
    assert row.valid_from.isoformat() == "2026-01-14T23:00:00+00:00"


def test_several_who_may_be_meant_are_offered(browser, engine, town):
    police = browser(POLICE)
    typed = {"group": town["granit"], "person": "Viktor", **FACT}

    asked = police.post("/memberships/new", **typed)
    chosen = police.post("/memberships/new", **typed, pick=town["spov"], pick_for="Viktor")

    assert asked.status == 422
    assert {e.get("value") for e in asked.all("input", name="pick")} == {
        str(town["lom"]),
        str(town["spov"]),
    }
    assert chosen.title == "Viktor Ek"
    assert only(engine, Membership).person_id == town["spov"]


def test_an_overlap_is_refused_and_what_was_typed_is_kept(browser, engine, town):
    with transaction(engine) as db:
        a_membership(db, MONDAY, db.get(Person, town["lom"]), db.get(Group, town["granit"]))

    page = browser(POLICE).post(
        "/memberships/new",
        person_id=town["lom"],
        group=town["granit"],
        valid_from="2026-01-15",
        **FACT,
    )

    assert page.status == 422
    assert "recorded in that group for the same time already" in page.text
    assert page.one("input", name="source").get("value") == "Report 4"


def test_source_and_ground_are_asked_for(browser, town):
    page = browser(POLICE).post(
        "/memberships/new", person_id=town["lom"], group=town["granit"], ground="Mapping"
    )

    assert page.status == 422
    assert page.one("input", name="source").get("aria-invalid") == "true"


def test_a_membership_is_corrected_disputed_upheld_ended_and_withdrawn(
    browser, engine, town, clock
):
    police = browser(POLICE)
    police.post("/memberships/new", person_id=town["lom"], group=town["granit"], **FACT)
    base = f"/memberships/{only(engine, Membership).id}"

    def act(verb, **data):
        clock.move(minutes=1)
        return police.post(f"{base}/{verb}", **data)

    assert "End the membership" in police.get(f"{base}/edit").text
    act("edit", role="core", valid_from="2026-01-01", **FACT)
    assert only(engine, Membership).role == "core"
    assert act("dispute").status == 422
    act("dispute", reason="He denies it")
    assert only(engine, Membership).status == "disputed"
    assert "Who disputes it" in police.get(f"{base}/dispute").text
    act("uphold", reason="Two reports")
    assert only(engine, Membership).status == "current"
    wrong = act("end", valid_to="2025-12-01", reason="Left")
    assert wrong.status == 422
    assert wrong.one("input", name="valid_to").get("value") == "2025-12-01"
    ended = act("end", valid_to="2026-02-01", reason="Left town")
    assert "Ended" in ended.text
    withdrawn = act("withdraw", reason="Another person")
    assert "In no group that is known" in withdrawn.text
    assert police.get(f"{base}/edit").status == 404


def test_police_record_no_membership_of_an_under_18(browser, town):
    police = browser(POLICE)

    assert police.get("/memberships/new", person=str(town["mes"])).status == 404
    typed = police.post("/memberships/new", person="Mes", group=town["granit"], **FACT)
    assert typed.status == 422
    assert "only involvements in incidents" in typed.text


# Ties


def test_a_tie_is_added_with_its_direction(browser, engine, town):
    page = browser(POLICE).post(
        f"/ties/new?person={town['lom']}",
        person="Spov",
        kind="recruiter",
        recruiter="second",
        strength="2,5",
        **FACT,
    )

    row = only(engine, Tie)
    assert (row.person_a_id, row.person_b_id) == (town["spov"], town["lom"])
    assert row.strength == 2.5
    assert "Recruited by" in page.text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        pytest.param({"person": "Lom", "kind": "friend"}, "person", id="to oneself"),
        pytest.param(
            {"person": "Spov", "kind": "friend", "strength": "-1"}, "strength", id="strength −1"
        ),
        pytest.param({"person": "Nobody", "kind": "friend"}, "person", id="to nobody known"),
        pytest.param({"person": "Spov", "kind": "love"}, "kind", id="of no known kind"),
        pytest.param({"person": "Mes", "kind": "friend"}, "person", id="to an under-18"),
    ],
)
def test_a_wrong_tie_is_said_by_its_field(browser, engine, town, typed, field):
    page = browser(POLICE).post(f"/ties/new?person={town['lom']}", **typed, **FACT)

    assert page.status == 422
    assert f"#f-{field}" in page.links()
    with reading(engine) as db:
        assert db.execute(select(Tie.id)).first() is None


def test_a_tie_is_corrected_ended_and_withdrawn(browser, engine, town, clock):
    police = browser(POLICE)
    police.post(f"/ties/new?person={town['lom']}", person="Spov", kind="friend", **FACT)
    base = f"/ties/{only(engine, Tie).id}"

    clock.move(minutes=1)
    assert "Correct: Friends, Viktor Älgmark and Viktor Ek" in police.get(f"{base}/edit").title
    police.post(f"{base}/edit", kind="family", strength="3", **FACT)
    assert only(engine, Tie).kind == "family"
    clock.move(minutes=1)
    police.post(f"{base}/end", valid_to="2026-03-01", reason="Moved abroad")
    assert only(engine, Tie).valid_to is not None
    clock.move(minutes=1)
    police.post(f"{base}/withdraw", reason="Another person")
    assert only(engine, Tie).withdrawn_reason == "Another person"


# Supervision


def test_probation_records_supervision_of_an_own_client_with_a_note(browser, engine, town):
    probation = browser(PROBATION)

    page = probation.post(
        f"/supervisions/new?person={town['lom']}",
        kind="probation",
        obliges_attendance="on",
        valid_from="2026-01-01",
        valid_to="2026-09-01",
        note="Keeps his times",
        **FACT,
    )

    row = only(engine, Supervision)
    assert (row.obliges_attendance, row.compartment) == (True, "probation")
    assert "Keeps his times" in page.text
    assert probation.get(f"/supervisions/new?person={town['spov']}").status == 404


def test_police_neither_see_nor_lose_probations_note(browser, engine, town, clock):
    hidden = {"compartment": "probation", "source": "mk-source", "note": "mk-probation"}
    with transaction(engine) as db:
        supervision = a_supervision(db, MONDAY, db.get(Person, town["lom"]), **hidden)
        base = f"/supervisions/{supervision.id}"
    police = browser(POLICE)
    clock.move(minutes=1)

    form = police.get(f"{base}/edit")
    police.post(f"{base}/edit", kind="conditional_release", note="Changed")

    assert "mk-" not in form.html
    assert form.all("input", name="source") == []
    assert only(engine, Supervision).source == "mk-source"
    refused = police.post(f"{base}/edit", kind="conditional_release", **FACT)
    assert (refused.status, "Leave them out" in refused.text) == (422, True)
    assert form.all("textarea", name="note") == []
    assert only(engine, Supervision).note == "mk-probation"
    assert only(engine, Supervision).kind == "conditional_release"
    clock.move(minutes=1)
    assert "Ended" in police.post(f"{base}/end", valid_to="2026-03-01", reason="Served").text
    clock.move(minutes=1)
    assert "Withdrawn" in police.post(f"{base}/withdraw", reason="Another person").text


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.COORDINATOR_MUNICIPAL, Role.STEERING])
def test_others_find_no_form(browser, engine, town, role):
    with transaction(engine) as db:
        tie = a_tie(db, MONDAY, db.get(Person, town["lom"]), db.get(Person, town["spov"])).id
    visitor = browser(role)

    for url in (
        f"/memberships/new?person={town['lom']}",
        f"/ties/new?person={town['lom']}",
        f"/supervisions/new?person={town['lom']}",
        f"/relations/new?group={town['granit']}",
        f"/ties/{tie}/edit",
    ):
        assert visitor.get(url).status == 403
