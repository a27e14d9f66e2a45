"""PostgreSQL hides rows of compartments with which a transaction does not ask: the second wall.

What a transaction may see it says in one setting (`gvi.store.wall`), a JSON object of table to
compartments, without which it sees nothing. The setting is asked once a query, not once a row.
Forced, so that the wall stands before the tables' owner, too. SQLite has no such wall.
"""

from alembic import op

revision = "0011_second_wall"
down_revision = "0010_log_in_under_the_ring"
branch_labels = None
depends_on = None

FACTS = (
    "group_relations",
    "groups",
    "incidents",
    "involvements",
    "memberships",
    "persons",
    "supervisions",
    "ties",
)
OTHERS = ("actions", "inbound_calls", "review_extensions", "support_cases", "support_offers")
HANGING = {
    "contact_drafts": ("support_case_id", "support_cases"),
    "contact_revisions": ("support_case_id", "support_cases"),
    "contacts": ("support_case_id", "support_cases"),
    "disclosure_lines": ("disclosure_id", "disclosures"),
    "needs": ("support_case_id", "support_cases"),
    "group_aliases": ("group_id", "groups"),
}
SIDED = {
    "consents": ("side", "party"),
    "disclosure_requests": ("side",),
    "disclosures": ("side", "party"),
    "removals": ("side",),
}
TRAILS = ("changed_values", "due_changes", "status_changes")
OF_SUPPORT = """
    thing NOT IN (
        'contact', 'inbound_call', 'need', 'support_case', 'support_offer',
        'contacts', 'inbound_calls', 'needs', 'support_cases', 'support_offers'
    ) OR (SELECT nullif(current_setting('gvi.wall', true), '')::json ->> 'support_cases') <> ''
"""
NAMES = ("identities", "name_tokens", "person_aliases")
IN_COMPARTMENT = """
    {column} = ANY ((SELECT string_to_array(
        nullif(current_setting('gvi.wall', true), '')::json ->> '{key}', ','
    ))::text[])
"""
OF_PERSON = """
    EXISTS (SELECT 1 FROM persons WHERE persons.id = {table}.person_id AND {held})
"""
HANGS = "EXISTS (SELECT 1 FROM {parent} WHERE {parent}.id = {table}.{column})"


def _held(key: str, column: str = "compartment") -> str:
    return IN_COMPARTMENT.format(key=key, column=column)


def _policies() -> dict[str, str]:
    policies = {name: _held(name) for name in (*FACTS, *OTHERS)}
    policies |= {f"{name}_revisions": policies[name] for name in FACTS}
    policies |= {
        table: OF_PERSON.format(table=table, held=_held(table, "persons.compartment"))
        for table in NAMES
    }
    policies |= {
        table: " OR ".join(_held(table, column) for column in columns)
        for table, columns in SIDED.items()
    }
    policies |= dict.fromkeys(TRAILS, OF_SUPPORT)
    return policies | {
        table: HANGS.format(table=table, column=column, parent=parent)
        for table, (column, parent) in HANGING.items()
    }


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, clause in _policies().items():
        op.execute(f"CREATE POLICY wall ON {table} USING ({clause}) WITH CHECK ({clause})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _policies():
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"DROP POLICY wall ON {table}")
