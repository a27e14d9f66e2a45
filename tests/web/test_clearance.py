"""An invitee's page: what blocks, who judges what, and what others are told."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.call_in import CallInStatus
from gvi.store.engine import reading, transaction
from gvi.store.models import CallIn, Clearance, Invitee, Person, StatusChange
from gvi.store.queries.hold import hold
from gvi.usecases.call_in import advance_call_in
from tests import factories as make
from tests.conftest import MONDAY, ZONE

POLICE, MUNICIPAL = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL


@pytest.fixture
def invitee(engine, programme):
    """Lom is proposed; gives the address of the invitee."""
    with transaction(engine) as db:
        group = make.a_group(db, programme, MONDAY, "Granit")
        call_in = make.a_call_in(db, programme, MONDAY + timedelta(days=30), status="approved")
        lom = make.a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        make.a_membership(db, MONDAY, lom, group)
        row = make.an_invitee(db, call_in, lom, status="proposed", group_id=group.id)
        return f"/call-ins/{call_in.id}/invitees/{row.id}"


def test_the_page_says_what_blocks_until_both_have_judged(browser, invitee):
    police, municipal = browser(POLICE), browser(MUNICIPAL)
    assert "still to judge. Secrecy, Safety." in police.get(invitee).text

    police.post(f"{invitee}/clearance/safety", judgement="yes", reason="No threat known")
    assert "still to judge. Secrecy." in municipal.get(invitee).text
    page = municipal.post(f"{invitee}/clearance/secrecy", judgement="yes", reason="All agreed")

    assert "Secrecy and safety let this person be asked." in page.text
    assert "All agreed" in page.text
    assert "No threat known" not in page.text
    assert "No threat known" in police.get(invitee).text


def test_the_call_in_says_who_is_still_to_judge_and_who_is_held_back(browser, invitee):
    call_in = invitee.split("/invitees")[0]
    assert "To judge: Secrecy, Safety" in browser(POLICE).get(call_in).text

    browser(POLICE).post(f"{invitee}/clearance/safety", judgement="no", reason="A threat")

    assert "Held back: Safety" in browser(MUNICIPAL).get(call_in).text
    assert invitee in browser(MUNICIPAL).get(call_in).links()


@pytest.mark.parametrize("kind", ["roster", "door_list"])
def test_who_is_held_back_after_the_invitation_stands_on_no_new_paper(
    browser, invitee, engine, kind
):
    call_in = invitee.split("/invitees")[0]
    with transaction(engine) as db:
        row = db.scalars(select(Invitee)).one()
        row.status = "invited"
        make.cleared(db, row, 1)
        other = make.a_person(db, 1, MONDAY, "Alka", name="Erik Ny")
        make.an_invitee(db, db.get(CallIn, row.call_in_id), other)
        db.get(CallIn, row.call_in_id).venue = "Arenan"

    def paper():
        said = {"kind": kind, "purpose": "The evening", "language": "sv", "as": "page"}
        return browser(MUNICIPAL).post(f"{call_in}/papers/new", **said).html

    assert "Viktor" in paper()
    browser(POLICE).post(f"{invitee}/clearance/safety", judgement="no", reason="A threat")

    page = paper()
    assert "Erik Ny" in page
    assert "Viktor" not in page


def test_each_is_asked_only_what_is_theirs(browser, invitee):
    def asked(role):
        forms = browser(role).get(invitee).all("form", method="post")
        ends = [form.get("action").split("/clearance/") for form in forms]
        return [end[1] for end in ends if len(end) > 1]

    assert asked(POLICE) == ["safety"]
    assert asked(MUNICIPAL) == ["secrecy"]
    assert asked(Role.ANALYST) == []
    assert browser(POLICE).post(f"{invitee}/clearance/secrecy", judgement="yes").status == 403
    assert browser(Role.OUTREACH).get(invitee).status == 403


def test_a_judgement_without_a_reason_or_an_answer_is_refused_by_the_field(browser, invitee):
    page = browser(POLICE).post(f"{invitee}/clearance/safety", reason="No threat known")
    assert page.status == 422
    assert page.one("input", id="f-reason").get("value") == "No threat known"

    page = browser(POLICE).post(f"{invitee}/clearance/safety", judgement="yes")
    assert page.status == 422


def test_a_judgement_is_held_to_what_its_signer_saw(browser, invitee):
    seen = browser(POLICE).get(invitee).all("input", name="seen")[-1].get("value")
    browser(POLICE).post(f"{invitee}/clearance/safety", judgement="no", reason="A threat")

    page = browser(POLICE).post(
        f"{invitee}/clearance/safety", judgement="yes", reason="Fine", seen=seen
    )

    assert page.status == 422
    assert "Held back" in page.text


def test_safety_is_to_be_looked_at_again_after_violence(browser, engine, programme, invitee):
    browser(POLICE).post(f"{invitee}/clearance/safety", judgement="yes", reason="No threat known")
    with transaction(engine) as db:
        db.query(Clearance).one().judged_at = MONDAY - timedelta(days=3)
        lom = db.query(Person).one()
        shooting = make.an_incident(db, programme, MONDAY - timedelta(days=1))
        make.an_involvement(db, shooting, lom, "victim")

    page = browser(POLICE).get(invitee)

    assert "Look at safety again" in page.text
    assert f"{invitee.split('/invitees')[0]}/plan" in page.links()
    assert "Look at safety again" not in browser(MUNICIPAL).get(invitee).text


@pytest.mark.only_postgres
@pytest.mark.parametrize("act", ["judge", "withdraw"])
def test_who_judges_while_invitations_go_out_waits_and_meets_them(
    browser, engine, viewer, invitee, act
):
    """SQLite has one writer at a time anyway."""
    police = browser(POLICE)
    for who, kind in ((police, "safety"), (browser(MUNICIPAL), "secrecy")):
        who.post(f"{invitee}/clearance/{kind}", judgement="yes", reason="Asked")
    number = int(invitee.split("/")[2])
    act, sent = {
        "judge": ("clearance/safety", {"judgement": "no", "reason": "A threat"}),
        "withdraw": ("withdrawn", {"reason": "Moved away"}),
    }[act]

    with ThreadPoolExecutor(1) as people, transaction(engine) as db:
        hold(db, CallIn, number)
        answer = people.submit(police.post, f"{invitee}/{act}", **sent)
        assert not wait([answer], timeout=2).done
        to = CallInStatus.INVITED
        advance_call_in(db, viewer(POLICE), number, to=to, at=MONDAY, zone=ZONE)
        db.commit()
        answer.result()

    with reading(engine) as db:
        moves = db.scalars(select(StatusChange.new).where(StatusChange.thing == "invitee")).all()
    assert moves[:2] == ["cleared", "invited"]


# All at once


@pytest.fixture
def many(engine, programme, invitee):
    """Lom, Alka and Mes are proposed; gives the address and each one's number by code name."""
    number = int(invitee.split("/")[2])
    with transaction(engine) as db:
        call_in, lom = db.get_one(CallIn, number), db.scalars(select(Invitee)).one()
        ids = {"Lom": lom.id}
        for code in ("Alka", "Mes"):
            person = make.a_person(db, programme, MONDAY, code, name=f"Name of {code}")
            ids[code] = make.an_invitee(db, call_in, person, status="proposed").id
    return {"url": f"/call-ins/{number}/clearance/safety", **ids}


