"""PostgreSQL's roles: what the application's role is granted, and whether the wall holds it.

The tables belong to the role that migrates; the application is another one, which can neither
change the schema nor take the wall down, nor change what the log says.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from gvi.store.models import Base
from gvi.store.wall import OPENED_BY

_ALL = "SELECT, INSERT, UPDATE, DELETE"
_LESS = {
    "audit_entries": "SELECT, INSERT",
    "audit_subjects": "SELECT, INSERT",
    "programmes": "SELECT, INSERT, UPDATE",
    "scoring_policies": "SELECT, INSERT, UPDATE",
    "alembic_version": "SELECT",
}
"""Tables of which the application needs less than to read, add, change and delete rows."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a role stands to the wall."""

    role: str
    is_superuser: bool
    bypasses: bool
    """It has BYPASSRLS: no policy holds it."""
    is_owner: bool
    """It owns the tables, itself or by membership, and so can take the wall down."""

    @property
    def is_held(self) -> bool:
        """Tell whether it is a mere user of the tables, for whom the wall stands."""
        return not (self.is_superuser or self.bypasses or self.is_owner)


_STANDING = text(
    "SELECT current_user, r.rolsuper, r.rolbypassrls,"
    " coalesce((SELECT bool_or(pg_has_role(c.relowner, 'MEMBER')) FROM pg_class c"
    " WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace"
    " AND c.relname = ANY (:tables)), false)"
    " FROM pg_roles r WHERE r.rolname = current_user"
)


def standing(connection: Connection) -> Standing | None:
    """Tell how the connection's role stands to the wall; None on SQLite, which has neither."""
    if connection.dialect.name != "postgresql":
        return None
    row = connection.execute(_STANDING, {"tables": sorted(OPENED_BY)}).one()
    return Standing(*row)


def grant_to_application(connection: Connection, role: str) -> None:
    """Give a role what the application needs and nothing else, whatever it was given before."""
    quoted = connection.dialect.identifier_preparer.quote
    schema = quoted(connection.execute(text("SELECT current_schema()")).scalar_one())
    to = quoted(role)
    run = connection.exec_driver_sql
    run(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {to}")
    run(f"REVOKE CREATE ON SCHEMA {schema} FROM {to}")
    run(f"GRANT USAGE ON SCHEMA {schema} TO {to}")
    run(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}")
    for table in sorted({*Base.metadata.tables, *_LESS}):
        run(f"GRANT {_LESS.get(table, _ALL)} ON {schema}.{quoted(table)} TO {to}")
