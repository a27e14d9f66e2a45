"""What became of a record, in words: each correction as "part: member → core"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.grading import Certainty, Compartment
from gvi.domain.group import GroupKind, GroupStatus, RelationKind
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.supervision import SupervisionKind
from gvi.domain.text import N_
from gvi.domain.tie import TieKind
from gvi.store.queries.record import FieldChange, Record
from gvi.web.format import say_date
from gvi.web.labels import label
from gvi.web.templating import manner_of
from gvi.web.visit import Visit

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "aliases": N_("Aliases"),
        "area": N_("Area"),
        "birth_date": N_("Birth date"),
        "certainty": N_("Certainty"),
        "code_name": N_("Code name"),
        "compartment": N_("Secrecy"),
        "external_id": N_("Id in files"),
        "grade": N_("Grade"),
        "ground": N_("Ground"),
        "is_exit_client": N_("Exit programme"),
        "is_protected": N_("Protected identity"),
        "kind": N_("Kind"),
        "name": N_("Name"),
        "note": N_("Note"),
        "obliges_attendance": N_("Can be obliged to come"),
        "review_due_on": N_("Look at it again on"),
        "role": N_("Part"),
        "sex": N_("Sex"),
        "source": N_("Source"),
        "status": N_("Status"),
        "strength": N_("Strength"),
        "valid_from": N_("Since"),
        "valid_to": N_("Until"),
    }
)
"""What the columns of a record are called; one that is not here is not told of."""

_VOCABULARIES: Mapping[tuple[str, str], type[StrEnum]] = MappingProxyType(
    {
        ("membership", "role"): MembershipRole,
        ("membership", "status"): MembershipStatus,
        ("tie", "kind"): TieKind,
        ("supervision", "kind"): SupervisionKind,
        ("group", "kind"): GroupKind,
        ("group", "status"): GroupStatus,
        ("group_relation", "kind"): RelationKind,
    }
)
_COMMON: Mapping[str, type[StrEnum]] = MappingProxyType(
    {"certainty": Certainty, "compartment": Compartment}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """One change of a record: when, by whom, what, and why where a reason was asked."""

    kind: str
    at: datetime
    by: str
    lines: tuple[str, ...]
    reason: str = ""


def changes(visit: Visit, noun: str, record: Record) -> list[RecordChange]:
    """Tell every change of a record, the latest first."""
    reasons = {step.at: step.reason for step in record.steps}
    told = [
        RecordChange(
            kind="decision" if revision.at in reasons else "contact",
            at=revision.at,
            by=revision.by,
            lines=tuple(
                _line(visit, noun, each) for each in revision.fields if each.name in FIELDS
            ),
            reason=reasons.get(revision.at, ""),
        )
        for revision in record.revisions
    ]
    return [change for change in told if change.lines or change.reason]


def _line(visit: Visit, noun: str, change: FieldChange) -> str:
    return visit.say(
        N_("%(field)s: %(old)s → %(new)s"),
        field=visit.say(FIELDS[change.name]),
        old=_said(visit, noun, change.name, change.old),
        new=_said(visit, noun, change.name, change.new),
    )


def _said(visit: Visit, noun: str, name: str, value: object) -> str:
    language = visit.viewer.language
    if value is None or value == "":
        return visit.say(N_("nothing"))
    if isinstance(value, bool):
        return visit.say(N_("yes") if value else N_("no"))
    if isinstance(value, datetime | date):
        return say_date(value, manner_of(visit.page()))
    vocabulary = _COMMON.get(name) or _VOCABULARIES.get((noun, name))
    if vocabulary is not None:
        return label(vocabulary(str(value)), language)
    return str(value)
