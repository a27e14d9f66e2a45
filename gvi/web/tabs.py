"""The tabs of the pages that belong to one person or one group: which page is where."""

from gvi.domain.text import N_
from gvi.web.context import NavItem
from gvi.web.visit import Visit

_PERSON = (
    ("", N_("Overview"), "person:read"),
    ("/why", N_("Why"), "score:read"),
    ("/network", N_("Network"), "tie:read"),
    ("/messages", N_("Messages"), "message:read"),
    ("/risk", N_("Decided colour"), "risk:read"),
    ("/support", N_("Support"), "support:read"),
    ("/records", N_("Records and sources"), "person:read"),
    ("/looks", N_("Who looked"), "look:list"),
    ("/disclosures", N_("Shared"), "disclosure:read"),
    ("/access", N_("Access"), "access:give"),
)
_GROUP = (
    ("", N_("Overview"), "group:read"),
    ("/messages", N_("Messages"), "message:read"),
    ("/records", N_("Records and sources"), "group_relation:read"),
)


def person_tabs(visit: Visit, person_id: int, current: str) -> tuple[NavItem, ...]:
    """Give the tabs of a person's pages that the visitor may open; `current` is such as `/why`."""
    return _tabs(visit, f"/people/{person_id}", _PERSON, current)


def group_tabs(visit: Visit, group_id: int, current: str) -> tuple[NavItem, ...]:
    """Give the tabs of a group's pages that the visitor may open."""
    return _tabs(visit, f"/groups/{group_id}", _GROUP, current)


def _tabs(
    visit: Visit, base: str, tabs: tuple[tuple[str, str, str], ...], current: str
) -> tuple[NavItem, ...]:
    return tuple(
        NavItem(label=label, url=base + path, current=path == current)
        for path, label, permission in tabs
        if visit.may(permission)
    )
