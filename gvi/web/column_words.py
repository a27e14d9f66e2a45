"""What tables, columns and codes are called: in an access extract, a history, the audit log.

The one place that says which codes a column holds; what the codes are called is in `labels.py`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from babel.numbers import format_decimal

from gvi.domain.access import Role
from gvi.domain.action import ActionKind, ActionStatus
from gvi.domain.call_in import CallInStatus, InviteeStatus
from gvi.domain.correction import Disputed, DisputedScore
from gvi.domain.custom_notification import (
    Answer,
    AttemptOutcome,
    NotificationStatus,
    NotificationTrigger,
    Reaction,
    RiskOutcome,
)
from gvi.domain.disclosure import Ground, Party, Purpose, RequestStatus, SourceClass
from gvi.domain.grading import Certainty, Compartment
from gvi.domain.group import GroupKind, GroupStatus, RelationKind
from gvi.domain.incident import Gmi, IncidentStatus, InvolvementRole
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.message import SpokenLanguage
from gvi.domain.paper import LetterLanguage
from gvi.domain.risk import RiskColour
from gvi.domain.section import AccessKind, Section
from gvi.domain.supervision import SupervisionKind
from gvi.domain.support import (
    ClosingReason,
    ContactMode,
    ContactOutcome,
    HeardThrough,
    NeedKind,
    NeedStatus,
    OfferResponse,
    SupportCaseStatus,
)
from gvi.domain.text import N_
from gvi.domain.tie import TieKind
from gvi.web.format import Manner, say_date, say_time
from gvi.web.labels import kind_label, label
from gvi.web.text import LANGUAGES, translate

TABLES: Mapping[str, str] = MappingProxyType(
    {
        "persons": N_("The person"),
        "identities": N_("Name"),
        "person_aliases": N_("Other names"),
        "actions": N_("Actions"),
        "access_grants": N_("Access given to others"),
        "access_notices": N_("Who was told of a broken glass"),
        "access_sections": N_("What access was given to"),
        "attendance_chances": N_("Chances of coming to call-ins"),
        "client_assignments": N_("Who works with them"),
        "consents": N_("Consents"),
        "contacts": N_("Contacts"),
        "custom_notifications": N_("Custom notifications"),
        "disclosure_lines": N_("What was disclosed"),
        "disclosure_requests": N_("Requests to disclose"),
        "disclosures": N_("Disclosures"),
        "inbound_calls": N_("Calls"),
        "invitees": N_("Invitations to call-ins"),
        "involvements": N_("Parts in incidents"),
        "kept_apart": N_("Kept apart from others at call-ins"),
        "list_snapshot_entries": N_("Lists they stood on that were kept"),
        "memberships": N_("Memberships"),
        "message_deliveries": N_("Messages given"),
        "needs": N_("Needs"),
        "notification_attempts": N_("Attempts"),
        "visit_letters": N_("Letters handed over at visits"),
        "risk_checks": N_("Risk checks before visits"),
        "risk_decisions": N_("Decided colours"),
        "seat_places": N_("Seats given by hand at call-ins"),
        "supervisions": N_("Supervision and custody"),
        "support_cases": N_("Support cases"),
        "support_offers": N_("Offers of help"),
        "ties": N_("Ties"),
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "added_at": N_("Added"),
        "added_by_id": N_("Added by"),
        "age_statement": N_("How the age is known"),
        "alias": N_("Alias"),
        "aliases": N_("Aliases"),
        "answered_at": N_("Answered on"),
        "answered_by_id": N_("Answered by"),
        "area": N_("Area"),
        "asked_by": N_("Asked by"),
        "asked_for": N_("Asked for"),
        "assigned_at": N_("Assigned"),
        "assigned_by_id": N_("Assigned by"),
        "attempted_at": N_("When"),
        "birth_date": N_("Birth date"),
        "by_guardian": N_("The guardians consent too"),
        "call_back_due_at": N_("Call back"),
        "call_in_id": N_("Call-in"),
        "called_at": N_("When"),
        "caller": N_("Who rang"),
        "has_card": N_("Was handed the card"),
        "is_let_stand": N_("The police looked at the plan"),
        "dropped_at": N_("The session was dropped"),
        "is_heard_known": N_("It is known what they heard"),
        "card_left": N_("The card was left"),
        "certainty": N_("Certainty"),
        "changed_at": N_("Changed"),
        "closed_at": N_("Closed"),
        "closing_reason": N_("Why it was closed"),
        "code_name": N_("Code name"),
        "colour": N_("Decided colour"),
        "compartment": N_("Secrecy"),
        "conditions": N_("Conditions that were met"),
        "consequences": N_("Told of the consequences"),
        "contact_interval_days": N_("At most how many days between contacts"),
        "contacted_at": N_("When"),
        "created_at": N_("Recorded"),
        "created_by_id": N_("Recorded by"),
        "decided_at": N_("Decided"),
        "decided_by_id": N_("Decided by"),
        "decider_id": N_("Who decides"),
        "decline_reason": N_("Why it was declined"),
        "delivered_at": N_("Given"),
        "delivered_by": N_("Who gave the message"),
        "display_name": N_("Name"),
        "disputed": N_("What is disputed"),
        "disputed_score": N_("Which score"),
        "document": N_("Where the consent is kept"),
        "due_at": N_("Due"),
        "ended_at": N_("Ended"),
        "ended_by_id": N_("Ended by"),
        "ends_at": N_("Holds until"),
        "ends_on": N_("Holds until"),
        "expires_at": N_("Holds until"),
        "expires_on": N_("Holds until"),
        "external_id": N_("Id in files"),
        "fields": N_("Fields"),
        "frozen": N_("Text"),
        "given_at": N_("Given on"),
        "given_by_id": N_("Given by"),
        "given_on": N_("Given on"),
        "gmi": N_("GMI"),
        "grade": N_("Grade"),
        "ground": N_("Ground"),
        "group_a_id": N_("Group"),
        "group_b_id": N_("Group"),
        "group_id": N_("Group"),
        "heard_through": N_("Heard through"),
        "help": N_("Told of the help"),
        "high": N_("Rank, at most"),
        "incident_id": N_("Incident"),
        "injured": N_("Injured"),
        "is_active": N_("Can log in"),
        "is_assessment": N_("Is an assessment"),
        "is_exit_client": N_("Exit programme"),
        "is_obliged": N_("Can be obliged to come"),
        "is_protected": N_("Protected identity"),
        "killed": N_("Killed"),
        "kind": N_("Kind"),
        "language": N_("Language"),
        "known_at": N_("As known"),
        "latitude": N_("Latitude"),
        "longitude": N_("Longitude"),
        "low": N_("Rank, at least"),
        "minutes": N_("Minutes"),
        "mode": N_("How"),
        "name": N_("Name"),
        "new": N_("New"),
        "next_contact_on": N_("Next contact"),
        "not_die": N_("Told: we do not want you to die"),
        "not_kill": N_("Told: we do not want you to kill"),
        "note": N_("Note"),
        "obliges_attendance": N_("Can be obliged to come"),
        "occurred_at": N_("When"),
        "offered_at": N_("Offered"),
        "offered_by_id": N_("Offered by"),
        "old": N_("Before"),
        "opened_at": N_("Opened"),
        "organisation": N_("Organisation"),
        "outcome": N_("What came of it"),
        "owner": N_("Owner"),
        "owner_id": N_("Owner"),
        "part": N_("Part of the record"),
        "parts": N_("What it covers"),
        "party": N_("To whom"),
        "made_at": N_("Made"),
        "made_by_id": N_("Made by"),
        "move": N_("Which move"),
        "by_hand": N_("By hand"),
        "setting": N_("For which guests and room"),
        "seat_row": N_("Which row"),
        "seat_number": N_("Which seat"),
        "person_a_id": N_("With"),
        "person_b_id": N_("With"),
        "person_id": N_("Person"),
        "place": N_("Place"),
        "position": N_("Number"),
        "purpose": N_("Purpose"),
        "raised_on": N_("Noted on"),
        "rank": N_("Rank"),
        "probability": N_("Probability"),
        "reason": N_("Why"),
        "received_at": N_("Received"),
        "recipient_id": N_("Recipient"),
        "recipient_name": N_("Recipient"),
        "approved_at": N_("Approved"),
        "approved_by_id": N_("Approved by"),
        "assessment": N_("Assessment"),
        "checked_at": N_("Checked"),
        "checked_by_id": N_("Checked by"),
        "children_present": N_("Children there"),
        "exposure": N_("What the letter says of the own legal risk"),
        "family_present": N_("Family present"),
        "help_offered": N_("Help offered"),
        "home_conflict": N_("Conflict at home"),
        "next_step": N_("Agreed next step"),
        "reaction": N_("How it was taken"),
        "victim_of_own_group": N_("Victim of the own group"),
        "was_held_back": N_("Made although held back"),
        "why": N_("Why this person?"),
        "recorded_at": N_("Recorded"),
        "recorded_by_id": N_("Recorded by"),
        "refusal_reason": N_("Why it was refused"),
        "replaced_next_contact_on": N_("Next contact until then"),
        "responded_at": N_("Answered on"),
        "response": N_("Answer"),
        "returned_at": N_("Rung back"),
        "returned_by_id": N_("Rung back by"),
        "review_due_on": N_("Look at it again on"),
        "revised_at": N_("Last corrected"),
        "revised_by_id": N_("Corrected by"),
        "role": N_("Part"),
        "roles": N_("Roles"),
        "score": N_("List"),
        "seats": N_("Seats"),
        "section": N_("Part of the record"),
        "seen_at": N_("Seen"),
        "session": N_("Session"),
        "set_at": N_("Set"),
        "set_by_id": N_("Set by"),
        "sex": N_("Sex"),
        "side": N_("From whom"),
        "source": N_("Source"),
        "source_class": N_("Where it comes from"),
        "starts_at": N_("When"),
        "status": N_("Status"),
        "strength": N_("Strength"),
        "summary": N_("What is known"),
        "superseded_at": N_("Held until it was corrected"),
        "team": N_("Who goes"),
        "text": N_("Text"),
        "to_family": N_("Told to the family"),
        "trigger": N_("Why"),
        "units": N_("Score, in harm units"),
        "user_id": N_("Who"),
        "valid_from": N_("Since"),
        "valid_to": N_("Until"),
        "venue": N_("Venue"),
        "weighing": N_("How it was weighed"),
        "what": N_("What"),
        "withdrawal_reason": N_("Why it was withdrawn"),
        "withdrawn_at": N_("Withdrawn on"),
        "withdrawn_by_id": N_("Withdrawn by"),
        "withdrawn_reason": N_("Why it was withdrawn"),
        "written_at": N_("Written"),
        "written_by_id": N_("Written by"),
    }
)
OWN_NAMES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("list_snapshot_entries", "parts"): N_("Parts"),
        ("users", "role"): N_("Role"),
        ("users", "team"): N_("Team"),
    }
)
"""Columns called otherwise in one table than in all others."""
NUMBERS = frozenset(each for each in COLUMNS if each.endswith("_id") and each != "external_id")
"""Columns that hold the number of somebody or something else."""
CODES: Mapping[tuple[str, str], type[StrEnum]] = MappingProxyType(
    {
        ("access_grants", "kind"): AccessKind,
        ("access_sections", "section"): Section,
        ("actions", "disputed"): Disputed,
        ("actions", "disputed_score"): DisputedScore,
        ("actions", "kind"): ActionKind,
        ("actions", "status"): ActionStatus,
        ("call_ins", "status"): CallInStatus,
        ("consents", "party"): Party,
        ("consents", "side"): Party,
        ("contacts", "mode"): ContactMode,
        ("contacts", "outcome"): ContactOutcome,
        ("custom_notifications", "status"): NotificationStatus,
        ("custom_notifications", "trigger"): NotificationTrigger,
        ("disclosure_lines", "source_class"): SourceClass,
        ("disclosure_requests", "party"): Party,
        ("disclosure_requests", "side"): Party,
        ("disclosure_requests", "status"): RequestStatus,
        ("disclosures", "ground"): Ground,
        ("disclosures", "party"): Party,
        ("disclosures", "purpose"): Purpose,
        ("disclosures", "side"): Party,
        ("group_relations", "kind"): RelationKind,
        ("groups", "kind"): GroupKind,
        ("groups", "status"): GroupStatus,
        ("inbound_calls", "heard_through"): HeardThrough,
        ("incidents", "gmi"): Gmi,
        ("incidents", "status"): IncidentStatus,
        ("invitees", "status"): InviteeStatus,
        ("involvements", "role"): InvolvementRole,
        ("memberships", "role"): MembershipRole,
        ("memberships", "status"): MembershipStatus,
        ("message_deliveries", "language"): SpokenLanguage,
        ("needs", "kind"): NeedKind,
        ("needs", "status"): NeedStatus,
        ("notification_attempts", "family_present"): Answer,
        ("notification_attempts", "outcome"): AttemptOutcome,
        ("notification_attempts", "reaction"): Reaction,
        ("risk_checks", "children_present"): Answer,
        ("risk_checks", "home_conflict"): Answer,
        ("risk_checks", "outcome"): RiskOutcome,
        ("risk_checks", "victim_of_own_group"): Answer,
        ("risk_decisions", "colour"): RiskColour,
        ("supervisions", "kind"): SupervisionKind,
        ("support_cases", "closing_reason"): ClosingReason,
        ("support_cases", "heard_through"): HeardThrough,
        ("support_cases", "status"): SupportCaseStatus,
        ("support_offers", "response"): OfferResponse,
        ("ties", "kind"): TieKind,
        ("users", "role"): Role,
        ("visit_letters", "language"): LetterLanguage,
        ("withdrawn_attempts", "family_present"): Answer,
        ("withdrawn_attempts", "language"): SpokenLanguage,
        ("withdrawn_attempts", "reaction"): Reaction,
    }
)
"""Columns that hold codes, by their vocabulary."""
COMMON_CODES: Mapping[str, type[StrEnum]] = MappingProxyType(
    {"certainty": Certainty, "compartment": Compartment}
)
"""Columns of one name that hold the same codes wherever they stand."""


def column_called(table: str, column: str, language: str) -> str:
    """Say what a column is called; one without words is said as it is written."""
    called = OWN_NAMES.get((table, column)) or COLUMNS.get(column)
    return translate(called, language) if called else column.replace("_", " ").capitalize()


def codes_of(table: str, column: str) -> type[StrEnum] | None:
    """Give the vocabulary of a column that holds codes."""
    return CODES.get((table, column)) or COMMON_CODES.get(column)


def value_called(table: str, column: str, value: object, manner: Manner) -> str:
    """Say what stood or stands in a column: codes by their labels, days as people say them."""
    if value is None or value == "":
        return translate(N_("nothing"), manner.language)
    if isinstance(value, str):
        return _text_called(table, column, value, manner.language)
    if isinstance(value, bool):
        return translate(N_("yes") if value else N_("no"), manner.language)
    if isinstance(value, float):
        return format_decimal(value, "#,##0.#####", locale=manner.language)
    if isinstance(value, date):
        return say_time(value, manner) if isinstance(value, datetime) else say_date(value, manner)
    return f"#{value}" if column in NUMBERS else str(value)


def _text_called(table: str, column: str, text: str, language: str) -> str:
    codes = codes_of(table, column)
    if codes is not None:
        return label(text, language, codes)
    if (table, column) == ("incidents", "kind"):
        return kind_label(text, language)
    return LANGUAGES.get(text, text) if column == "language" else text
