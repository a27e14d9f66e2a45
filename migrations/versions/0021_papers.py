"""Papers that are printed of call-ins bear a code; the words of invitations have versions."""

import sqlalchemy as sa
from alembic import op

revision = "0021_papers"
down_revision = "0020_call_in_life"
branch_labels = None
depends_on = None

LANGUAGES = "language IN ('sv', 'nb', 'en')"


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("call_in_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("letter_version", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destroyed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('letters', 'roster', 'door_list')", name=op.f("ck_papers_kind_known")
        ),
        sa.CheckConstraint(LANGUAGES, name=op.f("ck_papers_language_known")),
        sa.CheckConstraint(
            "(destroyed_at IS NULL) = (destroyed_by_id IS NULL)",
            name=op.f("ck_papers_destroyed_pair"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_papers_is_numbered")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_papers_programme_id")
        ),
        sa.ForeignKeyConstraint(["call_in_id"], ["call_ins.id"], name=op.f("fk_papers_call_in_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_papers_made_by_id")),
        sa.ForeignKeyConstraint(
            ["destroyed_by_id"], ["users.id"], name=op.f("fk_papers_destroyed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint("code", name=op.f("uq_papers_code")),
        sa.UniqueConstraint(
            "call_in_id", "kind", "version", name=op.f("uq_papers_call_in_id_kind_version")
        ),
    )
    op.create_index(op.f("ix_papers_programme_id"), "papers", ["programme_id"])
    op.create_table(
        "letter_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(LANGUAGES, name=op.f("ck_letter_texts_language_known")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_letter_texts_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["users.id"], name=op.f("fk_letter_texts_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_texts")),
        sa.UniqueConstraint(
            "programme_id",
            "language",
            "version",
            name=op.f("uq_letter_texts_programme_id_language_version"),
        ),
    )


def downgrade() -> None:
    op.drop_table("letter_texts")
    op.drop_index(op.f("ix_papers_programme_id"), "papers")
    op.drop_table("papers")
