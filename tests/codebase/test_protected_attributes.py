"""What a person is – sex, origin, faith, address – is nothing the scores could read."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import ColumnClause
from sqlalchemy.sql import visitors

import gvi.network
from gvi.domain.access import Role, Viewer
from gvi.domain.facts import (
    Facts,
    GroupFacts,
    IncidentFacts,
    InvolvementFacts,
    MembershipFacts,
    PersonFacts,
    RelationFacts,
    TieFacts,
)
from gvi.store.facts import _questions
from gvi.store.models import Person
from gvi.store.queries.rights import asker

READ: dict[type, set[str]] = {
    PersonFacts: {"id", "key", "code_name", "birth_date"},
    GroupFacts: {"id", "key", "name"},
    MembershipFacts: {"person", "group", "role", "certainty"},
    TieFacts: {"id", "a", "b", "kind", "strength", "certainty"},
    RelationFacts: {"group_a", "group_b", "kind"},
    IncidentFacts: {"id", "key", "occurred_at", "kind", "gmi"},
    InvolvementFacts: {"incident", "person", "role", "certainty"},
}
"""All that analysis is given: a column more is a decision, and this test asks who made it."""
PROTECTED = (
    *("sex", "gender", "ethnicity", "ethnic", "origin", "birthplace", "born_in", "nationality"),
    *("citizenship", "religion", "faith", "language", "address", "postcode", "area", "income"),
)
MODULES = sorted(Path(gvi.network.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("table", READ, ids=lambda table: table.__name__)
def test_analysis_is_given_these_columns_and_no_other(table):
    assert {field.name for field in fields(table)} == READ[table]


def test_facts_hold_no_other_table():
    tables = {field.name for field in fields(Facts)} - {"as_of", "as_of_day"}

    assert len(tables) == len(READ)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_analysis_names_a_protected_attribute(module):
    words = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            words.add(node.attr)
        if isinstance(node, ast.Name | ast.arg):
            words.add(getattr(node, "id", getattr(node, "arg", "")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.add(node.value)

    assert words & set(PROTECTED) == set()


def test_the_database_is_asked_for_nothing_else_about_people():
    viewer = Viewer(programme_id=1, user_id=1, role=Role.ANALYST, name="")
    asked = _questions(asker(viewer), as_entered=False).persons

    named = {
        element.name
        for column in asked.selected_columns
        for element in visitors.iterate(column)
        if isinstance(element, ColumnClause)
    }
    assert named == {"id", "external_id", "code_name", "birth_date"}
    assert {"sex", "area"} <= set(Person.__table__.c.keys()), "they exist, and are not asked for"
