"""Today: what happened since last time, what is watched, what is due, the next call-in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from babel.dates import format_date
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from gvi.domain.due import DueKind
from gvi.domain.incident import Gmi
from gvi.domain.text import N_
from gvi.domain.today import COLOURS_ASKED_DAYS, last_time
from gvi.store.queries.access import notices_for
from gvi.store.queries.call_in import next_call_in
from gvi.store.queries.client import conflict_warnings
from gvi.store.queries.inbound_call import calls_to_return
from gvi.store.queries.review import review_counts
from gvi.store.queries.risk import ExpiringColour, colours_expiring
from gvi.store.queries.support import list_cases, stuck_needs, support_counts
from gvi.store.queries.today import (
    IncidentCounts,
    NotificationCounts,
    Watch,
    call_in_count,
    incident_counts,
    notification_counts,
    watches,
)
from gvi.web.format import say_date, say_week, sentence_start
from gvi.web.labels import label
from gvi.web.pages.due import LATE, DueLine, due_lines, show_lines
from gvi.web.pages.scorecard import ScorecardRow, scorecard_rows
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

MOST_GROUPS = 6
MOST_DUE = 10
MOST_COLOURS = 5
OFFER_WITHIN_DAYS = 2
"""Somebody who was hurt is offered help at once; after the second day it is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of the ledger: what it counts, a second line, and where to look."""

    value: str
    text: str
    small: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What the ledger and the answer are made of; None where the role has no such number."""

    incidents: IncidentCounts | None
    notifications: NotificationCounts | None
    watches: tuple[Watch, ...]
    lines: tuple[DueLine, ...]
    colours: tuple[ExpiringColour, ...]


@router.get("/today", response_class=HTMLResponse)
def today(visit: Annotated[Visit, may("today:see")], db: ReadDb) -> HTMLResponse:
    """Show the day; every part under its own right, counts where there is no more."""
    since = last_time(visit.now, visit.zone)
    numbers = Numbers(
        incidents=incident_counts(db, visit.viewer, since),
        notifications=notification_counts(db, visit.viewer, since, visit.now),
        watches=watches(db, visit.viewer, visit.now, visit.zone),
        lines=due_lines(db, visit) if visit.may("due:list") else (),
        colours=colours_expiring(db, visit.viewer, visit.now, COLOURS_ASKED_DAYS, zone=visit.zone),
    )
    visit.shows("person", [each.person_id for each in numbers.colours[:MOST_COLOURS]])
    shown = numbers.lines[:MOST_DUE]
    show_lines(visit, shown)
    visit.shows("incident", [watch.incident_id for watch in numbers.watches])
    call_in = next_call_in(db, visit.viewer, visit.now)
    visit.shows("call_in", [call_in.id] if call_in else [])
    notices = notices_for(db, visit.viewer, at=visit.now)
    visit.shows("person", [each.person_id for each in notices])
    return visit.render(
        "today/show.html",
        notices=notices,
        title=_title(visit),
        answer=_answer(visit, numbers),
        note=say_week(visit.now, visit.manner),
        since=since,
        figures=_figures(visit, db, numbers, since),
        watches=_in_two([_watched(visit, watch) for watch in numbers.watches]),
        sees_watches=visit.may("incident:list"),
        warnings=conflict_warnings(db, visit.viewer, visit.now),
        lines=shown,
        late_said=_late(visit, numbers),
        due_count=len(numbers.lines),
        sees_due=visit.may("due:list"),
        colours=numbers.colours[:MOST_COLOURS],
        colour_count=len(numbers.colours),
        call_in=call_in,
        sees_call_ins=visit.may("call_in:list"),
        may_log=visit.may("incident:write"),
        groups=_most_violent_groups(visit, db),
    )


def _most_violent_groups(visit: Visit, db: Session) -> list[ScorecardRow]:
    """Give the first lines of the group table, for those who may have scores."""
    if not visit.may("scorecard:read"):
        return []
    rows = sorted(scorecard_rows(visit, db), key=lambda row: -row.score.doing.days_30)
    visit.shows("group", [row.id for row in rows[:MOST_GROUPS]])
    return rows[:MOST_GROUPS]


def _late(visit: Visit, numbers: Numbers) -> str:
    late = sum(line.when == LATE for line in numbers.lines)
    return visit.say_plural("%(num)s late", "%(num)s late", late) if late else ""


def _title(visit: Visit) -> str:
    day = format_date(visit.today, "EEEE d MMMM", locale=visit.viewer.language)
    return visit.say(N_("Today, %(day)s"), day=day)


