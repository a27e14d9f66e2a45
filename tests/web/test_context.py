from gvi.domain.access import Role, Viewer, allows
from gvi.web.context import navigation, quick_bar


def entries(role: Role, path: str = "/today", **more: bool) -> list[str]:
    groups = navigation(_rights(role), path, **more)
    return [item.label for group in groups for item in group]


def _rights(role: Role):
    viewer = Viewer(programme_id=1, user_id=1, role=role, name="")
    return lambda permission: allows(viewer, permission)


def bar(role: Role, path: str = "/today") -> list[str]:
    return [item.label for item in quick_bar(role, _rights(role), path)]


def test_each_role_is_shown_only_what_it_may_open():
    assert "Network" in entries(Role.ANALYST)
    assert "Network" not in entries(Role.COORDINATOR_MUNICIPAL)
    assert entries(Role.ADMIN) == ["May I share this?", "Users", "Method"]
    assert entries(Role.AUDITOR) == [
        "May I share this?",
        "Disclosures",
        "Method",
        "Rights",
        "Audit",
        "Access",
    ]
    assert "Today" not in entries(Role.OUTREACH)


def test_patterns_are_for_invented_data():
    assert "Patterns" not in entries(Role.ANALYST)
    assert "Patterns" in entries(Role.ANALYST, is_invented=True)


def test_a_page_inside_a_thing_marks_the_thing():
    groups = navigation(lambda _: True, "/people/4/ties")
    current = [item.label for group in groups for item in group if item.current]

    assert current == ["People"]


def group_entry(role: Role, path: str):
    groups = navigation(_rights(role), path)
    return next(item for group in groups for item in group if item.label == "Groups")


def test_who_may_see_scores_starts_with_the_group_table():
    assert group_entry(Role.ANALYST, "/today").url == "/groups/scorecard"
    assert group_entry(Role.COORDINATOR_POLICE, "/today").url == "/groups/scorecard"
    assert group_entry(Role.COORDINATOR_MUNICIPAL, "/today").url == "/groups"


def test_every_page_about_groups_marks_groups():
    for path in ("/groups", "/groups/scorecard", "/groups/7"):
        assert group_entry(Role.ANALYST, path).current


def test_the_bar_on_a_phone_has_four_places():
    assert bar(Role.COORDINATOR_POLICE) == ["Today", "People", "Log incident", "Menu"]
    assert bar(Role.OUTREACH) == ["My people", "Calls", "Log contact", "Menu"]
    assert bar(Role.ADMIN) == ["Users", "Method", "Menu"]


def test_every_role_has_a_bar_of_at_most_four():
    for role in Role:
        assert 2 <= len(bar(role)) <= 4
        assert bar(role)[-1] == "Menu"


def test_only_one_place_of_the_bar_is_where_one_is():
    items = quick_bar(Role.OUTREACH, lambda _: True, "/my-people")

    assert [item.label for item in items if item.current] == ["My people"]
