from gvi.domain.access import Role


def test_builders_see_every_component_once(browser):
    page = browser(Role.ANALYST).get("/patterns")

    assert page.status == 200
    assert page.title in ("Mönster", "Patterns")
    assert page.scores()


def test_no_component_shows_a_score_to_a_role_that_never_gets_one(browser):
    assert browser(Role.OUTREACH).get("/patterns").scores() == []


def test_the_list_is_asked_by_its_address(browser):
    analyst = browser(Role.ANALYST)

    page = analyst.get("/patterns", q="granit")
    assert "Granit" in page.text
    assert "Kajen" not in page.text

    assert "Kvarter 7" in analyst.get("/patterns", sort="group", page="2", relation="truce").text


def test_nonsense_in_the_address_is_no_mistake(browser):
    page = browser(Role.ANALYST).get(
        "/patterns", page="x", sort="-nothing", relation="none", q="\0"
    )

    assert page.status == 200


def test_an_export_needs_a_purpose(browser):
    analyst = browser(Role.ANALYST)
    analyst.get("/patterns")

    assert analyst.post("/patterns/export", purpose="").status == 422

    file = analyst.post("/patterns/export", purpose="to try it")
    assert file.status == 200
    assert "to try it" in file.html
