import importlib
import pkgutil
from enum import StrEnum

import pytest

import gvi.domain
from gvi.domain.access import Role
from gvi.domain.grading import Certainty, Compartment
from gvi.domain.incident import Gmi
from gvi.domain.policy import EXAMPLE_HARM
from gvi.domain.risk import RiskColour
from gvi.web.labels import contexts, label, options, status
from gvi.web.text import LANGUAGES, catalogue

NOT_READ_BY_USERS = {"CellKind", "EventStatus", "SignOnPurpose"}
SAID_ELSEWHERE = {
    "AnomalyKind",
    "Cause",
    "Condition",
    "DisclosureStatus",
    "ExtensionOutcome",
    "FlawKind",
    "LetterKind",
    "ListAct",
    "PaperKind",
    "PolicyStatus",
    "Removable",
    "RemovalCause",
    "Reviewed",
    "Side",
    "Verdict",
}
"""Vocabularies whose pages have words of their own, most of them whole sentences."""


def vocabularies() -> list[type[StrEnum]]:
    modules = [
        importlib.import_module(f"gvi.domain.{module.name}")
        for module in pkgutil.iter_modules(gvi.domain.__path__)
    ]
    return [
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, StrEnum)
        if thing.__module__ == module.__name__
        and thing.__name__ not in NOT_READ_BY_USERS | SAID_ELSEWHERE
    ]


@pytest.mark.parametrize("vocabulary", vocabularies(), ids=lambda v: v.__name__)
def test_every_code_has_a_name(vocabulary):
    assert all(label(code, "en") for code in vocabulary)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_name_is_translated(language):
    known = catalogue(language)

    missing = [(context, text) for context, text in contexts() if not known.get(text, context)]

    assert missing == []


def test_one_word_in_two_vocabularies_has_two_names():
    assert label(Certainty.CONFIRMED, "sv") == "Konstaterat"
    assert label(Gmi.CONFIRMED, "sv") == "Bekräftad"
    assert label(Role.PROBATION, "en") == label(Compartment.PROBATION, "en") == "Probation"


def test_kinds_of_incident_have_names_and_others_are_readable():
    assert label("stabbing", "sv") == "Knivdåd"
    assert label("drive_by", "sv") == "Drive by"
    assert all(label(kind, "en") for kind in EXAMPLE_HARM)


def test_a_plain_text_is_a_code_of_the_vocabulary_that_is_named():
    assert label("confirmed", "sv", Certainty) == "Konstaterat"
    assert label("confirmed", "sv", Gmi) == "Bekräftad"
    assert status("red", RiskColour) == "red"
    assert label("", "sv", Gmi) == ""
    with pytest.raises(ValueError, match="burning"):
        label("burning", "sv", Gmi)


def test_no_code_is_no_name():
    assert label(None, "sv") == ""
    assert status(None) == "unknown"


def test_a_status_has_its_sign():
    assert [status(colour) for colour in RiskColour] == ["red", "yellow", "green", "off"]
    assert status(Gmi.LIKELY) == "open"


def test_options_are_pairs_in_the_vocabularys_order():
    assert options(Certainty, "sv")[0] == ("confirmed", "Konstaterat")
