"""Records as a page tells them: what it is, how good, what became of it, what may be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gvi.domain.access import grant
from gvi.domain.grading import Certainty
from gvi.domain.group import RelationKind
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.supervision import SupervisionKind
from gvi.domain.text import N_
from gvi.domain.tie import TieKind
from gvi.store.queries.record import Record
from gvi.web.labels import label
from gvi.web.record_words import RecordChange, changes
from gvi.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """One record as the page tells it."""

    title: str
    small: str
    record: Record
    certainty: Certainty | None
    has_certainty: bool
    changes: list[RecordChange]
    acts: tuple[tuple[str, str], ...]
    """What can be done with it, as words and address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSection:
    """The records of one kind, under their heading."""

    key: str
    heading: str
    lines: list[RecordLine]


_BASE = {
    "person": "/people",
    "membership": "/memberships",
    "tie": "/ties",
    "supervision": "/supervisions",
    "group": "/groups",
    "group_relation": "/relations",
}
_ENDED = frozenset({"membership", "tie", "supervision", "group_relation"})


def record_lines(
    visit: Visit,
    noun: str,
    records: Iterable[Record],
    names: Mapping[int, str],
    *,
    besides: int = 0,
) -> list[RecordLine]:
    """Tell records of one noun; `names` says what the things they point to are called."""
    lines = []
    for record in records:
        title, small = _title(visit, noun, record, names, besides)
        given = record.values.get("certainty")
        lines.append(
            RecordLine(
                title=title,
                small=small,
                record=record,
                certainty=Certainty(given) if given else None,
                has_certainty="certainty" in record.values,
                changes=changes(visit, noun, record),
                acts=_acts(visit, noun, record),
            )
        )
    return lines


def _title(
    visit: Visit, noun: str, record: Record, names: Mapping[int, str], besides: int
) -> tuple[str, str]:
    language, values = visit.viewer.language, record.values
    match noun:
        case "membership":
            part = label(MembershipRole(values["role"] or MembershipRole.MEMBER), language)
            group = names.get(values["group_id"], "")
            title = visit.say(N_("%(part)s in %(group)s"), part=part, group=group)
            return title, label(MembershipStatus(values["status"]), language)
        case "tie":
            a, b = values["person_a_id"], values["person_b_id"]
            kind = TieKind(values["kind"])
            other = names[b if a == besides else a]
            if kind is TieKind.RECRUITER:
                said = N_("Recruits %(person)s") if a == besides else N_("Recruited by %(person)s")
                return visit.say(said, person=other), ""
            return f"{label(kind, language)}: {other}", ""
        case "supervision":
            obliged = N_("can be obliged to come") if values["obliges_attendance"] else ""
            return label(SupervisionKind(values["kind"]), language), visit.say(obliged)
        case "group_relation":
            a, b = names.get(values["group_a_id"], ""), names.get(values["group_b_id"], "")
            return f"{label(RelationKind(values['kind']), language)}: {a} – {b}", ""
        case _:
            return names.get(record.id, ""), ""


def _acts(visit: Visit, noun: str, record: Record) -> tuple[tuple[str, str], ...]:
    if visit.as_of is not None:
        return ()
    review = _review(visit, noun, record)
    if not _may_change(visit, noun, record):
        return review
    base = f"{_BASE[noun]}/{record.id}"
    acts = [(N_("Correct"), f"{base}/edit")]
    if noun in _ENDED:
        acts.append((N_("End"), f"{base}/end"))
    if noun == "membership":
        disputed = record.values["status"] == MembershipStatus.DISPUTED
        current = record.values["status"] == MembershipStatus.CURRENT
        if current:
            acts.append((N_("Dispute"), f"{base}/dispute"))
        if disputed:
            acts.append((N_("Settle the dispute"), f"{base}/uphold"))
    return (*acts, (N_("Withdraw this record"), f"{base}/withdraw"), *review)


def _review(visit: Visit, noun: str, record: Record) -> tuple[tuple[str, str], ...]:
    """Lead to the record's review, where it is kept longer or removed."""
    held = grant(visit.viewer, "review:extend")
    if held is None or record.compartment not in held.compartments or not record.review_due_on:
        return ()
    return ((N_("Review it"), f"/review/{noun}/{record.id}"),)


def _may_change(visit: Visit, noun: str, record: Record) -> bool:
    held = grant(visit.viewer, f"{noun}:write")
    return held is not None and record.compartment in held.compartments
