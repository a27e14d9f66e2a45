"""Counting wrong tries in the database, so that every process sees the same count.

A try is counted before it is checked and taken back when it was right: many tries at once cannot
slip through together. What is counted is what was typed, so unknown user names pause alike.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gvi.domain.log_in import (
    PAUSE_ACCOUNT,
    PAUSE_ASKING,
    PAUSE_HERE,
    PAUSE_SOURCE,
    Pause,
)
from gvi.store.models import FamiliarPlace, User, WrongTries

FORGOTTEN_AFTER = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try that was counted: whether it may be checked at all, and when the pause ends."""

    keys: tuple[str, ...]
    wait_until: datetime | None
    """Set while this place must wait; depends on nothing but what was tried from here."""
    is_paused: bool
    """The user name is tried from too many places: this one is not checked. Nobody is told."""
    starts_pause: bool
    """This try was the one too many, should it be wrong."""


def _key(kind: str, *parts: str) -> str:
    return hashlib.sha256("\0".join((kind, *parts)).encode()).hexdigest()


def begin_try(db: Session, name: str, *, source: str, at: datetime) -> Try:
    """Count a try under a name from a place, as if it were wrong; commit before checking it."""
    here = _key("here", name, source)
    if _is_familiar(db, name, source):
        # Neither strangers nor colleagues at the same place can keep this user out from here.
        rules = {here: PAUSE_HERE}
    else:
        rules = {
            here: PAUSE_HERE,
            _key("account", name): PAUSE_ACCOUNT,
            _key("source", source): PAUSE_SOURCE,
        }
    account = _key("account", name)
    rows = _locked(db, rules, at=at)
    waits = [
        row.pause_ends_at
        for key, row in rows.items()
        if key != account and row.pause_ends_at is not None and row.pause_ends_at > at
    ]
    paused = account in rows and _is_paused(rows[account], at)
    if waits or paused:
        wait_until = max(waits, default=None)
        return Try(keys=(), wait_until=wait_until, is_paused=paused, starts_pause=False)
    pauses = [_count(rows[key], rule, at=at) for key, rule in rules.items()]
    return Try(keys=tuple(rules), wait_until=None, is_paused=False, starts_pause=any(pauses))


def _is_familiar(db: Session, name: str, source: str) -> bool:
    query = (
        select(FamiliarPlace.id)
        .join(User, User.id == FamiliarPlace.user_id)
        .where(User.username == name.partition(":")[2], FamiliarPlace.source == source)
    )
    return db.execute(query).first() is not None


def _locked(db: Session, rules: Mapping[str, Pause], *, at: datetime) -> dict[str, WrongTries]:
    """Give the rows of some keys, made where missing, held against other processes."""
    db.execute(delete(WrongTries).where(WrongTries.last_failed_at <= at - FORGOTTEN_AFTER))
    table = WrongTries.__table__
    if not isinstance(table, Table):
        raise TypeError(table)
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = [{"key_hash": key, "failed": 0, "last_failed_at": at} for key in sorted(rules)]
    db.execute(insert(table).values(values).on_conflict_do_nothing())
    query = select(WrongTries).where(WrongTries.key_hash.in_(rules)).order_by(WrongTries.key_hash)
    return {row.key_hash: row for row in db.execute(query.with_for_update()).scalars()}


def _is_paused(row: WrongTries, at: datetime) -> bool:
    return row.pause_ends_at is not None and row.pause_ends_at > at


def _count(row: WrongTries, rule: Pause, *, at: datetime) -> bool:
    """Count one wrong try; tells whether a pause follows it."""
    if row.last_failed_at + rule.forgotten_after <= at:
        row.failed = 0
    row.failed += 1
    row.last_failed_at = at
    pause = rule.after(row.failed)
    row.pause_ends_at = at + pause if pause else None
    return pause is not None


def was_right(db: Session, tried: Try) -> None:
    """Take a counted try back; the count of this name from this place starts anew."""
    query = select(WrongTries).where(WrongTries.key_hash.in_(tried.keys))
    query = query.order_by(WrongTries.key_hash).with_for_update()
    for row in db.execute(query).scalars():
        if row.key_hash == tried.keys[0]:
            row.failed, row.pause_ends_at = 0, None
        elif row.failed:
            row.failed -= 1
            if tried.starts_pause:
                row.pause_ends_at = None


def may_ask(db: Session, source: str, *, at: datetime) -> bool:
    """Count a challenge asked for at the log-in; tells whether this place may have one more."""
    key = _key("asking", source)
    row = _locked(db, {key: PAUSE_ASKING}, at=at)[key]
    if _is_paused(row, at):
        return False
    _count(row, PAUSE_ASKING, at=at)
    return True


def was_answered(db: Session, source: str) -> None:
    """Count a challenge no more that somebody at a place logged in with."""
    query = select(WrongTries).where(WrongTries.key_hash == _key("asking", source))
    row = db.execute(query.with_for_update()).scalar_one_or_none()
    if row is not None and row.failed:
        row.failed, row.pause_ends_at = row.failed - 1, None
