"""docs/dataflow.md: every table, what it holds about whom, under which secrecy, who may read it.

The tables and columns come from the schema; what cannot be read there stands here, and a table that
nobody has described is an error.
"""

from dataclasses import dataclass

from sqlalchemy import Table

from gvi.domain.access import POLICY
from gvi.store.models import Base

HEAD = """# What is kept, table by table

Made by `make docs` from the schema and `scripts/dataflow.py`. *Secrecy*: a compartment, or *each
row its own*; *all sides* where the rights table alone decides. *Read under*: permissions of
[rights.md](rights.md). Tables named `…_revisions` keep what a row said before a correction, under
the same secrecy and rights as the row.

| table | about whom | what for | secrecy | read under | columns |
| --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Flow:
    """What a table is for, as the schema cannot say it."""

    whom: str
    purpose: str
    permissions: tuple[str, ...] = ()
    secrecy: str = "all sides"


_PERSON, _USER, _NOBODY = "people in the programme", "users", "nobody"

FLOWS: dict[str, Flow] = {
    # Who works here
    "programmes": Flow(_NOBODY, "the town and what its programme is called"),
    "seal_keys": Flow(_NOBODY, "keys of what is sealed, themselves sealed"),
    "organisations": Flow(_NOBODY, "the parties of the programme"),
    "users": Flow(_USER, "logging in, roles", ("user:list",)),
    "user_sessions": Flow(_USER, "who is logged in"),
    "familiar_places": Flow(_USER, "where a user may not be locked out from"),
    "recovery_codes": Flow(_USER, "logging in without the telephone (hashes)"),
    "passkeys": Flow(_USER, "logging in by a device: public keys, names sealed"),
    "passkey_challenges": Flow(_NOBODY, "what devices are to sign (chance, for five minutes)"),
    "provider_links": Flow(_USER, "whom the provider of single sign-on lets in"),
    "sign_ons": Flow(_NOBODY, "who is on the way to the provider (hashes, for ten minutes)"),
    "sent_forms": Flow(_USER, "forms that must not act twice, and where they led (for a day)"),
    "kept_forms": Flow(_USER, "what was typed when a log-in ended (sealed, for a day)"),
    "wrong_tries": Flow(_NOBODY, "pauses after wrong tries (hashes of what was typed)"),
    "client_assignments": Flow(
        _PERSON, "who works with whom", ("client:assign", "person:read"), "social"
    ),
    # The log
    "audit_entries": Flow(_USER, "who did what to whose records", ("audit:read",)),
    "audit_subjects": Flow(_PERSON, "the log's entries by thing; ids only", ("audit:read",)),
    "changed_values": Flow(
        _PERSON, "what a change changed, for the log's page; erased with the row", ("audit:read",)
    ),
    "audit_watches": Flow(_USER, "whose look-ups of which names are signs", ("audit:read",)),
    "anomaly_reviews": Flow(_USER, "signs in the log that were looked at", ("audit:read",)),
    "api_tokens": Flow(_USER, "programs that act for a user"),
    "api_writes": Flow(_USER, "requests that must not be done twice"),
    # Groups, people, incidents
    "groups": Flow("groups", "mapping", ("group:read", "group_full:read")),
    "group_aliases": Flow("groups", "other names", ("group:read",), "police"),
    "group_relations": Flow("groups", "conflicts and truces", ("group_relation:read",)),
    "persons": Flow(_PERSON, "one record a person, by code name", ("person:read",)),
    "identities": Flow(_PERSON, "the name, apart", ("person_name:read",)),
    "name_tokens": Flow(
        _PERSON, "finding a sealed name by what is typed; keyed hashes", ("person_name:read",)
    ),
    "person_aliases": Flow(_PERSON, "other names", ("person_name:read",)),
    "memberships": Flow(_PERSON, "who is in which group", ("membership:read",)),
    "ties": Flow(_PERSON, "who is close to whom", ("tie:read",)),
    "supervisions": Flow(_PERSON, "who can be obliged to come", ("supervision:read",)),
    "incidents": Flow("incidents", "what happened", ("incident:read", "incident_full:read")),
    "involvements": Flow(_PERSON, "who had which part", ("involvement:read",)),
    "risk_decisions": Flow(_PERSON, "the decided colour", ("risk:read", "risk_reason:read")),
    "list_snapshots": Flow(_NOBODY, "lists that somebody acted on", ("score:read",)),
    "list_snapshot_entries": Flow(
        _PERSON, "who stood where on them; goes with the person", ("score:read",), "police"
    ),
    "list_snapshot_uses": Flow(
        _USER, "who acted on them again, and what for", ("score:read",), "police"
    ),
    "risk_decision_lists": Flow(
        _PERSON, "on which of them a decided colour rests", ("score:read",), "police"
    ),
    "scoring_policies": Flow(_NOBODY, "the scores' constants, by version", ("method:read",)),
    # Messages
    "call_ins": Flow(_NOBODY, "planning a call-in", ("call_in:read",)),
    "calendar_feeds": Flow(_USER, "reading call-ins into one's own calendar (hashes)"),
    "call_in_sessions": Flow(_NOBODY, "when its later sessions are", ("call_in:read",)),
    "call_in_groups": Flow("groups", "which groups are called", ("call_in:read",)),
    "invitees": Flow(_PERSON, "who is asked, who came", ("invitee:read",)),
    "clearances": Flow(
        _PERSON, "whether secrecy and safety let somebody be invited", ("clearance:read",)
    ),
    "speakers": Flow(
        "those who speak at call-ins",
        "the running order; names go 90 days after it",
        ("speaker:read", "speaker_name:read"),
    ),
    "attendance_chances": Flow(
        _PERSON, "how likely somebody is to come, and why", ("call_in:plan",)
    ),
    "spoken_parts": Flow(_NOBODY, "what was said at a call-in, by whom", ("message:read",)),
    "evening_notes": Flow(
        _NOBODY, "what was seen there, and what is made of it", ("evening_note:read",)
    ),
    "papers": Flow(_USER, "what was printed, under which code; no names", ("paper:read",)),
    "seat_rooms": Flow(_NOBODY, "how many seats a call-in has", ("seat_plan:read",)),
    "seat_places": Flow(_PERSON, "seats given by hand", ("seat_plan:read",)),
    "kept_apart": Flow(_PERSON, "who is not to sit near whom", ("seat_plan:read",)),
    "letter_texts": Flow(_NOBODY, "the words of letters, by version", ("paper:make",)),
    "custom_notifications": Flow(_PERSON, "visits with the message", ("custom_notification:read",)),
    "risk_checks": Flow(_PERSON, "whether a visit may be made", ("custom_notification_full:read",)),
    "rounds": Flow(_NOBODY, "which visits are made together", ("round:read",)),
    "round_visits": Flow(_PERSON, "which visits are of which round", ("round:read",)),
    "visit_letters": Flow(
        _PERSON, "what a letter says of somebody's own risk", ("custom_notification_full:read",)
    ),
    "round_groups": Flow("groups", "which groups a round is to reach", ("round:read",)),
    "notification_visitors": Flow(_USER, "who goes along", ("custom_notification:read",)),
    "notification_attempts": Flow(_PERSON, "tries to meet", ("custom_notification_full:read",)),
    "withdrawn_attempts": Flow(
        _PERSON, "tries that were recorded wrongly", ("custom_notification_full:read",)
    ),
    "message_deliveries": Flow(_PERSON, "who was told which part", ("message:read",)),
    # Support
    "support_offers": Flow(_PERSON, "help that was offered", ("offer:read",)),
    "inbound_calls": Flow(_PERSON, "calls to the card's number", ("inbound_call:read",)),
    "support_cases": Flow(_PERSON, "support", ("support:read", "support_note:read")),
    "needs": Flow(_PERSON, "what help is for", ("support:read",), "social"),
    "contacts": Flow(_PERSON, "contacts and their notes", ("support_note:read",), "social"),
    "contact_drafts": Flow(_PERSON, "a note being written", ("contact:write",), "social"),
    # Promises and changes
    "actions": Flow(_PERSON, "who does what by when", ("action:read", "action_text:read")),
    "due_changes": Flow(_NOBODY, "why a day was moved", ("due:list",)),
    "status_changes": Flow(_NOBODY, "which status when, by whom", ("call_in:read",)),
    "import_drafts": Flow(
        _PERSON, "an upload that is looked at first; gone after an hour", ("import:run",)
    ),
    # Keeping
    "removals": Flow(
        _PERSON,
        "removed records, sealed for a month; then a tombstone without content",
        ("removal:list",),
        "the removing side's",
    ),
    "review_extensions": Flow(
        _NOBODY, "longer times asked for, and the second person's answer", ("review:list",)
    ),
    # Beyond the table of rights
    "access_grants": Flow(
        _PERSON, "parts opened by name or in an emergency", ("access:read", "access:review")
    ),
    "access_sections": Flow(_NOBODY, "which parts", ("access:read", "access:review")),
    "access_notices": Flow(_USER, "who was told", ("access:review", "own_record:read")),
    # Between secrecies
    "consents": Flow(_PERSON, "to which disclosures a person consents", ("consent:read",)),
    "disclosure_requests": Flow(
        _PERSON, "who asked for what about whom, by when", ("disclosure_request:read",)
    ),
    "disclosures": Flow(
        _PERSON,
        "to whom, on which ground and by whose decision something left",
        ("disclosure:read", "disclosure:list", "disclosure:receive"),
    ),
    "disclosure_lines": Flow(
        _PERSON, "what left, as it was then", ("disclosure:receive", "disclosure:read")
    ),
}


def page() -> str:
    """Give the page; raises KeyError for a table nobody has described."""
    tables = [
        table
        for table in sorted(Base.metadata.sorted_tables, key=lambda each: each.name)
        if not table.name.endswith("_revisions")
    ]
    return HEAD + "".join(_row(table, FLOWS[table.name]) for table in tables)


def _row(table: Table, flow: Flow) -> str:
    for permission in flow.permissions:
        if permission not in POLICY:
            raise KeyError(permission)
    secrecy = "each row its own" if "compartment" in table.c else flow.secrecy
    rights = ", ".join(f"`{permission}`" for permission in flow.permissions)
    columns = ", ".join(column.name for column in table.columns)
    cells = (f"`{table.name}`", flow.whom, flow.purpose, secrecy, rights, columns)
    return f"| {' | '.join(cells)} |\n"
