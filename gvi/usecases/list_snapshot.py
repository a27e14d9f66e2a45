"""Keeping a list that somebody acts on, and making it again.

Names are in no kept list: whoever reads it looks them up with their own rights.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import POLICE, Role, Viewer, grant
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.facts import Facts
from gvi.domain.grading import Compartment
from gvi.domain.list_snapshot import (
    OPERATOR,
    Inputs,
    ListAct,
    Verdict,
    digest_of,
    inputs_of,
)
from gvi.domain.policy import ScoringPolicy
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.network.movement import Standing
from gvi.network.ranking import most_exposed, most_violence_driving
from gvi.store import audit
from gvi.store.facts import facts
from gvi.store.models import (
    ListSnapshot,
    ListSnapshotUse,
    RiskDecision,
    RiskDecisionList,
)
from gvi.store.queries.list_snapshot import (
    PERMISSION,
    SnapshotEntry,
    SnapshotRow,
    compartments_seen,
    snapshot,
    snapshot_entries,
)
from gvi.store.queries.policy import policy_version
from gvi.usecases.changes import reasoned
from gvi.usecases.interval import SEED, Intervals, intervals_of, intervals_while_waiting
from gvi.usecases.list_entries import billionths, store_entries
from gvi.usecases.policy import in_force
from gvi.usecases.policy_preview import standings
from gvi.usecases.ranking import Ranked

RANKINGS: Mapping[str, Callable[[Facts, ScoringPolicy], Ranked]] = {
    "driving": most_violence_driving,
    "exposed": most_exposed,
}
_ROUNDING = 1
"""Billionths of a harm unit by which another build may sum differently (design §4: 1e-9)."""


@dataclass(frozen=True, slots=True)
class _Material:
    """What lists are made from at one moment, read once."""

    facts: Facts
    policy: ScoringPolicy
    inputs: Mapping[str, Inputs]
    at: datetime
    zone: ZoneInfo


def keep_list(
    db: Session,
    viewer: Viewer,
    score: str,
    *,
    act: ListAct,
    reason: str,
    as_of: datetime,
    at: datetime,
    zone: ZoneInfo,
) -> ListSnapshot:
    """Keep a whole list as it is made now: everybody on it, and what it was made from.

    The same list, kept already on that day from the same facts, is used again: the act and its
    reason are added to it. Raises RuleError without a reason and for a moment still to come,
    NotAllowedError for a role that may not receive scores.
    """
    said = reasoned(reason)
    if as_of > at:
        raise RuleError(N_("Only a list as of now or of an earlier moment can be kept."))
    material = _material(db, viewer, as_of=as_of, at=at, zone=zone)
    kept = _identical(db, viewer, material, score)
    if kept is None:
        found = RANKINGS[score](material.facts, material.policy)
        return _keep(db, viewer, material, score, found, act=act, reason=said)
    use = ListSnapshotUse(
        snapshot_id=kept.id, act=act.value, reason=said, used_at=at, used_by_id=viewer.user_id
    )
    db.add(use)
    db.flush()
    _log(db, viewer, "used", kept, act, at=at)
    return kept


def keep_lists_behind(
    db: Session, viewer: Viewer, decision: RiskDecision, *, at: datetime, zone: ZoneInfo
) -> None:
    """Keep the lists on which the person of a decision stands, as whoever decides sees them now.

    Who may not see scores decided without a list, so that nothing is ranked, kept or said then.
    """
    if grant(viewer, PERMISSION) is None:
        return
    material = _material(db, viewer, as_of=at, at=at, zone=zone)
    for score, ranking in RANKINGS.items():
        found = ranking(material.facts, material.policy)
        if all(entry.person_id != decision.person_id for entry in found.entries):
            continue
        kept = _identical(db, viewer, material, score)
        if kept is None:
            kept = _keep(db, viewer, material, score, found, act=ListAct.DECIDED, reason="")
        else:
            _log(db, viewer, "used", kept, ListAct.DECIDED, at=at)
        db.add(RiskDecisionList(risk_decision_id=decision.id, snapshot_id=kept.id))
        db.flush()


def _material(
    db: Session, viewer: Viewer, *, as_of: datetime, at: datetime, zone: ZoneInfo
) -> _Material:
    known = facts(db, viewer, as_of, zone, entered_by=at)
    return _Material(known, in_force(db, viewer), inputs_of(known), at, zone)


def _identical(db: Session, viewer: Viewer, material: _Material, score: str) -> ListSnapshot | None:
    """Find the list of that day made from the same facts and policy in the same role.

    Within a day time moves all scores alike, so that nobody's rank is another.
    """
    found = db.execute(
        select(ListSnapshot)
        .where(
            ListSnapshot.programme_id == viewer.programme_id,
            ListSnapshot.digest == digest_of(material.inputs),
            ListSnapshot.score == score,
            ListSnapshot.policy_version == material.policy.version,
            ListSnapshot.seed == SEED,
            ListSnapshot.role == _role(viewer),
            ListSnapshot.compartments == ",".join(sorted(compartments_seen(viewer))),
        )
        .order_by(ListSnapshot.id.desc())
    ).scalars()
    day = material.facts.as_of_day
    return next((each for each in found if local_day(each.known_at, material.zone) == day), None)


def _keep(
    db: Session,
    viewer: Viewer,
    material: _Material,
    score: str,
    found: Ranked,
    *,
    act: ListAct,
    reason: str,
) -> ListSnapshot:
    seen = compartments_seen(viewer)
    inputs = {name: list(each) for name, each in material.inputs.items()}
    kept = ListSnapshot(
        programme_id=viewer.programme_id,
        compartment=_secrecy(seen),
        score=score,
        act=act.value,
        reason=reason,
        known_at=material.facts.as_of,
        made_at=material.at,
        made_by_id=viewer.user_id,
        role=_role(viewer),
        compartments=",".join(sorted(seen)),
        policy_version=material.policy.version,
        seed=SEED,
        people=len(found.entries),
        inputs=json.dumps(inputs, sort_keys=True),
        digest=digest_of(material.inputs),
    )
    db.add(kept)
    db.flush()
    intervals = intervals_while_waiting(material.facts, material.policy, score)
    store_entries(db, kept.id, found, intervals)
    people = [entry.person_id for entry in found.entries]
    _log(db, viewer, "kept", kept, act, at=material.at, people=people)
    return kept


def _role(viewer: Viewer) -> str:
    return viewer.role.value if viewer.role else OPERATOR


def _log(
    db: Session,
    viewer: Viewer,
    done: str,
    kept: ListSnapshot,
    act: ListAct,
    *,
    at: datetime,
    people: Sequence[int] = (),
) -> None:
    audit.append(
        db,
        viewer,
        AuditVerb.COLLECTED,
        f"list_snapshot:{done}",
        at=at,
        subjects={"list_snapshot": [kept.id], "person": people},
        detail={"score": kept.score, "act": act.value, "people": kept.people},
    )


def _secrecy(seen: frozenset[str]) -> str:
    """Put what draws on more than the police's facts where the police never see it."""
    police = {each.value for each in POLICE}
    return (Compartment.POLICE if seen <= police else Compartment.SOCIAL).value


