"""Every sentence a user can read is in the catalogue of each language, and nothing else is."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

import gvi
from gvi.web.labels import contexts
from gvi.web.method_examples import examples
from gvi.web.templating import TEMPLATES
from gvi.web.text import LANGUAGES, catalogue

PACKAGE = Path(gvi.__file__).parent
TRANSLATED = [code for code in LANGUAGES if code != "en"]

IN_PYTHON = {"N_": None, "NP_": (1, 2), "translate_plural": (1, 2), "say_plural": (1, 2)}
IN_TEMPLATES = {"_": None, "gettext": None, "ngettext": (1, 2)}
TEMPLATE_OPTIONS = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
EXTENSIONS = {"extensions": "jinja2.ext.i18n,jinja2.ext.do"}


def _extracted() -> Iterator[tuple[str, int, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for line, message, _, _ in extract_from_file("python", path, keywords=IN_PYTHON):
            yield path.name, line, _first(message)
    for path in sorted(TEMPLATES.rglob("*.html")):
        found = extract_from_file(
            "jinja2.ext:babel_extract",
            path,
            keywords=IN_TEMPLATES,
            options=TEMPLATE_OPTIONS | EXTENSIONS,
        )
        for line, message, _, _ in found:
            yield path.relative_to(TEMPLATES).as_posix(), line, _first(message)
    for number, example in enumerate(examples(), start=1):
        for sentence in filter(None, (example.title, example.says)):
            yield "method_examples.json", number, sentence


def _first(message: str | tuple[str, ...]) -> str:
    return message if isinstance(message, str) else message[0]


@cache
def sentences() -> dict[str, str]:
    """Each English sentence with the place where it is first said."""
    said: dict[str, str] = {}
    for name, line, sentence in _extracted():
        said.setdefault(sentence, f"{name}:{line}")
    return said


def test_sentences_are_found_at_all():
    assert "Skip to content" in sentences()
    assert "Give a whole number, for example 12." in sentences()
    assert "%(num)s day late" in sentences()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language):
    known = catalogue(language)

    missing = [
        f"{place} {text!r}" for text, place in sentences().items() if known.get(text) is None
    ]

    assert missing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language):
    labels = set(contexts())

    unused = [
        message.id
        for message in catalogue(language)
        if message.id
        and _first(message.id) not in sentences()
        and (message.context, _first(message.id)) not in labels
    ]

    assert unused == []
