"""The auditor: who read what, and that the log is whole."""

import pytest

from tests.journeys import walk
from tests.journeys.walk import follow, press, write

pytestmark = pytest.mark.journey


def test_the_auditor_sees_what_was_just_read_and_that_the_chain_is_whole(as_user, clock):
    page = as_user("asa")
    page.goto(f"{walk.person(1)}/why")
    clock.move(minutes=5)
    page = as_user("inga-lill")
    newest = page.locator("main tbody tr").filter(has_text="/people/1/why")
    assert newest.count() == 1
    assert "Åsa Öberg" in newest.inner_text()
    assert "#1" in newest.inner_text()
    assert "Nils Fors" not in page.content(), "people are numbers here"

    who = page.locator('select[name="user"]')
    who.select_option(label=next(t for t in who.locator("option").all_inner_texts() if "Åsa" in t))
    write(page, **{"from": "2026-03-02", "to": "2026-03-02"})
    press(page, "Filter")
    rows = page.locator("main tbody tr").all_inner_texts()
    assert len(rows) >= 2
    assert all("Åsa Öberg" in row for row in rows)
    write(page, **{"from": "2026-02-01", "to": "2026-02-10"})
    press(page, "Filter")
    assert "No entry matches" in walk.text(page)

    page.goto(f"/audit?person={walk.key(1)}")
    assert "/people/1/why" in walk.text(page)
    follow(page, "Check the chain")
    assert "The chain is whole" in walk.text(page)
