"""Removals, longer times for records to review, and numbers that are never given twice."""

import sqlalchemy as sa
from alembic import op

revision = "0008_removal_and_review"
down_revision = "0007_log_in"
branch_labels = None
depends_on = None

FACTS = (
    "groups",
    "group_relations",
    "persons",
    "memberships",
    "ties",
    "supervisions",
    "incidents",
    "involvements",
)


def upgrade() -> None:
    _add_removals()
    _add_extensions()
    for name in FACTS:
        op.create_index(f"ix_{name}_review_due_on", name, ["review_due_on"])
    if op.get_bind().dialect.name == "sqlite":
        _number_once("PRIMARY KEY (id)", "PRIMARY KEY (id AUTOINCREMENT)", "id")
        _number_once(
            "PRIMARY KEY (revision_id)", "PRIMARY KEY (revision_id AUTOINCREMENT)", "revision_id"
        )


def _add_removals() -> None:
    op.create_table(
        "removals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("erase_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bundle", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.CheckConstraint(
            "thing IN ('person', 'incident', 'support_case', 'group', 'group_relation',"
            " 'membership', 'tie', 'supervision', 'involvement')",
            name=op.f("ck_removals_thing_known"),
        ),
        sa.CheckConstraint("side IN ('police', 'social')", name=op.f("ck_removals_side_known")),
        sa.CheckConstraint(
            "cause IN ('by_hand', 'review_overdue')", name=op.f("ck_removals_cause_known")
        ),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (bundle IS NOT NULL)", name=op.f("ck_removals_erased_or_whole")
        ),
        sa.CheckConstraint(
            "erased_at IS NULL OR reason = ''", name=op.f("ck_removals_erased_without_words")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_removals_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["removed_by_id"], ["users.id"], name=op.f("fk_removals_removed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removals")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_removals_programme_id_erase_at", "removals", ["programme_id", "erase_at"])
    op.create_index(
        "ix_removals_programme_id_thing_fingerprint",
        "removals",
        ["programme_id", "thing", "fingerprint"],
    )


def _add_extensions() -> None:
    op.create_table(
        "review_extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("compartment", sa.String(), nullable=False),
        sa.Column("old_due_on", sa.Date(), nullable=True),
        sa.Column("new_due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.CheckConstraint(
            "thing IN ('person', 'membership', 'tie', 'supervision', 'involvement', 'incident',"
            " 'group', 'group_relation')",
            name=op.f("ck_review_extensions_thing_known"),
        ),
        sa.CheckConstraint(
            "compartment IN ('police', 'social', 'probation', 'child', 'shared')",
            name=op.f("ck_review_extensions_compartment_known"),
        ),
        sa.CheckConstraint(
            "outcome IN ('approved', 'refused')", name=op.f("ck_review_extensions_outcome_known")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_review_extensions_decided_pair"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (outcome IS NULL)",
            name=op.f("ck_review_extensions_decided_has_its_outcome"),
        ),
        sa.CheckConstraint(
            "decided_by_id <> asked_by_id", name=op.f("ck_review_extensions_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_review_extensions_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["users.id"], name=op.f("fk_review_extensions_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_review_extensions_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_extensions")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_review_extensions_thing_thing_id", "review_extensions", ["thing", "thing_id"]
    )
    op.create_index(
        "ix_review_extensions_programme_id_decided_at",
        "review_extensions",
        ["programme_id", "decided_at"],
    )


def _number_once(old: str, new: str, column: str) -> None:
    """Let SQLite never give the number of a removed row to another.

    Only the words of the tables change, not how rows are stored: SQLite's own way for that is to
    write into its schema (sqlite.org/lang_altertable.html, section 7). Copying the tables instead
    would break every foreign key that points to them while they are gone.
    """
    connection = op.get_bind()
    words = "FROM sqlite_schema WHERE type = 'table' AND sql LIKE :like AND name <> 'audit_entries'"
    like = {"like": f"%{column} INTEGER NOT NULL%{old}%"}
    names = connection.execute(sa.text(f"SELECT name {words}"), like).scalars().all()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :old, :new)"
            " WHERE type = 'table' AND sql LIKE :like AND name <> 'audit_entries'"
        ),
        {"old": old, "new": new, **like},
    )
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
    for name in names if "AUTOINCREMENT" in new else ():
        connection.execute(
            sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name}
        )
        connection.execute(
            sa.text(
                "INSERT INTO sqlite_sequence (name, seq)"  # noqa: S608 — names of our own tables
                f" SELECT :name, coalesce(max({column}), 0) FROM {name}"
            ),
            {"name": name},
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _number_once("PRIMARY KEY (id AUTOINCREMENT)", "PRIMARY KEY (id)", "id")
        _number_once(
            "PRIMARY KEY (revision_id AUTOINCREMENT)", "PRIMARY KEY (revision_id)", "revision_id"
        )
    for name in FACTS:
        op.drop_index(f"ix_{name}_review_due_on", name)
    op.drop_table("review_extensions")
    op.drop_table("removals")
