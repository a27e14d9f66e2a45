"""Rankings, explanations and the group table as JSON; the machine formats of the command line."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from gvi.domain.message import Occasion
from gvi.network.scorecard import group_scorecard
from gvi.store.facts import facts
from gvi.store.queries.message import LastMessage, last_message_of_groups
from gvi.store.queries.ranking import NextAction, next_actions_of_groups
from gvi.usecases.interval import intervals_while_waiting
from gvi.usecases.policy import in_force
from gvi.usecases.ranking import (
    driving,
    explanation_document,
    exposed,
    person_place,
    ranking_document,
    why_ranked,
)
from gvi.web.api.ids import PersonId
from gvi.web.api.problems import MISSING
from gvi.web.api.routing import reads
from gvi.web.visit import ReadDb, Visit, may

router = reads("rankings")

Top = Annotated[int, Query(ge=1, le=100_000, description="How many people from the top.")]
AsOf = Annotated[
    str | None,
    Query(description="As known at this day (its end) or instant; blank is now."),
]


class Entry(BaseModel):
    """One ranked person; `person` is the external id, or the code name where there is none.

    `interval` is the 5th and the 95th percentile of the rank in 200 draws of weights and incidents;
    null where there is too much to draw at each call (`gvi rank` draws it then).
    """

    rank: int
    person: str
    score: float
    parts: dict[str, float]
    interval: tuple[int, int] | None


class Ranking(BaseModel):
    """A ranking as known at an instant, in harm units."""

    as_of: str
    policy: int
    score: Literal["driving", "exposed"]
    entries: list[Entry]


class Contribution(BaseModel):
    """What one person's role in one incident adds to one part, and along which path."""

    part: str
    incident: str
    role: str
    source: str
    path: list[str]
    paths: int
    ties: list[list[str]]
    amount: float


class Explanation(BaseModel):
    """A score opened up; the amounts add up to it."""

    person: str
    score: float
    parts: dict[str, float]
    contributions: list[Contribution]


class Totals(BaseModel):
    """Harm units in the last 30, 90 and 365 days undecayed, and of all time decayed."""

    days_30: float
    days_90: float
    days_365: float
    decayed: float


class MessageHeard(BaseModel):
    """When and where a member of a group last heard the message."""

    delivered_at: datetime
    occasion: Occasion


class Planned(BaseModel):
    """What is due first for a group: a visit to a member, a call-in, or an action."""

    kind: Literal["custom_notification", "call_in", "action"]
    id: int
    due_at: datetime


class GroupScore(BaseModel):
    """One group in the group table: doing side, victim side, last message and next action."""

    group: str
    name: str
    members: int
    share: float
    doing: Totals
    suffered: Totals
    open_conflicts: list[str]
    tensions: list[str]
    last_message: Annotated[
        MessageHeard | None,
        Field(description="Null where nobody heard it, as far as you may know."),
    ]
    next_action: Annotated[
        Planned | None, Field(description="Null where nothing is planned that you may know of.")
    ]


@router.get("/rankings/driving")
def rankings_driving(
    visit: Annotated[Visit, may("score:read")], db: ReadDb, top: Top = 20, as_of: AsOf = None
) -> Ranking:
    """Rank the adults who drive violence."""
    return _ranking(visit, db, "driving", top)


@router.get("/rankings/exposed")
def rankings_exposed(
    visit: Annotated[Visit, may("score:read")], db: ReadDb, top: Top = 20, as_of: AsOf = None
) -> Ranking:
    """Rank the adults who are exposed to violence."""
    return _ranking(visit, db, "exposed", top)


def _ranking(visit: Visit, db: ReadDb, score: str, top: int) -> Ranking:
    ask = driving if score == "driving" else exposed
    known, found = ask(db, visit.viewer, visit.instant, visit.zone)
    visit.shows("person", [entry.person_id for entry in found.entries[:top]])
    intervals = intervals_while_waiting(known, in_force(db, visit.viewer), score)
    document = ranking_document(found, score, visit.zone, top=top, intervals=intervals)
    return Ranking.model_validate(document)


@router.get("/persons/{person_id}/explanation", responses=MISSING)
def explanation(
    visit: Annotated[Visit, may("score:read")],
    person_id: PersonId,
    db: ReadDb,
    score: Literal["driving", "exposed"] = "driving",
    as_of: AsOf = None,
) -> Explanation:
    """Open up one person's score; 422 for somebody who is not listed, such as under-18s."""
    known = facts(db, visit.viewer, visit.instant, visit.zone)
    person_place(known, person_id)
    found = why_ranked(db, visit.viewer, known, person_id, score=score)
    visit.shows("person", {p for c in found.contributions for p in c.people} | {person_id})
    document: dict[str, Any] = explanation_document(known, found)
    return Explanation.model_validate(document)


@router.get("/groups/scorecard")
def scorecard(
    visit: Annotated[Visit, may("scorecard:read")], db: ReadDb, as_of: AsOf = None
) -> list[GroupScore]:
    """Give the group table: doing side and victim side, conflicts, last message, next action."""
    known = facts(db, visit.viewer, visit.instant, visit.zone)
    keys = dict(zip(known.groups.id, known.groups.key, strict=True))
    rows = group_scorecard(known, in_force(db, visit.viewer))
    messages = last_message_of_groups(db, visit.viewer, visit.instant)
    planned = next_actions_of_groups(db, visit.viewer, visit.instant)
    visit.shows("group", [row.group_id for row in rows])
    return [
        GroupScore(
            group=row.key,
            name=row.name,
            members=row.members,
            share=row.share,
            doing=Totals(**_totals(row.doing)),
            suffered=Totals(**_totals(row.suffered)),
            open_conflicts=[keys[key] for key in row.open_conflicts],
            tensions=[keys[key] for key in row.tensions],
            last_message=_heard(messages.get(row.group_id)),
            next_action=_planned(planned.get(row.group_id)),
        )
        for row in rows
    ]


def _heard(message: LastMessage | None) -> MessageHeard | None:
    if message is None:
        return None
    return MessageHeard(delivered_at=message.delivered_at, occasion=message.occasion)


def _planned(action: NextAction | None) -> Planned | None:
    return None if action is None else Planned.model_validate(action, from_attributes=True)


def _totals(totals: Any) -> dict[str, float]:
    return {
        "days_30": totals.days_30,
        "days_90": totals.days_90,
        "days_365": totals.days_365,
        "decayed": totals.decayed,
    }
