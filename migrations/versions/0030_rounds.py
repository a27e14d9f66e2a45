"""Rounds of custom notifications; go or no-go before a visit; what came of an attempt; letters.

What was checked first stood as free text on the visit. It is kept word for word as the first risk
check: a go by whoever approved the visit, where somebody did; else noted, which lets nobody go.
"""

import sqlalchemy as sa
from alembic import context, op

from gvi.store.keys import SealError, read_ring
from gvi.store.sealing import opened_with, sealed_with

revision = "0030_rounds"
down_revision = "0029_looked_at"
branch_labels = None
depends_on = None

ANSWERS = "'yes', 'no', 'unknown'"
APPROVED = ("approved", "attempted", "delivered", "partly_family")
REACTIONS = "'takes_help', 'listens', 'unmoved', 'rejects', 'threatens'"
LANGUAGES = "'sv', 'nb', 'en'"
PAPERS_BEFORE = "'letters', 'roster', 'door_list', 'run_sheet', 'seat_plan'"
WORDS = "uq_letter_texts_programme_id"
SEALED_TEXTS = ("assessment", "help_offered", "next_step")
HELD = """
    SELECT n.id, n.programme_id, n.status, n.risk_check, n.created_at, n.created_by_id,
           s.changed_at, s.changed_by_id
    FROM custom_notifications AS n LEFT JOIN status_changes AS s ON s.id = (
        SELECT max(own.id) FROM status_changes AS own WHERE own.thing = 'custom_notification'
        AND own.thing_id = n.id AND own.field = 'status' AND own.new = 'approved')
    WHERE n.risk_check <> '' ORDER BY n.id
"""


def upgrade() -> None:
    _make_rounds()
    _make_risk_checks()
    _carry_over()
    _tell_more_of_visits()
    for table in ("notification_attempts", "withdrawn_attempts"):
        _tell_more_of(table)
    _papers_of_rounds()
    with op.batch_alter_table("letter_texts") as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(), nullable=False, server_default="invitation")
        )
        _known(batch_op, "letter_texts", "kind", "'invitation', 'visit'")
        batch_op.drop_constraint(op.f(f"{WORDS}_language_version"), type_="unique")
        batch_op.create_unique_constraint(
            op.f(f"{WORDS}_kind_language_version"), ["programme_id", "kind", "language", "version"]
        )


