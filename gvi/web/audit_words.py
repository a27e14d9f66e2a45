"""One entry of the log in words: who did what, and what a change was from and to."""

from dataclasses import dataclass

from gvi.domain.access import Role
from gvi.domain.audit import AuditVerb
from gvi.domain.disclosure import OWN_WORDS, LineField
from gvi.domain.section import Section
from gvi.domain.text import N_
from gvi.store.queries.audit_entry import FieldChange
from gvi.web.column_words import column_called, value_called
from gvi.web.labels import label, part_called
from gvi.web.templating import manner_of
from gvi.web.text import translate_plural
from gvi.web.things import act_called, thing_called
from gvi.web.visit import Visit

_OF_PARTS = frozenset({"access", "disclosure"})
"""What opens parts of a record, not columns."""
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


_BY_PROVIDER = {
    "session:opened": N_("%(who)s logged in by single sign-on."),
    "session:refused": N_("%(who)s was not let in by single sign-on."),
    "session:unlocked": N_("%(who)s unlocked the log-in by single sign-on."),
    "session:confirmed": N_("%(who)s confirmed by single sign-on."),
}


def told(visit: Visit, who: str, verb: str, kind: str, *, by_provider: bool = False) -> str:
    """Tell one entry as a sentence; a blank kind is one that is not told."""
    language = visit.viewer.language
    who = who or visit.say(N_("Somebody"))
    if by_provider and kind in _BY_PROVIDER:
        return visit.say(_BY_PROVIDER[kind], who=who)
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


def field_called(visit: Visit, thing: str, field: str) -> str:
    """Say what was opened, disclosed or changed: a part of a record, one line of it, a field."""
    language = visit.viewer.language
    part, _, line = field.partition(".")
    if thing not in _OF_PARTS or part not in {OWN_WORDS, *Section}:
        return column_called(f"{thing}s", field, language)
    called = part_called(part, language)
    return f"{called}: {label(line, language, LineField)}" if line in set(LineField) else called


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One field before and after, in the auditor's words."""

    field: str
    thing_id: int
    old: str
    new: str


def change_line(visit: Visit, change: FieldChange) -> ChangeLine:
    """Tell what one field was and became; of free text only how long it was."""
    return ChangeLine(
        field=column_called(change.table, change.field, visit.viewer.language),
        thing_id=change.thing_id,
        old=_value(visit, change, change.old),
        new=_value(visit, change, change.new),
    )


def _value(visit: Visit, change: FieldChange, value: object) -> str:
    if isinstance(value, int) and change.is_length:
        return translate_plural(
            "a text of %(num)s character",
            "a text of %(num)s characters",
            value,
            visit.viewer.language,
        )
    return value_called(change.table, change.field, value, manner_of(visit.page()))
