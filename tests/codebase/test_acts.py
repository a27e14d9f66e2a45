"""Every act of the pages is held to what its reader saw, or says why nothing can be lost by it."""

import ast
import inspect
import textwrap

from tests.codebase.routes import addresses

HELD = {"sees", "acts_on"}
"""What compares a form with what is stored now (`gvi.web.forms.Form`, decision 0057)."""
ADDS = "adds something; what is there stays"
OWN = "changes what is one's own alone"
LOOKS = "changes nothing stored"
ONCE = "is done once: done already, it is refused and says so"
WITHOUT = {
    "/rounds/new": ADDS,
    "/rounds/{round_id}/people": ADDS,
    "/rounds/{round_id}/letters": ADDS,
    "/log-in": OWN,
    "/log-in/invented": OWN,
    "/log-in/code": OWN,
    "/log-in/passphrase": OWN,
    "/log-in/passphrase/provider": OWN,
    "/log-in/second-step": OWN,
    "/log-in/second-step/start": OWN,
    "/log-in/passkey": OWN,
    "/log-in/passkey/challenge": OWN,
    "/log-out": OWN,
    "/language": OWN,
    "/lock": OWN,
    "/unlock": OWN,
    "/still-here": OWN,
    "/confirm": OWN,
    "/confirm/passkey": OWN,
    "/account/log-ins/end": OWN,
    "/account/passkeys/challenge": OWN,
    "/account/passkeys/new": OWN,
    "/account/passkeys/{passkey_id}/remove": OWN,
    "/account/passphrase": OWN,
    "/account/provider": OWN,
    "/account/provider/end": OWN,
    "/account/second-step": OWN,
    "/account/second-step/start": OWN,
    "/account/recovery-codes": OWN,
    "/contacts/draft": OWN,
    "/contacts/discard": OWN,
    "/calendar/new": OWN,
    "/calendar/revoke": OWN,
    "/tokens/new": OWN,
    "/tokens/{token_id}/revoke": OWN,
    "/access/{grant_id}/seen": OWN,
    "/find": LOOKS,
    "/people/likely": LOOKS,
    "/audit/export": LOOKS,
    "/call-ins/export": LOOKS,
    "/calls/export": LOOKS,
    "/disclosures/export": LOOKS,
    "/due/export": LOOKS,
    "/export": LOOKS,
    "/groups/export": LOOKS,
    "/groups/scorecard/export": LOOKS,
    "/incidents/export": LOOKS,
    "/notifications/export": LOOKS,
    "/patterns/export": LOOKS,
    "/people/driving/export": LOOKS,
    "/people/driving/print": LOOKS,
    "/people/export": LOOKS,
    "/people/exposed/export": LOOKS,
    "/people/exposed/print": LOOKS,
    "/people/{person_id}/extract": LOOKS,
    "/people/{person_id}/looks/export": LOOKS,
    "/people/{person_id}/why/print": LOOKS,
    "/review/export": LOOKS,
    "/support/export": LOOKS,
    "/actions/new": ADDS,
    "/call-ins/{call_in_id}/notes": ADDS,
    "/call-ins/{call_in_id}/notes/{note_id}/withdraw": ONCE,
    "/call-ins/{call_in_id}/notes/{note_id}/put-back": ONCE,
    "/call-ins/{call_in_id}/papers/new": ADDS,
    "/call-ins/{call_in_id}/speakers/new": ADDS,
    "/papers/{paper_id}/destroyed": ONCE,
    "/audit/watches": ADDS,
    "/break-glass": ADDS,
    "/call-ins/new": ADDS,
    "/calls/new": ADDS,
    "/contacts/new": ADDS,
    "/groups/new": ADDS,
    "/incidents/new": ADDS,
    "/incidents/{incident_id}/involvements/new": ADDS,
    "/memberships/new": ADDS,
    "/method/policies/new": ADDS,
    "/notifications/new": ADDS,
    "/notifications/{notification_id}/attempts/new": ADDS,
    "/people/lists/new": ADDS,
    "/people/new": ADDS,
    "/people/{person_id}/access": ADDS,
    "/people/{person_id}/consents": ADDS,
    "/people/{person_id}/disclose/write": ADDS,
    "/people/{person_id}/disclosure-requests/new": ADDS,
    "/people/{person_id}/support/assign": ADDS,
    "/people/{person_id}/why/dispute": ADDS,
    "/people/{person_id}/support/offers/new": ADDS,
    "/relations/new": ADDS,
    "/review/{kind}/{record_id}": ADDS,
    "/supervisions/new": ADDS,
    "/support/new": ADDS,
    "/support/{case_id}/needs/new": ADDS,
    "/ties/new": ADDS,
    "/users/new": ADDS,
    "/import": ADDS,
    "/method/policies/{version}/propose": OWN,
    "/method/policies/{version}/approve": "a proposed version changes no more, and one is open",
    "/method/policies/{version}/drop": ONCE,
    "/access/{grant_id}/end": ONCE,
    "/audit/watches/{watch_id}/remove": ONCE,
    "/disclosure-requests/{request_id}/refuse": ONCE,
    "/disclosures/{disclosure_id}/decide": ONCE,
    "/disclosures/{disclosure_id}/decline": ONCE,
    "/disclosures/{disclosure_id}/withdraw": ONCE,
    "/people/{person_id}/consents/{consent_id}/withdraw": ONCE,
    "/people/{person_id}/support/unassign": ONCE,
    "/removals/{removal_id}/let-in": ONCE,
    "/removals/{removal_id}/restore": ONCE,
    "/tokens/all/{token_id}/revoke": ONCE,
    "/users/{user_id}/log-ins/end": ONCE,
    "/users/{user_id}/passkeys/remove": ONCE,
    "/users/{user_id}/provider/end": ONCE,
    "/users/{user_id}/second-step/off": ONCE,
    "/users/{user_id}/start-passphrase": "makes a new one; the old one is known to nobody",
    "/import/drafts/{draft_id}": "reads the upload again against what is stored at that moment",
    "/import/drafts/{draft_id}/throw-away": OWN,
    "/notifications/{notification_id}/attempts/{attempt_id}/withdraw": "names one try, which"
    " nobody changes, by the instant of its entry",
    "/support/{case_id}/contacts/{contact_id}/withdraw": OWN,
    "/review/extensions/{extension_id}": "refused where the record has got another day since",
    "/remove/{thing}/{record_id}": "takes whatever is there by then, and can be put back",
}


def _calls(function, seen=None):
    """Name everything a function calls, and what the functions of its own application call."""
    seen = set() if seen is None else seen
    if function in seen:
        return set()
    seen.add(function)
    names = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            names.add(node.func.attr)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = function.__globals__.get(node.func.id)
            if inspect.isfunction(called) and called.__module__.startswith("gvi.web.pages"):
                names |= _calls(called, seen)
    return names


def test_every_act_of_the_pages_is_held_to_what_was_seen():
    acts = [each for each in addresses() if each.method == "POST" and "/api/" not in each.path]

    unheld = {each.path for each in acts if not _calls(each.answers) & HELD}

    assert unheld - set(WITHOUT) == set(), "say in WITHOUT what keeps it from overwriting"
    assert set(WITHOUT) & {each.path for each in acts} == unheld
    assert set(WITHOUT) <= {each.path for each in addresses()}