def _answer(visit: Visit, numbers: Numbers) -> str:
    """Say the day in one sentence: what happened, what is to be delivered, what is late."""
    said = []
    if numbers.incidents is not None:
        said.append(
            visit.say_plural(
                "%(num)s incident since last time",
                "%(num)s incidents since last time",
                numbers.incidents.since,
            )
        )
    if numbers.notifications is not None:
        said.append(
            visit.say_plural(
                "%(num)s visit to be made", "%(num)s visits to be made", numbers.notifications.open
            )
        )
    if visit.may("due:list"):
        late = sum(line.when == LATE for line in numbers.lines)
        calls = sum(line.kind is DueKind.CALL_BACK for line in numbers.lines)
        if calls and numbers.incidents is None:
            said.append(
                visit.say_plural("%(num)s call to return", "%(num)s calls to return", calls)
            )
        said.append(visit.say_plural("%(num)s thing is late", "%(num)s things are late", late))
    return sentence_start(", ".join(said)) + "." if said else ""


def _figures(visit: Visit, db: Session, numbers: Numbers, since: datetime) -> list[Figure]:
    """Make the ledger: only the numbers the role has."""
    figures = [*_incident_figures(visit, numbers), *_notification_figures(visit, numbers)]
    if visit.may("support_count:read"):
        figures += _support_figures(visit, db, since)
    elif visit.may("support:list"):
        figures += _own_support_figures(visit, db)
    if visit.may("risk:read"):
        figures.append(_colour_figure(visit, numbers.colours))
    if visit.may("review:list"):
        figures += _review_figures(visit, db)
    held = call_in_count(db, visit.viewer, since, visit.now)
    if held is not None and not visit.may("due:list"):
        figures.append(
            Figure(
                value=str(held),
                text=visit.say_plural("call-in held", "call-ins held", held),
                small="",
                url="/call-ins",
            )
        )
    return figures


def _review_figures(visit: Visit, db: Session) -> list[Figure]:
    """Count the records past their review day; nothing while there is none."""
    counts = review_counts(db, visit.viewer, on=visit.today)
    if not counts.overdue and not counts.to_confirm:
        return []
    mine = visit.say_plural("%(num)s is yours", "%(num)s are yours", counts.mine_overdue)
    waiting = visit.say_plural(
        "%(num)s longer time waits for your yes or no",
        "%(num)s longer times wait for your yes or no",
        counts.to_confirm,
    )
    return [
        Figure(
            value=str(counts.overdue),
            text=visit.say_plural(
                "record past its review day", "records past their review day", counts.overdue
            ),
            small=f"{mine}; {waiting}" if counts.to_confirm else mine,
            url="/review",
        )
    ]


def _colour_figure(visit: Visit, colours: tuple[ExpiringColour, ...]) -> Figure:
    expired = sum(each.colour.is_expired for each in colours)
    return Figure(
        value=str(len(colours)),
        text=visit.say_plural("colour to decide again", "colours to decide again", len(colours)),
        small=visit.say_plural("%(num)s has expired", "%(num)s have expired", expired)
        if expired
        else visit.say(N_("within 7 days")),
        url="#colours" if colours else "",
    )


def _incident_figures(visit: Visit, numbers: Numbers) -> list[Figure]:
    counts = numbers.incidents
    if counts is None:
        return []
    gmi = visit.say(
        N_("GMI: %(confirmed)s confirmed, %(likely)s likely, %(unknown)s unknown"),
        confirmed=counts.confirmed,
        likely=counts.likely,
        unknown=counts.unknown,
    )
    since = visit.say_plural("%(num)s since last time", "%(num)s since last time", counts.since)
    if counts.to_review is not None:
        return [
            Figure(
                value=str(counts.to_review),
                text=visit.say_plural(
                    "incident to review", "incidents to review", counts.to_review
                ),
                small=f"{since}; {gmi}" if counts.since else since,
                url="/incidents?status=new",
            )
        ]
    return [
        Figure(
            value=str(counts.since),
            text=visit.say_plural("incident", "incidents", counts.since),
            small=gmi if counts.since else "",
            url="/incidents" if visit.may("incident:list") else "",
        )
    ]


def _notification_figures(visit: Visit, numbers: Numbers) -> list[Figure]:
    counts = numbers.notifications
    if counts is None:
        return []
    tried = visit.say_plural("%(num)s attempt", "%(num)s attempts", counts.attempts)
    still = visit.say_plural("%(num)s still open", "%(num)s still open", counts.open)
    late = visit.say_plural("%(num)s late", "%(num)s late", counts.late)
    return [
        Figure(
            value=str(counts.delivered),
            text=visit.say_plural(
                "notification delivered", "notifications delivered", counts.delivered
            ),
            small=", ".join((tried, still, late) if counts.late else (tried, still)),
            url="/notifications" if visit.may("custom_notification:list") else "",
        )
    ]