def _tell_more_of_visits() -> None:
    # Attempts hang on this table, so SQLite may not make it anew: what points is in other tables.
    op.drop_column("custom_notifications", "risk_check")
    op.add_column("custom_notifications", _text("why"))
    op.create_table(
        "visit_letters",
        sa.Column("custom_notification_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("exposure", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            f"language IN ({LANGUAGES})", name=op.f("ck_visit_letters_language_known")
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by_id IS NULL)",
            name=op.f("ck_visit_letters_approved_pair"),
        ),
        _points("visit_letters", "custom_notification_id", "custom_notifications"),
        _points("visit_letters", "approved_by_id", "users"),
        sa.PrimaryKeyConstraint("custom_notification_id", name=op.f("pk_visit_letters")),
    )
    op.create_table(
        "round_visits",
        sa.Column("custom_notification_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        _points("round_visits", "custom_notification_id", "custom_notifications"),
        _points("round_visits", "round_id", "rounds"),
        sa.PrimaryKeyConstraint("custom_notification_id", name=op.f("pk_round_visits")),
    )
    op.create_index(op.f("ix_round_visits_round_id"), "round_visits", ["round_id"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def _known(batch_op: object, table: str, column: str, codes: str) -> None:
    batch_op.create_check_constraint(  # type: ignore[attr-defined]
        op.f(f"ck_{table}_{column}_known"), f"{column} IN ({codes})"
    )


def _make_rounds() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("call_in_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_rounds_status_known")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_rounds_ends_after_start")),
        _points("rounds", "programme_id", "programmes"),
        _points("rounds", "owner_id", "users"),
        _points("rounds", "call_in_id", "call_ins"),
        _points("rounds", "created_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
    )
    op.create_index(op.f("ix_rounds_programme_id_ends_on"), "rounds", ["programme_id", "ends_on"])
    op.create_table(
        "round_groups",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        _points("round_groups", "round_id", "rounds"),
        _points("round_groups", "group_id", "groups"),
        sa.PrimaryKeyConstraint("round_id", "group_id", name=op.f("pk_round_groups")),
    )


def _make_risk_checks() -> None:
    asked = ("home_conflict", "children_present", "victim_of_own_group")
    op.create_table(
        "risk_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("custom_notification_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in (*asked, "outcome", "reason")),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.CheckConstraint(f"{name} IN ({ANSWERS})", name=op.f(f"ck_risk_checks_{name}_known"))
            for name in asked
        ),
        sa.CheckConstraint(
            "outcome IN ('go', 'no_go', 'noted')", name=op.f("ck_risk_checks_outcome_known")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_risk_checks_has_reason")),
        _points("risk_checks", "programme_id", "programmes"),
        _points("risk_checks", "custom_notification_id", "custom_notifications"),
        _points("risk_checks", "checked_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_checks")),
        sqlite_autoincrement=True,
    )
    for column in ("programme_id", "custom_notification_id"):
        op.create_index(op.f(f"ix_risk_checks_{column}"), "risk_checks", [column])


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _carry_over() -> None:
    instant = sa.DateTime(timezone=True)
    asked = sa.text(HELD).columns(created_at=instant, changed_at=instant)
    held = op.get_bind().execute(asked).all()
    if not held:
        return
    ring = read_ring(op.get_bind(), _secret_key())
    checks = sa.table(
        "risk_checks",
        *(
            sa.column(name)
            for name in (
                *("programme_id", "custom_notification_id", "home_conflict", "children_present"),
                *("victim_of_own_group", "outcome", "reason", "checked_by_id", "id"),
            )
        ),
        sa.column("checked_at", instant),
    )
    for row in held:
        was_approved = bool(row.changed_at) or row.status in APPROVED
        values = {
            "programme_id": row.programme_id,
            "custom_notification_id": row.id,
            "home_conflict": "unknown",
            "children_present": "unknown",
            "victim_of_own_group": "unknown",
            "outcome": "go" if was_approved else "noted",
            "reason": "-",
            "checked_at": (was_approved and row.changed_at) or row.created_at,
            "checked_by_id": row.changed_by_id if row.changed_at else row.created_by_id,
        }
        number = op.get_bind().execute(checks.insert().values(values).returning(checks.c.id))
        new = number.scalar_one()
        said = opened_with(ring, row.risk_check, f"custom_notifications.risk_check {row.id}")
        sealed = sealed_with(ring, said, f"risk_checks.reason {new}")
        op.get_bind().execute(checks.update().where(checks.c.id == new).values(reason=sealed))


def _secret_key() -> str:
    key: str = context.config.attributes.get("secret_key", "")
    if not key:
        raise SealError("What was checked before a visit is sealed: set GVI_SECRET_KEY.")
    return key


def _tell_more_of(table: str) -> None:
    # Columns with their own rule: SQLite then need not make the table anew.
    for column, kind, codes in (
        ("family_present", "VARCHAR NOT NULL DEFAULT 'unknown'", ANSWERS),
        ("reaction", "VARCHAR", REACTIONS),
    ):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} {kind}"
            f" CONSTRAINT ck_{table}_{column}_known CHECK ({column} IN ({codes}))"
        )
    for name in SEALED_TEXTS:
        op.add_column(table, _text(name))
    op.add_column(
        table, sa.Column("was_held_back", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def _papers_of_rounds() -> None:
    with op.batch_alter_table("papers") as batch_op:
        batch_op.alter_column("call_in_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("round_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_papers_round_id"), "rounds", ["round_id"], ["id"])
        batch_op.create_check_constraint(
            op.f("ck_papers_one_occasion"), "(call_in_id IS NULL) <> (round_id IS NULL)"
        )
        batch_op.create_unique_constraint(
            op.f("uq_papers_round_id_kind_version"), ["round_id", "kind", "version"]
        )
        batch_op.drop_constraint(op.f("ck_papers_kind_known"), type_="check")
        _known(batch_op, "papers", "kind", f"{PAPERS_BEFORE}, 'visit_letters'")


def downgrade() -> None:
    op.execute("DELETE FROM papers WHERE round_id IS NOT NULL")
    op.execute("DELETE FROM letter_texts WHERE kind = 'visit'")
    with op.batch_alter_table("letter_texts") as batch_op:
        batch_op.drop_constraint(op.f(f"{WORDS}_kind_language_version"), type_="unique")
        batch_op.drop_constraint(op.f("ck_letter_texts_kind_known"), type_="check")
        batch_op.drop_column("kind")
        batch_op.create_unique_constraint(
            op.f(f"{WORDS}_language_version"), ["programme_id", "language", "version"]
        )
    with op.batch_alter_table("papers") as batch_op:
        batch_op.drop_constraint(op.f("ck_papers_kind_known"), type_="check")
        _known(batch_op, "papers", "kind", PAPERS_BEFORE)
        batch_op.drop_constraint(op.f("uq_papers_round_id_kind_version"), type_="unique")
        batch_op.drop_constraint(op.f("ck_papers_one_occasion"), type_="check")
        batch_op.drop_constraint(op.f("fk_papers_round_id"), type_="foreignkey")
        batch_op.drop_column("round_id")
        batch_op.alter_column("call_in_id", existing_type=sa.Integer(), nullable=False)
    for table in ("withdrawn_attempts", "notification_attempts"):
        for name in ("family_present", "reaction", *SEALED_TEXTS, "was_held_back"):
            op.drop_column(table, name)
    op.drop_column("custom_notifications", "why")
    op.add_column("custom_notifications", _text("risk_check"))
    _bring_back()
    for table in ("risk_checks", "visit_letters", "round_visits", "round_groups", "rounds"):
        op.drop_table(table)


def _bring_back() -> None:
    """Give each visit what was said when its risk was checked last."""
    latest = "SELECT max(id) FROM risk_checks GROUP BY custom_notification_id"
    held = op.get_bind().execute(
        sa.text(f"SELECT * FROM risk_checks WHERE id IN ({latest})")  # noqa: S608
    )
    visits = sa.table("custom_notifications", sa.column("id"), sa.column("risk_check"))
    rows = held.all()
    if not rows:
        return
    ring = read_ring(op.get_bind(), _secret_key())
    for row in rows:
        visit = row.custom_notification_id
        said = opened_with(ring, row.reason, f"risk_checks.reason {row.id}")
        sealed = sealed_with(ring, said, f"custom_notifications.risk_check {visit}")
        op.get_bind().execute(visits.update().where(visits.c.id == visit).values(risk_check=sealed))
