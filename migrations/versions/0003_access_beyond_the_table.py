"""Access beyond the table of rights: grants, the parts they open, and notices of broken glasses."""

import sqlalchemy as sa
from alembic import op

revision = "0003_access_beyond_the_table"
down_revision = "0002_taken_back"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('named', 'break_glass')", name=op.f("ck_access_grants_kind_known")
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_access_grants_ended_pair")
        ),
        sa.CheckConstraint("ends_at > given_at", name=op.f("ck_access_grants_ends_after_start")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_access_grants_has_reason")),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["users.id"], name=op.f("fk_access_grants_ended_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["given_by_id"], ["users.id"], name=op.f("fk_access_grants_given_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_access_grants_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_access_grants_programme_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_access_grants_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grants")),
    )
    with op.batch_alter_table("access_grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_grants_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_access_grants_programme_id"), ["programme_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_access_grants_user_id_ends_at"), ["user_id", "ends_at"], unique=False
        )

    op.create_table(
        "access_notices",
        sa.Column("grant_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["access_grants.id"], name=op.f("fk_access_notices_grant_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_access_notices_user_id")),
        sa.PrimaryKeyConstraint("grant_id", "user_id", name=op.f("pk_access_notices")),
    )
    with op.batch_alter_table("access_notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_notices_user_id"), ["user_id"], unique=False)

    op.create_table(
        "access_sections",
        sa.Column("grant_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.CheckConstraint(
            "section IN ('name', 'groups', 'incidents', 'supervision', 'risk', 'visits', 'offers', 'contact_notes')",
            name=op.f("ck_access_sections_section_known"),
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["access_grants.id"], name=op.f("fk_access_sections_grant_id")
        ),
        sa.PrimaryKeyConstraint("grant_id", "section", name=op.f("pk_access_sections")),
    )


def downgrade() -> None:
    op.drop_table("access_sections")
    with op.batch_alter_table("access_notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_notices_user_id"))

    op.drop_table("access_notices")
    with op.batch_alter_table("access_grants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_grants_user_id_ends_at"))
        batch_op.drop_index(batch_op.f("ix_access_grants_programme_id"))
        batch_op.drop_index(batch_op.f("ix_access_grants_person_id"))

    op.drop_table("access_grants")
