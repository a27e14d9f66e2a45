"""Corrections: an action that says which record behind a score is wrong."""

import sqlalchemy as sa
from alembic import op

from gvi.store.numbered_once import numbered_once

revision = "0015_corrections"
down_revision = "0014_passkeys"
branch_labels = None
depends_on = None

KINDS = "'decision', 'attendee_contact', 'no_show_notification', 'debrief'"
DISPUTED = "'score', 'incident', 'involvement', 'tie', 'membership'"
KIND_KNOWN, DISPUTED_KNOWN = "ck_actions_kind_known", "ck_actions_disputed_known"


def upgrade() -> None:
    with numbered_once("actions"), op.batch_alter_table("actions") as batch_op:
        batch_op.add_column(sa.Column("disputed", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("disputed_id", sa.Integer(), nullable=True))
        batch_op.drop_constraint(op.f(KIND_KNOWN), type_="check")
        batch_op.create_check_constraint(op.f(KIND_KNOWN), f"kind IN ({KINDS}, 'correction')")
        batch_op.create_check_constraint(op.f(DISPUTED_KNOWN), f"disputed IN ({DISPUTED})")


def downgrade() -> None:
    op.execute("DELETE FROM actions WHERE kind = 'correction'")
    with numbered_once("actions"), op.batch_alter_table("actions") as batch_op:
        batch_op.drop_constraint(op.f(DISPUTED_KNOWN), type_="check")
        batch_op.drop_constraint(op.f(KIND_KNOWN), type_="check")
        batch_op.create_check_constraint(op.f(KIND_KNOWN), f"kind IN ({KINDS})")
        batch_op.drop_column("disputed_id")
        batch_op.drop_column("disputed")
