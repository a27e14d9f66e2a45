"""Swedish is complete: every sentence of templates and code has its translation, places kept."""

import re

from gvi.web.text import catalogue
from tests.codebase.messages import found

PLACES = re.compile(r"%\((\w+)\)[sd]")


def _first(message):
    return message[0] if isinstance(message, tuple) else message


def test_every_sentence_is_in_swedish():
    swedish = catalogue("sv")

    missing = [
        f"{place}: {_first(message)!r}"
        for (context, message), place in sorted(found().items(), key=lambda item: item[1])
        if _first(message) and not swedish.get(_first(message), context)
    ]

    assert not missing, "\n".join(missing)


def test_a_translation_keeps_the_places_of_its_sentence():
    wrong = []
    for message in catalogue("sv"):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = {place for text in ids for place in PLACES.findall(text)}
        for text in strings:
            if set(PLACES.findall(text)) - wanted:
                wrong.append(text)

    assert not wrong
