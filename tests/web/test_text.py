import re
from io import BytesIO

import pytest
from babel.messages.pofile import read_po

from gvi.domain.errors import NotFoundError, RuleError
from gvi.web.text import (
    LANGUAGES,
    LOCALES,
    catalogue,
    choose_language,
    translate,
    translate_error,
    translate_plural,
    translations,
)


def test_all_files_of_a_language_are_one_catalogue():
    swedish = translations("sv")

    assert swedish.gettext("Skip to content") == "Till innehållet"  # common.po
    assert swedish.pgettext("RiskColour", "Red") == "Röd"  # labels.po


def test_english_and_unknown_languages_answer_as_written():
    assert translate("Skip to content", "en") == "Skip to content"
    assert translate("Skip to content", "xx") == "Skip to content"


def test_a_blank_text_stays_blank_and_never_becomes_the_catalogues_own_header():
    assert translate("", "sv") == ""


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", 1, "1 day late"),
        ("en", 3, "3 days late"),
        ("sv", 1, "1 dag sen"),
        ("sv", 3, "3 dagar sen"),
    ],
)
def test_numbers_take_their_plural(language, number, said):
    assert translate_plural("%(num)s day late", "%(num)s days late", number, language) == said


def test_a_refusal_is_said_in_the_viewers_language_with_its_facts():
    error = RuleError("Keep it to %(most)s characters.", field="name", most=20)

    assert translate_error(error, "sv") == "Håll det till 20 tecken."
    assert translate_error(NotFoundError("No 100 % match."), "sv") == "No 100 % match."


@pytest.mark.parametrize(
    ("wishes", "chosen"),
    [
        pytest.param(("en", "sv"), "en", id="the first wish wins"),
        pytest.param((None, "de-DE,en;q=0.8,sv;q=0.5"), "en", id="the first language we have"),
        pytest.param(("../../etc", None), "sv", id="nonsense is ignored"),
        pytest.param(("SV-se",), "sv", id="case and country do not matter"),
    ],
)
def test_a_language_is_chosen(wishes, chosen):
    assert choose_language(*wishes) == chosen


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_no_two_files_say_one_sentence_differently(language):
    said: dict[tuple[str, str | None], str] = {}
    clashes = []
    for path in sorted((LOCALES / language).glob("*.po")):
        for key, text in _sentences(path):
            if said.setdefault(key, text) != text:
                clashes.append(f"{path.name}: {key[0]!r} is {text!r}, elsewhere {said[key]!r}")

    assert clashes == []


def _sentences(path):
    for message in read_po(BytesIO(path.read_bytes())):
        if message.id:
            one = message.id if isinstance(message.id, str) else message.id[0]
            yield (one, message.context), str(message.string)


def test_every_translation_keeps_the_places_of_its_sentence():
    for message in catalogue("sv"):
        if not message.id:
            continue
        forms = [message.id] if isinstance(message.id, str) else list(message.id)
        said = [message.string] if isinstance(message.string, str) else list(message.string)
        for place, text in enumerate(said):
            # What is said of one may leave its number out; so may its translation.
            own = forms[min(place, len(forms) - 1)]
            assert _places(text) <= set().union(*map(_places, forms)), message.id
            assert _places(own) <= _places(text) | {"num"}, message.id


def _places(text):
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize(
    "sentence",
    [
        "Session %(session)s is full: it has %(seats)s seats.",
        "%(number)s are in session %(session)s, which has %(seats)s seats.",
    ],
)
def test_a_session_with_one_seat_is_told_in_swedish_without_a_plural(sentence):
    said = translate(sentence, "sv", session=2, seats=1, number=2)

    assert "1 platser" not in said
