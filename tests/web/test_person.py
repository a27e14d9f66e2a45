"""The register, one person's pages, entering with a hint at duplicates, and who sees what."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.naming import has_number
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, AuditSubject, Person, PersonAlias, RiskDecision, User
from tests.codebase.routes import addresses
from tests.conftest import MONDAY
from tests.factories import (
    a_client,
    a_group,
    a_membership,
    a_person,
    a_supervision,
    a_tie,
    an_incident,
    an_involvement,
)

POLICE, ANALYST = Role.COORDINATOR_POLICE, Role.ANALYST
PERSON = "{person_id}"
CHILD = date(2010, 6, 1)
FACT = {"source": "Group audit", "ground": "Mapping"}
LAST_YEAR = MONDAY - timedelta(days=300)


@pytest.fixture
def town(engine, programme):
    """Lom in Granit, tied to Mes, who is under 18; both own clients of outreach and probation."""
    with transaction(engine) as db:
        users = {user.role: user.id for user in db.query(User)}
        granit = a_group(db, programme, MONDAY)
        lom = a_person(
            db, programme, MONDAY, "Lom", name="Viktor Älgmark", source="mk-police report 4"
        )
        mes = a_person(db, programme, MONDAY, "Mes", name="Adam Liten", birth_date=CHILD)
        db.add(PersonAlias(person_id=lom.id, alias="Vicke"))
        a_membership(
            db, MONDAY, lom, granit, role="core", valid_from=LAST_YEAR, source="mk-police tip"
        )
        a_membership(db, MONDAY, mes, granit)
        a_tie(db, MONDAY, lom, mes, kind="friend")
        shooting = an_incident(db, programme, MONDAY - timedelta(days=9), place="Norrängsvägen")
        an_involvement(db, shooting, lom)
        an_involvement(db, shooting, mes)
        a_supervision(
            db, MONDAY, lom, note="mk-probation keeps his times", valid_to=MONDAY + timedelta(99)
        )
        db.add(
            RiskDecision(
                programme_id=programme,
                person_id=lom.id,
                colour="yellow",
                reason="Calmer",
                decided_by_id=users["coordinator_police"],
                decided_at=MONDAY - timedelta(days=5),
                expires_on=(MONDAY + timedelta(days=10)).date(),
            )
        )
        for role in ("outreach", "probation"):
            a_client(db, MONDAY, lom, users[role])
            a_client(db, MONDAY, mes, users[role])
        return {"lom": lom.id, "mes": mes.id, "granit": granit.id}


def subjects_of_last_entry(engine, thing):
    with reading(engine) as db:
        columns = (AuditEntry.id, AuditEntry.verb, AuditEntry.kind, AuditEntry.purpose)
        entry = db.execute(select(*columns).order_by(AuditEntry.id.desc()).limit(1)).one()
        rows = db.execute(
            select(AuditSubject.thing_id).where(
                AuditSubject.entry_id == entry.id, AuditSubject.thing == thing
            )
        )
        return entry, set(rows.scalars())


def row_texts(page):
    body = page.all("tbody")[0] if page.all("tbody") else []
    return [" ".join("".join(row.itertext()).split()) for row in body]


# The register


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("algmark", ["Viktor Älgmark"]),
        ("ÄLGMARK viktor", ["Viktor Älgmark"]),
        ("vicke", ["Viktor Älgmark"]),
        ("lom", ["Viktor Älgmark"]),
        ("liten", []),
        ("mes", ["Mes"]),
        ("100%", []),
    ],
)
def test_the_register_finds_by_name_alias_and_code_name(browser, town, words, found):
    page = browser(POLICE).get("/people", q=words)

    names = [row.split()[0:2] for row in row_texts(page)]
    assert [n[0] for n in names] == [f.split()[0] for f in found]


@pytest.mark.both_databases
def test_the_register_filters_by_group_colour_and_age(browser, town):
    police = browser(POLICE)
    granit = str(town["granit"])

    assert len(row_texts(police.get("/people", group=granit))) == 1
    assert "Yellow" in row_texts(police.get("/people", colour="yellow"))[0]
    assert [r[:3] for r in row_texts(police.get("/people", colour="none"))] == ["Mes"]
    assert [r[:3] for r in row_texts(police.get("/people", age="yes"))] == ["Mes"]
    assert len(row_texts(police.get("/people", age="no"))) == 1


def test_everybody_on_the_register_is_in_the_log(browser, engine, town):
    browser(POLICE).get("/people")

    entry, people = subjects_of_last_entry(engine, "person")
    assert (entry.verb, entry.kind) == ("consulted", "person:list")
    assert people == {town["lom"], town["mes"]}


def test_the_register_is_exported_with_its_purpose(browser, engine, town):
    analyst = browser(ANALYST)

    refused = analyst.post("/people/export", purpose=" ")
    answer = analyst.post("/people/export?q=lom", purpose="Weekly review").answer

    assert refused.status == 422
    text = answer.content.decode("utf-8-sig")
    assert "Weekly review" in text
    assert "Viktor Älgmark" in text
    assert "Adam Liten" not in text
    entry, people = subjects_of_last_entry(engine, "person")
    assert (entry.verb, entry.kind, entry.purpose) == (
        "disclosed",
        "person:exported",
        "Weekly review",
    )
    assert people == {town["lom"]}


@pytest.mark.both_databases
def test_the_register_as_of_a_day_before_anything_is_empty(browser, town):
    page = browser(POLICE).get("/people", as_of="2020-01-01")

    assert row_texts(page) == []
    assert "/people/new" not in page.links()


# One person


def test_police_see_groups_ties_supervision_and_what_happened(browser, town):
    page = browser(POLICE).get(f"/people/{town['lom']}")

    assert page.title == "Viktor Älgmark"
    assert "Core in Granit; tied to 0 people; under supervision" in page.text
    assert "Norrängsvägen" in page.text
    assert "Adam Liten" not in page.text
    assert "mk-probation" not in page.text
    assert page.scores() == []


def test_of_an_under_18_police_see_the_involvements_only(browser, town, engine):
    page = browser(POLICE).get(f"/people/{town['mes']}")

    assert page.title == "Mes"
    assert "under 18" in page.text
    assert "Norrängsvägen" in page.text
    for hidden in ("Adam", "Granit", "Viktor", "2010", "Lom"):
        assert hidden not in page.text
    records = browser(POLICE).get(f"/people/{town['mes']}/records")
    assert "Granit" not in records.text
    network = browser(POLICE).get(f"/people/{town['mes']}/network")
    assert "Lom" not in network.text
    assert "Viktor" not in network.text


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("role", "sees", "hidden"),
    [
        pytest.param(
            Role.COORDINATOR_MUNICIPAL,
            ["Viktor Älgmark", "Granit", "Probation", "Yellow"],
            ["Core", "Norrängsvägen", "mk-police", "mk-probation", "Adam"],
            id="the municipality: names of groups",
        ),
        pytest.param(
            Role.OUTREACH,
            ["Viktor Älgmark", "Supervision", "Yes"],
            ["Granit", "Core", "Norrängsvägen", "mk-police", "mk-probation", "Adam", "can be"],
            id="outreach: no groups, no ties",
        ),
        pytest.param(
            Role.PROBATION,
            ["Viktor Älgmark", "Granit", "mk-probation"],
            ["Core", "Norrängsvägen", "mk-police", "Adam"],
            id="probation: the group’s name and the own note",
        ),
        pytest.param(
            Role.ANALYST,
            ["Viktor Älgmark", "Core", "Norrängsvägen", "Yes"],
            ["mk-probation", "obliged", "Adam"],
            id="analysts: supervision yes or no",
        ),
    ],
)
def test_each_role_sees_its_own_share_of_a_person(browser, town, role, sees, hidden):
    page = browser(role).get(f"/people/{town['lom']}")
    records = browser(role).get(f"/people/{town['lom']}/records")

    for text in sees:
        assert text in page.text
    for text in hidden:
        assert text not in page.text
    for marker in ("mk-police", "mk-probation"):
        if marker in hidden:
            assert marker not in records.text


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.PROBATION])
def test_workers_meet_own_clients_only(browser, engine, programme, town, role):
    with transaction(engine) as db:
        stranger = a_person(db, programme, MONDAY, "Siska", name="Noel Bäck").id

    assert browser(role).get(f"/people/{stranger}").status == 404
    assert "Noel" not in browser(role).get("/people").text


@pytest.mark.parametrize("role", [Role.STEERING, Role.COMMUNITY, Role.AUDITOR, Role.ADMIN])
def test_others_meet_nobody(browser, town, role):
    assert browser(role).get("/people").status == 403
    assert browser(role).get(f"/people/{town['lom']}").status == 403


@pytest.mark.both_databases
def test_the_records_tell_the_source_and_every_value_before(browser, clock, town):
    clock.move(days=1)
    analyst = browser(ANALYST)
    analyst.post(f"/people/{town['lom']}/edit", code_name="Storlom", name="Viktor Älgmark", **FACT)

    page = analyst.get(f"/people/{town['lom']}/records")

    assert "mk-police tip" in page.text
    assert "Code name: Lom → Storlom" in page.text
    assert "Source: mk-police report 4 → Group audit" in page.text
    before = analyst.get(f"/people/{town['lom']}/records", as_of="2026-03-02")
    assert "Storlom" not in before.text
    assert f"/people/{town['lom']}/edit" not in before.links()


@pytest.mark.both_databases
def test_the_network_shows_two_steps(browser, engine, programme, town):
    with transaction(engine) as db:
        lom = db.get(Person, town["lom"])
        near = a_person(db, programme, MONDAY, "Spov", name="Rasmus Ek")
        far = a_person(db, programme, MONDAY, "Ejder", name="Adam Löfgren")
        a_tie(db, MONDAY, near, lom, kind="recruiter")
        a_tie(db, MONDAY, far, near)

    page = browser(POLICE).get(f"/people/{town['lom']}/network")

    assert "1 person one step away, 1 person two steps away" in page.text
    assert "Recruited by" in page.text
    assert "Adam Löfgren" in page.text


# Entering


def test_a_person_is_added_under_a_drawn_code_name(browser, engine, town):
    police = browser(POLICE)
    assert not police.get("/people/new").one("input", name="code_name").get("value")

    page = police.post("/people/new", name="Simon Hjort", **FACT)

    assert page.title == "Simon Hjort"
    assert "Added." in page.text
    with reading(engine) as db:
        drawn = db.execute(select(Person.code_name).order_by(Person.id.desc()).limit(1)).scalar()
    assert has_number(drawn)


def test_wrong_input_is_kept_and_said_by_its_field(browser, town):
    page = browser(POLICE).post(
        "/people/new", code_name="lom", name="Simon Hjort", birth_date="2026-02-30"
    )

    assert page.status == 422
    assert page.one("input", name="name").get("value") == "Simon Hjort"
    assert page.one("input", name="birth_date").get("aria-invalid") == "true"

    missing = browser(POLICE).post("/people/new", code_name="lom", name="Simon Hjort")
    assert missing.one("input", name="source").get("aria-invalid")


@pytest.mark.both_databases
def test_a_likely_duplicate_is_hinted_at_before_anything_is_saved(browser, town):
    police = browser(POLICE)
    typed = {"code_name": "Tärna", "name": "Victor Elgmark", **FACT}

    checked = police.post("/people/new", check="1", **typed)
    stopped = police.post("/people/new", **typed)

    for page in (checked, stopped):
        assert f"/people/{town['lom']}" in page.links()
    assert (checked.status, stopped.status) == (200, 422)
    assert "Save anyway" in stopped.text
    saved = police.post("/people/new", is_another="on", **typed)
    assert saved.title == "Victor Elgmark"


def test_the_hint_while_typing_names_nobody_the_viewer_may_not_see(browser, engine, town):
    seen = browser(POLICE).post("/people/likely", name="Viktor Elgmark")
    unseen = browser(POLICE).post("/people/likely", name="Adam Liten")

    assert "Viktor Älgmark" in seen.text
    assert f"/people/{town['mes']}" not in unseen.links()
    _, people = subjects_of_last_entry(engine, "person")
    assert town["mes"] not in people
    assert browser(Role.OUTREACH).post("/people/likely", name="Viktor").status == 403


def test_the_municipality_writes_into_its_own_secrecy(browser, engine):
    municipal = browser(Role.COORDINATOR_MUNICIPAL)

    page = municipal.post("/people/new", code_name="Solsidan", name="Maja Ek", **FACT)
    refused = municipal.post(
        "/people/new", code_name="Månen", compartment="police", name="Ida Öst", **FACT
    )

    assert page.title == "Maja Ek"
    assert refused.status == 403
    with reading(engine) as db:
        assert db.execute(select(Person.compartment)).scalars().all() == ["social"]
    assert "Maja Ek" not in browser(POLICE).get("/people").text


def test_a_protected_person_goes_by_the_code_name(browser, engine, town):
    with transaction(engine) as db:
        db.get(Person, town["lom"]).is_protected = True
        db.get(Person, town["lom"]).revised_at = MONDAY

    police = browser(POLICE)
    page, form = police.get(f"/people/{town['lom']}"), police.get(f"/people/{town['lom']}/edit")

    assert page.title == "Lom"
    assert "Viktor" not in page.html
    assert "Viktor" not in form.html
    assert police.get("/people", q="viktor").all("tbody") == []
    assert browser(Role.OUTREACH).get(f"/people/{town['lom']}").title == "Lom"


def test_a_person_with_records_is_not_withdrawn(browser, town):
    page = browser(POLICE).post(f"/people/{town['lom']}/withdraw", reason="A mistake")

    assert page.status == 422
    assert "Other records still point to this person" in page.text


def test_nothing_is_changed_in_the_past(browser, town):
    page = browser(POLICE).get(f"/people/{town['lom']}/edit", as_of="2026-02-01")

    assert page.status == 404


def test_a_long_timeline_opens_with_the_latest(browser, engine, programme, town):
    with transaction(engine) as db:
        lom = db.get(Person, town["lom"])
        for days in range(20, 35):
            incident = an_incident(
                db, programme, MONDAY - timedelta(days=days), place=f"Torget {days}"
            )
            an_involvement(db, incident, lom)
    police = browser(POLICE)

    first, whole = (police.get(f"/people/{town['lom']}{more}") for more in ("", "?all=1"))

    assert "Torget 20" in first.text
    assert "Torget 34" not in first.text
    assert "Show all 18" in first.text
    assert "Torget 34" in whole.text


def test_the_municipality_is_not_offered_to_correct_a_police_record(browser, town):
    page = browser(Role.COORDINATOR_MUNICIPAL).get(f"/people/{town['lom']}")

    assert f"/people/{town['lom']}/edit" not in page.links()


def test_a_person_under_18_is_corrected_and_withdrawn_by_those_alone_who_see_them_whole(
    browser, town, engine
):
    with transaction(engine) as db:
        db.get_one(Person, town["mes"]).area = "Lillängen"
    with reading(engine) as db:
        before = db.execute(select(Person.__table__).where(Person.id == town["mes"])).one()
    wrong = {"code_name": "Mås", "birth_date": "1990-01-01", "area": "", "reason": "x", **FACT}
    for role in (POLICE, ANALYST):
        visitor = browser(role)
        for act in ("edit", "withdraw"):
            address = f"/people/{town['mes']}/{act}"
            for page in (visitor.get(address), visitor.post(address, **wrong)):
                assert page.status == 404, address
        records = visitor.get(f"/people/{town['mes']}/records")
        shown = visitor.get(f"/people/{town['mes']}").links() + records.links()
        assert not [link for link in shown if link.endswith(("/edit", "/withdraw"))]

    with reading(engine) as db:
        assert db.execute(select(Person.__table__).where(Person.id == town["mes"])).one() == before


@pytest.mark.parametrize("role", [POLICE, ANALYST])
def test_no_page_of_a_person_under_18_shows_police_birth_date_area_or_name(
    browser, town, engine, role
):
    with transaction(engine) as db:
        mes = db.get_one(Person, town["mes"])
        mes.area, mes.source, mes.ground = "Lillängen", "mk-source", "mk-ground"
    visitor = browser(role)
    pages = [each.path for each in addresses() if each.method == "GET" and PERSON in each.path]
    assert len(pages) > 10
    for path in pages:
        if path.count("{") > 1:
            continue
        answer = visitor.client.get(path.replace(PERSON, str(town["mes"])))
        for hidden in ("2010", "Lillängen", "Liten", "mk-source", "mk-ground"):
            assert hidden not in answer.text, f"{path} shows {hidden}"
