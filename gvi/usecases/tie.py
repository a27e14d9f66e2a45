"""Ties between two people: recording, correcting, ending and withdrawing them."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.grading import Certainty
from gvi.domain.period import Period
from gvi.domain.review import Reviewed
from gvi.domain.text import N_
from gvi.domain.tie import DIRECTED_TIES, MAX_STRENGTH, TieKind
from gvi.store.models import Tie
from gvi.usecases.changes import reasoned, status_changed
from gvi.usecases.facts import Provenance, correct, entered, is_recorded_then, log_change, withdraw
from gvi.usecases.person import facts_of, seen_person
from gvi.usecases.rights import require, the

WRITE = "tie:write"


def add_tie(
    db: Session,
    viewer: Viewer,
    *,
    person_a_id: int,
    person_b_id: int,
    kind: TieKind,
    certainty: Certainty | None,
    valid_from: datetime | None,
    given: Provenance,
    at: datetime,
    valid_to: datetime | None = None,
    strength: float | None = None,
) -> Tie:
    """Record a tie; of a recruiter the first person recruits the second, others have no direction.

    Refuses a tie to oneself, a strength outside 0 < s ≤ 5, and one kind twice at the same time.
    """
    require(viewer, WRITE)
    if person_a_id == person_b_id:
        raise RuleError(N_("A tie is between two different people."), field="person_b")
    people = [seen_person(db, viewer, each, at=at) for each in sorted((person_a_id, person_b_id))]
    _check_strength(strength)
    pair, period = (person_a_id, person_b_id), Period(valid_from, valid_to)
    _check_period(db, viewer, pair, kind, period, but=None)
    tie = Tie(
        person_a_id=person_a_id,
        person_b_id=person_b_id,
        kind=kind,
        strength=strength,
        certainty=certainty,
        valid_from=valid_from,
        valid_to=valid_to,
        **entered(
            viewer,
            WRITE,
            given,
            kind=Reviewed.TIE,
            at=at,
            births=[person.birth_date for person in people],
        ),
    )
    db.add(tie)
    db.flush()
    _log(db, viewer, "tie:added", tie, at=at, collected=True)
    return tie


def correct_tie(
    db: Session,
    viewer: Viewer,
    tie_id: int,
    *,
    kind: TieKind,
    certainty: Certainty | None,
    strength: float | None,
    valid_from: datetime | None,
    valid_to: datetime | None,
    given: Provenance,
    at: datetime,
    turned: bool = False,
) -> None:
    """Correct a tie; `turned` says that the second person recruits the first."""
    tie = _one(db, viewer, tie_id, at=at)
    _check_strength(strength)
    first, second = tie.person_a_id, tie.person_b_id
    if turned:
        first, second = second, first
    _check_period(db, viewer, (first, second), kind, Period(valid_from, valid_to), but=tie_id)
    changed = correct(
        tie,
        viewer,
        WRITE,
        at=at,
        given=given,
        person_a_id=first,
        person_b_id=second,
        kind=kind,
        strength=strength,
        certainty=certainty,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    if changed:
        _log(db, viewer, "tie:corrected", tie, at=at, fields=changed)


def end_tie(
    db: Session, viewer: Viewer, tie_id: int, *, valid_to: datetime, reason: str, at: datetime
) -> None:
    """End a tie on a day, with the reason; what was before stays."""
    tie = _one(db, viewer, tie_id, at=at)
    why = reasoned(reason)
    period = Period(tie.valid_from, valid_to)
    _check_period(
        db, viewer, (tie.person_a_id, tie.person_b_id), TieKind(tie.kind), period, but=tie_id
    )
    correct(tie, viewer, WRITE, at=at, valid_to=valid_to)
    status_changed(db, viewer, "tie", tie.id, old=None, new="ended", at=at, reason=why)
    _log(db, viewer, "tie:ended", tie, at=at, fields=["valid_to"])


def withdraw_tie(db: Session, viewer: Viewer, tie_id: int, *, reason: str, at: datetime) -> None:
    """Withdraw a tie that never was."""
    tie = _one(db, viewer, tie_id, at=at)
    withdraw(tie, viewer, at=at, reason=reason)
    _log(db, viewer, "tie:withdrawn", tie, at=at)


def _one(db: Session, viewer: Viewer, tie_id: int, *, at: datetime) -> Tie:
    tie = the(db, viewer, Tie, tie_id, WRITE)
    facts_of(db, viewer, [tie.person_a_id, tie.person_b_id], at=at)
    return tie


def _check_strength(strength: float | None) -> None:
    if strength is not None and not 0 < strength <= MAX_STRENGTH:
        raise RuleError(
            N_("Give a strength above 0 and at most %(most)s, or none: that counts as 1."),
            field="strength",
            most=f"{MAX_STRENGTH:g}",
        )


def _check_period(
    db: Session,
    viewer: Viewer,
    pair: tuple[int, int],
    kind: TieKind,
    period: Period,
    *,
    but: int | None,
) -> None:
    period.check()
    same = and_(_same_pair(pair, kind), Tie.kind == kind)
    if is_recorded_then(db, viewer, Tie, same, period, permission=WRITE, but=but):
        raise RuleError(
            N_(
                "A tie of that kind between these two is recorded for the same time already:"
                " correct that one, or give other days."
            ),
            field="kind",
        )


def _same_pair(pair: tuple[int, int], kind: TieKind) -> ColumnElement[bool]:
    first, second = pair
    same = and_(Tie.person_a_id == first, Tie.person_b_id == second)
    if kind in DIRECTED_TIES:
        return same
    return or_(same, and_(Tie.person_a_id == second, Tie.person_b_id == first))


def _log(
    db: Session,
    viewer: Viewer,
    kind: str,
    tie: Tie,
    *,
    at: datetime,
    collected: bool = False,
    fields: list[str] | None = None,
) -> None:
    log_change(
        db,
        viewer,
        kind,
        at=at,
        collected=collected,
        fields=fields,
        tie=tie.id,
        person=(tie.person_a_id, tie.person_b_id),
    )
