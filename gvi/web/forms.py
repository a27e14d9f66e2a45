"""Reading a form: what was typed is kept, what is wrong is said by the field it is about."""

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeVar, overload
from zoneinfo import ZoneInfo

from gvi.domain.errors import RuleError
from gvi.domain.grading import ADMIRALTY_GRADES, Certainty
from gvi.domain.text import N_
from gvi.domain.time import read_day, read_instant
from gvi.web.column_words import COLUMNS, column_called
from gvi.web.column_words import NUMBERS as NUMBERED_COLUMNS
from gvi.web.labels import label
from gvi.web.stale import (
    CHANGED,
    CHANGED_TO,
    IS_NOW,
    MOST_SAID,
    NUMBERS,
    SEEN,
    STALE,
    STALE_ACT,
    TAKEN_OVER,
    changed_meanwhile,
    changed_since,
    prints_of,
    written,
)
from gvi.web.text import translate

E = TypeVar("E", bound=StrEnum)

_TRUE = frozenset({"on", "1", "true", "yes"})

KEY = "form_key"
"""Field of every form: what makes it act once (`gvi.web.once`)."""
_NUMBERED = NUMBERS | NUMBERED_COLUMNS
LARGEST = 2_147_483_647
"""What a whole number's column holds on both databases."""

REQUIRED = N_("Fill this in.")
CHOOSE = N_("Choose one of the answers.")
BAD_DATE = N_("Give the date as year-month-day, for example 2026-03-02.")
BAD_TIME = N_("Give the day and the time, for example 2026-03-02 14:30.")
BAD_INTEGER = N_("Give a whole number, for example 12.")
BAD_NUMBER = N_("Give a number, for example 0.5.")
TOO_SMALL = N_("Give a number that is at least %(least)s.")
TOO_LARGE = N_("Give a number that is at most %(most)s.")
TOO_LONG = N_("Keep it to %(most)s characters.")
BAD_GRADE = N_("Choose both letter and figure of the grade, or neither.")


