"""Tries and contacts are taken back, and what they said is kept apart."""

import sqlalchemy as sa
from alembic import op

revision = "0002_taken_back"
down_revision = "0001_first_schema"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawn_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("custom_notification_id", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("card_left", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("delivered_by", sa.String(), nullable=False),
        sa.Column("not_die", sa.Boolean(), nullable=False),
        sa.Column("not_kill", sa.Boolean(), nullable=False),
        sa.Column("consequences", sa.Boolean(), nullable=False),
        sa.Column("help", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('met', 'family_only', 'not_home', 'refused_door', 'moved', 'in_custody', 'abroad', 'phone_only')",
            name=op.f("ck_withdrawn_attempts_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["custom_notification_id"],
            ["custom_notifications.id"],
            name=op.f("fk_withdrawn_attempts_custom_notification_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_withdrawn_attempts_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["users.id"], name=op.f("fk_withdrawn_attempts_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawn_attempts")),
    )
    with op.batch_alter_table("withdrawn_attempts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_withdrawn_attempts_custom_notification_id"),
            ["custom_notification_id"],
            unique=False,
        )

    op.create_table(
        "contact_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("support_case_id", sa.Integer(), nullable=False),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("next_contact_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "mode IN ('in_person', 'phone', 'text')", name=op.f("ck_contact_revisions_mode_known")
        ),
        sa.CheckConstraint(
            "outcome IN ('reached', 'attempted')", name=op.f("ck_contact_revisions_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_contact_revisions_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by_id"], ["users.id"], name=op.f("fk_contact_revisions_superseded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["support_case_id"],
            ["support_cases.id"],
            name=op.f("fk_contact_revisions_support_case_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_revisions")),
    )
    with op.batch_alter_table("contact_revisions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contact_revisions_support_case_id"), ["support_case_id"], unique=False
        )

    op.add_column("contacts", sa.Column("replaced_next_contact_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "replaced_next_contact_on")

    with op.batch_alter_table("contact_revisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_revisions_support_case_id"))

    op.drop_table("contact_revisions")
    with op.batch_alter_table("withdrawn_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_withdrawn_attempts_custom_notification_id"))

    op.drop_table("withdrawn_attempts")
