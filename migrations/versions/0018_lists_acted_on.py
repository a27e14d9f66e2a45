"""Lists are kept by printing and by deciding a colour, too; a list kept already is used again."""

import sqlalchemy as sa
from alembic import op

revision = "0018_lists_acted_on"
down_revision = "0017_list_snapshots"
branch_labels = None
depends_on = None

TABLE = "list_snapshots"
RULES = {
    "act_known": (
        "act IN ('exported', 'kept')",
        "act IN ('exported', 'kept', 'printed', 'decided')",
    ),
    "has_reason": ("length(reason) > 0", "(length(reason) > 0) = (act <> 'decided')"),
}
HANGS = """
    EXISTS (SELECT 1 FROM list_snapshots WHERE list_snapshots.id = {table}.snapshot_id)
"""
HANGING = ("list_snapshot_uses", "risk_decision_lists")


def upgrade() -> None:
    for name, (before, after) in RULES.items():
        _rule_becomes(name, before, after)
    _lists_used_again()
    _lists_decisions_rest_on()
    op.create_index(op.f("ix_list_snapshots_digest"), TABLE, ["digest"])
    if op.get_bind().dialect.name == "postgresql":
        for table in HANGING:
            clause = HANGS.format(table=table)
            op.execute(f"CREATE POLICY wall ON {table} USING ({clause}) WITH CHECK ({clause})")
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_index(op.f("ix_list_snapshots_digest"), TABLE)
    for table in reversed(HANGING):
        op.drop_table(table)
    op.execute(
        "DELETE FROM list_snapshot_entries WHERE snapshot_id IN"
        " (SELECT id FROM list_snapshots WHERE act = 'decided')"
    )
    op.execute("DELETE FROM list_snapshots WHERE act = 'decided'")
    op.execute("UPDATE list_snapshots SET act = 'exported' WHERE act = 'printed'")
    for name, (before, after) in RULES.items():
        _rule_becomes(name, after, before)


def _lists_used_again() -> None:
    op.create_table(
        "list_snapshot_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "act IN ('exported', 'kept', 'printed')",
            name=op.f("ck_list_snapshot_uses_act_known"),
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_list_snapshot_uses_has_reason")),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["list_snapshots.id"], name=op.f("fk_list_snapshot_uses_snapshot_id")
        ),
        sa.ForeignKeyConstraint(
            ["used_by_id"], ["users.id"], name=op.f("fk_list_snapshot_uses_used_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_snapshot_uses")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_list_snapshot_uses_snapshot_id"), "list_snapshot_uses", ["snapshot_id"]
    )


def _lists_decisions_rest_on() -> None:
    op.create_table(
        "risk_decision_lists",
        sa.Column("risk_decision_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["risk_decision_id"],
            ["risk_decisions.id"],
            name=op.f("fk_risk_decision_lists_risk_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["list_snapshots.id"], name=op.f("fk_risk_decision_lists_snapshot_id")
        ),
        sa.PrimaryKeyConstraint(
            "risk_decision_id", "snapshot_id", name=op.f("pk_risk_decision_lists")
        ),
    )
    op.create_index(
        op.f("ix_risk_decision_lists_snapshot_id"), "risk_decision_lists", ["snapshot_id"]
    )


def _rule_becomes(name: str, before: str, after: str) -> None:
    """Change a rule in place.

    On SQLite making the table anew would lose its numbering, and entries point to it. Everything
    stored keeps the new rule, so the text of the table is all there is to change.
    """
    called = f"ck_{TABLE}_{name}"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(called), TABLE, type_="check")
        op.create_check_constraint(op.f(called), TABLE, after)
        return
    old, new = (f"CONSTRAINT {called} CHECK ({rule})" for rule in (before, after))
    op.execute("PRAGMA writable_schema = ON")
    op.get_bind().execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :old, :new)"
            " WHERE type = 'table' AND name = :name"
        ),
        {"old": old, "new": new, "name": TABLE},
    )
    version = op.get_bind().execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")
