"""Every sentence a user may read, found in templates and code as the catalogues' tools find it."""

from pathlib import Path

from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).parents[2]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "N_": None,
    "translate_plural": (1, 2),
    "say_plural": (1, 2),
}


def found() -> dict[tuple[str | None, str | tuple[str, str]], str]:
    """Give (context, message id) → the first place where it stands."""
    messages: dict[tuple[str | None, str | tuple[str, str]], str] = {}
    for folder, method in (
        ("templates", [("**.html", "jinja2.ext:babel_extract")]),
        ("gvi", [("**.py", "python")]),
    ):
        options = {
            "**.html": {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do"}
        }
        places = extract_from_dir(
            str(ROOT / folder), method_map=method, options_map=options, keywords=KEYWORDS
        )
        for file, line, message, _comments, context in places:
            messages.setdefault((context, message), f"{folder}/{file}:{line}")
    return messages
