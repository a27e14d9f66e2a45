"""Everything works without a line of JavaScript: entering by hand, and files."""

import pytest

from tests.journeys import walk
from tests.journeys.walk import choose, follow, press, select, write

pytestmark = pytest.mark.journey

KNOWN = {"source": "Group audit of 2 March", "ground": "Mapping of groups, decided 2024-03"}


def graded(page) -> None:
    choose(page, "grade_source", "B")
    choose(page, "grade_content", "2")
    write(page, **KNOWN)


def test_a_group_a_person_a_membership_and_a_tie_are_entered_without_scripts(as_user):
    page = as_user("henrik", java_script_enabled=False)
    page.goto("/groups/new")
    write(page, name="Hamngruppen", area="Hamnen")
    press(page, "Save group")
    assert page.title().startswith("Error:")
    assert page.locator('[name="name"]').input_value() == "Hamngruppen", "what was typed is kept"
    first_wrong = page.locator(".error-summary a").first
    first_wrong.click()
    target = first_wrong.get_attribute("href").removeprefix("#")
    assert page.locator(f"[id='{target}']").count() == 1, "the summary leads to the field"
    choose(page, "kind", "area_group")
    graded(page)
    press(page, "Save group")
    assert walk.heading(page) == "Hamngruppen"

    page.goto("/people/new")
    write(page, code_name="Grip", name="Nils Forss", birth_date="1996-10-09")
    press(page, "Check for duplicates")
    assert "may be the same person" in walk.text(page)
    assert "Nils Fors" in walk.text(page, "#likely")
    assert page.locator('[name="name"]').input_value() == "Nils Forss"
    graded(page)
    press(page, "Save person")
    assert page.title().startswith("Error:"), "a likely duplicate is not saved unasked"
    page.get_by_label("Save anyway").check()
    press(page, "Save person")
    assert "Nils Forss" in walk.heading(page)

    follow(page, "Add a membership")
    select(page, "group", "Hamngruppen")
    choose(page, "role", "member")
    choose(page, "certainty", "probable")
    write(page, valid_from="2026-01-15")
    graded(page)
    press(page, "Save membership")
    assert "Hamngruppen" in walk.row(page, "Member")

    follow(page, "Add a tie")
    write(page, person="Skog", strength="2,5")
    graded(page)
    press(page, "Save tie")
    assert page.title().startswith("Error:"), "the kind is missing, and several are called Skog"
    assert page.locator('[name="source"]').input_value() == KNOWN["source"]
    assert page.locator('[name="strength"]').input_value() == "2,5"
    page.get_by_label("Benjamin Skog · Vigg").check()
    choose(page, "kind", "friend")
    press(page, "Save tie")
    assert "2.5" in walk.row(page, "Vigg")


PERSONS = """id,name,birth_date,source,grade
H-1,Elin Provsson,1999-04-01,Register of March,B2
H-2,Bo Provsson,2001-08-15,Register of March,B2
"""
TIES = """person_a,person_b,kind,valid_from,strength,certainty
H-1,H-2,friend,2025-11-01,2,probable
"""


def test_two_files_are_looked_at_and_then_imported_without_scripts(as_user):
    page = as_user("henrik", java_script_enabled=False)
    wrong = PERSONS.replace("1999-04-01", "1999-02-30")
    look_at(page, {"persons.csv": wrong, "ties.csv": TIES})
    assert "row 2" in walk.row(page, "1999-02-30")
    assert page.get_by_role("button", name="Import now").count() == 0
    assert not found(page, "Elin Provsson"), "looking changes nothing"

    look_at(page, {"persons.csv": PERSONS, "ties.csv": TIES})
    assert counted(page, "persons.csv") == ["2", "2", "0", "0", "0"]
    assert counted(page, "ties.csv") == ["1", "1", "0", "0", "0"]
    assert not found(page, "Elin Provsson"), "a dry run changes nothing"
    page.go_back()
    press(page, "Import now")
    assert walk.heading(page) == "Imported"
    assert found(page, "Elin Provsson")
    follow(page, "Elin Provsson")
    assert "Friends" in walk.row(page, "Bo Provsson")

    look_at(page, {"persons.csv": PERSONS, "ties.csv": TIES})
    assert counted(page, "persons.csv") == ["2", "0", "0", "2", "0"], "the same changes nothing"


def test_files_chosen_before_the_question_who_it_is_are_there_after_it(as_user, clock):
    page = as_user("henrik", java_script_enabled=False)
    page.goto("/import")
    clock.move(minutes=11)
    choose_files(page, {"persons.csv": PERSONS})

    assert walk.heading(page) == "Is it still you?"
    press(page, "Yes, go on")
    assert counted(page, "persons.csv") == ["2", "2", "0", "0", "0"]


def look_at(page, files: dict[str, str]) -> None:
    page.goto("/import")
    choose_files(page, files)


def choose_files(page, files: dict[str, str]) -> None:
    page.locator('[name="files"]').set_input_files(
        [{"name": n, "mimeType": "text/csv", "buffer": t.encode()} for n, t in files.items()]
    )
    press(page, "Look at the files")


def counted(page, name: str) -> list[str]:
    """Rows, new, changed, unchanged and rejected of one file."""
    cells = page.locator("main tr", has=page.get_by_role("rowheader", name=name)).locator("td")
    return [walk.single_spaced(each) for each in cells.all_inner_texts()]


def found(page, name: str) -> bool:
    page.goto(f"/search?q={name}")
    return page.get_by_role("link", name=name, exact=True).count() == 1
