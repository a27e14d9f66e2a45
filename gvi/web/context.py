"""What every page knows besides its own answer: who reads, where, as known when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gvi.domain.access import Role
from gvi.domain.text import N_
from gvi.web.addresses import Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """One entry of the navigation; `label` is an English sentence marked for translation."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What was just done, said on the page that follows; `text` is already in the viewer's words.

    `kind` is `done`, `warning` or `danger`.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """The same for every template, as `page`; made once a request by the web edge."""

    language: str
    programme: str
    """The programme's display name, for example Sluta skjut."""
    town: str
    is_invented: bool
    now: datetime
    zone: ZoneInfo
    csrf_token: str
    static: str
    """Address of the static files, with the hash of their content, no slash at the end."""
    path: str
    """This page's own path, and `query` what follows its question mark."""
    query: str = ""
    viewer_name: str | None = None
    viewer_role: Role | None = None
    nav: tuple[tuple[NavItem, ...], ...] = ()
    quick: tuple[NavItem, ...] = ()
    as_of: datetime | None = None
    """The moment as known to which the page is asked; None is now."""
    messages: tuple[Message, ...] = ()
    may_search: bool = False
    may_have_tokens: bool = False
    locks_after: timedelta | None = None
    """Without anything done for this long, the page is locked."""
    addresses: Addresses | None = None
    """How this page writes addresses; None writes them as they are."""


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    url: str
    permission: str
    first_page: tuple[str, str] | None = None
    """Another page of the same part and its permission: who holds it starts there."""
    also: tuple[str, ...] = ()
    """Where else one is in this part."""

    def start(self, allowed: Callable[[str], bool]) -> str:
        """Give the address at which a viewer starts."""
        if self.first_page and allowed(self.first_page[1]):
            return self.first_page[0]
        return self.url


_TODAY = _Entry(N_("Today"), "/today", "today:see")
_MY_PEOPLE = _Entry(N_("My people"), "/my-people", "my_people:see")
_DUE = _Entry(N_("Due"), "/due", "due:list")
_PEOPLE = _Entry(N_("People"), "/people", "person:list")
_NETWORK = _Entry(N_("Network"), "/network", "network:see")
_CALL_INS = _Entry(N_("Call-ins"), "/call-ins", "call_in:list", also=("/letters", "/papers"))
_NOTIFICATIONS = _Entry(
    N_("Notifications"),
    "/notifications",
    "custom_notification:list",
    also=("/rounds", "/visit-letters"),
)
_CALLS = _Entry(N_("Calls"), "/calls", "inbound_call:read")
_USERS = _Entry(N_("Users"), "/users", "user:list")
_METHOD = _Entry(N_("Method"), "/method", "method:read")
_RIGHTS = _Entry(N_("Rights"), "/rights", "audit:read")
_REVIEW = _Entry(N_("To review"), "/review", "review:list")
_AUDIT = _Entry(N_("Audit"), "/audit", "audit:read")
_ACCESS = _Entry(N_("Opened to me"), "/access", "access:read")
_ACCESS_REVIEW = _Entry(N_("Access"), "/access/review", "access:review")
_DISCLOSED = _Entry(N_("Disclosed to me"), "/disclosed", "disclosure:receive")
_DISCLOSURES = _Entry(N_("Disclosures"), "/disclosures", "disclosure:list")
_GUIDE = _Entry(N_("May I share this?"), "/may-i-share", "sharing_guide:read")
_PATTERNS = _Entry(N_("Patterns"), "/patterns", "method:read")
_LOG_INCIDENT = _Entry(N_("Log incident"), "/incidents/new", "incident:write")
_LOG_CONTACT = _Entry(N_("Log contact"), "/contacts/new", "contact:write")
_MENU = NavItem(label=N_("Menu"), url="#menu")

_GROUPS: tuple[tuple[_Entry, ...], ...] = (
    (_TODAY, _MY_PEOPLE, _DUE),
    (
        _Entry(N_("Groups"), "/groups", "group:list", ("/groups/scorecard", "scorecard:read")),
        _PEOPLE,
        _Entry(N_("Incidents"), "/incidents", "incident:list"),
        _NETWORK,
    ),
    (
        _CALL_INS,
        _NOTIFICATIONS,
        _Entry(N_("Support"), "/support", "support:list"),
        _CALLS,
    ),
    (_GUIDE, _DISCLOSED, _DISCLOSURES, _ACCESS),
    (
        _REVIEW,
        _Entry(N_("Import"), "/import", "import:run"),
        _USERS,
        _METHOD,
        _RIGHTS,
        _AUDIT,
        _ACCESS_REVIEW,
    ),
)

# First what the role came for; entries the role may not see fall away and the next move up.
_QUICK: dict[Role, tuple[_Entry, ...]] = {
    Role.ANALYST: (_NETWORK, _PEOPLE, _LOG_INCIDENT),
    Role.OUTREACH: (_MY_PEOPLE, _CALLS, _LOG_CONTACT),
    Role.OUTREACH_LEAD: (_MY_PEOPLE, _CALLS, _LOG_CONTACT),
    Role.PROBATION: (_MY_PEOPLE, _DUE, _CALL_INS),
    Role.AUDITOR: (_AUDIT, _METHOD),
    Role.ADMIN: (_USERS, _METHOD),
}
_USUAL_QUICK = (_TODAY, _PEOPLE, _LOG_INCIDENT, _DUE, _CALL_INS, _METHOD)


def _item(entry: _Entry, current_path: str, allowed: Callable[[str], bool]) -> NavItem:
    inside = any(f"{current_path}/".startswith(f"{url}/") for url in (entry.url, *entry.also))
    return NavItem(label=entry.label, url=entry.start(allowed), current=inside)


def navigation(
    allowed: Callable[[str], bool], current_path: str, *, is_invented: bool = False
) -> tuple[tuple[NavItem, ...], ...]:
    """Give the left rail's groups, only entries the viewer may open; empty groups fall away.

    `allowed` tells whether the viewer holds a permission; the patterns page is for invented data.
    """
    groups = [*_GROUPS[:-1], (*_GROUPS[-1], _PATTERNS)] if is_invented else list(_GROUPS)
    shown = (
        tuple(_item(entry, current_path, allowed) for entry in group if allowed(entry.permission))
        for group in groups
    )
    return tuple(group for group in shown if group)


def quick_bar(
    role: Role | None, allowed: Callable[[str], bool], current_path: str
) -> tuple[NavItem, ...]:
    """Give the phone's bottom bar: at most three things the role came for, then the menu."""
    entries = _QUICK.get(role, _USUAL_QUICK) if role else _USUAL_QUICK
    shown = [entry for entry in entries if allowed(entry.permission)][:3]
    items = [_item(entry, current_path, allowed) for entry in shown]
    # Of two addresses one inside the other only the longer is where one is.
    longest = max((len(item.url) for item in items if item.current), default=0)
    return (
        *(
            NavItem(label=i.label, url=i.url, current=i.current and len(i.url) == longest)
            for i in items
        ),
        _MENU,
    )
