"""The pages of disclosing, over HTTP: two steps, the decider, the recipient, requests, register."""

import re

import pytest

from gvi.domain.access import Role
from gvi.domain.disclosure import GROUNDS, Ground
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry
from tests.conftest import MONDAY
from tests.factories import a_client, a_group, a_membership, a_person

WEIGHED = "The risk of violence weighs more than the secrecy here."
WORDS = "Moves between two addresses and is sought by older boys."
M, P, O = Role.COORDINATOR_MUNICIPAL, Role.COORDINATOR_POLICE, Role.OUTREACH  # noqa: E741
D = Role.AUDITOR


@pytest.fixture
def boy(engine, programme, viewer):
    from datetime import date  # noqa: PLC0415

    with transaction(engine) as db:
        person = a_person(
            db, programme, MONDAY, "Mes", name="Viktor Älgmark", birth_date=date(2006, 6, 1)
        )
        a_client(db, MONDAY, person, viewer(O).user_id)
        a_membership(db, MONDAY, person, a_group(db, programme, MONDAY, "Granit"), role="leader")
        return person.id


def send(browser, viewer, boy, giver=M, to=P, **given):
    ground = given.setdefault("ground", "young_at_risk")
    base = {
        "party": "police" if to is P else "probation" if to is Role.PROBATION else "social",
        "recipient": str(viewer(to).user_id),
        "purpose": "prevent_violence",
        "conditions": [each.value for each in GROUNDS[Ground(ground)].conditions],
        "weighing": WEIGHED,
        "decider": str(viewer(giver).user_id),
        "expires_on": "2026-03-16",
        "facts": WORDS,
        "source_class": "own_observation",
    }
    return browser(giver).post(f"/people/{boy}/disclose/write", **(base | given))


@pytest.mark.both_databases
def test_what_is_disclosed_is_read_by_its_recipient_alone_until_its_last_day(
    browser, engine, viewer, boy, clock
):
    page = send(browser, viewer, boy)
    assert page.status == 200
    assert "Disclosed. It can be read until its last day" in page.text

    assert "You can read one disclosure." in browser(P).get("/disclosed").text
    opened = browser(P).get("/disclosed/1")
    assert WORDS in opened.text
    assert "Under 21 and at risk of crime" in opened.text
    assert "OSL 10 kap. 18 a §" in opened.text
    for role in (Role.ANALYST, Role.PROBATION, D, Role.ADMIN, M):
        assert browser(role).get("/disclosed/1").status in (403, 404)
    with reading(engine) as db:
        looks = db.query(AuditEntry).filter_by(kind="disclosure:receive").all()
        assert [each.verb for each in looks if '"disclosure"' in each.subjects] == ["consulted"]
        assert all(WORDS not in each.detail for each in db.query(AuditEntry))

    clock.move(days=15)
    assert browser(P).get("/disclosed/1").status == 404
    assert "There is nothing to read now." in browser(P).get("/disclosed").text


def test_step_one_refuses_a_ground_that_does_not_cover_the_way(browser, boy):
    first = browser(M).get(f"/people/{boy}/disclose")
    assert "what you do not choose never leaves" in first.text
    page = browser(M).get(f"/people/{boy}/disclose/write", party="probation", ground="duty")

    assert page.status == 422
    assert "does not cover that recipient" in page.text


def test_only_ticked_lines_and_fields_leave(browser, viewer, boy):
    asked = browser(P).get(
        f"/people/{boy}/disclose/write", party="social", ground="balance", parts="groups"
    )
    assert "Granit" in asked.text
    (box,) = asked.all("input", name="lines")
    assert box.get("checked") is None

    send(
        browser,
        viewer,
        boy,
        giver=P,
        to=M,
        ground="balance",
        parts=["groups"],
        lines=[box.get("value")],
        fields_groups=["words"],
        facts="",
    )

    opened = browser(M).get("/disclosed/1").text
    assert "Granit" in opened
    assert "Leader" not in opened
    assert "grade B2" in opened
    assert "Assessments" in opened


def test_a_wrong_form_keeps_what_was_typed_and_names_the_field(browser, viewer, boy):
    page = send(browser, viewer, boy, conditions=["risk_of_crime"])

    assert page.status == 422
    assert "Every condition of the ground must be met." in page.text
    assert page.one("textarea", name="facts").text.strip() == WORDS


def test_the_decider_reads_it_first_and_nothing_leaves_before(browser, viewer, boy):
    page = send(browser, viewer, boy, giver=O, decider=str(viewer(M).user_id))
    assert "Sent for decision. Nothing has left yet." in page.text
    assert browser(P).get("/disclosed/1").status == 404
    assert "One waits for your decision." in browser(M).get("/disclosures").text

    waiting = browser(M).get("/disclosures/1")
    assert WORDS in waiting.text
    assert "Disclosed." in browser(M).post("/disclosures/1/decide").text
    assert WORDS in browser(P).get("/disclosed/1").text


def test_a_declined_one_says_why_and_stays(browser, viewer, boy):
    send(browser, viewer, boy, giver=O, decider=str(viewer(M).user_id))
    browser(M).post("/disclosures/1/decline", reason="Talk with the boy first, then write again.")

    assert "Talk with the boy first" in browser(O).get("/disclosures/1").text
    assert browser(P).get("/disclosed/1").status == 404


def test_a_withdrawn_consent_hides_it_within_one_request(browser, viewer, boy):
    page = browser(M).post(
        f"/people/{boy}/consents", party="police", parts=["own_words"], given_on="2026-03-02"
    )
    assert "One consent holds." in page.text
    send(browser, viewer, boy, ground="consent", consent="1")
    assert WORDS in browser(P).get("/disclosed/1").text

    browser(M).post(f"/people/{boy}/consents/1/withdraw")

    assert browser(P).get("/disclosed/1").status == 404
    assert "No consent holds." in browser(M).get(f"/people/{boy}/consents").text


