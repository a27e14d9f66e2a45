"""The database itself refuses to change the audit log; values before and after a change."""

import sqlalchemy as sa
from alembic import op

revision = "0005_guarded_log"
down_revision = "0004_api_tokens"
branch_labels = None
depends_on = None

LOGS = ("audit_entries", "audit_subjects")
REFUSED = "The audit log is append-only."
SQLITE = """
    CREATE TRIGGER {log}_refuse_{act} BEFORE {act} ON {log} BEGIN
        SELECT RAISE(ABORT, '{refused}');
    END
"""
SQLITE_REPLACE = """
    CREATE TRIGGER audit_entries_refuse_replace BEFORE INSERT ON audit_entries
    WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id) BEGIN
        SELECT RAISE(ABORT, 'The audit log is append-only.');
    END
"""
POSTGRES_FUNCTION = f"""
    CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'insufficient_privilege';
    END $$
"""
POSTGRES = """
    CREATE TRIGGER {log}_refuse_{name} BEFORE {act} ON {log}
    FOR EACH {each} EXECUTE FUNCTION refuse_change_of_audit_log()
"""


def upgrade() -> None:
    _add_tables()
    if op.get_bind().dialect.name == "sqlite":
        for log in LOGS:
            for act in ("update", "delete"):
                op.execute(SQLITE.format(log=log, act=act, refused=REFUSED))
        # INSERT OR REPLACE takes a row away without asking the trigger on DELETE.
        op.execute(SQLITE_REPLACE)
        return
    op.execute(POSTGRES_FUNCTION)
    for log in LOGS:
        op.execute(POSTGRES.format(log=log, name="change", act="UPDATE OR DELETE", each="ROW"))
        op.execute(POSTGRES.format(log=log, name="truncate", act="TRUNCATE", each="STATEMENT"))


def _add_tables() -> None:
    op.create_table(
        "changed_values",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("new", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_changed_values_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed_values")),
    )
    op.create_index(op.f("ix_changed_values_entry_id"), "changed_values", ["entry_id"])
    op.create_index(
        op.f("ix_changed_values_thing_thing_id"), "changed_values", ["thing", "thing_id"]
    )
    op.create_table(
        "anomaly_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("anomaly", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_anomaly_reviews_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["users.id"], name=op.f("fk_anomaly_reviews_reviewed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anomaly_reviews")),
        sa.UniqueConstraint(
            "programme_id", "anomaly", name=op.f("uq_anomaly_reviews_programme_id_anomaly")
        ),
    )
    op.create_table(
        "audit_watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('surname', 'area')", name=op.f("ck_audit_watches_kind_known")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_audit_watches_programme_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_audit_watches_user_id")),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["users.id"], name=op.f("fk_audit_watches_added_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_watches")),
        sa.UniqueConstraint(
            "user_id", "kind", "word", name=op.f("uq_audit_watches_user_id_kind_word")
        ),
    )
    op.create_index(op.f("ix_audit_watches_programme_id"), "audit_watches", ["programme_id"])


def downgrade() -> None:
    for table in ("audit_watches", "anomaly_reviews", "changed_values"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_entries_refuse_replace")
        for log in LOGS:
            for act in ("update", "delete"):
                op.execute(f"DROP TRIGGER {log}_refuse_{act}")
        return
    for log in LOGS:
        for name in ("change", "truncate"):
            op.execute(f"DROP TRIGGER {log}_refuse_{name} ON {log}")
    op.execute("DROP FUNCTION refuse_change_of_audit_log()")