# Making it again


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What came of making a kept list again."""

    verdict: Verdict
    erased: int = 0
    """How many facts behind it are no longer there: removed, or erased for good."""
    difference: str = ""
    """The first difference, as a sentence without names; with `params`."""
    params: Mapping[str, object] | None = None


def verify(db: Session, viewer: Viewer, snapshot_id: int, *, zone: ZoneInfo) -> Verified:
    """Make a kept list again from what the database knew when it was made, and compare.

    Facts that were entered later count for nothing, whatever day a file gives them; corrections
    since are undone by the values kept before them. Raises NotFoundError for a list the viewer may
    not see.
    """
    kept = snapshot(db, viewer, snapshot_id)
    maker = maker_of(viewer, kept)
    if compartments_seen(maker) != kept.compartments:
        return _differs(N_("The role it was made in has other rights now."))
    known = facts_then(db, maker, kept, zone)
    inputs = inputs_of(known)
    erased = sum(max(0, kept.inputs[name].rows - each.rows) for name, each in inputs.items())
    if erased:
        return Verified(verdict=Verdict.ERASED, erased=erased)
    for name, each in inputs.items():
        if each != kept.inputs[name]:
            return _differs(N_("The facts of the table %(table)s are others."), table=name)
    policy = policy_of(db, viewer, kept)
    found = RANKINGS[kept.score](known, policy)
    entries = snapshot_entries(db, viewer, kept.id, to_compare=True)
    compared = _compared(kept, entries, standings(found))
    if compared.verdict is not Verdict.SAME or all(entry.low is None for entry in entries):
        return compared
    return _intervals_compared(entries, intervals_of(known, policy, kept.score, seed=kept.seed))


def _compared(
    kept: SnapshotRow, entries: tuple[SnapshotEntry, ...], again: Mapping[int, Standing]
) -> Verified:
    if digest_of(kept.inputs) != kept.digest:
        return _differs(N_("What is stored of its facts is not what its digest says."))
    for entry in entries:
        now = again.get(entry.person_id)
        if now is None:
            return _differs(N_("Rank %(rank)s is not on the list made again."), rank=entry.rank)
        if now.rank != entry.rank:
            return _differs(
                N_("Rank %(rank)s is rank %(now)s on the list made again."),
                rank=entry.rank,
                now=now.rank,
            )
        if not _same(entry, now):
            return _differs(
                N_("The score at rank %(rank)s is %(score)s, made again %(now)s."),
                rank=entry.rank,
                score=f"{entry.score:.9f}",
                now=f"{now.score:.9f}",
            )
    if len(again) != len(entries) or kept.people != len(entries):
        return _differs(
            N_("It holds %(kept)s people, made again %(now)s."), kept=len(entries), now=len(again)
        )
    return Verified(verdict=Verdict.SAME)


def _intervals_compared(entries: tuple[SnapshotEntry, ...], again: Intervals) -> Verified:
    for entry in entries:
        low, high = again[entry.person_id]
        if (entry.low, entry.high) != (low, high):
            return _differs(
                N_("The interval at rank %(rank)s is %(kept)s, made again %(now)s."),
                rank=entry.rank,
                kept=f"{entry.low}–{entry.high}",
                now=f"{low}–{high}",
            )
    return Verified(verdict=Verdict.SAME)


def _same(entry: SnapshotEntry, now: Standing) -> bool:
    pairs = [(entry.units, now.score)]
    pairs += [(units, now.parts.get(name, 0.0)) for name, units in entry.parts.items()]
    return all(abs(units - billionths(amount)) <= _ROUNDING for units, amount in pairs)


def _differs(sentence: str, **params: object) -> Verified:
    return Verified(verdict=Verdict.DIFFERS, difference=sentence, params=params)


def maker_of(viewer: Viewer, kept: SnapshotRow) -> Viewer:
    """Give who made it, as far as rights to scores go; those are the viewer's, or narrower."""
    role = None if kept.role == OPERATOR else Role(kept.role)
    return replace(viewer, role=role)


def facts_then(db: Session, maker: Viewer, kept: SnapshotRow, zone: ZoneInfo) -> Facts:
    """Read the facts behind a kept list, as they were known when it was made."""
    return facts(db, maker, kept.as_of, zone, entered_by=kept.made_at)


def policy_of(db: Session, viewer: Viewer, kept: SnapshotRow) -> ScoringPolicy:
    """Give the scoring policy a list was made under."""
    return policy_version(db, viewer, kept.policy_version).policy
