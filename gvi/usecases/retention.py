"""The retention rule: what nobody looked at goes, and what was removed a month ago is erased."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.disclosure import DisclosureStatus, RequestStatus
from gvi.domain.removal import Removable, RemovalCause, Side, side_of
from gvi.domain.review import GRACE_DAYS, Reviewed, is_young, latest_review
from gvi.domain.time import local_day
from gvi.store import audit
from gvi.store.belongings import Belongings, Row
from gvi.store.bundle import belongings
from gvi.store.models import (
    Consent,
    Disclosure,
    DisclosureRequest,
    ImportDraft,
    Person,
    Removal,
    ReviewExtension,
)
from gvi.store.queries.review import FACTS
from gvi.usecases.evening_note import erase_evening_notes
from gvi.usecases.exchange_draft import KEPT_FOR
from gvi.usecases.removal import carry_out, part_of, person_part
from gvi.usecases.review import births_of
from gvi.usecases.speaker import forget_speakers_of_before

PENDING_HOLDS = timedelta(days=30)
"""So long a longer time that nobody answered keeps a record from going."""
_LAST = (Reviewed.PERSON, Reviewed.GROUP, Reviewed.INCIDENT)
"""Kinds to which others belong: judged after those, and only when none of those is still due."""


@dataclass
class RetentionReport:
    """What one run did, or would do."""

    dry_run: bool
    dated: Counter[str] = field(default_factory=Counter)
    """Records without a review day that got one, by kind."""
    removed: Counter[str] = field(default_factory=Counter)
    """Records past their review day and the grace, by kind."""
    erased: Counter[str] = field(default_factory=Counter)
    """Removed things erased for good, by kind."""
    rows_erased: int = 0
    speakers: int = 0
    """Speakers of call-ins whose names were erased."""
    evening_notes: int = 0
    """Notes of call-ins' evenings erased."""
    drafts: int = 0
    """Uploads thrown away after their hour."""

    def document(self) -> dict[str, object]:
        """Give the machine-readable form."""
        return {
            "dry_run": self.dry_run,
            "dated": dict(sorted(self.dated.items())),
            "removed": dict(sorted(self.removed.items())),
            "erased": dict(sorted(self.erased.items())),
            "rows_erased": self.rows_erased,
            "speakers": self.speakers,
            "evening_notes": self.evening_notes,
            "drafts": self.drafts,
        }


def run_retention(db: Session, viewer: Viewer, *, at: datetime, zone: ZoneInfo) -> RetentionReport:
    """Date, remove and erase what it is time for; a dry run is this, rolled back.

    Running it twice at the same moment does nothing the second time.
    """
    report = RetentionReport(dry_run=False)
    _erase(db, viewer, report, at=at)
    _date(db, viewer, report, on=local_day(at, zone), at=at)
    _remove_overdue(db, viewer, report, at=at, on=local_day(at, zone))
    report.speakers = forget_speakers_of_before(db, viewer, at=at)
    report.evening_notes = erase_evening_notes(db, viewer, at=at)
    _throw_drafts_away(db, viewer, report, at=at)
    return report


def _erase(db: Session, viewer: Viewer, report: RetentionReport, *, at: datetime) -> None:
    """Erase for good; the log says that, and nothing of what it was."""
    due = db.execute(
        select(Removal)
        .where(
            Removal.programme_id == viewer.programme_id,
            Removal.erase_at <= at,
            Removal.bundle.is_not(None),
        )
        .order_by(Removal.id)
        .with_for_update()
    ).scalars()
    for removal in due:
        removal.bundle, removal.erased_at, removal.reason = None, at, ""
        report.erased[removal.thing] += 1
        audit.append(
            db,
            viewer,
            AuditVerb.ERASED,
            "removal:erased",
            at=at,
            subjects={"removal": [removal.id]},
            detail={"thing": removal.thing, "side": removal.side, "cause": removal.cause},
        )
    db.flush()


def _date(db: Session, viewer: Viewer, report: RetentionReport, *, on: date, at: datetime) -> None:
    """Give records of earlier versions, which have no review day, the usual one from today."""
    for kind, model in FACTS.items():
        table = model.__table__
        facts = db.execute(
            select(model).where(
                model.programme_id == viewer.programme_id,
                model.review_due_on.is_(None),
                table.c.withdrawn_at.is_(None),
            )
        ).scalars()
        for fact in facts:
            young = is_young(births_of(db, fact), on)
            fact.review_due_on = latest_review(kind, on, young=young)
            fact.revised_at = at
            report.dated[kind.value] += 1
    db.flush()
    if report.dated:
        audit.append(
            db, viewer, AuditVerb.CHANGED, "review:dated", at=at, detail=dict(report.dated)
        )


