"""The group table: what each group's members did and suffered, conflicts, message, next action."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.text import N_
from gvi.network.scorecard import GroupRow, group_scorecard
from gvi.store.facts import facts
from gvi.store.queries.message import LastMessage, last_message_of_groups
from gvi.store.queries.ranking import NextAction, next_actions_of_groups
from gvi.usecases.policy import in_force
from gvi.web.export import export_list
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.text import translate_plural
from gvi.web.visit import Db, PageForm, ReadDb, Visit, may

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardRow:
    """One group on the page."""

    score: GroupRow
    open_conflicts: tuple[str, ...]
    tensions: tuple[str, ...]
    message: LastMessage | None
    next_action: NextAction | None

    @property
    def id(self) -> int:
        """The group's id."""
        return self.score.group_id

    @property
    def last_message_at(self) -> datetime | None:
        """When a member last heard the message."""
        return self.message.delivered_at if self.message else None


COLUMNS: tuple[Column[ScorecardRow], ...] = (
    Column("group", N_("Group"), lambda row: row.score.name),
    Column(
        "days_30",
        N_("30 days"),
        lambda row: row.score.doing.days_30,
        numeric=True,
        is_score=True,
    ),
    Column(
        "days_90",
        N_("90 days"),
        lambda row: row.score.doing.days_90,
        numeric=True,
        is_score=True,
    ),
    Column(
        "days_365",
        N_("365 days"),
        lambda row: row.score.doing.days_365,
        numeric=True,
        is_score=True,
    ),
    Column(
        "decayed",
        N_("Doing side, all time, fading"),
        lambda row: row.score.doing.decayed,
        numeric=True,
        is_score=True,
        shown=False,
    ),
    Column("months", N_("12 months"), lambda row: row.score.incidents, sortable=False),
    Column(
        "suffered_30",
        N_("Victim 30"),
        lambda row: row.score.suffered.days_30,
        numeric=True,
        is_score=True,
    ),
    Column(
        "suffered_90",
        N_("Victim 90"),
        lambda row: row.score.suffered.days_90,
        numeric=True,
        is_score=True,
    ),
    Column(
        "suffered_365",
        N_("Victim 365"),
        lambda row: row.score.suffered.days_365,
        numeric=True,
        is_score=True,
    ),
    Column(
        "suffered_decayed",
        N_("Victim side, all time, fading"),
        lambda row: row.score.suffered.decayed,
        numeric=True,
        is_score=True,
        shown=False,
    ),
    Column("conflicts", N_("Conflicts"), lambda row: len(row.open_conflicts)),
    Column("message", N_("Last message"), lambda row: row.last_message_at),
    Column(
        "next",
        N_("Next action"),
        lambda row: row.next_action.due_at if row.next_action else None,
    ),
)

FILTERS = (("open_conflict", N_("Open conflict")), ("never_told", N_("Never told")))


@router.get("/groups/scorecard", response_class=HTMLResponse)
def scorecard(visit: Annotated[Visit, may("scorecard:read")], db: ReadDb) -> HTMLResponse:
    """Show the groups, those whose members did most lately first."""
    listing = _listing(visit, db)
    visit.shows("group", [row.id for row in listing.rows])
    return visit.render(
        "ranking/scorecard.html", listing=listing, answer=_answer(visit, listing.rows)
    )


@router.post("/groups/scorecard/export")
def export_scorecard(
    visit: Annotated[Visit, may("scorecard:read", fresh=True)], form: PageForm, db: Db
) -> Response:
    """Export the group table with a purpose."""
    listing = _listing(visit, db, whole=True)
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="scorecard",
        title=visit.say(N_("Groups")),
        subjects={"group": [row.id for row in listing.rows]},
    )


def scorecard_rows(visit: Visit, db: Session) -> list[ScorecardRow]:
    """Compute the group table as this visitor may know it at the instant asked about."""
    visit.combines()
    known = facts(db, visit.viewer, visit.instant, visit.zone, ties=False)
    names = dict(zip(known.groups.id, known.groups.name, strict=True))
    messages = last_message_of_groups(db, visit.viewer, visit.instant)
    planned = next_actions_of_groups(db, visit.viewer, visit.instant)
    return [
        ScorecardRow(
            score=row,
            open_conflicts=tuple(names[key] for key in row.open_conflicts),
            tensions=tuple(names[key] for key in row.tensions),
            message=messages.get(row.group_id),
            next_action=planned.get(row.group_id),
        )
        for row in group_scorecard(known, in_force(db, visit.viewer))
    ]


def _listing(visit: Visit, db: Session, *, whole: bool = False) -> Listing[ScorecardRow]:
    filters = (
        Filter(
            "needs",
            N_("Needs attention"),
            [(key, visit.say(text)) for key, text in FILTERS],
            any_label=N_("Anything"),
        ),
    )
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters, default_sort="-days_90")
    rows, total = (query.whole() if whole else query).apply(
        scorecard_rows(visit, db),
        COLUMNS,
        search=lambda row: (row.score.name,),
        filters={"needs": _needs},
    )
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/groups/scorecard",
        keep={"as_of": visit.request.query_params["as_of"]} if visit.as_of else {},
        may_export=visit.may("list:export"),
        search_label=N_("Name"),
    )


def _needs(row: ScorecardRow) -> list[str]:
    flags = [(bool(row.open_conflicts), "open_conflict"), (row.message is None, "never_told")]
    return [key for holds, key in flags if holds]


def _answer(visit: Visit, rows: Sequence[ScorecardRow]) -> str:
    violent = sum(1 for row in rows if row.score.doing.days_90 > 0)
    told = sum(1 for row in rows if row.score.doing.days_90 > 0 and row.message)
    first = translate_plural(
        "Members of %(num)s group took part in violence in the last 90 days",
        "Members of %(num)s groups took part in violence in the last 90 days",
        violent,
        visit.viewer.language,
    )
    return visit.say(
        N_("%(first)s; %(told)s of these have heard the message."), first=first, told=told
    )
