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
