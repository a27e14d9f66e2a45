"""Entering, correcting and withdrawing graded facts by hand; the same for every kind of fact."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, grant
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.grading import ADMIRALTY_GRADES, Compartment
from gvi.domain.period import Period
from gvi.domain.review import Reviewed, is_young, latest_review
from gvi.domain.text import N_
from gvi.store import audit
from gvi.store.models import Fact, GroupRelation, Membership, Supervision, Tie
from gvi.store.queries.rights import visible
from gvi.usecases.rights import require_compartment

Lasting = Membership | Tie | Supervision | GroupRelation
"""Facts with a first and a last day."""

LATEST_REVIEW = N_("Records of this kind are looked at again by %(last)s at the latest.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a fact comes from and why it may be kept; asked for with every entry by hand."""

    source: str
    ground: str
    grade: str | None = None
    compartment: str = Compartment.POLICE.value
    review_due_on: date | None = None


def entered(
    viewer: Viewer,
    permission: str,
    given: Provenance,
    *,
    kind: Reviewed,
    at: datetime,
    births: Iterable[date | None] = (),
) -> dict[str, Any]:
    """Give the columns every fact entered by hand starts with.

    `births` are the birth dates of whom it is about: records about children are looked at again
    sooner. Raises RuleError where source or ground is missing or the review is too far ahead,
    NotAllowedError for a compartment the viewer's right does not cover.
    """
    _check(viewer, permission, given)
    day = at.date()
    last = latest_review(kind, day, young=is_young(births, day))
    if given.review_due_on is not None and given.review_due_on > last:
        raise RuleError(LATEST_REVIEW, field="review_due_on", last=last.isoformat())
    return {
        "programme_id": viewer.programme_id,
        "compartment": given.compartment,
        "source": given.source.strip(),
        "ground": given.ground.strip(),
        "grade": given.grade or None,
        "review_due_on": given.review_due_on or last,
        "recorded_at": at,
        "entered_at": at,
        "revised_at": at,
        "recorded_by_id": viewer.user_id,
        "revised_by_id": viewer.user_id,
        "edited_by_hand": True,
    }


def _check(viewer: Viewer, permission: str, given: Provenance) -> None:
    require_compartment(viewer, permission, given.compartment)
    if not given.source.strip():
        raise RuleError(
            N_("Say where this comes from: who saw it, or which report."), field="source"
        )
    if not given.ground.strip():
        raise RuleError(N_("Say why this may be kept: its purpose or decision."), field="ground")
    if given.grade and given.grade not in ADMIRALTY_GRADES:
        raise RuleError(
            N_("Give the grade as a letter A–F and a digit 1–6, or none."), field="grade"
        )


def correct(
    fact: Fact,
    viewer: Viewer,
    permission: str,
    *,
    at: datetime,
    given: Provenance | None = None,
    **changes: Any,
) -> list[str]:
    """Change a fact's values; the values before are kept. Gives the names of the changed fields.

    Source, ground and grade that the viewer may not read stay as they are; RuleError where others
    are given.
    """
    if given is not None:
        changes |= _where_from(fact, viewer, permission, given)
        changes["review_due_on"] = _review_day(fact, given, at.date())
    changed = sorted(name for name, value in changes.items() if getattr(fact, name) != value)
    if not changed:
        return []
    for name in changed:
        setattr(fact, name, changes[name])
    fact.revised_at, fact.revised_by_id, fact.edited_by_hand = at, viewer.user_id, True
    return changed


def _where_from(
    fact: Fact, viewer: Viewer, permission: str, given: Provenance
) -> dict[str, str | None]:
    held = grant(viewer, "source:read")
    if held is not None and fact.compartment in held.compartments:
        _check(viewer, permission, given)
        said = {"source": given.source.strip(), "ground": given.ground.strip()}
        return {**said, "grade": given.grade or None, "compartment": given.compartment}
    require_compartment(viewer, permission, given.compartment)
    if given.source.strip() or given.ground.strip() or given.grade:
        raise RuleError(
            N_(
                "Source, ground and grade of this record are not for you to read. Leave them out:"
                " they stay as they are."
            ),
            field="source",
        )
    return {"compartment": given.compartment}


def _review_day(fact: Fact, given: Provenance, on: date) -> date | None:
    """Give the review day after a correction: never blank again, and never later by one person."""
    if given.review_due_on is None:
        return fact.review_due_on
    if fact.review_due_on is None:
        last = latest_review(Reviewed(fact.__tablename__.removesuffix("s")), on)
        if given.review_due_on > last:
            raise RuleError(LATEST_REVIEW, field="review_due_on", last=last.isoformat())
    elif given.review_due_on > fact.review_due_on:
        raise RuleError(
            N_("A later day is asked for under Records to review, and somebody else says yes."),
            field="review_due_on",
        )
    return given.review_due_on


def withdraw(fact: Fact, viewer: Viewer, *, at: datetime, reason: str) -> None:
    """Mark a fact as never having been true; as-of views before this still show it."""
    if not reason.strip():
        raise RuleError(N_("Say why this was wrong."), field="reason")
    fact.withdrawn_at, fact.withdrawn_by_id = at, viewer.user_id
    fact.withdrawn_reason = reason.strip()
    fact.revised_at, fact.revised_by_id, fact.edited_by_hand = at, viewer.user_id, True


def log_change(
    db: Any,
    viewer: Viewer,
    kind: str,
    *,
    at: datetime,
    collected: bool = False,
    fields: list[str] | None = None,
    **subjects: int | tuple[int, ...] | None,
) -> None:
    """Add the audit entry of one change: what it was about and which fields, never their values."""
    audit.append(
        db,
        viewer,
        AuditVerb.COLLECTED if collected else AuditVerb.CHANGED,
        kind,
        at=at,
        subjects={
            noun: value if isinstance(value, tuple) else [value]
            for noun, value in subjects.items()
            if value is not None
        },
        detail={"fields": fields} if fields else None,
    )


def is_recorded_then(
    db: Session,
    viewer: Viewer,
    model: type[Lasting],
    same: ColumnElement[bool],
    period: Period,
    *,
    permission: str,
    but: int | None,
) -> bool:
    """Say whether a fact that stands is recorded for a part of the period already.

    `same` holds for the records of the same thing; `but` is the one that is being changed. What the
    viewer may not see says nothing, not even that it is there.
    """
    columns = model.__table__.c
    rows = db.execute(
        select(columns.id, columns.valid_from, columns.valid_to).where(
            visible(columns, viewer, permission, person=columns.get("person_id")),
            same,
            columns.withdrawn_at.is_(None),
        )
    )
    return any(
        row.id != but and period.overlaps(Period(row.valid_from, row.valid_to)) for row in rows
    )
