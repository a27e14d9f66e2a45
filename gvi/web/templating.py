"""One Jinja environment for every page, and the way to render with it."""

import hashlib
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.responses import HTMLResponse

from gvi.web import format as say
from gvi.web import labels
from gvi.web.context import PageContext
from gvi.web.forms import Form, new_key
from gvi.web.text import LANGUAGES, translations

_PACKAGE = Path(__file__).parents[1]
_CHECKOUT = _PACKAGE.parent / "templates"

TEMPLATES = _CHECKOUT if _CHECKOUT.is_dir() else _PACKAGE / "_templates"
STATIC = Path(__file__).parent / "static"

# Macros are imported without a page's values, so they find language and clock here. It is set for
# the time of one render only.
_page: ContextVar[PageContext] = ContextVar("page")


@cache
def static_prefix() -> str:
    """Give the address under which static files are served; it changes with their content."""
    digest = hashlib.sha256()
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        digest.update(path.relative_to(STATIC).as_posix().encode())
        digest.update(path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


def manner_of(page: PageContext) -> say.Manner:
    """Give how this page speaks: its language, zone and clock."""
    return say.Manner(page.language, page.zone, page.now)


@pass_context
def _gettext(_context: Context, message: str) -> str:
    return translations(_page.get().language).gettext(message) if message else ""


@pass_context
def _ngettext(_context: Context, one: str, many: str, number: int) -> str:
    return translations(_page.get().language).ngettext(one, many, number)


@pass_context
def _pgettext(_context: Context, place: str, message: str) -> str:
    return translations(_page.get().language).pgettext(place, message)


@pass_context
def _npgettext(_context: Context, place: str, one: str, many: str, number: int) -> str:
    return translations(_page.get().language).npgettext(place, one, many, number)


def _spoken(speak: Callable[..., Any]) -> Callable[..., Any]:
    """Make a filter of a function that takes a manner second.

    Filters take the context so that Jinja never works one out while compiling, in one language.
    """

    @pass_context
    def spoken(_context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        return speak(value, manner_of(_page.get()), *args, **kwargs)

    return spoken


def _when(
    value: date | datetime | None, manner: say.Manner, *, start: bool = False
) -> str | Markup:
    """Mark up a moment: said as people do, the full stamp in `datetime` and title."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        said, stamp = say.say_time(value, manner), value.astimezone(manner.zone).isoformat()
    else:
        said, stamp = say.say_date(value, manner), value.isoformat()
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        stamp, say.say_full(value, manner), say.sentence_start(said) if start else said
    )


def _quoted(words: str, manner: say.Manner) -> str:
    """Give somebody's own words in the quotation marks of the language."""
    return f"”{words}”" if manner.language == "sv" else f"“{words}”"


def _label(
    code: StrEnum | str | None, manner: say.Manner, vocabulary: type[StrEnum] | None = None
) -> str:
    """Say a code; a plain text needs its vocabulary, for one word stands in several."""
    if code and vocabulary is None and not isinstance(code, StrEnum):
        raise TypeError(code)
    return labels.label(code, manner.language, vocabulary)


def _kind(kind: str, manner: say.Manner) -> str:
    return labels.kind_label(kind, manner.language)


def _options(codes: Iterable[StrEnum], manner: say.Manner) -> list[tuple[str, str]]:
    return labels.options(codes, manner.language)


@pass_context
def _csrf_token(_context: Context) -> str:
    """Give the session's form token to a macro, which has no page of its own."""
    return _page.get().csrf_token


def _standing(**values: object) -> Form:
    """Give what a row shows of a record, for the form in it: `csrf_field(page, standing(…))`."""
    return Form.filled(values)


@pass_context
def _as_known(_context: Context, url: str) -> str:
    """Carry the page's as-of moment over to a link."""
    as_of = _page.get().as_of
    if as_of is None:
        return url
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != "as_of"]
    day = as_of.astimezone(_page.get().zone).date().isoformat()
    return urlunsplit(parts._replace(query=urlencode([*query, ("as_of", day)])))


def _params(query: str, *without: str) -> list[tuple[str, str]]:
    """Give the pairs of a query string but some, for hidden fields of a form."""
    return [(key, value) for key, value in parse_qsl(query) if key not in without]


def _without(query: str, *names: str) -> str:
    """Give a query string with its question mark, some parameters taken out; blank where empty."""
    text = urlencode(_params(query, *names))
    return f"?{text}" if text else ""


@cache
def environment() -> Environment:
    """Build the environment: all escaped, nothing undefined, sentences from catalogues."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=TEMPLATES is _CHECKOUT,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, _ngettext, newstyle=True, pgettext=_pgettext, npgettext=_npgettext
    )
    env.globals.update(labels.VOCABULARIES, LANGUAGES=LANGUAGES)
    env.globals.update(csrf_token=_csrf_token, form_key=new_key, standing=_standing)
    env.filters.update(
        say_date=_spoken(say.say_date),
        say_time=_spoken(say.say_time),
        say_clock=_spoken(say.say_clock),
        say_full=_spoken(say.say_full),
        say_known=_spoken(say.say_known),
        say_month=_spoken(say.say_month),
        say_week=_spoken(say.say_week),
        say_since=_spoken(say.say_since),
        say_days=_spoken(say.say_days),
        say_due=_spoken(say.say_due),
        say_constant=_spoken(say.say_constant),
        say_number=_spoken(say.say_number),
        say_count=_spoken(say.say_count),
        say_ordinal=_spoken(say.say_ordinal),
        sentence_start=say.sentence_start,
        when=_spoken(_when),
        quoted=_spoken(_quoted),
        label=_spoken(_label),
        kind=_spoken(_kind),
        status=labels.status,
        options=_spoken(_options),
        as_known=_as_known,
        params=_params,
        without=_without,
    )
    return env


def _is_wrong(form: object) -> bool:
    return isinstance(form, Form) and bool(form.errors)


def render_text(page: PageContext, name: str, /, **values: object) -> str:
    """Render a template for a page's reader."""
    token = _page.set(page)
    template = environment().get_template(name)
    try:
        text = template.render(page=page, **values)
        # The summary of errors stands before the fields whose names it says: drawn once more.
        return template.render(page=page, **values) if _is_wrong(values.get("form")) else text
    finally:
        _page.reset(token)


def render(
    page: PageContext, name: str, /, *, status_code: int = 200, **values: object
) -> HTMLResponse:
    """Render a template as an answer; the template sees `page` and the values given."""
    text = render_text(page, name, **values)
    if page.addresses is not None:
        text = page.addresses.in_page(text)
    return HTMLResponse(text, status_code=status_code)
