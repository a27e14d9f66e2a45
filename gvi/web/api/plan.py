"""Planning a call-in: the same questions and the same answer as `gvi callin-plan`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.domain.time import end_of_day
from gvi.network.plan import Objective
from gvi.network.selection import best_plan
from gvi.usecases.plan import Chance, ground, people_in, plan_document, problem, read_question
from gvi.web.api.bodies import Day
from gvi.web.api.routing import reads
from gvi.web.visit import ReadDb, Visit, as_of_moment, may

router = reads("call-in-plans")

SECONDS_WAITED = 1.0
"""So long the solver may take while somebody waits; `gvi callin-plan` takes longer and proves."""


class ChanceSet(BaseModel):
    """How likely one person is to come, and how that is known."""

    model_config = ConfigDict(extra="forbid")

    person: str
    probability: Annotated[float, Field(ge=0, le=1)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class PlanQuestion(BaseModel):
    """What is asked; people and groups by external id, code name or group name."""

    model_config = ConfigDict(extra="forbid")

    size: Annotated[int, Field(ge=1, description="How many seats there are.")]
    exactly: Annotated[bool, Field(description="Fill every seat.")] = False
    on: Annotated[
        Day | None, Field(description="Day of the call-in: age, custody, supervision.")
    ] = None
    as_of: Annotated[
        str | None, Field(description="As known at this day (its end) or instant.")
    ] = None
    supervised_only: bool = False
    group: Annotated[
        list[str], Field(validation_alias=AliasChoices("group", "groups"), max_length=1000)
    ] = []
    lock: Annotated[list[str], Field(max_length=1000)] = []
    exclude: Annotated[list[str], Field(max_length=100_000)] = []
    min_per_group: Annotated[
        dict[str, Annotated[int, Field(ge=0)]],
        Field(max_length=1000, description="How many of a group must be invited."),
    ] = {}
    objective: Objective = Objective.REACH
    keep_apart: Annotated[
        list[tuple[str, str]], Field(max_length=1000, description="Pairs never in one session.")
    ] = []
    sessions: Annotated[int, Field(ge=1, description="Sessions that share the seats evenly.")] = 1
    attendance: Annotated[
        Literal["published", "learned"],
        Field(description="Chances of coming: published, or the programme's own."),
    ] = "published"
    chances: Annotated[
        list[ChanceSet],
        Field(max_length=1000, description="Chances of coming known better; before the others."),
    ] = []


class ClashItem(BaseModel):
    """A rule that cannot be kept together with the others named."""

    rule: str
    ids: list[str]
    reason: str


class Nearest(BaseModel):
    """The plan that gives up least where no plan keeps all rules, and what it gives up."""

    extra_seats: int
    empty_seats: int
    unlocked: list[str]
    plan: "CallInPlan"


class CallInPlan(BaseModel):
    """Whom to call in, whom that reaches, and how sure it is that nothing is better."""

    invitees: list[str]
    reach: float
    expected: float
    covered: float
    reached: list[str]
    not_reached: list[str]
    universe: int
    status: Annotated[
        Literal["proved_best", "best_found", "infeasible", "not_found"],
        Field(description="`not_found`: the time was over before either was known."),
    ]
    gap: float
    clashes: list[ClashItem]
    clashes_are_least: Annotated[
        bool, Field(description="False: the time was over, and some of them could be kept.")
    ] = True
    alternatives: int | None
    sessions: list[list[str]] | None = None
    """Who sits together; only where there are several."""
    nearest: Nearest | None = None
    """Only where the plan is infeasible, and the nearest was found in time."""


@router.post("/call-in-plans", response_model_exclude_unset=True)
def plan_call_in(
    visit: Annotated[Visit, may("call_in:plan")], asked: PlanQuestion, db: ReadDb
) -> CallInPlan:
    """Plan a call-in; writes nothing but that it was asked."""
    visit.asks = True
    as_of = _as_of(visit, asked.as_of)
    on = as_of if asked.on is None else end_of_day(asked.on, visit.zone)
    stood_on = ground(db, visit.viewer, as_of=as_of, on=on, zone=visit.zone)
    question = read_question(
        stood_on.facts,
        size=asked.size,
        exactly=asked.exactly,
        supervised_only=asked.supervised_only,
        objective=asked.objective.value,
        groups=asked.group,
        lock=asked.lock,
        exclude=asked.exclude,
        keep_apart=asked.keep_apart,
        sessions=asked.sessions,
        learned=asked.attendance == "learned",
        chances=[
            (each.person, Chance(probability=each.probability, reason=each.reason))
            for each in asked.chances
        ],
        least=list(asked.min_per_group.items()),
    )
    plan = best_plan(problem(stood_on, question), time_limit_seconds=SECONDS_WAITED)
    visit.shows("person", people_in(plan))
    document = plan_document(stood_on, plan, names_minors=False)
    return CallInPlan.model_validate(document)


def _as_of(visit: Visit, given: str | None) -> datetime:
    if given is None:
        return visit.now
    try:
        return as_of_moment(given.strip(), visit.zone)
    except ValueError:
        raise RuleError(
            N_("Give the as-of day as year-month-day, for example 2026-03-02."), field="as_of"
        ) from None
