"""docs/security/asvs.csv is whole, says how each requirement is met, and names tests that exist."""

import ast
import csv
from functools import cache
from pathlib import Path

import pytest

FILE = Path("docs/security/asvs.csv")
WHOLE = 253
"""Requirements of levels 1 and 2 in OWASP ASVS 5.0.0."""
MET = ("yes", "partly", "no")

with FILE.open(encoding="utf-8", newline="") as opened:
    ROWS = list(csv.DictReader(opened))


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of the tests a file holds."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_requirement_of_levels_1_and_2_is_there_once():
    assert len(ROWS) == WHOLE
    assert len({row["id"] for row in ROWS}) == WHOLE


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_requirement_says_where_it_is_met_or_why_not(row):
    if row["applies"] == "no":
        assert row["where"], "why it does not apply"
        assert not row["met"]
        return
    assert row["applies"] == "yes"
    assert row["met"] in MET
    assert row["where"] or row["met"] == "no"
    path, _, name = row["test"].partition("::")
    if path:
        assert Path(path).is_file(), path
    if name:
        assert name in names_in(path), row["test"]
