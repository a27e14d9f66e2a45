"""Touching the stored log as somebody would who owns the database: its guards are taken away."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gvi.domain.audit import Flaw
from gvi.store.audit_check import first_flaw
from gvi.store.engine import make_engine, transaction
from tests import postgres


@contextmanager
def unguarded(engine: Engine) -> Iterator[Session]:
    """Give a write transaction in which the log can be changed; the guards stand again after it."""
    with as_owner(engine) as owner, transaction(owner) as db:
        guards = take_guards_away(db)
        yield db
        for sql in guards:
            db.connection().exec_driver_sql(sql)


@contextmanager
def as_owner(engine: Engine) -> Iterator[Engine]:
    """Give the database as its owner has it: the application may not even try."""
    if engine.dialect.name == "sqlite":
        yield engine
        return
    owner = make_engine(postgres.owner_of(engine))
    try:
        yield owner
    finally:
        owner.dispose()


def take_guards_away(db: Session) -> list[str]:
    """Let this transaction change the log; gives what must be said to set the guards again."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SET LOCAL session_replication_role = replica"))
        return []
    guards = db.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in guards:
        db.execute(text(f"DROP TRIGGER {name}"))
    return [sql for _, sql in guards]


def found_after(engine: Engine, statement: str, **values: object) -> Flaw | None:
    """Do something to the stored log, tell what is found then, and undo it.

    The database's rules about values do not stand in the way: a file can be changed without them.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    with as_owner(engine) as owner, Session(owner) as db:
        take_guards_away(db)
        if is_sqlite:
            db.execute(text("PRAGMA ignore_check_constraints = ON"))
        else:
            known = "ALTER TABLE audit_entries DROP CONSTRAINT ck_audit_entries_verb_known"
            db.execute(text(known))
        try:
            assert db.execute(text(statement), values).rowcount >= 1, "nothing was changed"
            return first_flaw(db)
        finally:
            if is_sqlite:
                db.execute(text("PRAGMA ignore_check_constraints = OFF"))
            db.rollback()
