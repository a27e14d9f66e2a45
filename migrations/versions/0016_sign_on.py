"""Single sign-on: users linked to their log-in at a provider, and who is on the way there."""

import sqlalchemy as sa
from alembic import op

revision = "0016_sign_on"
down_revision = "0015_corrections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_provider_links_programme_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_provider_links_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_links")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_provider_links_issuer_subject")),
        sa.UniqueConstraint("user_id", name=op.f("uq_provider_links_user_id")),
    )
    op.create_table(
        "sign_ons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("wanted", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('enter', 'prove', 'link')", name=op.f("ck_sign_ons_purpose_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ons")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_sign_ons_state_hash")),
    )
    op.create_index(op.f("ix_sign_ons_expires_at"), "sign_ons", ["expires_at"])
    op.create_index(op.f("ix_sign_ons_source"), "sign_ons", ["source"])
    op.add_column(
        "user_sessions",
        sa.Column("by_provider", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    with op.batch_alter_table("user_sessions") as table:
        table.alter_column("by_provider", server_default=None)


def downgrade() -> None:
    op.drop_column("user_sessions", "by_provider")
    op.drop_index(op.f("ix_sign_ons_source"), "sign_ons")
    op.drop_index(op.f("ix_sign_ons_expires_at"), "sign_ons")
    op.drop_table("sign_ons")
    op.drop_table("provider_links")
