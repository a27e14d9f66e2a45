"""One entry of the log in a sentence: who did what."""

from gvi.domain.access import Role
from gvi.domain.audit import AuditVerb
from gvi.domain.text import N_
from gvi.web.labels import label
from gvi.web.things import act_called, thing_called
from gvi.web.visit import Visit

_WHOLE_SENTENCES = {
    "session:opened": N_("%(who)s logged in."),
    "session:closed": N_("%(who)s logged out."),
    "session:refused": N_("%(who)s failed to log in."),
    "passkey:used": N_("%(who)s showed a passkey."),
    "passkey:counted_back": N_(
        "%(who)s’s passkey was refused: its counter went backwards, so there may be a copy."
    ),
    "page:refused": N_("%(who)s was refused a page."),
    "": N_("%(who)s read something your role cannot open."),
}


def told(visit: Visit, who: str, verb: str, kind: str) -> str:
    """Tell one entry as a sentence; a blank kind is one that is not told."""
    language = visit.viewer.language
    who = who or visit.say(N_("Somebody"))
    if kind in _WHOLE_SENTENCES:
        return visit.say(_WHOLE_SENTENCES[kind], who=who)
    noun, _, act = kind.partition(":")
    thing = _within(thing_called(noun, language))
    if verb == AuditVerb.CONSULTED:
        return visit.say(N_("%(who)s read: %(thing)s."), who=who, thing=thing)
    if verb == AuditVerb.COMBINED:
        return visit.say(N_("%(who)s put together: %(thing)s."), who=who, thing=thing)
    done = act_called(act, language)
    return visit.say(N_("%(who)s %(act)s: %(thing)s."), who=who, act=done, thing=thing)


def _within(thing: str) -> str:
    """Say a thing inside a sentence: a small letter first, unless it begins with API."""
    return thing if thing[:2].isupper() else thing[:1].lower() + thing[1:]


def role_called(visit: Visit, role: str) -> str:
    """Say the role in which somebody acted; the command line has none."""
    if role in {each.value for each in Role}:
        return label(Role(role), visit.viewer.language)
    return visit.say(N_("local operator"))
