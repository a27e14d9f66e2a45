"""Forms that were sent have a table of their own: they stood among the API's writes.

What stood there of forms, for a day at most, goes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_sent_forms"
down_revision = "0011_second_wall"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM api_writes WHERE thing_id = 0")
    op.create_table(
        "sent_forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("led_to", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_sent_forms_programme_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sent_forms_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_forms")),
        sa.UniqueConstraint("user_id", "key_hash", name=op.f("uq_sent_forms_user_id_key_hash")),
    )
    op.create_index(op.f("ix_sent_forms_sent_at"), "sent_forms", ["sent_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_sent_forms_sent_at"), "sent_forms")
    op.drop_table("sent_forms")