def _support_figures(visit: Visit, db: Session, since: datetime) -> list[Figure]:
    counts = support_counts(db, visit.viewer, visit.now, visit.zone, since=since)
    sees = visit.may("inbound_call:read")
    waiting = visit.say_plural(
        "%(num)s waits to be rung back", "%(num)s wait to be rung back", counts.calls_waiting
    )
    return [
        Figure(
            value=str(counts.calls_since),
            text=visit.say_plural(
                "call to the number on the card",
                "calls to the number on the card",
                counts.calls_since,
            ),
            small=waiting if sees else visit.say(N_("with outreach; names not shown here")),
            url="/calls" if sees else "",
        ),
        Figure(
            value=str(counts.contacts_late),
            text=visit.say_plural(
                "contact late with outreach",
                "contacts late with outreach",
                counts.contacts_late,
            ),
            small=visit.say_plural(
                "of %(num)s open case", "of %(num)s open cases", counts.open_cases
            ),
            url="/support?needs=late" if visit.may("support:list") else "",
        ),
    ]


def _own_support_figures(visit: Visit, db: Session) -> list[Figure]:
    """Count for a lead over the team's cases, which the lead sees one by one."""
    cases = [
        case for case in list_cases(db, visit.viewer, visit.now, visit.zone) if case.tone == ""
    ]
    late, calls = (
        sum(case.is_late for case in cases),
        calls_to_return(db, visit.viewer, visit.now, visit.zone),
    )
    stuck = stuck_needs(db, visit.viewer, visit.today)
    return [
        Figure(
            value=str(late),
            text=visit.say_plural("contact late", "contacts late", late),
            small=visit.say_plural("of %(num)s open case", "of %(num)s open cases", len(cases)),
            url="/support?needs=late",
        ),
        Figure(
            value=str(len(calls)),
            text=visit.say_plural("call to return", "calls to return", len(calls)),
            small="",
            url="/calls",
        ),
        Figure(
            value=str(len(stuck)),
            text=visit.say_plural("need is stuck", "needs are stuck", len(stuck)),
            small=visit.say(N_("open for more than 30 days")),
            url="/support?needs=stuck",
        ),
    ]


def _in_two(watched: list["Watched"]) -> tuple[list["Watched"], list["Watched"]]:
    """Share the watches between two columns, the latest on top of both."""
    return watched[0::2], watched[1::2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One protective step of a watch; `status` is the sign's."""

    text: str
    status: str
    said: str
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A watch and its steps, protection first."""

    watch: Watch
    where: str
    area: str
    gmi: Gmi
    steps: tuple[Step, ...]


def _watched(visit: Visit, watch: Watch) -> Watched:
    kind = label(watch.kind, visit.viewer.language)
    place = watch.place or watch.area
    return Watched(
        watch=watch,
        where=f"{kind}, {place}" if place else kind,
        area=watch.area if watch.place else "",
        gmi=watch.gmi,
        steps=(*_victim_support(visit, watch), *_visits(visit, watch)),
    )


def _victim_support(visit: Visit, watch: Watch) -> tuple[Step, ...]:
    """Say how many were offered help to those who see the offers; to others only whose duty it is.

    The day is the duty's, and no sign says whether it was met: that would be the answer again.
    """
    if watch.hurt is None or watch.offered is None:
        by = watch.ends_on - timedelta(days=watch.days - OFFER_WITHIN_DAYS)
        duty = visit.say(N_("the municipality's duty, by %(day)s"), day=say_date(by, visit.manner))
        text = visit.say(N_("Victim support and a safe place"))
        return (Step(text=text, status="off", said=duty, due=None),)
    text = visit.say(N_("Victim support and a safe place offered"))
    if not watch.hurt:
        return (Step(text=text, status="off", said=visit.say(N_("nobody known hurt")), due=None),)
    said = visit.say(N_("%(part)s of %(whole)s"), part=watch.offered, whole=watch.hurt)
    if watch.offered >= watch.hurt:
        status = "green"
    else:
        status = "yellow" if watch.day <= OFFER_WITHIN_DAYS else "red"
    return (Step(text=text, status=status, said=said, due=None),)


def _visits(visit: Visit, watch: Watch) -> tuple[Step, ...]:
    if watch.visits_open is None or watch.visits_delivered is None:
        return ()
    total = watch.visits_open + watch.visits_delivered
    text = visit.say(N_("Custom notifications within 48 h"))
    if not total:
        said, status = visit.say(N_("none planned")), "unknown"
    else:
        said = visit.say(N_("%(part)s of %(whole)s"), part=watch.visits_delivered, whole=total)
        status = "green" if not watch.visits_open else "open"
    return (Step(text=text, status=status, said=said, due=watch.next_visit_due),)