# What nobody looked at


def _remove_overdue(
    db: Session, viewer: Viewer, report: RetentionReport, *, at: datetime, on: date
) -> None:
    last = on - timedelta(days=GRACE_DAYS + 1)
    held = {
        (thing, thing_id)
        for thing, thing_id in db.execute(
            select(ReviewExtension.thing, ReviewExtension.thing_id).where(
                ReviewExtension.programme_id == viewer.programme_id,
                ReviewExtension.decided_at.is_(None),
                ReviewExtension.asked_at > at - PENDING_HOLDS,
            )
        )
    }
    for kind in sorted(FACTS, key=lambda each: (each in _LAST, each.value)):
        for thing_id in _overdue(db, viewer, kind, last):
            if (kind.value, thing_id) in held:
                continue
            for part in _parts(db, kind, thing_id, _Day(at, on, last)):
                carry_out(
                    db,
                    viewer,
                    part,
                    reason="",
                    at=at,
                    cause=RemovalCause.REVIEW_OVERDUE,
                )
                report.removed[kind.value] += 1


def _overdue(db: Session, viewer: Viewer, kind: Reviewed, last: date) -> list[int]:
    """Name the records past their time; withdrawn ones go the same way."""
    model = FACTS[kind]
    return list(
        db.execute(
            select(model.id)
            .where(model.programme_id == viewer.programme_id, model.review_due_on <= last)
            .order_by(model.id)
        ).scalars()
    )


@dataclass(frozen=True, slots=True)
class _Day:
    """When the rule runs: the moment, its local day, and the last day that is past its time."""

    at: datetime
    on: date
    last: date


def _parts(db: Session, kind: Reviewed, thing_id: int, day: _Day) -> Iterator[Any]:
    """Give what goes of one overdue record: nothing while other records still need it."""
    row = db.get(FACTS[kind], thing_id)
    if row is None:
        return
    if kind not in _LAST:
        yield part_of(db, Removable(kind.value), row)
        return
    found = belongings(db, row.__tablename__, thing_id)
    if isinstance(row, Person):
        # The entry's own side lets go of it; what the other side works with keeps its own time.
        side = side_of(row.compartment)
        if not _still_needed(found, side, day):
            yield person_part(found, row, side, register_stays=False)
    elif not any(_still_needed(found, side, day) for side in Side):
        yield part_of(db, Removable(kind.value), row)


def _still_needed(found: Belongings, side: Side, day: _Day) -> bool:
    """Tell whether a side works with the thing still, or has a record of it within its time.

    What probation disclosed is no side's, and keeps the thing for both.
    """
    for table, rows in found.bundle.rows.items():
        if table.endswith("_revisions"):
            continue
        for key, row in rows.items():
            whose = found.sides[table, key]
            if whose and side not in whose:
                continue
            due = row.get("review_due_on")
            if (due is not None and due > day.last) or _is_at_work(found, table, row, day):
                return True
    return False


def _is_at_work(found: Belongings, table: str, row: Row, day: _Day) -> bool:
    if table == "support_cases":
        return row["closed_at"] is None
    if table == DisclosureRequest.__tablename__:
        return bool(row["status"] == RequestStatus.OPEN)
    return table == Disclosure.__tablename__ and _is_live(found, row, day)


def _is_live(found: Belongings, row: Row, day: _Day) -> bool:
    """Tell whether a disclosure waits for its decision, or can still be read by its recipient."""
    if row["status"] == DisclosureStatus.DECLINED or row["withdrawn_at"] is not None:
        return False
    consent = found.bundle.rows.get(Consent.__tablename__, {}).get((row["consent_id"],))
    if consent is not None:
        ended = consent["ends_on"] is not None and consent["ends_on"] < day.on
        if ended or consent["withdrawn_at"] is not None:
            return False
    return bool(row["expires_at"] > day.at)


def _throw_drafts_away(
    db: Session, viewer: Viewer, report: RetentionReport, *, at: datetime
) -> None:
    old = delete(ImportDraft).where(
        ImportDraft.programme_id == viewer.programme_id, ImportDraft.created_at <= at - KEPT_FOR
    )
    report.drafts = len(db.execute(old.returning(ImportDraft.id)).all())
