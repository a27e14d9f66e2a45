"""What the scopes of a token are called."""

from collections.abc import Mapping
from enum import StrEnum

from gvi.domain.token import TokenScope

SCOPES: Mapping[StrEnum, str] = {
    TokenScope.PEOPLE_READ: "Read people and ties",
    TokenScope.PEOPLE_WRITE: "Change people and ties",
    TokenScope.GROUPS_READ: "Read groups",
    TokenScope.GROUPS_WRITE: "Change groups",
    TokenScope.INCIDENTS_READ: "Read incidents",
    TokenScope.INCIDENTS_WRITE: "Change incidents",
    TokenScope.CALL_INS_READ: "Read call-ins",
    TokenScope.CALL_INS_WRITE: "Change call-ins",
    TokenScope.NOTIFICATIONS_READ: "Read custom notifications",
    TokenScope.NOTIFICATIONS_WRITE: "Change custom notifications",
    TokenScope.SUPPORT_READ: "Read support and contacts",
    TokenScope.SUPPORT_WRITE: "Change support and contacts",
    TokenScope.ACTIONS_READ: "Read actions",
    TokenScope.ACTIONS_WRITE: "Change actions",
    TokenScope.ANALYSIS_READ: "Read the network, ranks and plans",
}
