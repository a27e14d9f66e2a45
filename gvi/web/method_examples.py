"""The worked examples of the method page: each is a specification test, in words and numbers.

The data are made from the tests (`python -m scripts.docs`); a test holds them to each other.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_suffix(".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A small town and the list it gives; `title` and `says` are sentences to be translated."""

    title: str
    says: str
    score: str
    people: list[dict[str, Any]]
    """Name, and birth date where it matters."""
    members: list[list[str]]
    ties: list[list[Any]]
    relations: list[list[str]]
    incidents: list[dict[str, Any]]
    """Kind, days before the list, gmi, and who was what in it."""
    result: list[list[Any]]
    """Person, score and its parts, in the order of the list."""


@cache
def examples() -> tuple[Example, ...]:
    """Read the examples, in the order of the rules."""
    return tuple(Example(**each) for each in json.loads(_FILE.read_text(encoding="utf-8")))
