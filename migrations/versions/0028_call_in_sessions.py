"""Sessions have a time and a place; papers older than a change of these are out of date.

Sessions of before get the time they would get now: after one another, with a gap.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0028_call_in_sessions"
down_revision = "0027_seat_plans"
branch_labels = None
depends_on = None

TABLE = "call_in_sessions"
GAP, QUARTER = timedelta(minutes=30), timedelta(minutes=15)


def upgrade() -> None:
    op.add_column("call_ins", sa.Column("paper_changed_at", sa.DateTime(timezone=True)))
    table = op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("call_in_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number > 1", name=op.f(f"ck_{TABLE}_is_later")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f(f"fk_{TABLE}_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["call_in_id"], ["call_ins.id"], name=op.f(f"fk_{TABLE}_call_in_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("call_in_id", "number", name=op.f(f"uq_{TABLE}_call_in_id_number")),
    )
    op.create_index(op.f(f"ix_{TABLE}_programme_id"), TABLE, ["programme_id"])
    rows = _of_before()
    if rows:
        op.bulk_insert(table, rows)


def _of_before() -> list[dict[str, object]]:
    names = ("id", "programme_id", "starts_at", "minutes", "sessions")
    call_ins = sa.table("call_ins", *(sa.column(name) for name in names))
    call_ins.c.starts_at.type = sa.DateTime(timezone=True)
    found = op.get_bind().execute(sa.select(call_ins).where(call_ins.c.sessions > 1)).all()
    return [
        {
            "programme_id": row.programme_id,
            "call_in_id": row.id,
            "number": number,
            "starts_at": _start(row.starts_at, number, timedelta(minutes=row.minutes)),
            "venue": "",
            "dropped_at": None,
        }
        for row in found
        for number in range(2, row.sessions + 1)
    ]


def _start(first: datetime | None, number: int, lasting: timedelta) -> datetime | None:
    if first is None:
        return None
    for _ in range(1, number):
        free = first + lasting + GAP
        midnight = free.replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight + -(-(free - midnight) // QUARTER) * QUARTER
    return first


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_column("call_ins", "paper_changed_at")
