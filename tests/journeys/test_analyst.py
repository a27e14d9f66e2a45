"""The analyst: the map, why somebody ranks where they do, and what was known before."""

import re

import pytest

from tests.journeys import walk
from tests.journeys.walk import choose, follow, press, write

pytestmark = pytest.mark.journey


def numbers(texts: list[str]) -> list[float]:
    return [float(text.replace(",", "")) for text in texts]


def test_a_group_is_opened_on_the_map_and_a_score_adds_up(as_user):
    page = as_user("henrik")
    walk.go(page, page.locator("svg a", has_text="Granit").first)
    assert "Members of Granit" in walk.text(page)
    assert page.locator("svg .map-group[data-open]").count() == 1
    follow(page, "Nils Fors")
    follow(page, "Why")
    assert re.match(r"Rank 1 of \d+", walk.answer(page))

    parts = numbers([t.split()[0] for t in page.locator(".parts dd").all_inner_texts()])
    score = parts[-1]
    assert round(sum(parts[:-1]), 1) == score, "the parts shown add up to the sum shown"

    follow(page, re.compile("more incidents"))
    rows = page.locator('section[aria-labelledby="incidents"] tbody tr')
    sums = numbers([row.locator("b").inner_text() for row in rows.all()])
    assert len(sums) > 20
    assert round(sum(sums), 1) == score, "the incidents shown add up to the sum shown"
    follow(page, re.compile("Shooting"))
    assert "Nils Fors" in walk.text(page), "down to the dated incident"


def test_an_earlier_day_shows_what_was_known_then(as_user):
    page = as_user("henrik")
    page.goto("/network")
    assert "2 open conflicts" in walk.answer(page)
    ask_as_known(page, "2026-02-01")
    assert "1 open conflict" in walk.answer(page)
    assert "As it was known" in walk.text(page)
    follow(page, "Granit")
    assert "as_of=2026-02-01" in page.url, "the day is kept from page to page"
    assert page.get_by_role("link", name="Correct", exact=True).count() == 0, "no act in the past"
    follow(page, "Back to now")
    assert "As it was known" not in walk.text(page)


def ask_as_known(page, day: str) -> None:
    page.locator(".as-of > summary").click()
    page.locator('[name="as_of"]').fill(day)
    press(page, "Show", inside=".as-of")


def test_a_correction_keeps_the_past(as_user):
    page = as_user("henrik")
    page.goto("/groups/1")
    before = walk.row(page, "Tärna")
    assert "Possible" in before
    follow(page, "Correct the membership of Nils Fors")
    choose(page, "certainty", "confirmed")
    write(page, source="Two reports of 1 March")
    press(page, "Save membership")
    page.goto("/groups/1")
    assert "Confirmed" in walk.row(page, "Tärna")
    page.goto("/groups/1?as_of=2026-03-01")
    assert walk.row(page, "Tärna") == before.removesuffix(" Correct")


def test_nobody_under_18_stands_on_the_network(as_user):
    page = as_user("henrik")
    page.goto("/network?group=1")
    rows = page.locator("section", has_text="Members of Granit").locator("tbody tr")
    told = [walk.single_spaced(each) for each in rows.all_inner_texts()]
    assert told
    assert not any("Varfågel 5" in each for each in told)
