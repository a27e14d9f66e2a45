"""Names and notes are sealed; names are found by a blind index."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from gvi.domain.naming import folded
from gvi.store.keys import Ring, SealError, ensure_key, read_ring
from gvi.store.names import index_rows
from gvi.store.sealing import opened_with, sealed_with

revision = "0006_sealed_names_and_notes"
down_revision = "0005_guarded_log"
branch_labels = None
depends_on = None

_FACT = ("source", "ground", "withdrawn_reason")
_FACTS = {
    "group_relations": ("note", *_FACT),
    "groups": ("note", *_FACT),
    "incidents": _FACT,
    "involvements": _FACT,
    "memberships": _FACT,
    "persons": _FACT,
    "supervisions": ("note", *_FACT),
    "ties": _FACT,
}
_OTHERS = {
    "access_grants": ("reason",),
    "actions": ("text", "outcome"),
    "client_assignments": ("reason",),
    "contact_drafts": ("fields",),
    "contact_revisions": ("note", "reason"),
    "contacts": ("note",),
    "custom_notifications": ("risk_check",),
    "due_changes": ("reason",),
    "inbound_calls": ("caller", "note"),
    "invitees": ("reason",),
    "needs": ("note",),
    "notification_attempts": ("note",),
    "person_aliases": ("alias",),
    "risk_decisions": ("reason",),
    "status_changes": ("reason",),
    "support_cases": ("note",),
    "support_offers": ("what",),
    "withdrawn_attempts": ("note", "reason"),
}
# table → (key of a row, record of a row, whose past it is, columns)
_PLACES = {
    "identities": ("person_id", "person_id", "identities", ("name",)),
    **{name: ("id", "id", name, columns) for name, columns in {**_FACTS, **_OTHERS}.items()},
    **{
        f"{name}_revisions": ("revision_id", "id", name, columns)
        for name, columns in _FACTS.items()
    },
}


def upgrade() -> None:
    op.create_table(
        "seal_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal_keys")),
    )
    _drop_plain_columns_after(_seal_names_and_notes)


def _seal_names_and_notes() -> None:
    # An upload waits for an hour only: it is thrown away rather than sealed.
    op.execute("DELETE FROM import_drafts")
    if not any(_has_text(place) for place in _PLACES):
        return
    ring = _ring()
    context.config.attributes["has_sealed"] = True
    names = list(_names())
    _each_text(lambda text, place: sealed_with(ring, text, place))
    fresh = [row for name in names for row in index_rows(ring, *name)]
    tokens = sa.table("name_tokens", *(sa.column(name) for name in fresh[0])) if fresh else None
    for start in range(0, len(fresh), 5_000):
        op.bulk_insert(tokens, fresh[start : start + 5_000])


def _drop_plain_columns_after(seal: Callable[[], None]) -> None:
    with op.batch_alter_table("person_aliases", schema=None) as batch_op:
        batch_op.drop_constraint("uq_person_aliases_person_id_alias", type_="unique")
        batch_op.drop_index("ix_person_aliases_folded")
        batch_op.drop_column("folded")
        batch_op.create_index(batch_op.f("ix_person_aliases_person_id"), ["person_id"])
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.drop_index("ix_identities_folded")
        batch_op.drop_column("folded")
    op.create_table(
        "name_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=True),
        sa.Column("alias_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(identity_id IS NULL) <> (alias_id IS NULL)", name=op.f("ck_name_tokens_of_one_name")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_name_tokens_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_name_tokens_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identities.person_id"],
            name=op.f("fk_name_tokens_identity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["alias_id"],
            ["person_aliases.id"],
            name=op.f("fk_name_tokens_alias_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_tokens")),
    )
    for column in ("identity_id", "alias_id", "token"):
        op.create_index(op.f(f"ix_name_tokens_{column}"), "name_tokens", [column])
    seal()


def downgrade() -> None:
    if any(_has_text(place) for place in _PLACES):
        ring = _ring()
        _each_text(lambda text, place: opened_with(ring, text, place))
    op.execute("DELETE FROM import_drafts")
    op.drop_table("name_tokens")
    for table in ("identities", "person_aliases"):
        op.add_column(table, sa.Column("folded", sa.String(), nullable=False, server_default=""))
    for table, key, column in (
        ("identities", "person_id", "name"),
        ("person_aliases", "id", "alias"),
    ):
        named = sa.table(table, sa.column(key), sa.column(column), sa.column("folded"))
        for row in op.get_bind().execute(sa.select(named.c[key], named.c[column])).all():
            change = named.update().where(named.c[key] == row[0])
            op.get_bind().execute(change.values(folded=folded(row[1])))
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.alter_column("folded", server_default=None)
        batch_op.create_index("ix_identities_folded", ["folded"])
    with op.batch_alter_table("person_aliases", schema=None) as batch_op:
        batch_op.alter_column("folded", server_default=None)
        batch_op.drop_index(batch_op.f("ix_person_aliases_person_id"))
        batch_op.create_index("ix_person_aliases_folded", ["folded"])
        batch_op.create_unique_constraint(
            "uq_person_aliases_person_id_alias", ["person_id", "alias"]
        )
    op.drop_table("seal_keys")


def _ring() -> Ring:
    secret = context.config.attributes.get("secret_key", "")
    if not secret:
        raise SealError("Names and notes are sealed from this version on: set GVI_SECRET_KEY.")
    ensure_key(op.get_bind(), secret, at=datetime.now(UTC))
    return read_ring(op.get_bind(), secret)


def _light(place: str) -> tuple[sa.TableClause, str, str, str, tuple[str, ...]]:
    key, record, whose, columns = _PLACES[place]
    names = dict.fromkeys((key, record, *columns))
    return sa.table(place, *(sa.column(name) for name in names)), key, record, whose, columns


def _has_text(place: str) -> bool:
    rows, *_, columns = _light(place)
    filled = sa.or_(*(rows.c[name] != "" for name in columns))
    return op.get_bind().execute(sa.select(sa.exists().where(filled))).scalar_one()


def _each_text(turned: Callable[[str, str], str]) -> None:
    """Write every text anew, turned for its place."""
    for place in _PLACES:
        rows, key, record, whose, columns = _light(place)
        found = op.get_bind().execute(sa.select(*rows.c)).mappings().all()
        changes = [
            {
                "which": row[key],
                **{
                    f"new_{name}": row[name] and turned(row[name], f"{whose}.{name} {row[record]}")
                    for name in columns
                },
            }
            for row in found
            if any(row[name] for name in columns)
        ]
        if changes:
            change = rows.update().where(rows.c[key] == sa.bindparam("which"))
            op.get_bind().execute(
                change.values({name: sa.bindparam(f"new_{name}") for name in columns}), changes
            )


def _names() -> Iterator[tuple[Any, ...]]:
    """Give every plain name and alias with whose it is."""
    bind = op.get_bind()
    yield from bind.execute(
        sa.text(
            "SELECT p.programme_id, p.id, i.name FROM identities i"
            " JOIN persons p ON p.id = i.person_id"
        )
    ).all()
    yield from bind.execute(
        sa.text(
            "SELECT p.programme_id, p.id, a.alias, a.id FROM person_aliases a"
            " JOIN persons p ON p.id = a.person_id"
        )
    ).all()
