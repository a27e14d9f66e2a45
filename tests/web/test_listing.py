import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from gvi.domain.errors import RuleError
from gvi.domain.group import GroupStatus
from gvi.web.listing import (
    Column,
    ExportStamp,
    Filter,
    Listing,
    ListQuery,
    export_purpose,
    to_csv,
)


@dataclass(frozen=True)
class Row:
    name: str
    members: int | None = 0
    status: GroupStatus = GroupStatus.ACTIVE
    since: date | None = None


COLUMNS: tuple[Column[Row], ...] = (
    Column("name", "Group", lambda row: row.name),
    Column("members", "Members", lambda row: row.members, numeric=True),
    Column("status", "Status", lambda row: row.status),
    Column("since", "Since", lambda row: row.since, sortable=False, shown=False),
)
STATUS = Filter("status", "Status", [("active", "Active"), ("dormant", "Dormant")])


def asked(**params: str) -> ListQuery:
    return ListQuery.parse(params, COLUMNS, (STATUS,), default_sort="-members")


def found(query: ListQuery, *rows: Row) -> list[str]:
    shown, _ = query.apply(
        rows, COLUMNS, search=lambda r: (r.name,), filters={"status": lambda r: r.status}
    )
    return [row.name for row in shown]


def listing(query: ListQuery, total: int = 0, **more: object) -> Listing[Row]:
    rows = [Row(str(n)) for n in range(max(0, min(50, total - query.offset)))]
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=(STATUS,),
        base_url="/groups",
        **more,
    )


def test_an_address_says_what_is_asked():
    query = asked(q="  gra  nit ", sort="-name", status="dormant", page="3")

    assert (query.q, query.sort, query.descending) == ("gra nit", "name", True)
    assert (query.filters["status"], query.page, query.offset) == ("dormant", 3, 100)


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"page": "zero"}, id="a page that is no number"),
        pytest.param({"page": "-4"}, id="a page before the first"),
        pytest.param({"page": "٣x"}, id="a page in other figures"),
        pytest.param({"sort": "password"}, id="a column that is not there"),
        pytest.param({"sort": "since"}, id="a column that is not sorted by"),
        pytest.param({"sort": "--members"}, id="a doubled minus"),
        pytest.param({"status": "burning"}, id="a filter value that is not offered"),
        pytest.param({"colour": "red"}, id="an unknown filter"),
    ],
)
def test_what_an_address_cannot_mean_is_ignored(params):
    assert asked(**params) == asked()


def test_a_huge_page_number_is_an_empty_page_not_a_mistake():
    query = asked(page="9" * 5000)

    assert found(query, Row("Granit")) == []
    assert listing(query, total=3).page_count == 1


def test_words_are_searched_in_any_order_and_case():
    rows = (Row("Älvstad Norra"), Row("Norra hamnen"), Row("Kajen"))

    assert found(asked(q="norra ÄLV"), *rows) == ["Älvstad Norra"]


def test_a_filter_keeps_only_what_it_says():
    rows = (Row("Granit"), Row("Sjöbod", status=GroupStatus.DORMANT))

    assert found(asked(status="dormant"), *rows) == ["Sjöbod"]


def test_unknown_values_stand_last_in_both_directions():
    rows = (Row("none", None), Row("two", 2), Row("five", 5))

    assert found(asked(sort="-members"), *rows) == ["five", "two", "none"]
    assert found(asked(sort="members"), *rows) == ["two", "five", "none"]


def test_names_are_ordered_as_people_order_them():
    rows = [Row(name) for name in ("Öst 1", "Ärla", "call-in 10", "Åker", "Call-in 4", "Zeta", "4")]

    assert found(asked(sort="name"), *rows) == [
        "4", "Call-in 4", "call-in 10", "Zeta", "Åker", "Ärla", "Öst 1",
    ]  # fmt: skip


def test_codes_are_sorted_in_the_order_of_their_life():
    rows = (Row("a", status=GroupStatus.REJECTED), Row("b", status=GroupStatus.CANDIDATE))

    assert found(asked(sort="status"), *rows) == ["b", "a"]


