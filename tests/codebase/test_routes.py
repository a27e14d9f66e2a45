"""Every address says under which right it is entered, and reading never writes."""

import ast
import inspect
import textwrap

from gvi.domain.access import POLICY
from gvi.web.api.routing import unforged
from gvi.web.held import held_form
from gvi.web.visit import SAFE_METHODS, page_form, read_session, write_session
from tests.codebase.routes import addresses, others

WITHOUT_RIGHT = {
    "GET /": "leads to the first page of whoever is logged in",
    "GET /log-in": "is for those who are not logged in",
    "POST /log-in": "is for those who are not logged in",
    "POST /log-in/invented": "is for those who are not logged in, on invented data",
    "POST /log-in/passkey": "is for those who are not logged in",
    "POST /log-in/passkey/challenge": "is for those who are not logged in",
    "GET /log-in/code": "is for those who are half-way in",
    "POST /log-in/code": "is for those who are half-way in",
    "GET /log-in/passphrase": "is for those who are half-way in",
    "POST /log-in/passphrase": "is for those who are half-way in",
    "GET /log-in/second-step": "is for those who are half-way in",
    "POST /log-in/second-step": "is for those who are half-way in",
    "POST /log-in/second-step/start": "is for those who are half-way in",
    "GET /log-in/provider": "leads those who are not logged in to the provider of single sign-on",
    "GET /log-in/provider/back": "is for those who come back from there",
    "POST /log-in/passphrase/provider": "is for those who are half-way in",
    "GET /confirm/provider": "is for everybody who is logged in, or whose log-in is locked",
    "GET /log-out/provider": "leads those who have logged out to the provider",
    "GET /unlock": "is for those whose log-in is locked",
    "POST /unlock": "is for those whose log-in is locked",
    "GET /confirm": "is for everybody who is logged in",
    "POST /confirm": "is for everybody who is logged in",
    "POST /confirm/passkey": "is for everybody who is logged in, also where it is locked",
    "POST /lock": "is for everybody who is logged in",
    "POST /still-here": "is for everybody who is logged in",
    "POST /log-out": "is for everybody who is logged in",
    "POST /find": "only leads on to a list, which has a right of its own",
    "POST /language": "is for everybody who is logged in",
    "GET /api/v1/calendar/{token}.ics": "is opened by the secret in the address, which says whose",
    "GET /healthz": "tells that the process runs",
    "GET /readyz": "tells that the database is there",
}
WITHOUT_TOKEN = {
    "POST /log-in": "nobody is logged in yet; other sites are refused by their origin",
    "POST /log-in/invented": "nobody is logged in yet; other sites are refused by their origin",
    "POST /log-in/passkey": "nobody is logged in yet; other sites are refused by their origin",
    "POST /log-in/passkey/challenge": "nobody is logged in yet; other sites are refused",
    "POST /api/v1/call-in-plans": "asks and writes nothing",
}
WRITERS = {"Db", "attempt", "transaction"}


def test_every_address_is_entered_under_one_right_of_the_table():
    listed = {str(address): address.permissions for address in addresses()}

    public = {name for name, permissions in listed.items() if not permissions}
    assert public == set(WITHOUT_RIGHT) & set(listed)
    assert {name for name, held in listed.items() if len(held) > 1} == set()
    assert {p for held in listed.values() for p in held} <= set(POLICY)
    assert {path.split("/")[1] for path in others()} == {"openapi.json", "static"}


def test_reading_gets_a_session_that_cannot_write():
    for address in addresses():
        if address.method in SAFE_METHODS:
            assert write_session not in address.depends_deeply, address
            assert not _names(address.answers) & WRITERS, address


def _names(function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_the_right_is_checked_before_a_session_is_opened():
    for address in addresses():
        order = [
            "right" if hasattr(each, "permission") else "session"
            for each in address.depends
            if hasattr(each, "permission") or each in (read_session, write_session)
        ]
        if address.permissions:
            assert order[0] == "right", f"{address}: put the visit before db"


def test_every_form_carries_its_token():
    for address in addresses():
        if address.method not in SAFE_METHODS and str(address) not in WITHOUT_TOKEN:
            of_api = address.path.startswith("/api/")
            checks = {unforged} if of_api else {page_form, held_form}
            assert checks & set(address.depends_deeply), f"{address} checks no token"


def test_every_address_is_answered_by_a_plain_function_with_a_sentence():
    for address in addresses():
        assert not inspect.iscoroutinefunction(address.answers), f"{address} is async"
        assert inspect.getdoc(address.answers), f"{address} has no docstring"
