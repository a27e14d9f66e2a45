"""The preparation of a call-in as actions; in what language somebody was told."""

import sqlalchemy as sa
from alembic import op

from gvi.store.numbered_once import numbered_once

revision = "0020_call_in_life"
down_revision = "0019_calendar_feeds"
branch_labels = None
depends_on = None

BEFORE = ("decision", "attendee_contact", "no_show_notification", "debrief", "correction")
NEW = (
    "wellbeing",
    "partners",
    "venue",
    "speakers",
    "clearance",
    "invitations",
    "transport",
    "rehearsal",
)
LANGUAGES = "'sv', 'nb', 'en', 'ar', 'bs', 'fa', 'ku', 'pl', 'ro', 'so', 'sq', 'ti', 'tr', 'other'"
KIND_KNOWN = "ck_actions_kind_known"
TOLD = ("message_deliveries", "withdrawn_attempts")


def upgrade() -> None:
    _kinds_become((*BEFORE, *NEW))
    for table in TOLD:
        # A column with its own rule: SQLite then need not make the table anew.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN language VARCHAR"
            f" CONSTRAINT ck_{table}_language_known CHECK (language IN ({LANGUAGES}))"
        )


def downgrade() -> None:
    for table in TOLD:
        op.execute(f"ALTER TABLE {table} DROP COLUMN language")
    actions = sa.table("actions", sa.column("kind"))
    op.execute(sa.delete(actions).where(actions.c.kind.in_(NEW)))
    _kinds_become(BEFORE)


def _kinds_become(kinds: tuple[str, ...]) -> None:
    with numbered_once("actions"), op.batch_alter_table("actions") as batch_op:
        batch_op.drop_constraint(op.f(KIND_KNOWN), type_="check")
        batch_op.create_check_constraint(op.f(KIND_KNOWN), f"kind IN ({_quoted(kinds)})")


def _quoted(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)
