"""The planner in the browser: rules, why somebody is in the plan or not, what to take care of."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import CallIn, Group, Person
from tests import factories as make
from tests.client import NS
from tests.conftest import MONDAY

POLICE, ANALYST = Role.COORDINATOR_POLICE, Role.ANALYST
UNDO = "Undo the last change of ticks"


@pytest.fixture
def town(engine, programme):
    """Two groups at peace. Lom reaches all of Granit but Ensam; Mes and Siska are Kajen."""
    with transaction(engine) as db:
        granit = make.a_group(db, programme, MONDAY, "Granit")
        kajen = make.a_group(db, programme, MONDAY, "Kajen")
        people = {}
        for code_name, group in (
            ("Lom", granit),
            ("Alka", granit),
            ("Tärna", granit),
            ("Ensam", granit),
            ("Mes", kajen),
            ("Siska", kajen),
        ):
            people[code_name] = make.a_person(db, programme, MONDAY, code_name)
            make.a_membership(db, MONDAY, people[code_name], group)
        make.a_tie(db, MONDAY, people["Lom"], people["Alka"])
        make.a_tie(db, MONDAY, people["Lom"], people["Tärna"])
        make.a_tie(db, MONDAY, people["Mes"], people["Siska"])
        make.a_supervision(db, MONDAY, people["Lom"])
        ids = {name: person.id for name, person in people.items()}
        return ids | {"granit": granit.id, "kajen": kajen.id}


@pytest.fixture
def url(browser, town, engine):
    """The planner of a call-in of both groups with two seats."""
    new = {"name": "Call-in 4", "seats": "2", "starts_at": "2026-04-09T17:30"}
    browser(POLICE).post("/call-ins/new", **new, groups=[town["granit"], town["kajen"]])
    with reading(engine) as db:
        return f"/call-ins/{db.scalars(select(CallIn.id)).one()}/plan"


def ticked(page):
    return {int(box.get("value")) for box in page.all("input", name="p") if "checked" in box.attrib}


def said(element):
    return " ".join(" ".join(element.itertext()).split())


def chosen(page, name):
    """The row of somebody ticked: why, how likely, last message, care."""
    section = page.one("section", data_live="ticked")
    return next(said(row) for row in section.iter(f"{NS}tr") if said(row).startswith(name))


def why_not(page, person_id):
    return said(page.one("small", data_live=f"why-{person_id}"))


def link(page, words):
    """The first address of that name, with ids in it."""
    return next(url for a, url in zip(linked(page), page.links(), strict=True) if said(a) == words)


def linked(page):
    return [a for a in page.all("a") if a.get("href")]


def count(browser, url, *people, role=POLICE, **more):
    return browser(role).post(url, act="count", p=list(people), **more)


def test_at_least_so_many_of_a_group_are_in_the_best_plan(browser, town, url):
    page = browser(POLICE).get(url)
    assert ticked(page) == {town["Lom"], town["Mes"]}

    page = count(browser, url, town["Lom"], **{f"least-{town['granit']}": "2"})

    assert page.one("input", name=f"least-{town['granit']}").get("value") == "2"
    page = browser(POLICE).get(link(page, "Tick these"))
    assert ticked(page) == {town["Lom"], town["Ensam"]}


def test_a_minimum_that_cannot_be_kept_is_named_with_what_the_nearest_plan_gives_up(
    browser, town, url
):
    page = count(browser, url, size="5", **{f"least-{town['granit']}": "5"})

    assert "No plan keeps all these rules" in page.text
    assert "At least 5 of this group must be invited; 4 of its members may be." in page.text
    assert "Granit gets 1 invitee fewer than asked for." in page.text


def test_a_minimum_that_is_no_number_is_said_by_its_field(browser, town, url):
    page = count(browser, url, town["Mes"], **{f"least-{town['granit']}": "many"})

    assert page.status == 422
    assert page.one("input", name=f"least-{town['granit']}").get("aria-invalid") == "true"
    assert ticked(page) == {town["Mes"]}


def test_two_people_are_kept_apart_until_their_box_is_unticked(browser, town, url):
    pair = {"apart_one": str(town["Lom"]), "apart_other": str(town["Mes"])}
    page = count(browser, url, town["Lom"], **pair)

    box = page.one("input", name="apart")
    assert "checked" in box.attrib
    assert why_not(page, town["Mes"]) == "Voluntary. To be kept apart from Lom."
    best = browser(POLICE).get(link(page, "Tick these"))
    assert ticked(best) == {town["Lom"], town["Siska"]}

    both = count(browser, url, town["Lom"], town["Mes"], apart=box.get("value"))
    assert "To be kept apart Mes" in chosen(both, "Lom")

    freed = count(browser, url, town["Lom"])
    assert not freed.all("input", name="apart")


def test_a_pair_takes_two_people(browser, town, url):
    for other in (str(town["Lom"]), ""):
        page = count(browser, url, apart_one=str(town["Lom"]), apart_other=other)

        assert page.status == 422
        assert "Choose two different people." in page.text


def test_everybody_says_why_they_are_in_or_not(browser, town, url):
    page = count(browser, url, town["Lom"], town["Alka"])

    lom, alka = chosen(page, "Lom"), chosen(page, "Alka")
    assert "Reaches 3, 1 of them as the only one ticked. In the best plan too." in lom
    assert "Must come, 100 %" in lom
    assert "Reaches 2, all of whom others ticked reach as well. Not in the best plan." in alka
    assert "Voluntary, 17 %" in alka
    assert (
        why_not(page, town["Mes"])
        == "Voluntary. Would add 2; the seats are full, and somebody ticked adds only 0."
    )
    assert why_not(page, town["Tärna"]).endswith(
        "Adds nobody: those ticked reach everybody this person reaches."
    )
    page = count(browser, url, town["Mes"], **{f"rule-{town['Ensam']}": "exclude"})
    assert why_not(page, town["Ensam"]) == "Voluntary. You ruled this person out."
    assert why_not(page, town["Lom"]) == "Must come. Would add 3."


def test_other_plans_that_are_as_good_are_counted_named_and_ticked_by_a_link(browser, town, url):
    page = browser(POLICE).get(url)

    assert "The best plan is ticked to begin with." in page.text
    assert "1 other plan is as good." in page.text
    other = browser(POLICE).get(link(page, "Siska instead of Mes"))
    assert ticked(other) == {town["Lom"], town["Siska"]}
    assert "No plan within these rules reaches more." in other.text
    assert "The best plan is ticked to begin with." not in other.text


def test_the_last_message_of_each_invitee_is_shown(browser, town, url, engine, programme):
    with transaction(engine) as db:
        held = make.a_call_in(db, programme, MONDAY - timedelta(days=20), "Call-in 3")
        person = db.get(Person, town["Lom"])
        make.a_delivery(db, person, held.starts_at, call_in_id=held.id)

    page = count(browser, url, town["Lom"], town["Mes"])

    assert "Tue 10 Feb Call-in" in chosen(page, "Lom")
    assert "Never" in chosen(page, "Mes")


def test_violence_of_the_last_seven_days_asks_for_go_or_no_go(
    browser, town, url, engine, programme
):
    with transaction(engine) as db:
        for days in (2, 8):
            at = MONDAY - timedelta(days=days)
            incident = make.an_incident(db, programme, at)
            make.an_involvement(db, incident, db.get(Person, town["Alka"]))

    page = count(browser, url, town["Lom"], town["Mes"])

    assert "Go or no-go? Violence in the last seven days" in page.text
    assert page.text.count("Shooting, someone hurt") == 1
    assert "1 incident of their group" in chosen(page, "Lom")
    assert "Violence this week" not in chosen(page, "Mes")
    assert "Shooting, someone hurt, Sat 28 Feb" in chosen(count(browser, url, town["Alka"]), "Alka")


def test_who_only_saw_it_and_what_hurts_nobody_ask_for_no_go_or_no_go(
    browser, town, url, engine, programme
):
    with transaction(engine) as db:
        at, alka = MONDAY - timedelta(days=2), db.get_one(Person, town["Alka"])
        seen = make.an_incident(db, programme, at)
        make.an_involvement(db, seen, alka, "witness")
        make.an_involvement(db, seen, alka, "stopped")
        make.an_involvement(db, make.an_incident(db, programme, at, "sighting"), alka)

    page = count(browser, url, town["Alka"])

    assert "Go or no-go?" not in page.text
    assert "Violence this week" not in page.text


def test_of_many_people_those_looked_for_are_given_a_rule(browser, town, url, engine, programme):
    with transaction(engine) as db:
        granit = db.get_one(Group, town["granit"])
        for n in range(20):
            make.a_membership(db, MONDAY, make.a_person(db, programme, MONDAY, f"Ärla {n}"), granit)

    def offered(page):
        return {s.get("id") for s in page.all("select") if s.get("id").startswith("rule-")}

    assert offered(browser(POLICE).get(url)) == set()

    found = count(browser, url, town["Mes"], q="sis")
    assert offered(found) == {f"rule-{town['Siska']}"}
    assert "Siska" not in link(found, "A link to this plan")

    locked = count(browser, url, town["Mes"], q="arla", **{f"rule-{town['Siska']}": "lock"})
    assert f"rule-{town['Siska']}" in offered(locked), "a rule that stands is always shown"
    assert len(offered(locked)) == 13
    assert "8 more are called that" in locked.text
    assert ticked(locked) == {town["Mes"]}

    assert "Nobody who may be invited is called that." in count(browser, url, q="xyz").text


def test_nobody_plans_a_call_in_for_a_slip_of_the_year(browser, town):
    groups = [town["granit"], town["kajen"]]
    new = {"name": "Call-in 9", "seats": "2", "starts_at": "2126-04-09T17:30"}

    page = browser(POLICE).post("/call-ins/new", **new, groups=groups)

    assert page.status == 422
    assert "That is more than two years ahead. Look at the year." in page.text


def test_the_last_change_of_ticks_is_undone_and_done_again(browser, town, url):
    page = browser(POLICE).get(url)
    before = ticked(page)
    was = [box.get("value") for box in page.all("input", name="was")]
    assert UNDO not in page.text

    page = count(browser, url, town["Siska"], was=was)
    page = browser(POLICE).get(link(page, UNDO))
    assert ticked(page) == before

    page = browser(POLICE).get(link(page, UNDO))
    assert ticked(page) == {town["Siska"]}


def test_a_plan_is_shared_by_its_address_with_those_who_may_plan_only(browser, town, url):
    page = count(browser, url, town["Siska"], size="1", apart=f"{town['Lom']}-{town['Mes']}")
    address = link(page, "A link to this plan")

    shown = browser(ANALYST).get(address)

    assert ticked(shown) == {town["Siska"]}
    assert "1 of 1 seats" in shown.text
    assert shown.one("input", name="apart").get("value") == f"{town['Lom']}-{town['Mes']}"
    assert browser(Role.COORDINATOR_MUNICIPAL).get(address).status == 403


def test_visits_that_fill_the_gap_are_named(browser, town, url):
    page = browser(POLICE).get(url)

    assert "3, with 2 visits 6" in page.text
    assert "Visits that would fill the gap of those who must come: Ensam, Mes." in page.text


def test_plans_are_kept_as_drafts_and_compared_by_one_address(browser, town, url):
    first = browser(POLICE).post(url, act="keep", p=[town["Lom"]])
    second = browser(POLICE).post(
        url, act="keep", p=[town["Siska"]], draft=first.one("input", name="draft").get("value")
    )

    row = next(said(tr) for tr in second.all("tr") if "Reached if all come" in said(tr))
    assert row.endswith("3 2"), "Lom reaches three, Siska two"
    assert "Draft 1 Draft 2" in said(second.one("section", data_live="plans"))
    shared = browser(ANALYST).get(link(second, "A link to this plan"))
    assert "Draft 1 Draft 2" in said(shared.one("section", data_live="plans"))
    assert ticked(shared) == {town["Siska"]}

    dropped = browser(POLICE).get(link(second, "No longer keep"))
    assert [box.get("value") for box in dropped.all("input", name="draft")] == [str(town["Siska"])]


def test_three_drafts_at_most_are_kept_each_once(browser, town, url):
    drafts = [str(town[name]) for name in ("Lom", "Alka", "Tärna")]

    page = browser(POLICE).post(url, act="keep", p=[town["Lom"]], draft=drafts)
    assert [box.get("value") for box in page.all("input", name="draft")] == drafts

    page = browser(POLICE).post(url, act="keep", p=[town["Mes"]], draft=drafts)
    kept = [box.get("value") for box in page.all("input", name="draft")]
    assert kept == [*drafts[1:], str(town["Mes"])]


def test_the_plan_counts_with_the_programmes_own_attendance_when_asked_to(
    browser, town, url, engine, programme
):
    with transaction(engine) as db:
        held = make.a_call_in(db, programme, MONDAY - timedelta(days=20), "Call-in 3")
        held.status = "held"
        person = db.get(Person, town["Siska"])
        make.an_invitee(db, held, person, status="attended")

    page = count(browser, url, town["Mes"], learned="on")

    assert "0 of 0 who had to came, and 1 of 1 others." in page.text
    assert "Voluntary, 29 % learned from 1 who were asked" in chosen(page, "Mes")
    assert "checked" in page.one("input", name="learned").attrib


@pytest.mark.parametrize("role", [POLICE, ANALYST])
def test_a_day_years_ahead_tells_no_name_of_a_child(browser, engine, programme, town, role):
    with transaction(engine) as db:
        child = make.a_person(
            db, programme, MONDAY, "Järpe", name="Ebbe Barn", birth_date=date(2010, 1, 31)
        )
        make.a_membership(db, MONDAY, child, db.get_one(Group, town["granit"]))
    new = {"name": "Call-in 9", "seats": "2", "starts_at": "2028-02-10T17:30"}
    browser(POLICE).post("/call-ins/new", **new, groups=[town["granit"], town["kajen"]])
    with reading(engine) as db:
        call_in = db.scalars(select(CallIn.id)).one()

    page = browser(role).get(f"/call-ins/{call_in}/plan")

    assert page.status == 200
    assert "Ebbe" not in page.html


def test_a_group_left_out_for_a_conflict_is_named_with_the_way_to_two_sessions(
    browser, town, url, engine
):
    with transaction(engine) as db:
        groups = [db.get(Group, town[name]) for name in ("granit", "kajen")]
        make.a_relation(db, MONDAY, *groups)
    page = browser(POLICE).get(url)
    assert "Nobody of Kajen is in the best plan: they are in open conflict with Granit" in page.text

    page = browser(POLICE).get(link(page, "Plan for two sessions"))

    assert "Nobody of Kajen" not in page.text
    assert ticked(page) == {town["Lom"], town["Mes"]}


def test_what_the_best_can_be_beside_those_asked_already_is_said_so(browser, town, url, engine):
    with transaction(engine) as db:
        call_in = db.scalars(select(CallIn)).one()
        make.an_invitee(db, call_in, db.get(Person, town["Siska"]), status="invited")

    page = browser(POLICE).get(f"{url}?size=1&counted=1&p={town['Siska']}")

    assert "No plan with the 1 who was asked already reaches more." in page.text


def test_where_nobody_must_come_the_plan_of_those_is_said_to_be_none(browser, town, url):
    page = browser(POLICE).get(f"{url}?size=2&exactly=on&least-{town['kajen']}=1")

    assert "No plan of those who must come alone keeps these rules." in page.text
