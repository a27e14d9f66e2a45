"""The access extract, which the person reads: every column and every code in plain words."""

import re

import pytest
from sqlalchemy import CheckConstraint

from gvi.store.models import Base
from gvi.store.queries.extract import LEFT_OUT, SOURCES
from gvi.web.extract_words import CODES, COLUMNS, COMMON_CODES, TABLES
from gvi.web.labels import VOCABULARIES
from gvi.web.record_words import FIELDS

LISTS_OF_CODES = {("disclosures", "status"), ("disclosure_lines", "part")}
"""Told by functions of their own."""


def told_columns():
    for name in TABLES:
        for column in Base.metadata.tables[name].c:
            to_what = {key.column.table.name for key in column.foreign_keys}
            if column.name not in LEFT_OUT and not to_what - {
                "persons",
                "groups",
                "users",
                "call_ins",
                "incidents",
            }:
                yield name, column


def test_every_column_has_a_name():
    unnamed = [
        f"{table}.{column.name}"
        for table, column in told_columns()
        if column.name not in COLUMNS and column.name not in FIELDS
    ]
    assert unnamed == []


def codes_allowed(table: str, column: str) -> set[str]:
    for constraint in Base.metadata.tables[table].constraints:
        if isinstance(constraint, CheckConstraint):
            found = re.search(rf"\b{column} IN \(([^)]*)\)", str(constraint.sqltext))
            if found:
                return set(re.findall(r"'([^']+)'", found[1]))
    return set()


@pytest.mark.parametrize("table", TABLES)
def test_every_code_is_said_in_words(table):
    raw = []
    for name, column in told_columns():
        codes = codes_allowed(name, column.name) if name == table else set()
        if not codes or column.name in SOURCES or (name, column.name) in LISTS_OF_CODES:
            continue
        vocabulary = CODES.get((name, column.name)) or COMMON_CODES.get(column.name)
        if vocabulary is None or codes - {code.value for code in vocabulary}:
            raw.append(f"{name}.{column.name}: {sorted(codes)}")
        else:
            assert vocabulary.__name__ in VOCABULARIES
    assert raw == []
