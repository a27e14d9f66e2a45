"""Calendars read call-ins: addresses that users give to theirs, and which version they were told.

Nobody's calendar holds a call-in of before: all begin with the first version.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019_calendar_feeds"
down_revision = "0018_lists_acted_on"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "call_ins",
        sa.Column("calendar_sequence", sa.Integer(), nullable=False, server_default="0"),
    )
    op.add_column(
        "call_ins", sa.Column("calendar_changed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_reason IS NULL)",
            name=op.f("ck_calendar_feeds_revoked_pair"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_calendar_feeds_programme_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_calendar_feeds_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )
    op.create_index(op.f("ix_calendar_feeds_programme_id"), "calendar_feeds", ["programme_id"])
    op.create_index(
        op.f("ix_calendar_feeds_user_id_revoked_at"), "calendar_feeds", ["user_id", "revoked_at"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_calendar_feeds_user_id_revoked_at"), "calendar_feeds")
    op.drop_index(op.f("ix_calendar_feeds_programme_id"), "calendar_feeds")
    op.drop_table("calendar_feeds")
    op.drop_column("call_ins", "calendar_changed_at")
    op.drop_column("call_ins", "calendar_sequence")
