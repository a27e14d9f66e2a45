from itertools import islice

import pytest

from gvi.domain.naming import CODE_NAMES, drawn_code_names, folded, has_number


@pytest.mark.parametrize(
    ("name", "compared"),
    [
        pytest.param("Åsa Öberg", "asa oberg", id="Swedish letters"),
        pytest.param("  Łukasz   SØRENSEN ", "lukasz sorensen", id="other letters, loose spaces"),
        pytest.param("Ann-Marie", "ann marie", id="a hyphen parts"),
        pytest.param("O’Brien, d'Arc", "obrien darc", id="an apostrophe vanishes"),
        pytest.param("Þór Đoković", "thor dokovic", id="letters without accents"),
        pytest.param("–", "", id="no letters at all"),
    ],
)
def test_names_are_compared_without_accents_and_marks(name, compared):
    assert folded(name) == compared


def test_code_names_are_many_short_and_each_its_own():
    assert len(CODE_NAMES) == len(set(CODE_NAMES)) > 200
    assert all(name.isalpha() and name[0].isupper() for name in CODE_NAMES)


def test_drawn_code_names_never_end_and_their_numbers_grow():
    names = list(islice(drawn_code_names("", lambda most: most - 1), 41))

    assert [names[at] for at in (0, 19, 20, 40)] == [
        f"{CODE_NAMES[-1]} {number}" for number in (99, 99, 999, 9999)
    ]
    assert all(has_number(name) for name in names)