def test_only_the_pages_rows_are_shown_and_all_are_counted():
    rows = [Row(f"{n:03}") for n in range(120)]
    shown, total = asked(page="3", sort="name").apply(rows, COLUMNS, search=lambda r: (r.name,))

    assert ([row.name for row in shown][:1], len(shown), total) == (["100"], 20, 120)


def test_an_export_asks_for_all_rows():
    rows = [Row(f"{n:03}") for n in range(120)]
    shown, _ = asked(page="3", q="1").whole().apply(rows, COLUMNS, search=lambda r: (r.name,))

    assert len(shown) == sum("1" in row.name for row in rows)


def test_sorting_keeps_search_and_filter_and_returns_to_the_first_page():
    shown = listing(
        asked(q="a b", status="active", page="2"), total=120, keep={"as_of": "2026-01-21"}
    )

    assert shown.sort_url(COLUMNS[0]) == "/groups?q=a+b&status=active&sort=name&as_of=2026-01-21"
    assert shown.sort_url(COLUMNS[1]) == "/groups?q=a+b&status=active&sort=members&as_of=2026-01-21"


def test_numbers_are_first_sorted_from_the_largest():
    assert "sort=-members" in listing(asked(sort="name")).sort_url(COLUMNS[1])


def test_one_column_says_that_it_is_sorted():
    shown = listing(asked(sort="-members"))

    assert [shown.aria_sort(column) for column in COLUMNS] == ["", "descending", "", ""]


@pytest.mark.parametrize(
    ("page", "total", "pages"),
    [
        ("1", 0, [1]),
        ("1", 50, [1]),
        ("1", 120, [1, 2, 3]),
        ("6", 600, [1, None, 5, 6, 7, None, 12]),
        ("12", 600, [1, None, 11, 12]),
    ],
)
def test_pages_offer_the_ends_and_the_neighbours(page, total, pages):
    assert listing(asked(page=page), total=total).pages == pages


def test_the_foot_says_which_rows_of_how_many():
    shown = listing(asked(page="3"), total=120)

    assert (shown.first, shown.last) == (101, 120)


def test_addresses_are_escaped():
    assert listing(asked(q="a&b=ä")).page_url(2) == "/groups?q=a%26b%3D%C3%A4&sort=-members&page=2"


def exported(*rows: Row, language: str = "en", **more: object) -> list[list[str]]:
    stamp = ExportStamp(
        title="Groups",
        programme="Sluta skjut",
        viewer="Åsa Öberg",
        at=datetime(2026, 3, 2, 7, 31, tzinfo=UTC),
        zone=ZoneInfo("Europe/Stockholm"),
        purpose="weekly review",
        **more,
    )
    content = to_csv(rows, COLUMNS, stamp, language=language)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))


def test_a_file_says_whose_it_is_when_it_was_made_and_what_for():
    lines = [line[0] for line in exported(is_invented=True) if line[0].startswith("#")]

    assert lines == [
        "# Sluta skjut: Groups",
        "# Exported 2026-03-02T08:31+01:00 by Åsa Öberg",
        "# Purpose: weekly review",
        "# As known 2026-03-02T08:31+01:00",
        "# Contains personal data; destroy after use.",
        "# Invented data",
    ]


def test_a_file_holds_every_column_in_the_viewers_words():
    header, row = exported(Row("Granit", 23, since=date(2024, 5, 1)), language="sv")[-2:]

    assert header == ["Grupp", "Medlemmar", "Status", "Sedan"]
    assert row == ["Granit", "23", "Aktiv", "2024-05-01"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "  ="])
def test_no_cell_is_a_formula(start):
    row = exported(Row(f"{start}HYPERLINK(1)", -3))[-1]

    assert row[0] == f"'{start}HYPERLINK(1)"
    assert row[1] == "-3"  # a number stays a number


def test_a_line_break_in_a_purpose_cannot_add_a_row():
    stamp_rows = len(exported())
    assert export_purpose(" weekly\r\nreview ") == "weekly review"
    assert stamp_rows == 6


@pytest.mark.parametrize("purpose", ["", "  ", "x"])
def test_an_export_without_a_purpose_is_refused(purpose):
    with pytest.raises(RuleError) as refused:
        export_purpose(purpose)
    assert refused.value.field == "purpose"
