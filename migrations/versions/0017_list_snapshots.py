"""Lists that somebody acted on are kept, behind the second wall; nothing stored before changes."""

import sqlalchemy as sa
from alembic import op

revision = "0017_list_snapshots"
down_revision = "0016_sign_on"
branch_labels = None
depends_on = None

HELD = """
    compartment = ANY ((SELECT string_to_array(
        nullif(current_setting('gvi.wall', true), '')::json ->> 'list_snapshots', ','
    ))::text[])
"""
HANGS = """
    EXISTS (SELECT 1 FROM list_snapshots WHERE list_snapshots.id =
        list_snapshot_entries.snapshot_id)
"""
WALLED = {"list_snapshots": HELD, "list_snapshot_entries": HANGS}


def upgrade() -> None:
    op.create_table(
        "list_snapshots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("compartment", "score", "act", "reason")
        ),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("compartments", sa.String(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("inputs", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_list_snapshots_{name}"))
            for name, rule in (
                (
                    "compartment_known",
                    "compartment IN ('police', 'social', 'probation', 'child', 'shared')",
                ),
                ("score_known", "score IN ('driving', 'exposed')"),
                ("act_known", "act IN ('exported', 'kept')"),
                ("has_reason", "length(reason) > 0"),
            )
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_list_snapshots_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["users.id"], name=op.f("fk_list_snapshots_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_snapshots")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_list_snapshots_programme_id_made_at"),
        "list_snapshots",
        ["programme_id", "made_at"],
    )
    op.create_table(
        "list_snapshot_entries",
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.String(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=True),
        sa.Column("high", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(low IS NULL) = (high IS NULL)",
            name=op.f("ck_list_snapshot_entries_interval_pair"),
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["list_snapshots.id"],
            name=op.f("fk_list_snapshot_entries_snapshot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_list_snapshot_entries_person_id")
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "person_id", name=op.f("pk_list_snapshot_entries")),
    )
    op.create_index(
        op.f("ix_list_snapshot_entries_person_id"), "list_snapshot_entries", ["person_id"]
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, clause in WALLED.items():
            op.execute(f"CREATE POLICY wall ON {table} USING ({clause}) WITH CHECK ({clause})")
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("list_snapshot_entries")
    op.drop_table("list_snapshots")
