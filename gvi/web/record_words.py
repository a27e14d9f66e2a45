"""What became of a record, in words: each correction as "part: member → core"."""

from dataclasses import dataclass
from datetime import datetime

from gvi.domain.text import N_
from gvi.store.queries.record import FieldChange, Record
from gvi.web.column_words import COLUMNS, NUMBERS, column_called, value_called
from gvi.web.templating import manner_of
from gvi.web.visit import Visit


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
                _line(visit, noun, each)
                for each in revision.fields
                if each.name in COLUMNS and each.name not in NUMBERS
            ),
            reason=reasons.get(revision.at, ""),
        )
        for revision in record.revisions
    ]
    return [change for change in told if change.lines or change.reason]


def _line(visit: Visit, noun: str, change: FieldChange) -> str:
    table, manner = f"{noun}s", manner_of(visit.page())
    return visit.say(
        N_("%(field)s: %(old)s → %(new)s"),
        field=column_called(table, change.name, manner.language),
        old=value_called(table, change.name, change.old, manner),
        new=value_called(table, change.name, change.new, manner),
    )
