"""The list of groups, a group's card, and entering, correcting, ending and withdrawing."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Group, GroupRelation, User
from tests.conftest import MONDAY
from tests.factories import a_client, a_group, a_membership, a_person, a_relation

POLICE = Role.COORDINATOR_POLICE
FACT = {"source": "Group audit", "ground": "Mapping"}


@pytest.fixture
def town(engine, programme):
    """Granit in conflict with Lotsen; Lom is its leader, and a child a member."""
    with transaction(engine) as db:
        users = {user.role: user.id for user in db.query(User)}
        granit = a_group(db, programme, MONDAY, area="Norra Berget", note="mk-police since 2021")
        lotsen = a_group(db, programme, MONDAY, "Lotsen")
        kajen = a_group(db, programme, MONDAY, "Kajen", status="dormant")
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        mes = a_person(db, programme, MONDAY, "Mes", name="Adam Liten", birth_date=date(2010, 6, 1))
        a_membership(db, MONDAY, lom, granit, role="leader")
        a_membership(db, MONDAY, mes, granit)
        a_relation(db, MONDAY, granit, lotsen, note="mk-police a debt")
        a_client(db, MONDAY, lom, users["probation"])
        return {"granit": granit.id, "lotsen": lotsen.id, "kajen": kajen.id, "lom": lom.id}


def rows(page):
    return [" ".join("".join(row.itertext()).split()) for row in page.all("tbody")[0]]


def kinds(engine):
    with reading(engine) as db:
        return list(db.execute(select(AuditEntry.kind)).scalars())


@pytest.mark.both_databases
def test_the_list_says_members_and_conflicts(browser, town):
    page = browser(POLICE).get("/groups")

    assert rows(page) == [
        "Granit 1 Open conflict: Lotsen Norra Berget Active",
        "Kajen 0 Dormant",
        "Lotsen 0 Open conflict: Granit Active",
    ]
    assert "2 groups are active; 2 are in an open conflict." in page.text
    assert page.scores() == []


def test_the_list_is_searched_filtered_and_exported(browser, town):
    police = browser(POLICE)

    assert len(rows(police.get("/groups", status="dormant"))) == 1
    assert len(rows(police.get("/groups", conflict="open_conflict"))) == 2
    assert len(rows(police.get("/groups", q="norra"))) == 1
    answer = police.post("/groups/export?q=granit", purpose="Weekly review").answer
    assert "Granit" in answer.content.decode("utf-8-sig")
    assert "Kajen" not in answer.content.decode("utf-8-sig")


def test_the_card_lists_members_by_part_and_no_child_by_name(browser, engine, town):
    page = browser(POLICE).get(f"/groups/{town['granit']}")

    assert "Status: active, 1 member; in open conflict with Lotsen." in page.text
    assert [row.split("Confirmed")[0].strip() for row in rows(page)] == [
        "Viktor Älgmark Lom Leader",
    ]
    assert "mk-police since 2021" in page.text


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("role", "sees", "hidden"),
    [
        pytest.param(
            Role.COORDINATOR_MUNICIPAL,
            ["Granit", "Norra Berget", "Lotsen"],
            ["mk-police", "Viktor", "Lom", "Leader"],
            id="the municipality: names and conflict",
        ),
        pytest.param(
            Role.PROBATION,
            ["Granit", "in an open conflict"],
            ["mk-police", "Viktor", "Lom", "Lotsen"],
            id="probation: that there is a conflict",
        ),
    ],
)
def test_others_see_that_there_is_a_conflict_not_who_is_in_it(browser, town, role, sees, hidden):
    card = browser(role).get(f"/groups/{town['granit']}")

    for text in sees:
        assert text in card.text
    for text in hidden:
        assert text not in card.text


def test_probation_meets_the_groups_of_own_clients_only(browser, town):
    probation = browser(Role.PROBATION)

    assert [row.split()[0] for row in rows(probation.get("/groups"))] == ["Granit"]
    assert probation.get(f"/groups/{town['lotsen']}").status == 404
    assert probation.get(f"/groups/{town['granit']}/records").status == 403


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.STEERING, Role.AUDITOR, Role.ADMIN])
def test_others_meet_no_groups(browser, town, role):
    assert browser(role).get("/groups").status == 403
    assert browser(role).get(f"/groups/{town['granit']}").status == 403


@pytest.mark.both_databases
def test_the_records_of_a_group_show_source_and_history_to_full_readers(browser, town):
    url = f"/groups/{town['granit']}/records"

    assert "a report" in browser(POLICE).get(url).text
    municipal = browser(Role.COORDINATOR_MUNICIPAL).get(url)
    assert "Open conflict: Granit – Lotsen" in municipal.text
    assert "a report" not in municipal.text
    assert "mk-police" not in municipal.text


def test_a_group_is_added_corrected_and_moved_with_a_reason(browser, engine, clock):
    police = browser(POLICE)

    added = police.post("/groups/new", name="Tegel", aliases="Muren, Stenen", **FACT)
    clock.move(minutes=5)
    url = added.url.split("?")[0].removeprefix("http://testserver")
    form = police.get(f"{url}/edit")
    assert form.one("input", name="aliases").get("value") == "Muren, Stenen"
    corrected = police.post(f"{url}/edit", name="Tegel", area="Centrum", aliases="Muren", **FACT)
    clock.move(minutes=5)
    unreasoned = police.post(f"{url}/status", status="active")
    moved = police.post(f"{url}/status", status="active", reason="Two reports")

    assert added.title == "Tegel"
    assert "Centrum" in corrected.text
    assert unreasoned.status == 422
    assert unreasoned.one("textarea", name="reason").get("aria-invalid") == "true"
    assert "“Two reports”" in moved.text
    assert {"group:added", "group:corrected", "group:status_changed"} <= set(kinds(engine))


def test_wrong_input_comes_back_with_what_was_typed(browser, town):
    page = browser(POLICE).post(
        "/groups/new", name="granit", area="Berget", grade_source="A", source="Audit"
    )

    assert page.status == 422
    assert page.one("input", name="area").get("value") == "Berget"
    assert "Choose both letter and figure" in page.text


def test_a_group_with_members_is_not_withdrawn(browser, town):
    police = browser(POLICE)

    refused = police.post(f"/groups/{town['granit']}/withdraw", reason="Never one")
    withdrawn = police.post(f"/groups/{town['kajen']}/withdraw", reason="Never one")

    assert refused.status == 422
    assert "Kajen" not in "".join(rows(withdrawn))


def test_a_relation_is_added_corrected_ended_and_withdrawn(browser, engine, town, clock):
    police = browser(POLICE)
    pair = {"group_a": town["granit"], "group_b": town["kajen"], "valid_from": "2026-02-01"}

    same = police.post("/relations/new", **{**pair, "group_b": town["granit"]}, **FACT)
    added = police.post("/relations/new", kind="tension", **pair, **FACT)
    with reading(engine) as db:
        relation = db.execute(select(GroupRelation.id).order_by(GroupRelation.id.desc())).scalar()
    clock.move(minutes=1)
    form = police.get(f"/relations/{relation}/edit")
    assert form.one("input", name="valid_from").get("value") == "2026-02-01"
    police.post(
        f"/relations/{relation}/edit", kind="truce", valid_from="2026-02-01", note="Calm", **FACT
    )
    clock.move(minutes=1)
    ended = police.post(f"/relations/{relation}/end", valid_to="2026-03-01", reason="Over")
    clock.move(minutes=1)
    withdrawn = police.post(f"/relations/{relation}/withdraw", reason="A mistake")

    assert same.status == 422
    assert "Tension" in added.text
    assert "Truce" in ended.text
    assert "until" in ended.text
    assert "Truce" not in withdrawn.text
    assert {f"group_relation:{verb}" for verb in ("added", "corrected", "ended", "withdrawn")} <= (
        set(kinds(engine))
    )


@pytest.mark.parametrize("day", ["2026-02-30", "0001-01-01", "9999-12-31"])
def test_an_impossible_day_is_said_by_its_field(browser, town, day):
    page = browser(POLICE).post(
        "/relations/new",
        group_a=town["granit"],
        group_b=town["kajen"],
        kind="tension",
        valid_from=day,
        **FACT,
    )

    assert page.status == 422
    assert page.one("input", name="valid_from").get("aria-invalid") == "true"


@pytest.mark.both_databases
def test_as_of_a_day_before_the_conflict_there_is_none(browser, engine, programme, town):
    with transaction(engine) as db:
        tegel, muren = (
            a_group(db, programme, MONDAY, name, recorded_at=MONDAY - timedelta(days=400))
            for name in ("Tegel", "Muren")
        )
        a_relation(db, MONDAY, tegel, muren, recorded_at=MONDAY - timedelta(days=3))
        tegel_id = tegel.id

    now = browser(POLICE).get(f"/groups/{tegel_id}")
    then = browser(POLICE).get(f"/groups/{tegel_id}", as_of="2026-02-20")

    assert "in open conflict with Muren" in now.text
    assert "in no open conflict" in then.text
    assert f"/groups/{tegel_id}/edit" not in then.links()
    with reading(engine) as db:
        assert db.get(Group, tegel_id).status == "active"