def test_a_withdrawn_disclosure_is_gone_at_once(browser, viewer, boy):
    send(browser, viewer, boy)
    assert "cannot read it from that moment" in browser(M).get("/disclosures/1/withdraw").text
    browser(M).post("/disclosures/1/withdraw", reason="It was about somebody else after all.")

    assert browser(P).get("/disclosed/1").status == 404


@pytest.fixture
def asked(browser, viewer, boy):
    page = browser(M).post(
        f"/people/{boy}/disclosure-requests/new",
        party="police",
        asked_by="Inspector Falk",
        organisation="Polisen",
        asked_for="Where he lives now",
        received_at="2026-03-01T10:00",
        due_at="2026-03-04T10:00",
        owner=str(viewer(M).user_id),
    )
    assert page.status == 200, page.text
    return page


def test_a_request_stands_under_due_and_its_answer_leads_into_the_form(
    browser, viewer, boy, asked, clock
):
    assert "Answer the request about Viktor Älgmark" in browser(M).get("/due").text
    assert "Answer the request" not in browser(P).get("/due").text
    clock.move(days=3)
    assert "The deadline has passed." in browser(M).get("/disclosure-requests/1").text
    clock.move(days=-3)
    form = browser(M).get(
        f"/people/{boy}/disclose/write", party="police", ground="duty", request="1"
    )
    assert "Inspector Falk, Polisen, asks" in form.text

    send(browser, viewer, boy, ground="duty", request="1")

    assert "Answer the request" not in browser(M).get("/due").text
    assert "Answered." in browser(M).get("/disclosure-requests/1").text
    assert browser(P).get("/disclosure-requests/1").status == 404


def test_a_request_is_refused_with_its_reason(browser, asked):
    assert browser(M).post("/disclosure-requests/1/refuse", reason="No").status == 422
    page = browser(M).post(
        "/disclosure-requests/1/refuse", reason="The act excepts what was told in confidence."
    )

    assert "The act excepts what was told in confidence." in page.text


def test_the_register_is_each_sides_own_and_the_auditors_without_content(browser, viewer, boy):
    send(browser, viewer, boy)
    for role in (M, D):
        page = browser(role).get("/disclosures")
        assert "One disclosure." in page.text, role
        assert "Mes" in page.text
        assert WORDS not in page.text
        assert "Under 21" in browser(role).get("/disclosures/print").text
    assert "Nothing was disclosed" in browser(P).get("/disclosures").text
    detail = browser(D).get("/disclosures/1").text
    assert WORDS not in detail
    assert "It is not about a suspicion" in detail
    assert browser(P).get("/disclosures/1").status == 404
    assert browser(O).get("/disclosures").status == 403
    narrowed = browser(D).get("/disclosures", ground="duty")
    assert "Nothing matches" in narrowed.text


def test_the_register_is_exported_with_a_purpose_and_without_content(browser, viewer, boy):
    send(browser, viewer, boy)
    client = browser(D)
    token = client.token()
    refused = client.client.post("/disclosures/export", data={"csrf_token": token})
    given = client.client.post(
        "/disclosures/export", data={"csrf_token": token, "purpose": "yearly review"}
    )

    assert refused.status_code == 422
    assert given.headers["content-type"].startswith("text/csv")
    assert "own_words.facts" in given.text
    assert WORDS not in given.text


def test_a_person_page_says_what_was_shared_with_whom_on_which_ground(browser, viewer, boy):
    send(browser, viewer, boy)
    for role in (M, O, D):
        text = browser(role).get(f"/people/{boy}/disclosures").text
        assert "One disclosure can be read by its recipient now." in text, role
        assert "Test coordinator_police" in text
        assert "Under 21 and at risk of crime" in text
        assert WORDS not in text
    assert "Nothing was shared" in browser(P).get(f"/people/{boy}/disclosures").text


def test_an_outside_recipient_has_name_and_organisation_and_gets_paper(browser, viewer, boy):
    given = {"party": "other", "ground": "danger", "recipient": ""}
    refused = send(browser, viewer, boy, **given)
    assert refused.status == 422
    page = send(
        browser, viewer, boy, **given, recipient_name="Rektor Ask", organisation="Ängsskolan"
    )

    assert "Rektor Ask" in page.text
    assert WORDS in page.text


@pytest.mark.parametrize("role", list(Role))
def test_everybody_can_ask_whether_something_may_be_shared(browser, role):
    page = browser(role).get("/may-i-share", **{"from": "outreach", "to": "coordinator_police"})

    assert "there are 4 grounds" in page.text
    assert "The person is under 21 on the day of the decision." in page.text
    assert "Scores and ranks" in page.text
    assert not page.scores()
    menu = browser(role).get("/method")
    assert menu.all("a", href="/may-i-share")


def test_the_guide_is_two_clicks_from_a_person(browser, boy):
    person = browser(M).get(f"/people/{boy}")
    shared = [link for link in person.links() if re.search(r"/disclosures$", link)]
    assert any("/people/" in link for link in shared)
    assert "/may-i-share" in browser(M).get(f"/people/{boy}/disclosures").links()


@pytest.mark.parametrize("role", [Role.COMMUNITY, Role.STEERING, Role.ADMIN, Role.ANALYST, D])
def test_others_do_not_disclose(browser, role, boy):
    for path in (f"/people/{boy}/disclose", f"/people/{boy}/consents", "/disclosure-requests/1"):
        assert browser(role).get(path).status in (403, 404)
