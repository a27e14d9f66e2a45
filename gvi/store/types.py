"""Column types and constraints used by every table."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, Dialect
from sqlalchemy.types import TypeDecorator

ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)
"""Stands for "known since always": the recorded instant of an imported, undated row (design §9)."""


class Instant(TypeDecorator[datetime]):
    """An instant, kept in UTC on both databases; a naive time is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any zone into UTC; SQLite keeps no zone, so it gets the bare UTC time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a time zone.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every instant back with its zone, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(column: str, codes: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    """Let the database refuse a value that is not one of the codes (NULL stays allowed)."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def both_or_neither(first: str, second: str, *, name: str) -> CheckConstraint:
    """Let the database refuse half of a pair, such as a decision without its author."""
    return CheckConstraint(f"({first} IS NULL) = ({second} IS NULL)", name=name)
