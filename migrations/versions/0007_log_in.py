"""Logging in: pauses, second steps, start passphrases, sessions that lock.

Log-ins that are open end, and wrong tries counted so far are forgotten.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_log_in"
down_revision = "0006_sealed_names_and_notes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wrong_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pause_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_tries")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_wrong_tries_key_hash")),
    )
    with op.batch_alter_table("wrong_tries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_wrong_tries_last_failed_at"), ["last_failed_at"], unique=False
        )

    op.create_table(
        "familiar_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("last_log_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_familiar_places_programme_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_familiar_places_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_familiar_places")),
        sa.UniqueConstraint("user_id", "source", name=op.f("uq_familiar_places_user_id_source")),
    )
    with op.batch_alter_table("familiar_places", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_familiar_places_last_log_in_at"), ["last_log_in_at"], unique=False
        )

    op.create_table(
        "kept_forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_kept_forms_programme_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_kept_forms_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_forms")),
    )
    with op.batch_alter_table("kept_forms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_forms_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_forms_user_id"), ["user_id"], unique=False)

    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_recovery_codes_programme_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_codes_user_id"), ["user_id"], unique=False)

    # Added and dropped in place: other tables point here, so SQLite must not make them anew.
    op.add_column(
        "programmes", sa.Column("second_step_roles", sa.String(), nullable=False, server_default="")
    )
    for name, kind in (
        ("start_expires_at", sa.DateTime(timezone=True)),
        ("totp_secret", sa.String()),
        ("totp_confirmed_at", sa.DateTime(timezone=True)),
        ("totp_last_step", sa.Integer()),
    ):
        op.add_column("users", sa.Column(name, kind, nullable=True))
    op.drop_column("users", "failed_log_ins")
    op.drop_column("users", "locked_until")

    op.execute("DELETE FROM user_sessions")
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("device", sa.String(), nullable=False))
        batch_op.add_column(sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False))
        batch_op.add_column(sa.Column("waits_for", sa.String(), nullable=False))
        batch_op.add_column(sa.Column("is_passphrase_weak", sa.Boolean(), nullable=False))
        batch_op.create_check_constraint(
            op.f("ck_user_sessions_waits_for_known"),
            "waits_for IN ('', 'code', 'passphrase', 'second_step')",
        )


def downgrade() -> None:
    op.execute("DELETE FROM user_sessions")
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_user_sessions_waits_for_known"), type_="check")
        for name in ("is_passphrase_weak", "waits_for", "proved_at", "device"):
            batch_op.drop_column(name)
    op.add_column("users", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "users", sa.Column("failed_log_ins", sa.Integer(), nullable=False, server_default="0")
    )
    for name in ("totp_last_step", "totp_confirmed_at", "totp_secret", "start_expires_at"):
        op.drop_column("users", name)
    op.drop_column("programmes", "second_step_roles")
    for name in (
        "recovery_codes",
        "kept_forms",
        "familiar_places",
        "wrong_tries",
    ):
        op.drop_table(name)
