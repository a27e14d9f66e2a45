"""A correction keeps of which score it was said that something is wrong."""

from alembic import op

revision = "0022_disputed_score"
down_revision = "0021_papers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A column with its own rule: SQLite then need not make the table anew.
    op.execute(
        "ALTER TABLE actions ADD COLUMN disputed_score VARCHAR"
        " CONSTRAINT ck_actions_disputed_score_known"
        " CHECK (disputed_score IN ('driving', 'exposed'))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE actions DROP COLUMN disputed_score")
