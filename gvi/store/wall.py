"""The second wall on PostgreSQL: the database itself hides rows of compartments a role never sees.

Every transaction says with which compartments it asks, table by table, in one setting that ends
with it; row-level security (migration 0011) shows and takes nothing else, and nothing at all where
the setting is missing. The rows of a viewer are still chosen by `queries.rights.visible`: this wall
is coarser – it knows roles, not whose clients – and stands where a query forgot the first one.
What needs more goes `behind_the_wall`, with a reason. SQLite has no such wall.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from gvi.domain.access import POLICY, Role, Viewer
from gvi.domain.disclosure import Party, side_of
from gvi.domain.grading import Compartment
from gvi.domain.removal import Side, sides_of

SETTING = "gvi.wall"
OPTION = "gvi_wall"
"""The engine's and connection's execution option that holds what the setting will be."""

_SUPPORT = (
    "offer:read",
    "support:list",
    "support:read",
    "support_note:read",
    "support:write",
    "contact:write",
    "inbound_call:read",
    "inbound_call:write",
)
_PERSON = ("person:read", "risk:read", "custom_notification:read", "audit:read")
"""A fact of any compartment may name anybody: the row of a person is the code name it goes by."""
_NAME = ("person_name:read", "person:write")
_GROUP = ("group:list", "group:read", "group:write")
_REMOVAL = ("removal:write",)
_REVIEW = ("review:list", "review:extend")
_KEPT = (*_REMOVAL, *_REVIEW)
_MEMBERSHIP = ("membership:read", "membership_group:read", "membership:write")
_SUPERVISION = ("supervision:read", "supervision_flag:read", "supervision:write")
_INCIDENT = ("incident:list", "incident:read", "incident:write", "incident_count:read")

OPENED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "actions": ("action:read", "action:write"),
        "attendance_chances": ("call_in:plan", *_REMOVAL),
        "evening_notes": ("evening_note:read", "evening_note:write"),
        "group_relations": ("group_relation:read", "group_relation:write", *_KEPT),
        "groups": _GROUP,
        "identities": _NAME,
        "inbound_calls": _SUPPORT,
        "incidents": (*_INCIDENT, *_KEPT),
        "involvements": ("involvement:read", "incident:write", *_REMOVAL),
        "list_snapshots": ("score:read", *_REMOVAL),
        "memberships": (*_MEMBERSHIP, *_REMOVAL),
        "name_tokens": _NAME,
        "person_aliases": _NAME,
        "persons": _PERSON,
        "review_extensions": _REVIEW,
        "supervisions": (*_SUPERVISION, *_KEPT),
        "support_cases": _SUPPORT,
        "support_offers": _SUPPORT,
        "ties": ("tie:read", "tie:write", *_REMOVAL),
    }
)
"""Walled table → the permissions under which its rows are read or written. A role sees the
compartments of all of them together; a fact's revisions stand behind the same wall."""

HANGING: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "contact_drafts": ("support_case_id", "support_cases"),
        "contact_revisions": ("support_case_id", "support_cases"),
        "contacts": ("support_case_id", "support_cases"),
        "disclosure_lines": ("disclosure_id", "disclosures"),
        "group_aliases": ("group_id", "groups"),
        "list_snapshot_entries": ("snapshot_id", "list_snapshots"),
        "list_snapshot_uses": ("snapshot_id", "list_snapshots"),
        "needs": ("support_case_id", "support_cases"),
        "risk_decision_lists": ("snapshot_id", "list_snapshots"),
    }
)
"""Table without a compartment → the column and the walled table on which its rows hang."""

_DISCLOSING = ("disclosure:list", "disclosure:read", "disclosure:receive", "consent:read")
_REMOVING = ("removal:list", "removal:write")

BY_SIDE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "consents": _DISCLOSING,
        "disclosure_requests": _DISCLOSING,
        "disclosures": _DISCLOSING,
        "removals": _REMOVING,
    }
)
"""Table whose rows are one side's → the permissions under which they are read or written. What is
disclosed to a side, and the consent it rests on, is seen by that side, too."""

OF_SUPPORT = frozenset({"contact", "inbound_call", "need", "support_case", "support_offer"})
TRAILS = ("changed_values", "due_changes", "status_changes")
"""Tables of what was changed, in which what is told of `OF_SUPPORT` is seen with support cases."""

BY_PERSON = ("identities", "name_tokens", "person_aliases")
"""Tables without a compartment that stand in their person's: what people are really called."""

NOTHING = ""


def compartments_of(role: Role | None, table: str) -> frozenset[Compartment]:
    """Give what a role may ever see of a walled table; None is the local operator: everything."""
    if role is None:
        return frozenset(Compartment)
    cells = (POLICY[permission].get(role) for permission in OPENED_BY[table])
    return frozenset().union(*(cell.compartments for cell in cells if cell is not None))


def sides_seen(role: Role | None, table: str) -> frozenset[str]:
    """Give the sides whose rows a role may ever see; all for who has the right and no side."""
    every: frozenset[str] = frozenset(Side if table == "removals" else Party)
    if role is None:
        return every
    cells = [held for each in BY_SIDE[table] if (held := POLICY[each].get(role)) is not None]
    if table == "removals":
        return frozenset().union(*(sides_of(held.compartments) for held in cells))
    own = side_of(role)
    if not cells:
        return frozenset()
    return frozenset({own}) if own else every


@cache
def _setting(role: Role | None) -> str:
    seen: dict[str, frozenset[str]] = {
        **{table: compartments_of(role, table) for table in OPENED_BY},
        **{table: sides_seen(role, table) for table in BY_SIDE},
    }
    return json.dumps({table: ",".join(sorted(held)) for table, held in seen.items() if held})


EVERYTHING = _setting(None)


def wall_of(viewer: Viewer | None) -> str:
    """Give the setting of a transaction in which a viewer asks; nothing where nobody does."""
    return NOTHING if viewer is None else _setting(viewer.role)


def walled(engine: Engine, wall: str | None) -> Engine:
    """Give the engine with the wall at which its transactions stand; SQLite's as it is."""
    if wall is None or engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(**{OPTION: wall})


def stand_of(connection: Connection) -> str:
    """Tell what a transaction that begins shall see: nothing, where nobody said."""
    wall: str = connection.get_execution_options().get(OPTION, NOTHING)
    return wall


_WIDEN = text(f"SELECT current_setting('{SETTING}', true), set_config('{SETTING}', :wall, true)")
_RETURN = text(f"SELECT set_config('{SETTING}', :wall, true)")


@contextmanager
def behind_the_wall(db: Session, reason: str) -> Iterator[None]:
    """See and write every compartment until the end of the block, for what `reason` says.

    The rights are then held by the block's own queries alone, so keep it to one question whose
    answer is a yes or no, a number, or what the viewer may be told whoever they are.
    """
    if not reason:
        raise ValueError("Say why.")
    if db.get_bind().dialect.name != "postgresql":
        yield
        return
    db.flush()
    connection = db.connection()
    before = connection.execute(_WIDEN, {"wall": EVERYTHING}).one()[0]
    try:
        yield
        db.flush()
    finally:
        if _goes_on(connection):
            connection.execute(_RETURN, {"wall": before or NOTHING})


def _goes_on(connection: Connection) -> bool:
    """Tell whether a transaction goes on: a failed one returns to its savepoint's setting."""
    if connection.closed or not connection.in_transaction():
        return False
    bare: Any = connection.connection.dbapi_connection
    is_sound: bool = bare.info.transaction_status.name == "INTRANS"
    return is_sound
