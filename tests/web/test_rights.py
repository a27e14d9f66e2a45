"""The table of rights as a page for everybody."""

import pytest

from gvi.domain.access import POLICY, Role


@pytest.mark.parametrize("role", Role)
def test_every_role_reads_the_whole_table_with_its_own_column_marked(browser, role):
    page = browser(role).get("/rights")

    rows = page.all("th", scope="row")
    assert len(rows) == len(POLICY)
    held = sum(role in cells for cells in POLICY.values())
    assert f"Your role holds {held} of {len(POLICY)} rights." in page.text
    assert len(page.all("th", class_="chosen")) == 1


def test_a_cell_says_over_whose_records_and_in_which_compartments(browser):
    page = browser(Role.ADMIN).get("/rights")
    cells = {
        "".join(tr[0].itertext()).strip(): [
            " ".join(" ".join(td.itertext()).split()) for td in tr[1:]
        ]
        for tr in page.all("tr")
        if len(tr) > 1
    }
    order = list(Role)

    notes = cells["Support notes: read"]
    assert notes[order.index(Role.COORDINATOR_POLICE)] == "–"
    assert notes[order.index(Role.OUTREACH)].startswith("own social")
    assert notes[order.index(Role.OUTREACH_LEAD)].startswith("the team’s")
    assert cells["Scores and ranks: read"][order.index(Role.ANALYST)] == "all police"
