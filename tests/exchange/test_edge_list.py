import pytest

from gvi.exchange.edge_list import read_edges
from gvi.exchange.reading import read_sheet
from tests.exchange.files import a_file


def edges(*lines):
    sheet, _ = read_sheet(a_file("edges", *lines))
    return read_edges(sheet)


def pairs(found):
    return [record.values[:2] for record in found.ties.records]


@pytest.mark.parametrize(
    ("lines", "has_header"),
    [
        pytest.param(("Source,Target", "20,1", "3,2"), True, id="known headings"),
        pytest.param(("alfa,beta", "20,1", "3,2"), True, id="words over numbers"),
        pytest.param(
            ("vem,vilka,styrka", "Åsa,Bo,1", "Bo,Per,2"), True, id="a word over strengths"
        ),
        pytest.param(("20,1", "3,2"), False, id="numbers from the start"),
        pytest.param(("Åsa,Bo", "Bo,Per"), False, id="names from the start"),
        pytest.param(("Åsa,Bo,2", "Bo,Per,1"), False, id="names with strengths"),
        pytest.param(("source,target", "target,source"), False, id="people called like headings"),
    ],
)
def test_headings_are_told_from_ties_and_the_choice_is_reported(lines, has_header):
    found = edges(*lines)

    assert found.has_header is has_header
    assert found.ties.rows == len(lines) - has_header
    assert ("headings; its" in found.ties.problems[0].reason) is not has_header


def test_both_directions_and_repeats_count_once():
    found = edges("20,1", "1,20", "20,1", "3,1")

    assert pairs(found) == [("20", "1"), ("3", "1")]
    assert found.ties.repeated == 2
    assert [p.said(p.reason) for p in found.ties.problems][1:] == [
        "2 lines repeat a tie, in the same or the other direction; each tie counts once."
    ]


def test_a_single_repeat_is_said_of_one_line():
    repeat = edges("20,1", "1,20").ties.problems[1]

    assert repeat.said(repeat.reason).startswith("1 line repeats a tie")


def test_ties_are_associates_and_confirmed():
    tie = edges("P1,P2").ties.records[0].values

    assert (tie[2], tie[5], tie[6]) == ("associate", None, "confirmed")


def test_everybody_named_becomes_a_person_unless_there_is_one():
    people = edges("P1,P2", "P3,P2").people

    assert people.is_implied
    assert [record.key for record in people.records] == [("P1",), ("P2",), ("P3",)]


def test_the_largest_of_several_strengths_is_taken_and_said():
    found = edges("P1,P2,1", "P2,P1,2.5")

    assert found.ties.records[0].values[5] == 2.5
    assert any("the largest, 2.5" in p.said(p.reason) for p in found.ties.problems)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        pytest.param("P1,P1", "b", id="a tie to oneself"),
        pytest.param("P1", "", id="one cell"),
        pytest.param("P1,P2,1,x", "", id="four cells"),
        pytest.param("P1,,1", "b", id="nobody"),
        pytest.param("P1,P2,-1", "strength", id="a strength below zero"),
    ],
)
def test_a_line_that_is_no_tie_is_rejected(line, column):
    found = edges("P8,P9", line)

    rejecting = [problem for problem in found.ties.problems if problem.rejects]
    assert [(problem.row, problem.column) for problem in rejecting] == [(2, column)]
    assert found.ties.rejected == {2}
