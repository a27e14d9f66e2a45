"""`gvi callin-plan`: whom to call in so that most of the network hears the message (design §9)."""

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.domain.time import end_of_day, read_day
from gvi.network.plan import Objective, PlanStatus
from gvi.network.selection import best_plan
from gvi.store import audit
from gvi.usecases.plan import (
    Chance,
    Ground,
    Question,
    ground,
    people_in,
    plan_document,
    problem,
    read_question,
)

FORMATS = ("table", "json")
ATTENDANCE = ("published", "learned")
DONE, REFUSED = 0, 3
MOST_NAMED = 30
"""So many of those not reached are named in the table; the JSON names them all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `gvi callin-plan`."""
    add = parser.add_argument
    add("--size", type=int, required=True, metavar="K", help="how many seats there are")
    add("--exactly", action="store_true", help="fill every seat, instead of at most so many")
    add("--on", metavar="DATE", help="day of the call-in, for age, custody and supervision")
    add("--as-of", metavar="D", help="as known at this day (its end) or instant")
    add("--supervised-only", action="store_true", help="only those who can be obliged to come")
    add("--group", action="append", default=[], metavar="G", help="a group to reach; repeat")
    add("--lock", action="append", default=[], metavar="P", help="somebody to invite; repeat")
    add("--exclude", action="append", default=[], metavar="P", help="somebody not to; repeat")
    add("--keep-apart", action="append", nargs=2, default=[], metavar="P", help="two; repeat")
    add("--sessions", type=int, default=1, metavar="N", help="sessions that share the seats")
    add("--least", action="append", default=[], metavar="G=N", help="so many of a group; repeat")
    add("--attendance", choices=ATTENDANCE, default="published", help="how likely people come")
    add(
        "--chance",
        action="append",
        nargs=2,
        default=[],
        metavar=("PERSON=P", "REASON"),
        help="how likely one person comes, 0 to 1, and how that is known; repeat",
    )
    add("--objective", choices=[o.value for o in Objective], default="reach", help="what counts")
    add("--format", choices=FORMATS, default="table", help="how to print it")


def callin_plan(
    db: Session,
    viewer: Viewer,
    arguments: argparse.Namespace,
    *,
    as_of: datetime,
    at: datetime,
    zone: ZoneInfo,
) -> tuple[str, int]:
    """Give what `gvi callin-plan` prints and its exit status: 0, or 3 where there is no plan.

    Raises RuleError for a question that cannot be asked: an unknown person or group, a bad date.
    """
    on = as_of if arguments.on is None else _day(arguments.on, zone)
    stood_on = ground(db, viewer, as_of=as_of, on=on, zone=zone)
    asked = read_question(
        stood_on.facts,
        size=arguments.size,
        exactly=arguments.exactly,
        supervised_only=arguments.supervised_only,
        objective=arguments.objective,
        groups=arguments.group,
        lock=arguments.lock,
        exclude=arguments.exclude,
        keep_apart=arguments.keep_apart,
        sessions=arguments.sessions,
        learned=arguments.attendance == "learned",
        chances=[_chance_set(text, reason) for text, reason in arguments.chance],
        least=[_least(text) for text in arguments.least],
    )
    plan = best_plan(problem(stood_on, asked))
    people = {"person": people_in(plan)}
    audit.append(db, viewer, AuditVerb.COMBINED, "call_in:plan_shown", at=at, subjects=people)
    document = plan_document(stood_on, plan, names_minors=True)
    status = DONE if plan.is_found else REFUSED
    if arguments.format == "json":
        return json.dumps(document, ensure_ascii=False, indent=2), status
    chances = _chances(asked, stood_on)
    lines = _table(document, chances) if plan.is_found else _refused(document)
    if plan.nearest is not None:
        nearest = plan_document(stood_on, plan.nearest.plan, names_minors=True)
        lines += ["", "The nearest that can be:", *_table(nearest, chances)]
    return "\n".join(lines), status


def _chance_set(text: str, reason: str) -> tuple[str, Chance]:
    person, _, number = text.rpartition("=")
    try:
        return person, Chance(probability=float(number), reason=reason)
    except ValueError:
        raise RuleError(
            N_("Give a chance as person=number from 0 to 1, for example Lom=0.6; not %(text)s."),
            field="chance",
            text=text,
        ) from None


def _least(text: str) -> tuple[str, int]:
    group, _, number = text.rpartition("=")
    if not group or not number.isdecimal():
        raise RuleError(
            N_("Give a minimum as group=number, for example Granit=2; not %(text)s."),
            field="least",
            text=text,
        )
    return group, int(number)


def _chances(asked: Question, stood_on: Ground) -> str:
    """Say where the chances of coming are from, and how many are behind them."""
    said = "the published chances of coming"
    if asked.learned:
        own = stood_on.attendance
        said = (
            f"chances learned from {own.obliged.invited} who had to come and"
            f" {own.voluntary.invited} others"
        )
    return f"{said}, and {len(asked.chances)} set for single people" if asked.chances else said


def _day(text: str, zone: ZoneInfo) -> datetime:
    try:
        return end_of_day(read_day(text), zone)
    except (ValueError, OverflowError):
        raise RuleError(
            N_("Give the day as year-month-day, for example 2026-03-02; not %(text)s."),
            field="on",
            text=text,
        ) from None


def _table(found: Mapping[str, Any], chances: str) -> list[str]:
    gap = f", at most {found['gap']:.1%} from the best" if found["gap"] else ""
    alternatives = found["alternatives"]
    return [
        f"status        {found['status']}{gap}",
        f"invitees      {_listed(found['invitees'])}",
        *(
            f"session {number}     {_listed(names)}"
            for number, names in enumerate(found.get("sessions", ()), start=1)
        ),
        f"reach         {found['reach']:g} of {found['universe']} if everybody comes",
        f"expected      {found['expected']:.1f}, with {chances}",
        f"covered       {found['covered']:.1f}, with deliveries of the last twelve months",
        f"not reached   {_shortened(found['not_reached'])}",
        f"equally good  {'many' if alternatives is None else alternatives}",
    ]


def _refused(found: Mapping[str, Any]) -> list[str]:
    if found["status"] == PlanStatus.NOT_FOUND:
        return ["No plan was found in time, nor that there is none. Take a rule back."]
    at_least = [] if found["clashes_are_least"] else ["Some of these could be kept: time was over."]
    return ["No plan keeps all these rules.", *_clashes(found), *at_least]


def _clashes(found: Mapping[str, Any]) -> list[str]:
    return [
        f"clash         {each['rule']}: {each['reason']} {', '.join(each['ids'])}".rstrip()
        for each in found["clashes"]
    ]


def _shortened(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return _listed(names) if more <= 0 else f"{_listed(names[:MOST_NAMED])} and {more} more"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "–"
