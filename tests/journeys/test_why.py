"""From the list of people down to a dated incident: three clicks, for every part of a score."""

import pytest

from tests.journeys import walk
from tests.journeys.walk import follow

pytestmark = pytest.mark.journey

DRIVING = ("Own", "Near", "Far", "Group")
EXPOSED = ("Hurt", "Near", "Far", "Conflict")
TABLE = 'section[aria-labelledby="incidents"] table'


@pytest.mark.parametrize(("score", "parts"), [("Driving", DRIVING), ("Exposed", EXPOSED)])
def test_three_clicks_lead_from_people_to_a_dated_incident_behind_each_part(as_user, score, parts):
    page = as_user("henrik")
    for number, part in enumerate(parts):
        page.goto("/people")
        follow(page, score)
        walk.go(page, page.locator("main tbody th .person-chip a").nth(0))
        row = of_part(page, number)
        if row is None:
            row = elsewhere(page, score, number)
        walk.go(page, row.locator("th a").first)
        assert "/incidents/" in page.url, part
        assert page.locator("main time").count(), f"{part}: a dated incident"


def of_part(page, number: int):
    """Find the incident that brings most of one part; None where the person has nothing of it."""
    rows = page.locator(f"{TABLE} tbody tr").filter(has=page.locator("th a[href*='/incidents/']"))
    amounts = [
        float(row.locator("td.num").nth(number).inner_text().replace(",", "")) for row in rows.all()
    ]
    most = max(amounts)
    return rows.nth(amounts.index(most)) if most else None


def elsewhere(page, score: str, number: int):
    """Open the next people of the list, by the same three clicks, until one has the part."""
    for place in range(1, 30):
        page.goto("/people")
        follow(page, score)
        walk.go(page, page.locator("main tbody th .person-chip a").nth(place))
        row = of_part(page, number)
        if row is not None:
            return row
    raise AssertionError("nobody has this part")
