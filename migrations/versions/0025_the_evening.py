"""The evening of a call-in: who said which part, cards handed out, observations and assessments.

What was said at call-ins of before is read from what their invitees were told. Who left early then
and stands in the ledger was asked about; who does not is to be asked.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025_the_evening"
down_revision = "0024_sessions_and_chances"
branch_labels = None
depends_on = None

PARTS = ("not_die", "not_kill", "consequences", "help")
LANGUAGES = "'sv', 'nb', 'en', 'ar', 'bs', 'fa', 'ku', 'pl', 'ro', 'so', 'sq', 'ti', 'tr', 'other'"
COMPARTMENTS = "'police', 'social', 'probation', 'child', 'shared'"
WALL = """
    compartment = ANY ((SELECT string_to_array(
        nullif(current_setting('gvi.wall', true), '')::json ->> 'evening_notes', ','
    ))::text[])
"""


def upgrade() -> None:
    # A column with its own rule: SQLite then need not make the table anew.
    op.execute(
        "ALTER TABLE call_ins ADD COLUMN other_cards INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_call_ins_cards_counted CHECK (other_cards >= 0)"
    )
    for name in ("is_heard_known", "has_card"):
        op.add_column(
            "invitees", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_table(
        "spoken_parts",
        sa.Column("call_in_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("spoken_by", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.CheckConstraint(
            f"part IN ({', '.join(repr(part) for part in PARTS)})",
            name=op.f("ck_spoken_parts_part_known"),
        ),
        sa.CheckConstraint(
            f"language IN ({LANGUAGES})", name=op.f("ck_spoken_parts_language_known")
        ),
        sa.ForeignKeyConstraint(
            ["call_in_id"], ["call_ins.id"], name=op.f("fk_spoken_parts_call_in_id")
        ),
        sa.PrimaryKeyConstraint("call_in_id", "part", name=op.f("pk_spoken_parts")),
    )
    _carry_over()
    _notes()


def _carry_over() -> None:
    told = sa.table(
        "message_deliveries",
        *(sa.column(name) for name in ("call_in_id", "delivered_by", "language")),
        *(sa.column(part, sa.Boolean()) for part in PARTS),
    )
    names = ("call_in_id", "part", "spoken_by", "language")
    spoken = sa.table("spoken_parts", *(sa.column(name) for name in names))
    for part in PARTS:
        said = (
            sa.select(
                told.c.call_in_id,
                sa.literal(part),
                sa.func.max(told.c.delivered_by),
                sa.func.max(told.c.language),
            )
            .where(told.c.call_in_id.is_not(None), told.c[part])
            .group_by(told.c.call_in_id)
        )
        op.execute(sa.insert(spoken).from_select(names, said))
    op.execute(
        "UPDATE invitees SET is_heard_known = TRUE WHERE status = 'left_early' AND EXISTS ("
        "SELECT 1 FROM message_deliveries WHERE message_deliveries.call_in_id = invitees.call_in_id"
        " AND message_deliveries.person_id = invitees.person_id)"
    )


def _notes() -> None:
    op.create_table(
        "evening_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("call_in_id", sa.Integer(), nullable=False),
        sa.Column("compartment", sa.String(), nullable=False),
        sa.Column("observed", sa.String(), nullable=False),
        sa.Column("assessed", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            f"compartment IN ({COMPARTMENTS})", name=op.f("ck_evening_notes_compartment_known")
        ),
        sa.CheckConstraint(
            "observed <> '' OR assessed <> ''", name=op.f("ck_evening_notes_says_something")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
            name=op.f("ck_evening_notes_withdrawn_pair"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_evening_notes_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["call_in_id"], ["call_ins.id"], name=op.f("fk_evening_notes_call_in_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_evening_notes_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["users.id"], name=op.f("fk_evening_notes_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evening_notes")),
    )
    op.create_index(op.f("ix_evening_notes_call_in_id"), "evening_notes", ["call_in_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE POLICY wall ON evening_notes USING ({WALL}) WITH CHECK ({WALL})")
        op.execute("ALTER TABLE evening_notes ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE evening_notes FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("evening_notes")
    op.drop_table("spoken_parts")
    for name in ("has_card", "is_heard_known"):
        op.drop_column("invitees", name)
    op.drop_column("call_ins", "other_cards")