def said(many, **judged):
    """Give the fields: code name → (yes or no, why)."""
    return {
        f"{name}-{many[code]}": value
        for code, both in judged.items()
        for name, value in zip(("judgement", "reason"), both, strict=True)
    }


def judged(engine):
    with reading(engine) as db:
        rows = db.scalars(select(Clearance).order_by(Clearance.invitee_id, Clearance.id)).all()
        return [(row.invitee_id, row.is_cleared, row.reason, row.ended_at is None) for row in rows]


def test_several_are_judged_in_one_form_each_with_an_own_answer_and_reason(browser, engine, many):
    page = browser(POLICE).get(many["url"])
    assert "3 invitees are still to judge, of 3." in page.text

    given = said(many, Lom=("yes", "No threat known"), Mes=("no", "A threat"))
    page = browser(POLICE).post(many["url"], **given)

    assert judged(engine) == [
        (many["Lom"], True, "No threat known", True),
        (many["Mes"], False, "A threat", True),
    ]
    assert page.title == "Call-in 4"
    again = browser(POLICE).get(many["url"])
    assert "1 invitee is still to judge, of 3." in again.text
    assert "“A threat”" in again.text


def test_whom_nobody_touches_stays_as_judged_and_a_new_reason_judges_anew(browser, engine, many):
    browser(POLICE).post(many["url"], **said(many, Lom=("yes", "First"), Mes=("yes", "First")))
    same = said(many, Lom=("yes", ""), Mes=("yes", "Looked again"))
    browser(POLICE).post(many["url"], **same)

    assert [(who, why, counts) for who, _, why, counts in judged(engine)] == [
        (many["Lom"], "First", True),
        (many["Mes"], "First", False),
        (many["Mes"], "Looked again", True),
    ]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("no", " "), "Fill this in."),
        (("", "A threat"), "Choose yes or no, or take the reason away."),
        (("maybe", "A threat"), "Choose one of the answers."),
    ],
)
def test_one_wrong_row_signs_nobody_and_loses_nothing_typed(browser, engine, many, wrong, told):
    given = said(many, Lom=("yes", "No threat known"), Mes=wrong)

    page = browser(POLICE).post(many["url"], **given)

    assert page.status == 422
    assert told in page.text
    assert "No threat known" in page.html
    assert judged(engine) == []


