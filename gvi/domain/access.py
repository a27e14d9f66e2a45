"""Who may do what: one declarative table (design §7, domain §3.4). What no row names is denied.

Rights are decided before anything is computed: a query asks the table for the viewer's `Grant`
and narrows its rows by scope and compartment in the first step.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.grading import Compartment


class Role(StrEnum):
    """What a user is in the programme; each user has exactly one."""

    COORDINATOR_POLICE = "coordinator_police"
    COORDINATOR_MUNICIPAL = "coordinator_municipal"
    ANALYST = "analyst"
    OUTREACH = "outreach"
    OUTREACH_LEAD = "outreach_lead"
    PROBATION = "probation"
    COMMUNITY = "community"
    STEERING = "steering"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Scope(StrEnum):
    """Whose records a right covers: everybody's, one's own clients', or one's team's clients'."""

    ALL = "all"
    OWN = "own"
    TEAM = "team"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One cell of the table: over whose records, and in which compartments."""

    scope: Scope = Scope.ALL
    compartments: frozenset[Compartment] = frozenset(Compartment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who is asking; the first argument of every query and use case.

    `role` None is the local operator of the command line, who sees everything (design §9).
    `team` names the unit whose clients an outreach lead may see.
    """

    programme_id: int
    user_id: int | None
    role: Role | None
    name: str
    team: str = ""
    language: str = "sv"
    source: str = field(default="")
    """Where the request came from: an address, or the command, for the audit log."""


POLICE = frozenset({Compartment.POLICE, Compartment.SHARED})
SOCIAL = frozenset({Compartment.SOCIAL, Compartment.CHILD, Compartment.SHARED})
OUTREACH = frozenset({Compartment.SOCIAL, Compartment.CHILD, Compartment.SHARED})
PROBATION = frozenset({Compartment.PROBATION, Compartment.SHARED})
SIDE = frozenset({Compartment.SOCIAL, Compartment.SHARED})
CLIENTS = frozenset({Compartment.SOCIAL, Compartment.CHILD})
CUSTODIAL = frozenset({Compartment.POLICE, Compartment.PROBATION, Compartment.SHARED})
EVERY = frozenset(Compartment)

_P = Role.COORDINATOR_POLICE
_M = Role.COORDINATOR_MUNICIPAL
_A = Role.ANALYST
_O = Role.OUTREACH
_L = Role.OUTREACH_LEAD
_F = Role.PROBATION
_C = Role.COMMUNITY
_S = Role.STEERING
_D = Role.AUDITOR
_X = Role.ADMIN


def _all(compartments: Iterable[Compartment] = EVERY) -> Grant:
    return Grant(compartments=frozenset(compartments))


def _own(compartments: Iterable[Compartment] = EVERY) -> Grant:
    return Grant(scope=Scope.OWN, compartments=frozenset(compartments))


def _team(compartments: Iterable[Compartment] = EVERY) -> Grant:
    return Grant(scope=Scope.TEAM, compartments=frozenset(compartments))


_WHO_SEES_PEOPLE = {
    _P: _all(POLICE),
    _M: _all(),
    _A: _all(POLICE),
    _O: _own(),
    _L: _team(),
    _F: _own(),
}

_WHO_DISCLOSES = {_P: _all(), _M: _all(), _O: _own(), _L: _team(), _F: _own()}

_TABLE: dict[str, dict[Role, Grant]] = {
    # The desk
    "today:see": {_P: _all(), _M: _all(), _A: _all(), _L: _all(), _F: _all(), _S: _all()},
    "my_people:see": {_O: _own(), _L: _team(), _F: _own()},
    "due:list": {_P: _all(), _M: _all(), _A: _all(), _O: _own(), _L: _team(), _F: _own()},
    "search:use": {_P: _all(), _M: _all(), _A: _all(), _O: _own(), _L: _team(), _F: _own()},
    "method:read": {role: _all() for role in Role},
    "rights:read": {role: _all() for role in Role},
    "own_record:read": {role: _all() for role in Role},
    "own_account:use": {role: _all() for role in Role},
    # Groups
    "group:list": {_P: _all(), _M: _all(), _A: _all(), _F: _own()},
    "group:read": {_P: _all(), _M: _all(), _A: _all(), _F: _own()},
    "group_full:read": {_P: _all(), _A: _all()},
    "group:write": {_P: _all(), _A: _all()},
    "group_relation:read": {_P: _all(POLICE), _M: _all(POLICE), _A: _all(POLICE)},
    "group_relation:write": {_P: _all(POLICE), _A: _all(POLICE)},
    "scorecard:read": {_P: _all(), _A: _all()},
    "conflict_warning:read": {_O: _all(), _L: _all(), _F: _all(), _C: _all(), _M: _all()},
    # People
    "person:list": _WHO_SEES_PEOPLE,
    "person:read": _WHO_SEES_PEOPLE,
    "person_name:read": _WHO_SEES_PEOPLE,
    "person:write": {_P: _all(POLICE), _A: _all(POLICE), _M: _all(SOCIAL)},
    # Of people under 18 all others know the code name and the involvements only
    "under_18:read": {_M: _all(), _O: _own(), _L: _team(), _F: _own()},
    # Where a fact comes from, in whose words and on what ground: each in its own compartment
    "source:read": {
        _P: _all(POLICE),
        _A: _all(POLICE),
        _M: _all(SOCIAL),
        _O: _own(OUTREACH),
        _L: _team(OUTREACH),
        _F: _own(PROBATION),
    },
    "membership:read": {_P: _all(POLICE), _A: _all(POLICE)},
    "membership_group:read": {
        _P: _all(POLICE),
        _A: _all(POLICE),
        _M: _all(POLICE),
        _F: _own(POLICE),
    },
    "membership:write": {_P: _all(POLICE), _A: _all(POLICE)},
    "tie:read": {_P: _all(POLICE), _A: _all(POLICE)},
    "tie:write": {_P: _all(POLICE), _A: _all(POLICE)},
    "supervision:read": {_P: _all(CUSTODIAL), _M: _all(CUSTODIAL), _F: _own(CUSTODIAL)},
    "supervision_flag:read": {
        _P: _all(CUSTODIAL),
        _M: _all(CUSTODIAL),
        _A: _all(CUSTODIAL),
        _F: _own(CUSTODIAL),
        _O: _own(CUSTODIAL),
    },
    "supervision_note:read": {_F: _own(PROBATION)},
    "supervision:write": {_P: _all(CUSTODIAL), _F: _own(CUSTODIAL)},
    # Incidents
    "incident:list": {_P: _all(POLICE), _A: _all(POLICE), _M: _all(POLICE), _F: _all(POLICE)},
    "incident:read": {_P: _all(POLICE), _A: _all(POLICE), _M: _all(POLICE), _F: _all(POLICE)},
    "incident_full:read": {_P: _all(POLICE), _A: _all(POLICE)},
    "incident_count:read": {_P: _all(POLICE), _M: _all(POLICE), _A: _all(POLICE), _S: _all(POLICE)},
    "involvement:read": {_P: _all(POLICE), _A: _all(POLICE)},
    "incident:write": {_P: _all(POLICE), _A: _all(POLICE)},
    # To how many hurt people help was offered: of one person hurt that is a yes or no about their
    # support, so only those who see the offers themselves may count it (docs/decisions/0022)
    "hurt_count:read": {_M: _all(POLICE)},
    # Scores: only these two roles, in any form
    "score:read": {_P: _all(POLICE), _A: _all(POLICE)},
    "score:dispute": {_P: _all(POLICE), _A: _all(POLICE)},
    # Whom lists and contacts fall on, by area and age, in counts; the auditor without ranks and
    # without numbers below five (docs/decisions/0078)
    "fairness:read": {_P: _all(POLICE), _A: _all(POLICE), _D: _all()},
    "network:see": {_P: _all(POLICE), _A: _all(POLICE)},
    # The method's constants: everybody may read them (method:read); one drafts, another approves
    "policy:draft": {_A: _all()},
    "policy:approve": {_P: _all()},
    "policy:drop": {_A: _all(), _P: _all()},
    # Risk decisions
    "risk:read": {_P: _all(), _A: _all(), _M: _all(), _O: _own(), _L: _team(), _F: _own()},
    "risk_reason:read": {_P: _all(), _A: _all(), _M: _all()},
    "risk:decide": {_P: _all(), _M: _all()},
    # Call-ins
    "call_in:list": {_P: _all(), _A: _all(), _M: _all(), _F: _all(), _C: _all(), _S: _all()},
    "call_in:read": {_P: _all(), _A: _all(), _M: _all(), _F: _all(), _C: _all(), _S: _all()},
    "invitee:read": {_P: _all(), _A: _all(), _M: _all(), _O: _own(), _L: _team(), _F: _own()},
    # How many are invited and came, as seats and chairs are shared work; never who
    "invitee_count:read": {_P: _all(), _A: _all(), _M: _all(), _F: _all(), _C: _all(), _S: _all()},
    # Two judgements, each by one side; of the other's only the outcome (docs/decisions/0104)
    "clearance:read": {_P: _all(), _A: _all(), _M: _all(), _F: _own()},
    "clearance_secrecy:write": {_M: _all()},
    "clearance_safety:write": {_P: _all()},
    "call_in:write": {_P: _all(), _M: _all()},
    # The running order: who speaks and how each is looked after is for those who run it
    "speaker:read": {_P: _all(), _M: _all(), _F: _all(), _C: _all()},
    "speaker_name:read": {_P: _all(), _M: _all()},
    "speaker:write": {_P: _all(), _M: _all()},
    # Paper of a call-in: who prints it, and who may ask what a code found on paper means
    "paper:make": {_P: _all(), _M: _all()},
    "paper:read": {role: _all() for role in (_P, _A, _M, _F, _C, _D)},
    "paper:write": {_P: _all(), _M: _all(), _F: _all()},
    "letter:write": {_P: _all(), _M: _all()},
    # The call-ins in one's own calendar: when and where, never who
    "own_calendar:read": dict.fromkeys((_P, _A, _M, _F, _C, _S), _own()),
    "own_calendar:write": dict.fromkeys((_P, _A, _M, _F, _C, _S), _own()),
    # Who sits where, as the roster: also which groups are rivals
    "seat_plan:read": {_P: _all(), _M: _all()},
    "seat_plan:write": {_P: _all(), _M: _all()},
    # Letting a plan stand: by whom every rival is known, ties included
    "seat_plan_look:write": {_P: _all()},
    # Where one's own client sits, and oneself behind them
    "own_seat:read": {_F: _own()},
    "call_in:plan": {_P: _all(POLICE), _A: _all(POLICE)},
    # Who is moved to another session may meet rivals there: for who plans and runs the call-in
    "invitee_session:write": {_P: _all(POLICE)},
    "attendance:write": {_P: _all(), _M: _all(), _F: _own()},
    # What was seen at a call-in and what is made of it: each side its own, or for both sides
    "evening_note:read": {_P: _all(POLICE), _A: _all(POLICE), _M: _all(SIDE)},
    "evening_note:write": {_P: _all(POLICE), _M: _all(SIDE)},
    # Custom notifications and the message ledger
    "custom_notification:list": {
        _P: _all(),
        _A: _all(),
        _M: _all(),
        _O: _own(),
        _L: _team(),
        _F: _own(),
        _C: _own(),
    },
    "custom_notification:read": {
        _P: _all(),
        _A: _all(),
        _M: _all(),
        _O: _own(),
        _L: _team(),
        _F: _own(),
        _C: _own(),
    },
    "custom_notification_count:read": {_P: _all(), _M: _all(), _A: _all(), _S: _all()},
    # Why, with whom and what came of it; all others know time and place of a visit
    "custom_notification_full:read": {_P: _all(), _A: _all(), _M: _all()},
    "custom_notification:write": {_P: _all(), _M: _all()},
    # A round is read with the people in it; who only goes along sees the visit, not the round
    "round:list": {_P: _all(), _A: _all(), _M: _all()},
    "round:read": {_P: _all(), _A: _all(), _M: _all()},
    "round:write": {_P: _all(), _M: _all()},
    "message:read": {_P: _all(), _A: _all(), _M: _all()},
    # Support: never police, analyst or probation
    "support_count:read": {_P: _all(), _A: _all(), _M: _all(), _S: _all()},
    "offer:read": {_M: _all(SOCIAL), _O: _own(OUTREACH), _L: _team(OUTREACH)},
    "offer:write": {_M: _all(SOCIAL), _O: _own(OUTREACH), _L: _team(OUTREACH)},
    "support:list": {_M: _all(SOCIAL), _O: _own(OUTREACH), _L: _team(OUTREACH)},
    "support:read": {_M: _all(SOCIAL), _O: _own(OUTREACH), _L: _team(OUTREACH)},
    "support_note:read": {_O: _own(OUTREACH), _L: _team(OUTREACH)},
    "support:write": {_O: _own(OUTREACH), _L: _team(OUTREACH), _M: _all(SOCIAL)},
    "contact:write": {_O: _own(OUTREACH), _L: _team(OUTREACH)},
    "inbound_call:read": {_M: _all(SOCIAL), _O: _own(OUTREACH), _L: _team(OUTREACH)},
    "inbound_call:write": {_M: _all(SOCIAL), _O: _own(OUTREACH), _L: _team(OUTREACH)},
    "client:assign": {_M: _all(), _L: _team()},
    # Actions
    "action:read": {_P: _all(), _M: _all(), _A: _own(), _O: _own(), _L: _own(), _F: _own()},
    "action_text:read": {
        _P: _all(POLICE),
        _M: _all(SOCIAL),
        _A: _own(),
        _O: _own(),
        _L: _own(),
        _F: _own(),
    },
    "action:write": {
        _P: _all(POLICE),
        _M: _all(SOCIAL),
        _A: _own(),
        _O: _own(),
        _L: _own(),
        _F: _own(),
    },
    # Files
    "import:run": {_P: _all(POLICE), _A: _all(POLICE)},
    "export:run": {_P: _all(POLICE), _A: _all(POLICE)},
    "list:export": {_P: _all(), _A: _all(), _M: _all(), _L: _team()},
    # Beyond this table: parts of one person's record opened to one user (gvi.domain.section)
    "access:read": {role: _all() for role in (_P, _M, _A, _O, _L, _F)},
    "access:give": {_P: _all(CUSTODIAL), _M: _all(SOCIAL)},
    "access:review": {_D: _all()},
    "break_glass:use": {role: _all() for role in (_P, _M, _O, _L, _F)},
    # Disclosure between secrecies (gvi.domain.disclosure); whose side is decided by the role
    "disclosure:list": {_P: _all(), _M: _all(), _L: _team(), _F: _own(), _D: _all()},
    "disclosure:read": {_P: _all(), _M: _all(), _O: _own(), _L: _team(), _F: _own(), _D: _all()},
    "disclosure:write": _WHO_DISCLOSES,
    "disclosure:decide": {_P: _all(), _M: _all(), _L: _team(), _F: _own()},
    "disclosure:receive": {role: _all() for role in (_P, _M, _A, _O, _L, _F)},
    "consent:read": _WHO_DISCLOSES,
    "consent:write": _WHO_DISCLOSES,
    "disclosure_request:read": _WHO_DISCLOSES,
    "disclosure_request:write": _WHO_DISCLOSES,
    "sharing_guide:read": {role: _all() for role in Role},
    # Tokens with which a user's own programs use the API, within these same rights
    "own_token:read": dict.fromkeys((_P, _M, _A, _O, _L, _F), _own()),
    "own_token:write": dict.fromkeys((_P, _M, _A, _O, _L, _F), _own()),
    "token:list": {_X: _all()},
    "token:write": {_X: _all()},
    # Keeping: looking at records again, removing them, and what a person may ask to be told
    "review:list": {_P: _all(CUSTODIAL), _A: _all(POLICE), _M: _all(SOCIAL)},
    "review:extend": {_P: _all(CUSTODIAL), _A: _all(POLICE), _M: _all(SOCIAL)},
    "removal:list": {_P: _all(CUSTODIAL), _M: _all(CLIENTS)},
    "removal:write": {_P: _all(CUSTODIAL), _M: _all(CLIENTS)},
    "extract:make": {_P: _all(CUSTODIAL), _M: _all(CLIENTS)},
    # Accounts and control
    "user:list": {_X: _all()},
    "user:write": {_X: _all()},
    "audit:read": {_D: _all()},
    "anomaly:review": {_D: _all()},
    # Who looked at a person: the auditor of everybody, others of their own clients
    "look:list": {_D: _all(), _O: _own(), _L: _team(), _F: _own()},
}

POLICY: Mapping[str, Mapping[Role, Grant]] = MappingProxyType(
    {permission: MappingProxyType(dict(cells)) for permission, cells in _TABLE.items()}
)
"""permission `thing:action` → role → grant. Field groups have a thing of their own."""

FRESH = frozenset(
    {
        "access:give",
        "export:run",
        "extract:make",
        "import:run",
        "list:export",
        "paper:make",
        "policy:approve",
        "removal:write",
        "user:write",
    }
)
"""Permissions used only by somebody who proved a short while ago who it is (`may` asks again)."""

_OPERATOR = Grant()


def grant(viewer: Viewer, permission: str) -> Grant | None:
    """Give what the viewer may do under a permission, or None where no row names it.

    Raises KeyError for a permission that is not in the table: a misspelt right must not pass.
    """
    cells = POLICY[permission]
    if viewer.role is None:
        return _OPERATOR
    return cells.get(viewer.role)


def allows(viewer: Viewer, permission: str) -> bool:
    """Tell whether the viewer holds a permission at all, over any records."""
    return grant(viewer, permission) is not None
