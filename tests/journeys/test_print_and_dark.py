"""On paper there is no navigation but a stamp; in the dark the pages turn dark."""

import pytest

from tests.journeys import walk

pytestmark = pytest.mark.journey

ON_SCREEN_ONLY = (".rail", ".topbar", ".bottom-bar", ".tabs", ".button-row", ".list-tools")
NOT_ON_PAPER = (*ON_SCREEN_ONLY, ".screen-only", "main button", "main textarea")


def test_paper_carries_the_stamp_and_no_navigation(as_user):
    page = as_user("asa")
    for address in (
        walk.person(1),
        "/people/driving",
        "/groups/1",
        "/incidents/401",
        "/call-ins/4",
        "/due",
        "/today",
    ):
        page.goto(address)
        assert not page.locator(".print-stamp").is_visible()
        page.emulate_media(media="print")
        for selector in NOT_ON_PAPER:
            for each in page.locator(selector).all():
                assert not each.is_visible(), f"{selector} is printed on {address}"
        assert "Correct" not in walk.text(page)
        stamp = walk.text(page, ".print-stamp")
        assert "Printed" in stamp
        assert "Åsa Öberg" in stamp
        assert "Contains personal data" in stamp
        assert page.locator("h1").is_visible()
        page.emulate_media(media="screen")


def test_the_pages_follow_the_dark_setting(as_user):
    page = as_user("asa")
    brightness = """() => getComputedStyle(document.body).backgroundColor
      .match(/[0-9.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3"""
    page.goto(f"{walk.person(1)}/why")
    assert page.evaluate(brightness) > 200
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(brightness) < 60
