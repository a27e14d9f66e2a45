"""The police look at a seat plan, and who has been through a dress rehearsal is ticked.

No plan of before was looked at, and of nobody is it known whether they rehearsed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029_looked_at"
down_revision = "0028_call_in_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "seat_places",
        sa.Column("is_let_stand", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("speakers", sa.Column("rehearsed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("speakers", "rehearsed_at")
    op.drop_column("seat_places", "is_let_stand")
