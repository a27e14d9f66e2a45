import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gvi.domain.exchange import PERSONS, TIES
from gvi.exchange.reading import SourceFile, read_sheet, unpacked
from gvi.exchange.records import read_records
from gvi.exchange.writing import packed, write_file, write_rejected
from tests.conftest import ZONE
from tests.exchange.files import a_file


def records(file, layout=PERSONS):
    sheet, problems = read_sheet(file)
    assert sheet is not None, problems
    return read_records(sheet, layout, ZONE)


def said(found):
    return [(p.row, p.column, p.value, p.said(p.reason)) for p in found.problems]


def test_a_byte_order_mark_and_blank_rows_are_passed_over_but_rows_keep_their_numbers():
    file = a_file("persons", "id,name", "", "P1,Åsa", ",", "P2,Bo", encoding="utf-8-sig")

    found = records(file)

    assert [(record.row, record.values[:2]) for record in found.records] == [
        (3, ("P1", "Åsa")),
        (5, ("P2", "Bo")),
    ]
    assert found.rows == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_separators_of_swedish_spreadsheets_are_understood(delimiter):
    file = a_file(
        "ties",
        *(
            line.replace("|", delimiter)
            for line in ("person_a|person_b|kind|strength", "P1|P2|friend|2.5")
        ),
    )

    assert records(file, TIES).records[0].values[:6] == ("P1", "P2", "friend", None, None, 2.5)


def test_a_row_number_is_what_a_spreadsheet_shows_even_after_a_cell_of_two_lines():
    file = a_file("persons", "id,name,birth_date", 'P1,"Åsa', 'Öberg",1990-01-01', "P2,Bo,igår")

    assert said(records(file)) == [(3, "birth_date", "igår", "This cannot be read as a day.")]


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"PK\x03\x04", id="a spreadsheet under another name"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1", id="an old spreadsheet"),
        pytest.param(b"%PDF-1.7\n", id="a PDF"),
        pytest.param("id,name\n".encode("utf-16-le"), id="UTF-16 without its mark"),
        pytest.param(b"\0" * 200, id="nothing but NUL"),
    ],
)
def test_what_is_no_text_is_said_once_and_not_cell_by_cell(beginning):
    sheet, problems = read_sheet(SourceFile(name="persons.csv", content=beginning + b"id,name\n"))

    assert sheet is None
    assert [p.reason for p in problems] == ["This is not a text file."]


def test_a_column_like_no_other_is_answered_with_those_there_may_be():
    (problem,) = records(a_file("persons", "id,zzqq", "P1,42")).problems

    assert problem.said(problem.suggestion) == (
        "This file may have the columns: "
        "id, name, birth_date, sex, area, source, grade, recorded_at, compartment."
    )


def test_latin_1_bytes_are_named_by_row_and_shown_as_they_were_meant():
    file = a_file("persons", "id,name", "P1,Bo", "P2,Åsa", encoding="latin-1")

    found = records(file)

    assert said(found) == [(3, "name", "Åsa", "These letters are not written in UTF-8.")]
    assert found.problems[0].suggestion == "Save the file as “CSV UTF-8” and try again."
    assert [record.key for record in found.records] == [("P1",)]


def test_rejected_rows_are_written_back_byte_for_byte():
    file = a_file("persons", "id;name", "P1;Bo", 'P2;"Åsa;""Ö"""', encoding="latin-1")
    sheet, _ = read_sheet(file)

    back = write_rejected(sheet, {3}, has_header=True)

    assert back == a_file("persons", "id;name", 'P2;"Åsa;""Ö"""', encoding="latin-1")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "The file is empty.", id="nothing at all"),
        pytest.param(b"\xef\xbb\xbf\r\n", "The file is empty.", id="a mark and a line end"),
        pytest.param(b",,\n,,\n", "The file is empty.", id="empty cells"),
        pytest.param("id\nP1\n".encode("utf-16"), "This is not a text file.", id="UTF-16"),
        pytest.param(b"PK\x03\x04xl/workbook.xml", "This is not a text file.", id="a spreadsheet"),
    ],
)
def test_a_file_that_holds_nothing_readable_says_so(content, reason):
    sheet, problems = read_sheet(SourceFile(name="persons.csv", content=content))

    assert sheet is None
    assert [(problem.row, problem.reason) for problem in problems] == [(1, reason)]


def test_a_quotation_mark_that_is_not_closed_is_named_by_its_row():
    sheet, problems = read_sheet(a_file("persons", "id,name", "P1,Bo", 'P2,"Åsa', "P3,Per"))

    assert sheet is None
    assert problems[0].row == 3
    assert "quotation mark" in problems[0].suggestion


def test_control_characters_are_refused():
    found = records(a_file("persons", "id,name", "P1,B\x00o"))

    assert [problem.row for problem in found.problems] == [2]