def test_who_may_not_be_asked_any_more_is_said_by_their_row_and_nobody_is_signed(
    browser, engine, many
):
    with transaction(engine) as db:
        mes = db.get_one(Person, db.get_one(Invitee, many["Mes"]).person_id)
        mes.is_protected = True
    given = said(many, Lom=("yes", "No threat known"), Mes=("yes", "No threat known"))

    page = browser(POLICE).post(many["url"], **given)

    assert page.status == 422
    assert "Nothing is signed yet" in page.text
    assert "Mes may not be invited" in page.text
    assert "No threat known" in page.html
    assert judged(engine) == []


def test_an_empty_form_says_that_nothing_is_judged(browser, engine, many):
    assert "Nothing is judged yet" in browser(POLICE).post(many["url"]).text


def test_what_another_signed_meanwhile_is_shown_and_not_overwritten(browser, engine, many):
    opened = browser(POLICE).get(many["url"]).all("input", name="seen")
    seen = opened[0].get("value")
    browser(POLICE).post(many["url"], **said(many, Mes=("no", "A threat")))

    page = browser(POLICE).post(many["url"], seen=seen, **said(many, Mes=("yes", "Fine")))

    assert page.status == 409
    assert len(judged(engine)) == 1
    assert "Fine" in page.html


def test_each_side_judges_all_of_its_own_kind_only(browser, many):
    secrecy = many["url"].replace("safety", "secrecy")
    assert browser(MUNICIPAL).get(secrecy).status == 200
    assert browser(MUNICIPAL).get(many["url"]).status == 403
    assert browser(POLICE).get(secrecy).status == 403
    assert browser(Role.PROBATION).get(secrecy).status == 403
    assert secrecy in browser(MUNICIPAL).get(many["url"].split("/clearance")[0]).links()


def test_the_reason_for_all_is_kept_with_each_who_has_none_of_their_own(browser, engine, many):
    browser(POLICE).post(many["url"], **said(many, Alka=("yes", "Before")))
    given = said(many, Lom=("yes", ""), Alka=("yes", ""), Mes=("no", "A threat"))

    page = browser(POLICE).post(many["url"], **given, **{"reason-all": "No conflict is known"})

    assert page.title == "Call-in 4"
    assert judged(engine) == [
        (many["Lom"], True, "No conflict is known", True),
        (many["Alka"], True, "Before", True),
        (many["Mes"], False, "A threat", True),
    ]


def test_the_reason_for_all_judges_nobody_without_an_answer(browser, engine, many):
    page = browser(POLICE).post(many["url"], **{"reason-all": "No conflict is known"})

    assert "Nothing is judged yet" in page.text
    assert "No conflict is known" in page.html
    assert judged(engine) == []
