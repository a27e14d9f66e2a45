import pytest

from gvi.domain.naming import CODE_NAMES, folded, free_code_names


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


def test_a_taken_code_name_is_not_offered_in_any_case():
    assert next(iter(free_code_names({"lom", "TÄRNA"}))) == CODE_NAMES[2]
