"""The worked examples of the method page, from the specification tests: each is one test.

`gvi/web/method_examples.json` is made from tests/spec; the tests stay the source, and what is
installed needs none of them. A town's facts and its list are what the test itself reads.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.spec import town

ROOT = Path(__file__).parents[1]
TESTS = ("tests/spec/test_1_driving.py", "tests/spec/test_2_exposed.py")
SCORES = ("driving", "exposed")
APOSTROPHES = {"nobodys": "nobody’s", "ones": "one’s"}
"""Words that a test's name cannot spell."""


def page() -> str:
    """Write the examples as the file holds them."""
    found = [example for name in TESTS for example in _examples(ROOT / name)]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _examples(path: Path) -> Iterator[dict[str, Any]]:
    for test in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(test, ast.FunctionDef):
            continue
        for call in ast.walk(test):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in SCORES:
                score = getattr(call.func, "id", "")
                yield {
                    "title": _title(test.name),
                    "says": ast.get_docstring(test) or "",
                    "score": score,
                    **_told(ast.literal_eval(call.args[0]), score),
                }


def _title(name: str) -> str:
    words = [APOSTROPHES.get(word, word) for word in name.removeprefix("test_").split("_")]
    said = " ".join(words).replace("co offending", "co-offending")
    return said[0].upper() + said[1:] + "."


def _told(text: str, score: str) -> dict[str, Any]:
    """Give a town's facts by name, and the list the program makes of them."""
    facts, people = town.town(text)
    groups = dict(zip(facts.groups.id, _names(text, "groups"), strict=True))
    roles = facts.involvements
    members, ties, relations = facts.memberships, facts.ties, facts.relations
    return {
        "people": [
            {"name": people[key], "born": born.isoformat() if born else None}
            for key, born in zip(facts.persons.id, facts.persons.birth_date, strict=True)
        ],
        "members": [
            [people[p], groups[g], role, certainty]
            for p, g, role, certainty in zip(
                members.person, members.group, members.role, members.certainty, strict=True
            )
        ],
        "ties": [
            [people[a], people[b], kind, strength, certainty]
            for a, b, kind, strength, certainty in zip(
                ties.a, ties.b, ties.kind, ties.strength, ties.certainty, strict=True
            )
        ],
        "relations": [
            [groups[a], groups[b], kind]
            for a, b, kind in zip(relations.group_a, relations.group_b, relations.kind, strict=True)
        ],
        "incidents": [
            {
                "kind": kind,
                "days": (facts.as_of - at).total_seconds() / 86_400,
                "gmi": gmi,
                "roles": [
                    [people[person], role, certainty]
                    for incident, person, role, certainty in zip(
                        roles.incident, roles.person, roles.role, roles.certainty, strict=True
                    )
                    if incident == key
                ],
            }
            for key, at, kind, gmi in zip(
                facts.incidents.id,
                facts.incidents.occurred_at,
                facts.incidents.kind,
                facts.incidents.gmi,
                strict=True,
            )
        ],
        "result": getattr(town, score)(text),
    }


def _names(text: str, heading: str) -> list[str]:
    return [name for name, *_ in town.rows_of(text)[heading]]
