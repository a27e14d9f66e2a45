"""Every text column that is not sealed, and why not: a new one must be decided on."""

from collections.abc import Mapping
from types import MappingProxyType

CODE = "a code of the vocabulary, or a number"
STAFF = "about those who use the tool, not about those it is used on"
LOG = "the log and what hangs on it: holds no names or notes by rule, checkable without a key"
SEARCHED = "of incidents and groups: police mapping, found by any part of a word by the database"
CODE_NAME = "stands for a name where the name may not be shown"
PLAN = "of an occasion, not of a person"

OPEN_TEXT: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "access_grants.kind",
                "access_sections.section",
                "actions.compartment",
                "actions.kind",
                "actions.status",
                "call_ins.status",
                "contact_revisions.mode",
                "contact_revisions.outcome",
                "contacts.mode",
                "contacts.outcome",
                "custom_notifications.status",
                "custom_notifications.trigger",
                "due_changes.thing",
                "group_relations.certainty",
                "group_relations.kind",
                "groups.kind",
                "groups.status",
                "inbound_calls.compartment",
                "inbound_calls.heard_through",
                "incidents.gmi",
                "incidents.kind",
                "incidents.status",
                "invitees.status",
                "involvements.certainty",
                "involvements.role",
                "memberships.certainty",
                "memberships.role",
                "memberships.status",
                "needs.kind",
                "needs.status",
                "notification_attempts.outcome",
                "organisations.compartment",
                "persons.sex",
                "risk_decisions.colour",
                "status_changes.field",
                "status_changes.new",
                "status_changes.old",
                "status_changes.thing",
                "supervisions.kind",
                "support_cases.closing_reason",
                "support_cases.compartment",
                "support_cases.heard_through",
                "support_cases.status",
                "support_offers.compartment",
                "support_offers.response",
                "ties.certainty",
                "ties.kind",
                "withdrawn_attempts.outcome",
                *(
                    f"{facts}.{name}"
                    for facts in (
                        "group_relations",
                        "groups",
                        "incidents",
                        "involvements",
                        "memberships",
                        "persons",
                        "supervisions",
                        "ties",
                    )
                    for name in ("compartment", "grade")
                ),
            ),
            CODE,
        ),
        **dict.fromkeys(
            (
                "anomaly_reviews.anomaly",
                "anomaly_reviews.note",
                "audit_entries.actor",
                "audit_entries.detail",
                "audit_entries.hash",
                "audit_entries.kind",
                "audit_entries.previous_hash",
                "audit_entries.purpose",
                "audit_entries.role",
                "audit_entries.source",
                "audit_entries.subjects",
                "audit_entries.verb",
                "audit_subjects.thing",
                "audit_watches.kind",
                "audit_watches.word",
                "changed_values.field",
                "changed_values.new",
                "changed_values.old",
                "changed_values.thing",
            ),
            LOG,
        ),
        **dict.fromkeys(
            (
                "api_tokens.ending",
                "api_tokens.name",
                "api_tokens.revoked_reason",
                "api_tokens.scopes",
                "api_tokens.token_hash",
                "api_writes.key_hash",
                "api_writes.request_hash",
                "custom_notifications.team",
                "import_drafts.outcome",
                "message_deliveries.delivered_by",
                "withdrawn_attempts.delivered_by",
                "organisations.name",
                "programmes.code",
                "programmes.display_name",
                "programmes.town",
                "user_sessions.csrf_token",
                "user_sessions.source",
                "user_sessions.token_hash",
                "users.display_name",
                "users.language",
                "users.password_hash",
                "users.role",
                "users.team",
                "users.username",
            ),
            STAFF,
        ),
        **dict.fromkeys(
            (
                "group_aliases.alias",
                "groups.area",
                "groups.external_id",
                "groups.name",
                "incidents.area",
                "incidents.external_id",
                "incidents.place",
                "incidents.summary",
            ),
            SEARCHED,
        ),
        **dict.fromkeys(("persons.code_name", "persons.external_id"), CODE_NAME),
        "persons.area": "a district, not an address",
        **dict.fromkeys(
            (
                "call_ins.name",
                "call_ins.purpose",
                "call_ins.venue",
                "custom_notifications.place",
                "notification_attempts.place",
                "withdrawn_attempts.place",
            ),
            PLAN,
        ),
    }
)
"""table.column → why it may be read by whoever holds the database."""
