"""Corrections: an action that says which record behind a score is wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0015_corrections"
down_revision = "0014_passkeys"
branch_labels = None
depends_on = None

KINDS = "'decision', 'attendee_contact', 'no_show_notification', 'debrief'"
DISPUTED = "'score', 'incident', 'involvement', 'tie', 'membership'"
KIND_KNOWN, DISPUTED_KNOWN = "ck_actions_kind_known", "ck_actions_disputed_known"


def upgrade() -> None:
    given = _last_number()
    with op.batch_alter_table("actions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("disputed", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("disputed_id", sa.Integer(), nullable=True))
        batch_op.drop_constraint(op.f(KIND_KNOWN), type_="check")
        batch_op.create_check_constraint(op.f(KIND_KNOWN), f"kind IN ({KINDS}, 'correction')")
        batch_op.create_check_constraint(op.f(DISPUTED_KNOWN), f"disputed IN ({DISPUTED})")
    _number_once(given)


def downgrade() -> None:
    given = _last_number()
    op.execute("DELETE FROM actions WHERE kind = 'correction'")
    with op.batch_alter_table("actions", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(DISPUTED_KNOWN), type_="check")
        batch_op.drop_constraint(op.f(KIND_KNOWN), type_="check")
        batch_op.create_check_constraint(op.f(KIND_KNOWN), f"kind IN ({KINDS})")
        batch_op.drop_column("disputed_id")
        batch_op.drop_column("disputed")
    _number_once(given)


def _last_number() -> int | None:
    if op.get_bind().dialect.name != "sqlite":
        return None
    given = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'actions'")
    return op.get_bind().execute(given).scalar()


def _number_once(given: int | None) -> None:
    """Let SQLite give no number twice, as since 0008: making the table anew forgot that."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, 'PRIMARY KEY (id)',"
        " 'PRIMARY KEY (id AUTOINCREMENT)') WHERE type = 'table' AND name = 'actions'"
    )
    version = op.get_bind().execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")
    if given is not None:
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'actions'")
        kept = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('actions', :given)")
        op.get_bind().execute(kept, {"given": given})
