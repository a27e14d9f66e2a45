"""How far a call-in reaches, for those who may plan: the numbers of its page and of Today."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gvi.domain.call_in import WERE_ASKED, CallInStatus, InviteeStatus
from gvi.network.reach import outcome
from gvi.store.queries.attendance import chances_set
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.invitee import InviteeRow
from gvi.usecases.attendance_chance import chances_known
from gvi.usecases.plan import Question, ground, problem
from gvi.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReach:
    """How many of one group hear it or know somebody who does."""

    group_id: int
    name: str
    members: int
    reached: int
    planned: int
    """The same if everybody who was asked had come."""
    counts: bool
    """False where it was rejected or merged, before the call-in if that was held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What inviting these people gives; before the call-in if all come, afterwards who came."""

    universe: int
    reached: int
    planned: int
    """The same if everybody who was asked had come."""
    expected_to_come: float
    groups: tuple[GroupReach, ...]


def reach_of(
    visit: Visit, db: Session, card: CallInCard, rows: Iterable[InviteeRow]
) -> Reach | None:
    """Count a call-in's reach; None for roles that may not plan, and while nobody is invited.

    Of a held call-in as it stood on its day, and as was known then: what was delivered does not
    change with who leaves a group, or becomes an exit client, afterwards.
    """
    held = not card.is_to_come and card.status is not CallInStatus.CANCELLED
    asked = [row for row in rows if (row.status in WERE_ASKED if held else row.takes_a_seat)]
    if not asked or not visit.may("call_in:plan"):
        return None
    counted = [row for row in asked if heard(row)] if held else asked
    visit.combines()
    on = card.starts_at or visit.now
    as_of = on if held else visit.now
    stood_on = ground(db, visit.viewer, as_of=as_of, on=on, zone=visit.zone)
    groups = frozenset(group_id for group_id, _ in card.groups)
    planned_with = Question(
        seats=card.seats,
        groups=groups,
        learned=card.counts_own_attendance,
        chances=chances_known(chances_set(db, visit.viewer, card.id)),
    )
    question = problem(stood_on, planned_with)
    reached = frozenset(outcome(question, [row.person_id for row in counted]).reached)
    planned = frozenset(outcome(question, [row.person_id for row in asked]).reached)
    return Reach(
        universe=len(question.universe),
        reached=len(reached),
        planned=len(planned),
        expected_to_come=sum(stood_on.chance(row.person_id, planned_with) for row in counted),
        groups=tuple(
            GroupReach(
                group_id=group_id,
                name=name,
                members=len(stood_on.members.get(group_id, ())),
                reached=len(stood_on.members.get(group_id, frozenset()) & reached),
                planned=len(stood_on.members.get(group_id, frozenset()) & planned),
                counts=group_id in stood_on.members,
            )
            for group_id, name in card.groups
        ),
    )


def heard(row: InviteeRow) -> bool:
    """Whether somebody counts as having heard the message; who left before a word of it has not."""
    if row.status is InviteeStatus.ATTENDED:
        return True
    return row.status is InviteeStatus.LEFT_EARLY and bool(row.parts)
