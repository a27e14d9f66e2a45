"""A round of visits from the planner's third plan to its close, in a browser."""

import pytest

from tests.journeys import walk
from tests.journeys.walk import choose, follow, press, write

pytestmark = pytest.mark.journey

EXPOSURE = "A third sentence would mean prison for at least two years."


def test_a_round_goes_from_the_planner_to_its_close(as_user, clock):
    clock.move(days=10, hours=1)  # Thursday 12 March, 09:30
    page = as_user("asa")
    the_planner_sends_along_whom_to_visit(page)
    url = walk.address(page)
    people = page.locator("main table").first.locator("tbody tr").count()
    assert walk.answer(page).startswith(f"{people} ")

    visit = one_is_checked_and_approved(page)
    the_letters_are_printed(page, url)
    clock.move(hours=8)
    page = as_user("asa")
    it_is_delivered(page, visit)
    page.goto(url)
    assert "1 attempt, 1 delivered" in walk.answer(page)

    close(page, url, people - 1)
    assert "Closed" in walk.text(page)
    page.goto("/rounds")
    assert "Closed" in walk.row(page, "Visits beside")


def the_planner_sends_along_whom_to_visit(page) -> None:
    page.goto("/call-ins")
    follow(page, "Plan a call-in")
    write(page, name="Call-in 5", venue="The old arena", seats="6", starts_at="2026-04-09T17:30")
    for group in ("Granit", "Lotsen"):
        page.get_by_label(group, exact=True).check()
    press(page, "Save call-in")
    follow(page, "Choose invitees")
    follow(page, "Begin a round with these visits")
    write(page, ends_on="2026-03-20")
    for why in page.locator("input[name^='why-']").all():
        why.fill("Listens to his coach.")
    press(page, "Save the round")
    assert walk.heading(page) == "Visits beside Call-in 5", walk.text(page)


def one_is_checked_and_approved(page) -> str:
    follow(page, "Check the risk")
    for question in ("home_conflict", "children_present", "victim_of_own_group"):
        choose(page, question, "no")
    choose(page, "outcome", "go")
    write(page, reason="Asked the probation officer.")
    press(page, "Sign the check")
    visit = walk.address(page)
    follow(page, "Change")
    write(page, exposure=EXPOSURE)
    press(page, "Save")
    press(page, "Approve")
    return visit


def the_letters_are_printed(page, url: str) -> None:
    page.goto(f"{url}/letters")
    assert walk.answer(page).startswith("One letter is ready.")
    write(page, purpose="Visits of week 11")
    with page.expect_download() as waited:
        page.get_by_role("button", name="Print the letters").click()
    assert waited.value.suggested_filename.endswith(".pdf")


def it_is_delivered(page, visit: str) -> None:
    page.goto(visit)
    follow(page, "Record an attempt")
    choose(page, "outcome", "met")
    choose(page, "parts", "help", "not_die")
    write(page, when="2026-03-12T16:00", delivered_by="Area police, social services")
    write(page, assessment="Thinks about it.")
    press(page, "Save the attempt")
    assert "Thinks about it." in walk.text(page)


def close(page, url: str, remaining: int) -> None:
    page.goto(url)
    follow(page, "Close the round")
    sections = page.locator("main form section")
    assert sections.count() == remaining + 1
    sections.first.locator('input[value="cancelled"]').check()
    sections.first.locator('input[name="reason-all"]').fill("Called in instead.")
    press(page, "Close the round")
