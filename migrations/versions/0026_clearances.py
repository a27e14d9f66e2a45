"""Secrecy and safety of an invitee are judged apart; run sheets are papers.

Whoever was cleared before was judged once for both: that one word, by whom and when, stands for
each of the two, and says so. Who counts as cleared without anybody having said so is proposed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026_clearances"
down_revision = "0025_the_evening"
branch_labels = None
depends_on = None

BEFORE = "'letters', 'roster', 'door_list'"
KIND_KNOWN = "ck_papers_kind_known"
GIVEN = sa.text(
    "INSERT INTO clearances"
    " (programme_id, invitee_id, kind, is_cleared, reason, was_joint, judged_at, judged_by_id)"
    " SELECT s.programme_id, i.id, :kind, TRUE, '', TRUE, s.changed_at, s.changed_by_id"
    " FROM invitees AS i JOIN status_changes AS s ON s.id = ("
    "SELECT max(own.id) FROM status_changes AS own WHERE own.thing = 'invitee'"
    " AND own.thing_id = i.id AND own.field = 'status' AND own.new = 'cleared')"
    " WHERE i.status NOT IN ('proposed', 'withdrawn')"
)
NOBODY_CLEARED = """
    UPDATE invitees SET status = 'proposed' WHERE status = 'cleared'
    AND NOT EXISTS (SELECT 1 FROM clearances WHERE clearances.invitee_id = invitees.id)
"""


def upgrade() -> None:
    _papers_are(f"{BEFORE}, 'run_sheet'")
    op.create_table(
        "clearances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("invitee_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("is_cleared", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("was_joint", sa.Boolean(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('secrecy', 'safety')", name=op.f("ck_clearances_kind_known")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_clearances_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["invitee_id"], ["invitees.id"], name=op.f("fk_clearances_invitee_id")
        ),
        sa.ForeignKeyConstraint(
            ["judged_by_id"], ["users.id"], name=op.f("fk_clearances_judged_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearances")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_clearances_programme_id"), "clearances", ["programme_id"])
    op.create_index(op.f("ix_clearances_invitee_id_kind"), "clearances", ["invitee_id", "kind"])
    _carry_over()


def _carry_over() -> None:
    for kind in ("secrecy", "safety"):
        op.get_bind().execute(GIVEN, {"kind": kind})
    op.execute(NOBODY_CLEARED)


def downgrade() -> None:
    op.drop_index(op.f("ix_clearances_invitee_id_kind"), "clearances")
    op.drop_index(op.f("ix_clearances_programme_id"), "clearances")
    op.drop_table("clearances")
    papers = sa.table("papers", sa.column("kind"))
    op.execute(sa.delete(papers).where(papers.c.kind == "run_sheet"))
    _papers_are(BEFORE)


def _papers_are(kinds: str) -> None:
    with op.batch_alter_table("papers") as batch_op:
        batch_op.drop_constraint(op.f(KIND_KNOWN), type_="check")
        batch_op.create_check_constraint(op.f(KIND_KNOWN), f"kind IN ({kinds})")
