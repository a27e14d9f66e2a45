"""One example of every body that makes something, for the description and its readers."""

from collections.abc import Mapping
from typing import Any

_SOURCED = {"source": "Field team", "ground": "Problem analysis 2026"}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "NewPerson": {"code_name": "Tärna", "compartment": "police", "area": "Söder", **_SOURCED},
    "NewMembership": {
        "person_id": 12,
        "group_id": 3,
        "role": "member",
        "certainty": "probable",
        **_SOURCED,
    },
    "NewTie": {"person_a_id": 12, "person_b_id": 15, "kind": "associate", **_SOURCED},
    "NewGroup": {"name": "Granit", "area": "Söder", **_SOURCED},
    "NewRelation": {"group_a_id": 3, "group_b_id": 4, "kind": "open_conflict", **_SOURCED},
    "NewIncident": {
        "kind": "shooting",
        "occurred_at": "2026-03-01T22:40:00+01:00",
        "place": "Torggatan 4",
        "involved": [{"person_id": 12, "role": "victim", "certainty": "confirmed"}],
    },
    "NewInvolvement": {"incident_id": 40, "person_id": 12, "role": "witness"},
    "NewCallIn": {"name": "Call-in 4", "seats": 20, "group_ids": [3, 4]},
    "NewSpeaker": {
        "kind": "partner",
        "role": "Police chief",
        "minutes": 8,
        "parts": ["not_kill"],
    },
    "NewNotification": {
        "person_id": 12,
        "trigger": "after_incident",
        "due_at": "2026-03-04T18:00:00+01:00",
        "owner_id": 2,
        "place": "At home",
    },
    "NewCase": {"person_id": 12, "interval_days": 7, "next_contact_on": "2026-03-09"},
    "NewContact": {
        "case_id": 5,
        "mode": "phone",
        "outcome": "reached",
        "next_contact_on": "2026-03-09",
    },
    "NewAction": {
        "text": "Ask the landlord",
        "due_at": "2026-03-05T17:00:00+01:00",
        "owner_id": 2,
        "compartment": "shared",
    },
}
