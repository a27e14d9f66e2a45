"""Seat plans of call-ins: the room, places given by hand, who sits apart; a paper of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0027_seat_plans"
down_revision = "0026_clearances"
branch_labels = None
depends_on = None

BEFORE = "'letters', 'roster', 'door_list', 'run_sheet'"
KIND_KNOWN = "ck_papers_kind_known"


def upgrade() -> None:
    _papers_are(f"{BEFORE}, 'seat_plan'")
    op.create_table(
        "seat_rooms",
        sa.Column("call_in_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("rows > 0 AND width > 0", name=op.f("ck_seat_rooms_has_seats")),
        _points("seat_rooms", "call_in_id", "call_ins"),
        _points("seat_rooms", "programme_id", "programmes"),
        _points("seat_rooms", "changed_by_id", "users"),
        sa.PrimaryKeyConstraint("call_in_id", name=op.f("pk_seat_rooms")),
    )
    op.create_index(op.f("ix_seat_rooms_programme_id"), "seat_rooms", ["programme_id"])
    op.create_table(
        "seat_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("call_in_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("session", sa.Integer(), nullable=False),
        sa.Column("move", sa.Integer(), nullable=False),
        sa.Column("seat_row", sa.Integer(), nullable=False),
        sa.Column("seat_number", sa.Integer(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("setting", sa.Integer(), nullable=False),
        *_made("seat_places"),
        sa.CheckConstraint(
            "seat_row > 0 AND seat_number > 0", name=op.f("ck_seat_places_is_a_seat")
        ),
        _points("seat_places", "person_id", "persons"),
        sa.UniqueConstraint(
            "call_in_id", "person_id", "move", name=op.f("uq_seat_places_call_in_id_person_id_move")
        ),
        sqlite_autoincrement=True,
    )
    _index("seat_places", "programme_id", "person_id")
    op.create_table(
        "kept_apart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("call_in_id", sa.Integer(), nullable=False),
        sa.Column("person_a_id", sa.Integer(), nullable=False),
        sa.Column("person_b_id", sa.Integer(), nullable=False),
        *_made("kept_apart"),
        sa.CheckConstraint("person_a_id <> person_b_id", name=op.f("ck_kept_apart_two_people")),
        _points("kept_apart", "person_a_id", "persons"),
        _points("kept_apart", "person_b_id", "persons"),
        sa.UniqueConstraint(
            "call_in_id",
            "person_a_id",
            "person_b_id",
            name=op.f("uq_kept_apart_call_in_id_person_a_id_person_b_id"),
        ),
        sqlite_autoincrement=True,
    )
    _index("kept_apart", "programme_id", "person_a_id", "person_b_id")


def downgrade() -> None:
    for table in ("kept_apart", "seat_places", "seat_rooms"):
        op.drop_table(table)
    papers = sa.table("papers", sa.column("kind"))
    op.execute(sa.delete(papers).where(papers.c.kind == "seat_plan"))
    _papers_are(BEFORE)


def _made(table: str) -> list[sa.schema.SchemaItem]:
    """Give what says who wrote a row when, and the keys every such table has."""
    return [
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        _points(table, "programme_id", "programmes"),
        _points(table, "call_in_id", "call_ins"),
        _points(table, "made_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _papers_are(kinds: str) -> None:
    with op.batch_alter_table("papers") as batch_op:
        batch_op.drop_constraint(op.f(KIND_KNOWN), type_="check")
        batch_op.create_check_constraint(op.f(KIND_KNOWN), f"kind IN ({kinds})")
