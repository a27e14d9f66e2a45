"""What the things in rights and in the log are called, and what was done to them, in words.

The rights table and the audit log speak in codes such as `incident:reviewed`; these are the words
for both halves. A code without words is said as it is written, so that the log never hides one.
"""

from collections.abc import Mapping
from types import MappingProxyType

from gvi.domain.text import N_
from gvi.web.text import translate

THINGS: Mapping[str, str] = MappingProxyType(
    {
        "access": N_("Access beyond the table"),
        "action": N_("Actions"),
        "action_text": N_("What an action says"),
        "anomaly": N_("Conspicuous look-ups"),
        "attempt": N_("Attempts"),
        "attendance": N_("Attendance"),
        "audit": N_("The log"),
        "audit_entry": N_("Entries of the log"),
        "backup": N_("Backups"),
        "break_glass": N_("Breaking the glass"),
        "call_in": N_("Call-ins"),
        "client": N_("Own clients"),
        "conflict_warning": N_("Conflict warnings"),
        "consent": N_("Consents"),
        "contact": N_("Contacts"),
        "custom_notification": N_("Custom notifications"),
        "custom_notification_count": N_("How many custom notifications"),
        "custom_notification_full": N_("Custom notifications in full"),
        "demo": N_("The invented town"),
        "disclosure": N_("Disclosures"),
        "disclosure_request": N_("Requests to disclose"),
        "due": N_("What is due"),
        "export": N_("Exports"),
        "extract": N_("Access extracts"),
        "group": N_("Groups"),
        "group_full": N_("Groups in full"),
        "group_relation": N_("Relations between groups"),
        "hurt_count": N_("How many were hurt, and were offered help"),
        "import": N_("Imports"),
        "inbound_call": N_("Calls"),
        "incident": N_("Incidents"),
        "incident_count": N_("How many incidents"),
        "incident_full": N_("Incidents in full"),
        "invitee": N_("Invitees"),
        "invitee_count": N_("How many invitees"),
        "involvement": N_("Parts in incidents"),
        "key": N_("The keys of sealed text"),
        "list": N_("Lists"),
        "look": N_("Looks at a record"),
        "membership": N_("Memberships"),
        "membership_group": N_("Which group somebody is in"),
        "message": N_("Messages given"),
        "method": N_("The method"),
        "my_people": N_("My people"),
        "need": N_("Needs"),
        "network": N_("The network"),
        "offer": N_("Offers of help"),
        "own_account": N_("One’s own log-in"),
        "own_record": N_("One’s own record"),
        "own_token": N_("One’s own API tokens"),
        "page": N_("Pages"),
        "passphrase": N_("Passphrases"),
        "person": N_("People"),
        "person_name": N_("Names of people"),
        "recovery_code": N_("Recovery codes"),
        "removal": N_("Removed records"),
        "review": N_("Records to review"),
        "review_extension": N_("Longer times asked for"),
        "rights": N_("Rights"),
        "risk": N_("Decided colours"),
        "risk_decision": N_("Decisions on colours"),
        "risk_reason": N_("Reasons of colours"),
        "score": N_("Scores and ranks"),
        "scorecard": N_("The group table"),
        "search": N_("Search"),
        "second_step": N_("Second steps"),
        "session": N_("Log-ins"),
        "sharing_guide": N_("May I share this?"),
        "source": N_("Sources"),
        "supervision": N_("Supervision"),
        "supervision_flag": N_("Whether somebody is supervised"),
        "supervision_note": N_("Probation’s notes"),
        "support": N_("Support"),
        "support_case": N_("Support cases"),
        "support_count": N_("How much support"),
        "support_note": N_("Support notes"),
        "tie": N_("Ties"),
        "today": N_("Today"),
        "token": N_("API tokens"),
        "under_18": N_("People under 18 in full"),
        "user": N_("Users"),
        "visitor": N_("Who goes along"),
    }
)

