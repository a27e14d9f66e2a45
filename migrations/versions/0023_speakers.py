"""The running order of a call-in: its speakers, and how long it is to last.

Call-ins of before last as long as calendars kept free for them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023_speakers"
down_revision = "0022_disputed_score"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "call_ins", sa.Column("minutes", sa.Integer(), nullable=False, server_default="120")
    )
    op.create_table(
        "speakers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("call_in_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("not_die", sa.Boolean(), nullable=False),
        sa.Column("not_kill", sa.Boolean(), nullable=False),
        sa.Column("consequences", sa.Boolean(), nullable=False),
        sa.Column("help", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("name_erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('partner', 'moral_voice', 'nobody')", name=op.f("ck_speakers_kind_known")
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_speakers_lasts")),
        sa.CheckConstraint("position > 0", name=op.f("ck_speakers_is_placed")),
        sa.CheckConstraint(
            "kind <> 'nobody' OR NOT (not_die OR not_kill OR consequences OR help)",
            name=op.f("ck_speakers_nobody_is_silent"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_speakers_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["call_in_id"], ["call_ins.id"], name=op.f("fk_speakers_call_in_id")
        ),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["users.id"], name=op.f("fk_speakers_added_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speakers")),
    )
    op.create_index(op.f("ix_speakers_programme_id"), "speakers", ["programme_id"])
    op.create_index(op.f("ix_speakers_call_in_id_position"), "speakers", ["call_in_id", "position"])


def downgrade() -> None:
    op.drop_index(op.f("ix_speakers_call_in_id_position"), "speakers")
    op.drop_index(op.f("ix_speakers_programme_id"), "speakers")
    op.drop_table("speakers")
    op.drop_column("call_ins", "minutes")
