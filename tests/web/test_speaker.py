"""The running order in the browser: put together, put right, and what each reader is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, CallIn, Speaker
from tests import factories as make
from tests.conftest import MONDAY

POLICE, MUNICIPAL, COMMUNITY = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL, Role.COMMUNITY
START = MONDAY + timedelta(days=30)
MOTHER = {
    "kind": "moral_voice",
    "role": "A mother",
    "name": "Rut Ekdal",
    "parts": ["not_die"],
    "minutes": "10",
    "before": "",
    "after": "Eva drives her",
}
DOORS = {"kind": "nobody", "role": "Doors open", "minutes": "15"}


@pytest.fixture
def call_in(engine, programme):
    with transaction(engine) as db:
        return make.a_call_in(db, programme, START, status="approved").id


@pytest.fixture
def order(browser, engine, call_in):
    """Doors, then the mother; gives their ids in order."""
    for point in (DOORS, MOTHER):
        browser(MUNICIPAL).post(f"/call-ins/{call_in}/speakers/new", **point)
    return ids(engine)


def ids(engine):
    with reading(engine) as db:
        return list(db.scalars(select(Speaker.id).order_by(Speaker.position)))


def test_a_running_order_is_put_together_and_says_what_is_missing(browser, call_in, order):
    page = browser(POLICE).get(f"/call-ins/{call_in}/speakers")

    assert "25 minutes in all, of the 120 it is to last: 95 are free." in page.text
    assert "Rut Ekdal" in page.text
    assert "Eva drives her" in page.text
    assert "Nobody is to speak on this part of the message" in page.text
    assert "We do not want you to kill" in page.text
    assert "Nobody is to speak on this part" in browser(POLICE).get(f"/call-ins/{call_in}").text


def test_who_rehearsed_is_ticked_and_the_step_that_says_so_names_who_did_not(
    browser, engine, call_in, order
):
    with transaction(engine) as db:
        db.get_one(CallIn, call_in).status = "invited"
    url = f"/call-ins/{call_in}/speakers"
    police = browser(POLICE)

    def warned():
        return (
            "Not ticked as rehearsed A mother, Rut Ekdal" in police.get(f"/call-ins/{call_in}").text
        )

    assert warned()
    doors, mother = order
    refused = police.post(f"{url}/{doors}/rehearsed", to="yes")
    assert "Nobody speaks there: there is nothing to rehearse." in refused.text

    police.post(f"{url}/{mother}/rehearsed", to="yes")
    assert not warned()
    police.post(f"{url}/{mother}/rehearsed", to="no")
    assert warned()
    police.post(f"{url}/{mother}/rehearsed", to="yes")
    police.post(f"{url}/{mother}/edit", **MOTHER | {"minutes": "12"})
    assert not warned(), "the same one speaks a little longer"
    police.post(f"{url}/{mother}/edit", **MOTHER | {"name": "Eva Ny"})
    with reading(engine) as db:
        assert db.get_one(Speaker, mother).rehearsed_at is None
        kinds = db.scalars(select(AuditEntry.kind).where(AuditEntry.kind.like("%rehearsed"))).all()
    assert kinds == ["speaker:rehearsed", "speaker:not_rehearsed", "speaker:rehearsed"]


def test_a_call_in_that_is_moved_is_rehearsed_anew(browser, engine, call_in, order):
    browser(POLICE).post(f"/call-ins/{call_in}/speakers/{order[1]}/rehearsed", to="yes")

    later = {"starts_at": "2026-05-05T17:00", "reason": "No venue"}
    browser(POLICE).post(f"/call-ins/{call_in}/postpone", **later)

    with reading(engine) as db:
        assert db.get_one(CallIn, call_in).status == "postponed"
        assert db.get_one(Speaker, order[1]).rehearsed_at is None


def test_too_many_minutes_are_said_plainly(browser, call_in, order):
    browser(POLICE).post(f"/call-ins/{call_in}/speakers/length", minutes="20")

    page = browser(POLICE).get(f"/call-ins/{call_in}/speakers")
    assert "25 minutes in all: 5 more than the 20 it is to last." in page.text


def test_points_are_moved_changed_and_taken_out_with_a_confirmation(
    browser, engine, call_in, order
):
    doors, mother = order
    url, police = f"/call-ins/{call_in}/speakers", browser(POLICE)

    police.post(f"{url}/{mother}/move", to="earlier")
    assert ids(engine) == [mother, doors]
    police.post(f"{url}/{mother}/edit", **MOTHER | {"minutes": "12"})
    assert "Take out Rut Ekdal?" in police.get(f"{url}/{mother}/remove").text
    for act in ("remove", "forget"):
        asked = police.get(f"{url}/{mother}/{act}")
        assert "Rut" in asked.text
        assert "Rut" not in asked.one("title").text
    police.post(f"{url}/{doors}/remove")

    page = police.get(url)
    assert "12 minutes in all" in page.text
    assert "Doors open" not in page.text


def test_what_was_typed_is_kept_where_it_was_wrong(browser, call_in):
    page = browser(POLICE).post(
        f"/call-ins/{call_in}/speakers/new", **MOTHER | {"minutes": "a while"}
    )

    assert page.status == 422
    typed = {name: page.one("input", id=f"f-{name}").get("value") for name in ("name", "minutes")}
    assert typed == {"name": "Rut Ekdal", "minutes": "a while"}


def test_nobody_writes_over_what_somebody_else_changed(browser, engine, call_in, order):
    url = f"/call-ins/{call_in}/speakers"
    seen = browser(MUNICIPAL).get(url).all("input", name="seen")[0].get("value")
    browser(POLICE).post(f"{url}/{order[1]}/move", to="earlier")

    page = browser(MUNICIPAL).post(f"{url}/{order[1]}/move", to="later", seen=seen)

    assert page.status == 422
    assert ids(engine) == [order[1], order[0]]


def test_others_see_roles_and_times_and_never_a_name(browser, call_in, order):
    page = browser(COMMUNITY).get(f"/call-ins/{call_in}/speakers")

    assert "A mother" in page.text
    assert "Rut" not in page.text
    assert "Eva" not in page.text
    assert not any("/edit" in link for link in page.links())
    assert browser(Role.ANALYST).get(f"/call-ins/{call_in}/speakers").status == 403


def test_a_name_is_erased_after_the_call_in_and_the_log_says_so(browser, engine, call_in, order):
    with transaction(engine) as db:
        db.get_one(CallIn, call_in).status = "held"
    url = f"/call-ins/{call_in}/speakers"
    assert f"{url}/{order[1]}/forget" in browser(POLICE).get(url).links()

    browser(POLICE).post(f"{url}/{order[1]}/forget")

    page = browser(POLICE).get(url)
    assert "Rut" not in page.text
    assert "the name was erased" in page.text
    with reading(engine) as db:
        kinds = list(db.scalars(select(AuditEntry.kind).where(AuditEntry.kind.like("speaker:%"))))
    assert "speaker:erased" in kinds


def test_speakers_of_another_call_in_are_not_found_there(browser, engine, programme, order):
    with transaction(engine) as db:
        other = make.a_call_in(db, programme, START, name="Call-in 5", status="approved").id

    assert browser(POLICE).get(f"/call-ins/{other}/speakers/{order[0]}/edit").status == 404