def test_unknown_columns_are_reported_with_the_nearest_name_and_do_no_harm():
    found = records(a_file("persons", "id,nmae,shoe_size,", "P1,Bo,42,"))

    assert [(p.column, p.rejects, p.params["nearest"]) for p in found.problems] == [
        ("nmae", False, "name"),
        ("shoe_size", False, ""),
    ]
    assert len(found.records) == 1


@pytest.mark.parametrize(
    ("header", "column"),
    [
        pytest.param("name,area", "id", id="the key is missing"),
        pytest.param("id,name,name", "name", id="a column twice"),
    ],
)
def test_a_header_that_cannot_be_meant_rejects_every_row(header, column):
    found = records(a_file("persons", header, "x,y,z", "x,y,z"))

    assert [(p.row, p.column) for p in found.problems if p.rejects] == [(1, column)]
    assert found.rejected == {2, 3}
    assert found.records == []


def test_a_row_with_more_cells_than_headings_is_refused():
    found = records(a_file("persons", "id,name", "P1,Ek, Bo", "P2,Bo,,"))

    assert [problem.row for problem in found.problems] == [2]
    assert [record.key for record in found.records] == [("P2",)]


def test_a_repeated_row_is_fine_unless_it_says_something_else():
    found = records(a_file("persons", "id,name", "P1,Bo", "P1,Bo", "P1,Per"))

    assert found.repeated == 1
    assert said(found) == [(4, "id", "P1", "Row 2 says something else about the same thing.")]


def test_a_pair_has_no_order_unless_one_recruits_the_other():
    lines = [
        "person_a,person_b,kind",
        "P1,P2,friend",
        "P2,P1,friend",
        "P1,P2,recruiter",
        "P2,P1,recruiter",
    ]

    found = records(a_file("ties", *lines), TIES)

    assert (len(found.records), found.repeated, found.problems) == (3, 1, [])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        pytest.param("P1,P1,friend,,", "person_b", id="a tie to oneself"),
        pytest.param(
            "P1,P2,friend,2026-01-02,2026-01-01", "valid_to", id="an end before the start"
        ),
        pytest.param("P1,P2,friend,2026-01-02,2026-01-02", "valid_to", id="an end at the start"),
        pytest.param("P1,,friend,,", "person_b", id="nobody"),
        pytest.param("P1,P2,,,", "kind", id="no kind"),
        pytest.param("P1,P2,fiend,,", "kind", id="an unknown kind"),
    ],
)
def test_a_tie_that_cannot_be_is_refused(row, column):
    found = records(a_file("ties", "person_a,person_b,kind,valid_from,valid_to", row), TIES)

    assert [(problem.row, problem.column) for problem in found.problems] == [(2, column)]
    assert found.rejected == {2}


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n,;\"'="))


@given(st.lists(st.tuples(cells, cells, cells)))
def test_whatever_is_written_is_read_as_the_same_and_written_the_same_again(people):
    rows = [
        (f"P{i}", name, None, sex, area, *[None] * 4) for i, (name, sex, area) in enumerate(people)
    ]

    once = write_file(PERSONS, rows, ZONE)
    found = records(once)
    again = write_file(PERSONS, [record.values for record in found.records], ZONE)

    assert found.problems == []
    assert again == once


def test_secrecy_is_written_only_where_it_is_not_the_usual():
    usual = ("P1", "Bo", None, None, None, None, None, None, "police")
    social = ("P2", "Eva", None, None, None, None, None, None, "social")

    assert b"compartment" not in write_file(PERSONS, [usual], ZONE).content
    assert write_file(PERSONS, [social, usual], ZONE).content.decode().splitlines() == [
        "id,name,birth_date,sex,area,source,grade,recorded_at,compartment",
        "P1,Bo,,,,,,,",
        "P2,Eva,,,,,,,social",
    ]


def test_an_archive_gives_its_files_by_their_bare_names():
    files = [a_file("persons", "id", "P1"), a_file("ties", "person_a,person_b,kind")]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("town/persons.csv", files[0].content)
        archive.writestr("../../town/ties.csv", files[1].content)
        archive.writestr("town/.DS_Store", b"x")

    assert unpacked(SourceFile(name="a.zip", content=out.getvalue()), most_bytes=1000) == (
        files,
        [],
    )


def test_an_archive_that_unpacks_too_large_is_refused():
    bomb = packed([SourceFile(name="persons.csv", content=b"a" * 1_000_000)])

    files, problems = unpacked(SourceFile(name="a.zip", content=bomb), most_bytes=999_999)

    assert files == []
    assert problems[0].reason == "Unpacked, the archive is too large."


@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fail(content):
    for name in ("persons.csv", "a.zip"):
        file = SourceFile(name=name, content=content)
        sheet, problems = read_sheet(file)
        assert (sheet is None) == bool(problems)
        if sheet is not None:
            read_records(sheet, PERSONS, ZONE)
        unpacked(file, most_bytes=1000)
