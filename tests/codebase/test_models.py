"""Promises of the tables that hold for every one of them, also for those of tomorrow."""

import re

import pytest
from sqlalchemy import CheckConstraint, Date, DateTime, Table
from sqlalchemy.orm import configure_mappers

from gvi.store.models import Base, Fact, revisions_of
from gvi.store.types import Instant

configure_mappers()
MODELS = sorted((m.class_ for m in Base.registry.mappers), key=lambda model: model.__name__)
FACTS = [model for model in MODELS if issubclass(model, Fact)]
TABLES = sorted(Base.metadata.tables.values(), key=lambda table: table.name)


def name_of(thing: type[Base] | Table) -> str:
    return thing.name if isinstance(thing, Table) else thing.__name__


def test_there_is_something_to_look_at():
    assert len(FACTS) >= 8
    assert len(TABLES) > len(FACTS) * 2


@pytest.mark.parametrize("model", FACTS, ids=name_of)
def test_every_fact_keeps_its_revisions_with_the_same_columns(model):
    table, old = model.__table__, revisions_of(model)

    extra = {"revision_id", "superseded_at"}
    assert {c.name for c in old.columns} == {c.name for c in table.columns} | extra
    for column in table.columns:
        kept = old.c[column.name]
        assert kept.nullable == column.nullable, column.name
        assert repr(kept.type) == repr(column.type), column.name
    assert not old.foreign_keys, "an erased row must not stand in the way of its past, nor it"
    assert old.c.id.index
    assert old.c.superseded_at.index


@pytest.mark.parametrize("model", FACTS, ids=name_of)
def test_every_fact_states_the_rules_of_facts(model):
    table = model.__table__
    names = {str(c.name) for c in table.constraints}
    expected = {"compartment_known", "grade_known", "withdrawn_pair"}
    assert {f"ck_{table.name}_{rule}" for rule in expected} <= names


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_every_model_says_what_it_is(model):
    assert (model.__doc__ or "").strip()
    assert re.fullmatch(r"[a-z_]+", model.__tablename__)


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_instants_carry_their_zone_and_end_in_at_and_days_end_in_on(table):
    """`valid_from` and `valid_to` are the exchange format's names (design §9), as is birth_date."""
    agreed = {"valid_from", "valid_to", "birth_date", "locked_until"}
    for column in table.columns:
        assert not isinstance(column.type, DateTime), f"{column} keeps no zone: use Instant"
        if column.name in agreed:
            continue
        is_instant = column.name == "at" or column.name.endswith("_at")
        assert isinstance(column.type, Instant) == is_instant, column
        assert isinstance(column.type, Date) == column.name.endswith("_on"), column


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_nothing_is_loaded_behind_a_query(model):
    for relationship in model.__mapper__.relationships:
        assert relationship.lazy == "raise", relationship


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_every_decision_that_may_be_empty_is_whole_or_not_there(model):
    """Half of a pair, such as approved_at without approved_by_id, is refused by the database."""
    table = model.__table__
    rules = " ".join(str(c.sqltext) for c in table.constraints if isinstance(c, CheckConstraint))
    for column in table.columns:
        author = column.name.removesuffix("_at") + "_by_id"
        if isinstance(column.type, Instant) and column.nullable and author in table.c:
            assert re.search(rf"{column.name} IS (NOT )?NULL", rules), f"{column} and {author}"
