"""The catalogues: English sentences as written in code and templates, other languages from .po.

Each noun has its own file in `gvi/locale/<language>/`; all files of a language are one catalogue.
"""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from gvi.domain.errors import GviError

LOCALES = Path(__file__).parents[1] / "locale"
LANGUAGES: dict[str, str] = {"sv": "Svenska", "en": "English"}
"""The languages a user can choose, each by its own name; the first is the usual one."""

DEFAULT_LANGUAGE = "sv"


def catalogue(language: str) -> Catalog:
    """Read all files of one language into one catalogue; on a clash the first file wins."""
    merged = Catalog(locale=language)
    for path in sorted((LOCALES / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if (
                    message.id
                    and message.string
                    and merged.get(message.id, message.context) is None
                ):
                    merged.add(message.id, message.string, context=message.context)
    return merged


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Give a language's catalogue, ready to ask; English and unknown ones answer as written."""
    if language == "en" or not (LOCALES / language).is_dir():
        return gettext.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(message: str, language: str, /, **params: object) -> str:
    """Say a sentence marked with `N_` in a language, its `%(name)s` places filled."""
    if not message:
        return ""
    said = translations(language).gettext(message)
    return said % params if params else said


def translate_plural(one: str, many: str, number: int, language: str, /, **params: object) -> str:
    """Say a sentence about a number of things; `%(num)s` is the number.

    Both forms stand in the call itself, unmarked: extraction knows this function by name.
    """
    said = translations(language).ngettext(one, many, number)
    return said % {"num": number, **params}


def translate_error(error: GviError, language: str) -> str:
    """Say why something was refused, in the viewer's language."""
    return translate(error.message, language, **error.params)


def choose_language(*wishes: str | None) -> str:
    """Take the first wish that is a language we have: an address, a cookie, Accept-Language."""
    for wish in wishes:
        for part in (wish or "").split(","):
            code = part.split(";")[0].strip().split("-")[0].lower()
            if code in LANGUAGES:
                return code
    return DEFAULT_LANGUAGE
