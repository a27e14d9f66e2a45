"""The pages of the scoring policy: drafting, seeing who would move, approving, dropping."""

from datetime import timedelta

import pytest

from gvi.domain.access import Role
from gvi.store.engine import transaction
from tests.conftest import MONDAY
from tests.factories import a_person, an_incident, an_involvement

NEW = "/method/policies/new"
SECOND = "/method/policies/2"


@pytest.fixture
def two(engine, programme):
    """Lom was in a stabbing, Mes in a shooting; gives their ids."""
    with transaction(engine) as db:
        people = [a_person(db, programme, MONDAY, name) for name in ("Lom", "Mes")]
        for person, kind in zip(people, ("stabbing", "shooting_at_person"), strict=True):
            incident = an_incident(db, programme, MONDAY - timedelta(days=9), kind)
            an_involvement(db, incident, person, "convicted")
        an_incident(db, programme, MONDAY - timedelta(days=9), "drive_by")
        return [person.id for person in people]


def lines(page, first):
    """The rows of tables that begin with a word, without the spaces around them."""
    rows = ["".join(row.itertext()).strip() for row in page.all("tr")]
    return [row for row in rows if row.startswith(first)]


def typed(page, **changed):
    """Everything the form holds, some of it changed."""
    fields = {field.get("name"): field.get("value") for field in page.all("input")}
    del fields["csrf_token"], fields["form_key"]
    kept = {name: value for name, value in fields.items() if name in page.html and value}
    given = {"source": "Minutes of the board.", "reason": "Stabbings are as grave."}
    return kept | given | changed


def drafted(browser, **changed):
    analyst = browser(Role.ANALYST)
    page = analyst.get(NEW)
    return analyst, analyst.post(NEW, **typed(page, **changed))


def test_a_version_is_drafted_previewed_and_approved_by_another(browser, two):
    analyst, page = drafted(browser, **{"harm.stabbing": "60"})
    assert f"{SECOND}?" in page.address
    assert "One constant differs from version 1" in page.text
    assert lines(page, "Stabbing")[0].endswith("3060")

    preview = analyst.get(f"{SECOND}/preview")
    assert "0 of the top 20 would be others; 2 people move, 0 come, 0 go." in preview.text
    assert lines(preview, "Lom")[0].split() == ["Lom", "2", "1", "29.5", "59.0", "Own", "+29.5"]
    analyst.post(f"{SECOND}/propose")

    police = browser(Role.COORDINATOR_POLICE)
    before = police.get("/people/driving?arrange=whole").text
    assert before.index("Mes") < before.index("Lom")
    assert "version 1" in police.get(f"{SECOND}/approve").text
    page = police.post(f"{SECOND}/approve")

    assert "Version 2 is in force. No other waits for a decision." in page.text
    after = police.get("/people/driving?arrange=whole").text
    assert after.index("Lom") < after.index("Mes")
    assert "Policy 2." in after


def test_whoever_drafts_finds_kinds_in_use_that_are_missing(browser, two):
    analyst, page = drafted(browser, **{"kind-1": "Car  fire", "units-1": "8"})
    assert lines(page, "Car fire")[0].endswith("not in the table8")

    form = analyst.get(f"{SECOND}/edit")
    assert "it weighs 0 until it has a number" in form.text
    assert form.one("input", name="harm.drive_by").get("value") == ""
    page = analyst.post(f"{SECOND}/edit", **typed(form, **{"harm.drive_by": "45"}))
    assert lines(page, "Drive by")[0].endswith("not in the table45")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("harm.stabbing", "-1", "at least 0"),
        ("harm.stabbing", "", "Fill this in."),
        ("certainty.probable", "1.5", "at most 1"),
        ("half_life_days", "0", "at least 1"),
        ("near", "half", "Give a number"),
        ("source", " ", "Fill this in."),
        ("units-1", "4", "Say which kind"),
    ],
)
def test_what_cannot_be_is_said_by_its_field_and_what_was_typed_is_kept(
    browser, programme, name, value, said
):
    field = "kind-1" if name == "units-1" else name
    _, page = drafted(browser, **{name: value, "reason": "Kept."})

    assert page.status == 422
    assert said in page.one("p", id=f"f-{field}-error").text
    assert page.one("textarea", name="reason").text.strip() == "Kept."
    assert browser(Role.ANALYST).get(SECOND).status == 404


def test_nobody_approves_an_own_version_or_without_the_right(browser, programme):
    analyst, _ = drafted(browser)
    analyst.post(f"{SECOND}/propose")

    assert analyst.get(f"{SECOND}/approve").status == 403
    assert analyst.post(f"{SECOND}/approve").status == 403
    assert browser(Role.COORDINATOR_POLICE).get(NEW).status == 403
    assert analyst.get(f"{SECOND}/edit").status == 404


def test_a_version_is_dropped_with_a_reason(browser, programme):
    drafted(browser)
    police = browser(Role.COORDINATOR_POLICE)
    assert police.post(f"{SECOND}/drop", reason=" ").status == 422
    page = police.post(f"{SECOND}/drop", reason="The source does not say so.")

    assert "Dropped: The source does not say so." in page.text
    assert "Version 1 is in force." in page.text


def test_everybody_reads_the_method_and_only_score_readers_who_would_move(browser, two):
    drafted(browser, **{"harm.stabbing": "60"})
    for role in (Role.COMMUNITY, Role.OUTREACH, Role.AUDITOR):
        reader = browser(role)
        assert reader.get("/method/policies").status == 200
        page = reader.get(SECOND)
        assert page.status == 200
        assert not page.scores()
        assert f"{SECOND}/preview" not in page.links()
        assert reader.get(f"{SECOND}/preview").status == 403
    assert browser(Role.ANALYST).get("/method/policies/99").status == 404


def test_approving_asks_who_it_is_once_more(browser, programme, clock):
    analyst, _ = drafted(browser)
    analyst.post(f"{SECOND}/propose")
    police = browser(Role.COORDINATOR_POLICE)
    clock.move(minutes=25)

    page = police.get(f"{SECOND}/approve")

    assert "Put it in force" not in page.text
