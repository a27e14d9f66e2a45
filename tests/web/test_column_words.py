"""Access extracts, histories and the audit log: every column and every code in plain words."""

import re

import pytest
from sqlalchemy import CheckConstraint

from gvi.store.changed_values import KEPT
from gvi.store.models import Base
from gvi.store.queries.audit_entry import FACTS
from gvi.store.queries.extract import LEFT_OUT, SOURCES
from gvi.store.queries.record import _KEPT as UNTOLD
from gvi.web.column_words import COLUMNS, TABLES, codes_of
from gvi.web.labels import VOCABULARIES

LISTS_OF_CODES = {("disclosures", "status"), ("disclosure_lines", "part")}
"""Told by functions of their own."""
KEPT_PAST = {model.__tablename__: set(fields) for model, fields in KEPT.items()}
CHANGED = {model.__tablename__: set(model.__table__.c.keys()) - UNTOLD for model in FACTS.values()}


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
        f"{table}.{column.name}" for table, column in told_columns() if column.name not in COLUMNS
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
        vocabulary = codes_of(name, column.name)
        if vocabulary is None or codes - {code.value for code in vocabulary}:
            raw.append(f"{name}.{column.name}: {sorted(codes)}")
        else:
            assert vocabulary.__name__ in VOCABULARIES
    assert raw == []


@pytest.mark.parametrize("table", sorted({**CHANGED, **KEPT_PAST}))
def test_every_change_in_a_history_and_the_log_is_said_in_words(table):
    told = {**CHANGED, **KEPT_PAST}[table]
    assert {name for name in told if name not in COLUMNS} == set()

    free = {("incidents", "kind"), ("users", "language")}
    raw = [
        name
        for name in told
        if (codes := codes_allowed(table, name))
        and name not in SOURCES
        and (table, name) not in free
        and codes - {code.value for code in codes_of(table, name) or ()}
    ]
    assert raw == []
