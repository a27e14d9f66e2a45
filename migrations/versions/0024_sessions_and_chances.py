"""Invitees sit in sessions; a plan says with which chances of coming it counts.

Every call-in of before has one session and counts with the published figures.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024_sessions_and_chances"
down_revision = "0023_speakers"
branch_labels = None
depends_on = None

TABLE = "attendance_chances"
WALL = f"""
    compartment = ANY ((SELECT string_to_array(
        nullif(current_setting('gvi.wall', true), '')::json ->> '{TABLE}', ','
    ))::text[])
"""
COMPARTMENTS = "'police', 'social', 'probation', 'child', 'shared'"
NEW = {
    ("call_ins", "sessions"): "INTEGER NOT NULL DEFAULT 1"
    " CONSTRAINT ck_call_ins_has_sessions CHECK (sessions > 0)",
    ("call_ins", "counts_own_attendance"): "BOOLEAN NOT NULL DEFAULT FALSE",
    ("invitees", "session"): "INTEGER NOT NULL DEFAULT 1"
    " CONSTRAINT ck_invitees_has_session CHECK (session > 0)",
}


def upgrade() -> None:
    for (table, column), what in NEW.items():
        # A column with its own rule: SQLite then need not make the table anew.
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {what}")
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("call_in_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("compartment", sa.String(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            f"compartment IN ({COMPARTMENTS})", name=op.f(f"ck_{TABLE}_compartment_known")
        ),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name=op.f(f"ck_{TABLE}_is_probability")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f(f"fk_{TABLE}_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["call_in_id"], ["call_ins.id"], name=op.f(f"fk_{TABLE}_call_in_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f(f"fk_{TABLE}_person_id")),
        sa.ForeignKeyConstraint(["set_by_id"], ["users.id"], name=op.f(f"fk_{TABLE}_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint(
            "call_in_id", "person_id", name=op.f(f"uq_{TABLE}_call_in_id_person_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f(f"ix_{TABLE}_person_id"), TABLE, ["person_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE POLICY wall ON {TABLE} USING ({WALL}) WITH CHECK ({WALL})")
        op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table(TABLE)
    for table, column in reversed(NEW):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