def new_key() -> str:
    """Give a form its key: chance alone, always as long."""
    return secrets.token_urlsafe(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactInput:
    """How good a piece of information is, as `ui/fact_fields.html` asks it."""

    source: str
    grade: str
    """`A1` to `F6`, or blank."""
    certainty: Certainty | None
    ground: str
    review_due_on: dt.date | None


class Form:
    """One submitted (or empty, or filled) form.

    Each parse method answers a typed value and notes what is wrong in `errors`. A required value
    that is missing or wrong answers a placeholder of its type (an empty text, 0, the first choice,
    the earliest date): look at `errors` before using any of them.

    Example:
        >>> form = Form([("name", " Granit "), ("size", "many")], language="en")
        >>> form.text("name", required=True)
        'Granit'
        >>> form.integer("size")
        >>> form.errors
        {'size': 'Give a whole number, for example 12.'}
    """

    def __init__(
        self,
        data: Iterable[tuple[str, object]] = (),
        *,
        language: str = "en",
        zone: ZoneInfo | None = None,
    ) -> None:
        """Take submitted pairs (`FormData.multi_items()`); uploads are the page's own matter."""
        self._values: dict[str, list[str]] = {}
        for name, value in data:
            if isinstance(value, str):
                self._values.setdefault(name, []).append(value)
        self._language = language
        self._zone = zone or ZoneInfo("Europe/Stockholm")
        self.errors: dict[str, str] = {}
        """Field name → sentence in the viewer's language, in the order they were found."""
        self.is_stale = False
        """Whether somebody changed what it shows since its reader opened it."""
        self.stored: dict[str, str] | None = None
        """The print of each value that is stored (`gvi.web.stale`); None where nothing changes."""
        self.words: dict[str, str] = {}
        """What is stored as people read it, where it is one value."""
        self.labels: dict[str, str] = {}
        """Field name → what the page calls it, as far as the page has been drawn."""

    @classmethod
    def filled(
        cls,
        values: Mapping[str, object],
        *,
        language: str = "en",
        zone: ZoneInfo | None = None,
    ) -> "Form":
        """Make a form that shows stored values, for a page that corrects something."""
        form = cls(language=language, zone=zone)
        for name, value in values.items():
            many = value if isinstance(value, list | tuple | set | frozenset) else [value]
            form._values[name] = [form._shown(item) for item in many if item is not None]
            form.words[name] = "" if many is value else form._said(value)
        form.stored = prints_of(form._values)
        return form

    def _shown(self, value: object) -> str:
        if isinstance(value, bool):
            return "on" if value else ""
        if isinstance(value, dt.datetime):
            return value.astimezone(self._zone).strftime("%Y-%m-%dT%H:%M")
        if isinstance(value, float):
            said = str(value).removesuffix(".0")
            return said.replace(".", ",") if self._language == "sv" else said
        return str(value)

    def _said(self, value: object) -> str:
        if isinstance(value, StrEnum):
            return label(value, self._language)
        if isinstance(value, dt.datetime):
            return self._shown(value).replace("T", " ")
        return "" if isinstance(value, bool) or value is None else self._shown(value)

    # Whether somebody changed it meanwhile

    @property
    def seen(self) -> str:
        """What the hidden field holds of what is stored; blank where nothing is changed."""
        return "" if self.stored is None else written(self.stored)

    def sees(self, now: "Form") -> None:
        """Hold the form to what is stored now, filled in as this reader may see it.

        Where somebody changed it since the form was opened, that is an error by each field: what
        was typed stays, what was left alone becomes what it is now.
        """
        self.stored = now.stored
        if not (sent := self.value(SEEN)):
            return
        for name, left_alone in changed_meanwhile(sent, prints_of(self._values), now.stored or {}):
            self.is_stale = True
            said = "" if name in NUMBERS else now.words.get(name, "")
            if left_alone:
                self._values[name] = list(now.all(name))
                self.add_error(name, TAKEN_OVER)
            else:
                self.add_error(name, CHANGED_TO if said else CHANGED, now=said[:MOST_SAID])
        if self.is_stale:
            self.errors = {"": translate(STALE, self._language), **self.errors}

    def acts_on(self, now: "Form", table: str) -> None:
        """Hold an act to what its reader saw: it is about stored values, and types none of them.

        Where somebody changed one of a table's columns, that is one error which says what it is.
        """
        self.stored = now.stored
        sent = self.value(SEEN)
        changed = list(changed_since(sent, now.stored or {})) if sent else []
        if changed:
            self.is_stale = True
            said = now.told(table, changed)
            told = translate(IS_NOW, self._language, now=said) if said else ""
            stale = translate(STALE_ACT, self._language)
            self.errors = {"": f"{stale} {told}".strip(), **self.errors}

    def told(self, table: str, names: Iterable[str]) -> str:
        """Say what stands in some columns; what only numbers or many stand in is named alone."""
        said = []
        for name in (each for each in names if each in COLUMNS):
            called = column_called(table, name, self._language)
            is_held = name in (self.stored or {})
            nothing = "" if is_held else translate(N_("nothing"), self._language)
            value = nothing or ("" if name in _NUMBERED else self.words.get(name, ""))
            said.append(f"{called}: {value[:MOST_SAID]}" if value else called)
        return "; ".join(said)

    # What was typed, for showing it again

    def value(self, name: str, default: str = "") -> str:
        """Give what was typed in a field, or the default where the field was not sent."""
        values = self._values.get(name)
        return values[-1] if values else default

    def pairs(self) -> list[tuple[str, str]]:
        """Give everything that was sent, name by name."""
        return [(name, value) for name, values in self._values.items() for value in values]

    def all(self, name: str) -> tuple[str, ...]:
        """Give everything sent under one name: ticked boxes, repeated fields."""
        return tuple(self._values.get(name, ()))

    def has(self, name: str, value: str) -> bool:
        """Tell whether a choice was ticked."""
        return value in self._values.get(name, ())

    @property
    def to_answer(self) -> int:
        """How many things need an answer; that somebody changed them is not one more."""
        by_field = len(self.errors.keys() - {""})
        return by_field if self.is_stale and by_field else len(self.errors)

    def error(self, name: str) -> str:
        """Give the sentence that stands by a field, or nothing."""
        return self.errors.get(name, "")

    # What it is called

    def named(self, name: str, label: str) -> None:
        """Note what a page calls a field: the summary of errors says it."""
        self.labels[name] = label

    def called(self, name: str) -> str:
        """Give what a field is called, as it stands before a sentence; nothing where unknown."""
        label = self.labels.get(name, "")
        return label if not label or label.endswith("?") else f"{label}:"

    # What is wrong

    def add_error(self, name: str, message: str, /, **params: object) -> None:
        """Note what is wrong with a field (blank name: with the form); the first one stays."""
        self.errors.setdefault(name, translate(message, self._language, **params))

    def add_refusal(self, error: RuleError) -> None:
        """Note a rule that refused the form, by its field where it names one."""
        self.add_error(error.field or "", error.message, **error.params)

    # What it means

    def text(self, name: str, *, required: bool = False, most: int = 10_000) -> str:
        """Read a text, spaces around it cut off."""
        text = self.value(name).strip()
        if not text and required:
            self.add_error(name, REQUIRED)
        if len(text) > most:
            self.add_error(name, TOO_LONG, most=most)
        return text

    @overload
    def date(self, name: str, *, required: Literal[True]) -> dt.date: ...
    @overload
    def date(self, name: str, *, required: bool = False) -> dt.date | None: ...
    def date(self, name: str, *, required: bool = False) -> dt.date | None:
        """Read a day written year-month-day."""
        text = self.text(name, required=required)
        try:
            return read_day(text) if text else _placeholder(required, dt.date.min)
        except ValueError:
            self.add_error(name, BAD_DATE)
            return _placeholder(required, dt.date.min)

    @overload
    def moment(self, name: str, *, required: Literal[True]) -> dt.datetime: ...
    @overload
    def moment(self, name: str, *, required: bool = False) -> dt.datetime | None: ...
    def moment(self, name: str, *, required: bool = False) -> dt.datetime | None:
        """Read a local day and time (`datetime-local`) as an instant in UTC."""
        earliest = dt.datetime.min.replace(tzinfo=dt.UTC)
        text = self.text(name, required=required)
        try:
            if not text:
                return _placeholder(required, earliest)
            return read_instant(text, self._zone)
        except ValueError:
            self.add_error(name, BAD_TIME)
            return _placeholder(required, earliest)

    @overload
    def integer(
        self,
        name: str,
        *,
        required: Literal[True],
        least: int | None = None,
        most: int | None = None,
    ) -> int: ...
    @overload
    def integer(
        self,
        name: str,
        *,
        required: bool = False,
        least: int | None = None,
        most: int | None = None,
    ) -> int | None: ...
    def integer(
        self,
        name: str,
        *,
        required: bool = False,
        least: int | None = None,
        most: int | None = None,
    ) -> int | None:
        """Read a whole number, ids among them."""
        text = self.text(name, required=required)
        try:
            number = int(text) if text else _placeholder(required, 0)
        except ValueError:
            self.add_error(name, BAD_INTEGER)
            return _placeholder(required, 0)
        if text:
            self._check_range(name, number, least, LARGEST if most is None else most)
        return number

    @overload
    def number(
        self,
        name: str,
        *,
        required: Literal[True],
        least: float | None = None,
        most: float | None = None,
    ) -> float: ...
    @overload
    def number(
        self,
        name: str,
        *,
        required: bool = False,
        least: float | None = None,
        most: float | None = None,
    ) -> float | None: ...
    def number(
        self,
        name: str,
        *,
        required: bool = False,
        least: float | None = None,
        most: float | None = None,
    ) -> float | None:
        """Read a number; a Swedish decimal comma is as good as a point."""
        text = self.text(name, required=required).replace(",", ".")
        try:
            number = float(text) if text else _placeholder(required, 0.0)
        except ValueError:
            number = float("nan")
        if number is not None and not abs(number) < float("inf"):
            self.add_error(name, BAD_NUMBER)
            return _placeholder(required, 0.0)
        if text:
            self._check_range(name, number, least, most)
        return number

    def _check_range(
        self, name: str, number: float | None, least: float | None, most: float | None
    ) -> None:
        if number is None:
            return
        if least is not None and number < least:
            self.add_error(name, TOO_SMALL, least=least)
        if most is not None and number > most:
            self.add_error(name, TOO_LARGE, most=most)

    @overload
    def choice(self, name: str, codes: type[E], *, required: Literal[True]) -> E: ...
    @overload
    def choice(self, name: str, codes: type[E], *, required: bool = False) -> E | None: ...
    def choice(self, name: str, codes: type[E], *, required: bool = False) -> E | None:
        """Read one code of a vocabulary."""
        text = self.value(name).strip()
        try:
            if text:
                return codes(text)
        except ValueError:
            self.add_error(name, CHOOSE)
        if required:
            self.add_error(name, CHOOSE)
        return _placeholder(required, next(iter(codes)))

    def choices(self, name: str, codes: type[E], *, required: bool = False) -> tuple[E, ...]:
        """Read several codes of a vocabulary, in the vocabulary's order."""
        typed = {text.strip() for text in self.all(name) if text.strip()}
        known = tuple(code for code in codes if code.value in typed)
        if len(known) < len(typed) or (required and not known):
            self.add_error(name, CHOOSE)
        return known

    def one_of(self, name: str, allowed: Iterable[str], *, required: bool = False) -> str:
        """Read one of some values that are no fixed vocabulary; blank where nothing was chosen."""
        text = self.value(name).strip()
        if (not text and required) or (text and text not in set(allowed)):
            self.add_error(name, CHOOSE)
            return ""
        return text

    def integers(self, name: str) -> tuple[int, ...]:
        """Read several whole numbers, ids of ticked rows."""
        numbers = []
        for text in self.all(name):
            try:
                numbers.append(int(text))
            except ValueError:
                self.add_error(name, BAD_INTEGER)
        return tuple(numbers)

    def ticked(self, name: str) -> bool:
        """Read one box: ticked or not."""
        return self.value(name).lower() in _TRUE

    def grade(self, name: str = "grade") -> str:
        """Read a grade from its letter (`<name>_source`) and figure (`<name>_content`)."""
        grade = (self.value(f"{name}_source") + self.value(f"{name}_content")).strip()
        if grade and grade not in ADMIRALTY_GRADES:
            self.add_error(f"{name}_source", BAD_GRADE)
            return ""
        return grade

    def fact(self) -> FactInput:
        """Read the fields of `ui/fact_fields.html`."""
        return FactInput(
            source=self.text("source", most=200),
            grade=self.grade(),
            certainty=self.choice("certainty", Certainty),
            ground=self.text("ground", most=2000),
            review_due_on=self.date("review_due_on"),
        )


P = TypeVar("P")


def _placeholder(required: bool, value: P) -> P | None:
    return value if required else None
