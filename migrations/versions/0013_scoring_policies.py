"""Versions of the scoring policy; the database itself refuses to change a decided one.

Version 1, the example table of the design, is in no row: it is in force until a programme has
approved a version of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013_scoring_policies"
down_revision = "0012_sent_forms"
branch_labels = None
depends_on = None

REFUSED = "A version of the scoring policy is not changed once it is proposed."
FROZEN = " OR ".join(
    f"NEW.{column} <> OLD.{column}"
    for column in (
        "programme_id",
        "version",
        "source",
        "constants",
        "reason",
        "drafted_by_id",
        "drafted_at",
    )
)
CHANGED = f"OLD.status IN ('approved', 'dropped') OR (OLD.status = 'proposed' AND ({FROZEN}))"
TAKEN = "OLD.status <> 'draft'"
SQLITE = """
    CREATE TRIGGER scoring_policies_refuse_{act} BEFORE {act} ON scoring_policies
    WHEN {when} BEGIN
        SELECT RAISE(ABORT, '{refused}');
    END
"""
# INSERT OR REPLACE takes a row away without asking the trigger on DELETE.
SQLITE_REPLACE = """
    CREATE TRIGGER scoring_policies_refuse_replace BEFORE INSERT ON scoring_policies
    WHEN EXISTS (
        SELECT 1 FROM scoring_policies
        WHERE status <> 'draft'
        AND (id = NEW.id OR (programme_id = NEW.programme_id AND version = NEW.version))
    ) BEGIN
        SELECT RAISE(ABORT, '{refused}');
    END
"""
POSTGRES_FUNCTION = f"""
    CREATE FUNCTION refuse_change_of_policy() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'insufficient_privilege';
    END $$
"""
POSTGRES = """
    CREATE TRIGGER scoring_policies_refuse_{act} BEFORE {act} ON scoring_policies
    FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_change_of_policy()
"""
ACTS = {"update": CHANGED, "delete": TAKEN}


def upgrade() -> None:
    _add_table()
    if op.get_bind().dialect.name == "sqlite":
        for act, when in ACTS.items():
            op.execute(SQLITE.format(act=act, when=when, refused=REFUSED))
        op.execute(SQLITE_REPLACE.format(refused=REFUSED))
        return
    op.execute(POSTGRES_FUNCTION)
    for act, when in ACTS.items():
        op.execute(POSTGRES.format(act=act, when=when))


def _add_table() -> None:
    op.create_table(
        "scoring_policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("constants", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("drafted_by_id", sa.Integer(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("dropped_by_id", sa.Integer(), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_reason", sa.String(), nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_scoring_policies_{name}"))
            for name, rule in (
                ("status_known", "status IN ('draft', 'proposed', 'approved', 'dropped')"),
                ("after_the_first", "version > 1"),
                ("has_source", "length(source) > 0"),
                ("has_reason", "length(reason) > 0"),
                ("two_people", "approved_by_id <> drafted_by_id"),
                ("approved_then", "(status = 'approved') = (approved_at IS NOT NULL)"),
                ("dropped_then", "(status = 'dropped') = (dropped_at IS NOT NULL)"),
                ("dropped_with_reason", "status <> 'dropped' OR length(dropped_reason) > 0"),
                ("approved_pair", "(approved_at IS NULL) = (approved_by_id IS NULL)"),
                ("approved_on_a_day", "(approved_at IS NULL) = (decided_on IS NULL)"),
                ("dropped_pair", "(dropped_at IS NULL) = (dropped_by_id IS NULL)"),
            )
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_scoring_policies_programme_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["users.id"], name=op.f(f"fk_scoring_policies_{column}")
            )
            for column in ("drafted_by_id", "approved_by_id", "dropped_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring_policies")),
        sa.UniqueConstraint(
            "programme_id", "version", name=op.f("uq_scoring_policies_programme_id_version")
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in (*ACTS, "replace"):
            op.execute(f"DROP TRIGGER scoring_policies_refuse_{act}")
    op.drop_table("scoring_policies")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_policy()")