RIGHTS: Mapping[str, str] = MappingProxyType(
    {
        "assign": N_("assign"),
        "decide": N_("decide"),
        "export": N_("export as a file"),
        "extend": N_("keep longer, with a second person"),
        "give": N_("give"),
        "list": N_("see the list"),
        "make": N_("make"),
        "plan": N_("plan with the planner"),
        "read": N_("read"),
        "receive": N_("receive"),
        "review": N_("review"),
        "run": N_("run"),
        "see": N_("open"),
        "use": N_("use"),
        "write": N_("enter and change"),
    }
)

ACTS: Mapping[str, str] = MappingProxyType(
    {
        "added": N_("added"),
        "answered": N_("recorded an answer"),
        "approved": N_("approved"),
        "assigned": N_("assigned"),
        "attempted": N_("tried"),
        "attendance_recorded": N_("recorded attendance"),
        "break_glass": N_("broke the glass"),
        "break_glass_failed": N_("broke the glass in vain"),
        "cancelled": N_("cancelled"),
        "changed": N_("changed"),
        "closed": N_("closed"),
        "confirmed": N_("confirmed"),
        "corrected": N_("corrected"),
        "decided": N_("decided"),
        "declined": N_("declined"),
        "delivered": N_("delivered"),
        "demanded": N_("demanded"),
        "dated": N_("gave review days to"),
        "disclosed": N_("disclosed"),
        "done": N_("carried out"),
        "draft_discarded": N_("threw a draft away"),
        "drafted": N_("drafted"),
        "dropped": N_("dropped"),
        "ended": N_("ended"),
        "erased": N_("erased for good"),
        "exported": N_("exported"),
        "given": N_("given"),
        "extension_approved": N_("said yes to a longer time for"),
        "extension_asked": N_("asked for a longer time for"),
        "extension_refused": N_("said no to a longer time for"),
        "fulfilled": N_("answered by disclosing"),
        "granted": N_("gave access"),
        "handed_over": N_("handed over"),
        "invited": N_("invited"),
        "invitees_proposed": N_("proposed invitees"),
        "let_in_again": N_("let in again"),
        "linked": N_("linked to a person"),
        "loaded": N_("loaded"),
        "logged": N_("logged"),
        "made": N_("made"),
        "moved": N_("moved"),
        "not_deliverable": N_("gave up as not deliverable"),
        "noted": N_("noted"),
        "notice_seen": N_("saw the notice"),
        "opened": N_("opened"),
        "partly_family": N_("delivered in part, to the family"),
        "paused": N_("locked out for a while"),
        "plan_shown": N_("planned with the planner"),
        "planned": N_("planned"),
        "postponed": N_("postponed"),
        "put_back": N_("put back"),
        "proposed": N_("wrote for decision"),
        "recorded": N_("recorded"),
        "refused": N_("was refused"),
        "removed": N_("removed"),
        "replanned": N_("planned anew"),
        "restored": N_("restored"),
        "retired": N_("taken out of use"),
        "returned": N_("returned"),
        "rewrapped": N_("wrapped by a new secret key"),
        "reviewed": N_("reviewed"),
        "revoked": N_("revoked"),
        "started": N_("started"),
        "status_changed": N_("changed the status"),
        "thrown_away": N_("threw away"),
        "tried": N_("tried out"),
        "turned_down": N_("turned down"),
        "turned_off": N_("turned off"),
        "turned_on": N_("turned on"),
        "unassigned": N_("took away"),
        "undone": N_("undid"),
        "unlocked": N_("unlocked"),
        "unwatched": N_("stopped watching for a word"),
        "uploaded": N_("uploaded"),
        "used": N_("used"),
        "watched": N_("began to watch for a word"),
        "withdrawn": N_("withdrew"),
    }
)


def thing_called(thing: str, language: str) -> str:
    """Say what a kind of thing is called, in the plural."""
    thing = "offer" if thing == "support_offer" else thing
    return translate(THINGS[thing], language) if thing in THINGS else thing.replace("_", " ")


def right_called(permission: str, language: str) -> str:
    """Say in a few words what a permission lets one do with its thing."""
    act = permission.partition(":")[2]
    return translate(RIGHTS[act], language) if act in RIGHTS else act.replace("_", " ")


def act_called(act: str, language: str) -> str:
    """Say in the past what was done."""
    return translate(ACTS[act], language) if act in ACTS else act.replace("_", " ")
