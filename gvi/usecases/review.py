"""Looking at a record again: asking for a longer time, and somebody else's yes or no."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.review import ExtensionOutcome, Reviewed, is_young, latest_review
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store import audit
from gvi.store.models import Fact, Person, ReviewExtension
from gvi.store.queries.review import FACTS, extension, record_to_review
from gvi.store.wall import behind_the_wall
from gvi.usecases.changes import reasoned
from gvi.usecases.facts import LATEST_REVIEW
from gvi.usecases.rights import require, the

EXTEND = "review:extend"


def ask_extension(
    db: Session,
    viewer: Viewer,
    kind: Reviewed,
    thing_id: int,
    *,
    until: date,
    reason: str,
    at: datetime,
    zone: ZoneInfo,
) -> ReviewExtension:
    """Ask for a longer time for a record; it holds once somebody else has said yes.

    Raises RuleError without a reason, for a day that is not later or beyond the kind's period, and
    where somebody has asked already.
    """
    fact, day = _fact(db, viewer, kind, thing_id, at=at, zone=zone), local_day(at, zone)
    if viewer.user_id is None:
        raise NotAllowedError(N_("A longer time is asked for by somebody who is logged in."))
    _check(db, kind, fact, until, on=day)
    extension = ReviewExtension(
        programme_id=viewer.programme_id,
        thing=kind.value,
        thing_id=thing_id,
        compartment=fact.compartment,
        old_due_on=fact.review_due_on,
        new_due_on=until,
        reason=reasoned(reason),
        asked_at=at,
        asked_by_id=viewer.user_id,
    )
    db.add(extension)
    db.flush()
    _log(db, viewer, "review:extension_asked", extension, at=at)
    return extension


def _fact(
    db: Session, viewer: Viewer, kind: Reviewed, thing_id: int, *, at: datetime, zone: ZoneInfo
) -> Any:
    require(viewer, EXTEND)
    record_to_review(db, viewer, kind, thing_id, on=local_day(at, zone))
    return the(db, viewer, FACTS[kind], thing_id, EXTEND)


def _check(db: Session, kind: Reviewed, fact: Fact, until: date, *, on: date) -> None:
    pending = select(ReviewExtension.id).where(
        ReviewExtension.thing == kind.value,
        ReviewExtension.thing_id == fact.id,
        ReviewExtension.decided_at.is_(None),
    )
    with behind_the_wall(db, "a longer time is asked for once, also of what changed its secrecy"):
        is_pending = db.execute(pending).first() is not None
    if is_pending:
        raise RuleError(N_("A longer time has been asked for already and waits for an answer."))
    if until <= on or (fact.review_due_on is not None and until <= fact.review_due_on):
        raise RuleError(N_("Choose a day later than the one it has."), field="until")
    last = latest_review(kind, on, young=is_young(births_of(db, fact), on))
    if until > last:
        raise RuleError(LATEST_REVIEW, field="until", last=last.isoformat())


def births_of(db: Session, fact: Any) -> list[date | None]:
    """Give the birth dates of the people a fact is about."""
    if isinstance(fact, Person):
        return [fact.birth_date]
    ids = [
        getattr(fact, name)
        for name in ("person_id", "person_a_id", "person_b_id")
        if hasattr(fact, name)
    ]
    return list(db.execute(select(Person.birth_date).where(Person.id.in_(ids))).scalars())


def decide_extension(
    db: Session,
    viewer: Viewer,
    extension_id: int,
    *,
    outcome: ExtensionOutcome,
    answer: str = "",
    at: datetime,
    zone: ZoneInfo,
) -> ReviewExtension:
    """Say yes or no to a longer time; never to one's own.

    Raises RuleError for an answered one, for a refusal without words, and where the record has got
    another day since; NotFoundError for one that is not the viewer's to see.
    """
    require(viewer, EXTEND)
    extension(db, viewer, extension_id, on=local_day(at, zone))
    asked = db.execute(
        select(ReviewExtension).where(ReviewExtension.id == extension_id).with_for_update()
    ).scalar_one_or_none()
    if asked is None:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    if viewer.user_id is None or asked.asked_by_id == viewer.user_id:
        raise RuleError(N_("Somebody else than who asked says yes or no."))
    if asked.decided_at is not None:
        raise RuleError(N_("This was answered already."))
    asked.answer = reasoned(answer) if outcome is ExtensionOutcome.REFUSED else answer.strip()
    asked.decided_at, asked.decided_by_id, asked.outcome = at, viewer.user_id, outcome.value
    if outcome is ExtensionOutcome.APPROVED:
        fact = _fact(db, viewer, Reviewed(asked.thing), asked.thing_id, at=at, zone=zone)
        if fact.review_due_on != asked.old_due_on:
            raise RuleError(N_("The record has got another day since. Ask anew."))
        # Not an edit by hand: a file may still bring news about the fact itself.
        fact.review_due_on = asked.new_due_on
        fact.revised_at, fact.revised_by_id = at, viewer.user_id
    db.flush()
    _log(db, viewer, f"review:extension_{outcome.value}", asked, at=at)
    return asked


def _log(
    db: Session, viewer: Viewer, kind: str, extension: ReviewExtension, *, at: datetime
) -> None:
    audit.append(
        db,
        viewer,
        AuditVerb.CHANGED,
        kind,
        at=at,
        subjects={extension.thing: [extension.thing_id], "review_extension": [extension.id]},
        detail={"fields": ["review_due_on"]},
    )
