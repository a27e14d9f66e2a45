from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from gvi.domain.access import Role
from gvi.domain.errors import RuleError
from gvi.domain.grading import Certainty
from gvi.web.forms import Form
from tests.client import NS

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class Sort(StrEnum):
    FIRST = "first"
    SECOND = "second"


def typed(**fields: str) -> Form:
    return Form(fields.items(), language="en", zone=STOCKHOLM)


def test_a_whole_form_is_read_to_typed_values():
    form = typed(
        name="  Granit ", on="2026-03-02", at="2026-07-02T14:30", size="12", strength="0,5",
        sort="second", sure="on",
    )  # fmt: skip

    assert form.text("name", required=True) == "Granit"
    assert form.date("on") == date(2026, 3, 2)
    assert form.moment("at") == datetime(2026, 7, 2, 12, 30, tzinfo=UTC)
    assert form.integer("size", least=1) == 12
    assert form.number("strength", most=5) == 0.5
    assert form.choice("sort", Sort) is Sort.SECOND
    assert form.ticked("sure")
    assert form.errors == {}


def test_nothing_typed_is_nothing_and_no_mistake():
    form = typed(name="", on="", at="", size="", sort="")

    assert form.text("name") == ""
    assert form.date("on") is None
    assert form.moment("at") is None
    assert form.integer("size") is None
    assert form.number("missing") is None
    assert form.choice("sort", Sort) is None
    assert not form.ticked("missing")
    assert form.errors == {}


@pytest.mark.parametrize("read", ["text", "date", "moment", "integer", "number"])
def test_a_required_field_that_is_empty_says_so(read):
    form = typed(it=" ")

    getattr(form, read)("it", required=True)

    assert form.errors == {"it": "Fill this in."}


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        ("date", "2 March", "Give the date as year-month-day, for example 2026-03-02."),
        ("date", "2026-02-30", "Give the date as year-month-day, for example 2026-03-02."),
        ("date", "2026-W10-1", "Give the date as year-month-day, for example 2026-03-02."),
        ("date", "20260302", "Give the date as year-month-day, for example 2026-03-02."),
        ("moment", "2026-W10-1T14:30", "Give the day and the time, for example 2026-03-02 14:30."),
        ("moment", "2026-03-02T25:00", "Give the day and the time, for example 2026-03-02 14:30."),
        ("moment", "0001-01-01T00:00", "Give the day and the time, for example 2026-03-02 14:30."),
        ("integer", "12.5", "Give a whole number, for example 12."),
        ("integer", "9" * 5000, "Give a whole number, for example 12."),
        ("number", "a lot", "Give a number, for example 0.5."),
        ("number", "nan", "Give a number, for example 0.5."),
        ("number", "1e999", "Give a number, for example 0.5."),
    ],
)
def test_what_cannot_be_meant_is_said_and_kept(read, text, sentence):
    form = typed(it=text)

    getattr(form, read)("it")

    assert form.error("it") == sentence
    assert form.value("it") == text


def test_numbers_outside_their_range_are_refused():
    form = typed(strength="6", size="-1")

    form.number("strength", most=5)
    form.integer("size", least=0)

    assert form.errors == {
        "strength": "Give a number that is at most 5.",
        "size": "Give a number that is at least 0.",
    }


def test_a_code_that_is_not_in_the_vocabulary_is_refused():
    form = typed(sort="third", way="up")

    assert form.choice("sort", Sort, required=True) is Sort.FIRST  # a placeholder
    assert form.one_of("way", ["down"]) == ""
    assert form.errors == dict.fromkeys(["sort", "way"], "Choose one of the answers.")


def test_several_choices_come_in_the_vocabularys_order():
    form = Form([("sort", "second"), ("sort", "first"), ("ids", "4"), ("ids", "9")])

    assert form.choices("sort", Sort) == (Sort.FIRST, Sort.SECOND)
    assert form.integers("ids") == (4, 9)
    assert form.has("sort", "first")


def test_how_good_a_fact_is_is_read_at_once():
    form = typed(
        source="Report 4", grade_source="B", grade_content="2", certainty="probable",
        ground="Seen twice", review_due_on="2026-09-01",
    )  # fmt: skip

    fact = form.fact()

    assert (fact.grade, fact.certainty) == ("B2", Certainty.PROBABLE)
    assert (fact.source, fact.ground, fact.review_due_on) == (
        "Report 4",
        "Seen twice",
        date(2026, 9, 1),
    )


def test_half_a_grade_is_a_mistake_by_its_first_field():
    form = typed(grade_source="B")

    assert form.grade() == ""
    assert form.error("grade_source") == "Choose both letter and figure of the grade, or neither."


def test_a_rule_that_refused_stands_by_its_field_in_the_viewers_language():
    form = Form(language="sv")

    form.add_refusal(RuleError("Keep it to %(most)s characters.", field="name", most=5))
    form.add_refusal(RuleError("Fill this in."))

    assert form.errors == {"name": "Håll det till 5 tecken.", "": "Fyll i det här."}


def test_the_first_thing_said_of_a_field_stays():
    form = typed(it="")

    form.text("it", required=True)
    form.add_error("it", "Something else.")

    assert form.error("it") == "Fill this in."


def test_a_form_can_show_what_is_stored():
    form = Form.filled(
        {
            "name": "Granit", "sort": Certainty.PROBABLE,
            "at": datetime(2026, 7, 2, 12, 30, tzinfo=UTC),
            "on": date(2026, 3, 2), "sure": True, "unsure": False, "none": None, "many": (1, 2),
        },
        zone=STOCKHOLM,
    )  # fmt: skip

    assert form.value("name") == "Granit"
    assert form.value("sort") == "probable"
    assert form.value("at") == "2026-07-02T14:30"
    assert form.value("on") == "2026-03-02"
    assert form.ticked("sure")
    assert not form.ticked("unsure")
    assert form.value("none", "blank") == "blank"
    assert form.all("many") == ("1", "2")


def test_an_upload_is_not_a_text():
    assert Form([("file", object())]).value("file") == ""


def test_the_summary_of_errors_names_the_fields(browser):
    page = browser(Role.ADMIN).post("/users/new")

    [summary] = page.all("div", class_="error-summary")
    assert ["".join(link.itertext()).strip() for link in summary.iter(f"{NS}a")] == [
        "User name: Fill this in.",
        "Name: Fill this in.",
        "Role: Choose one of the answers.",
        "Language: Choose one of the answers.",
    ]
