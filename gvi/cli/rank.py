"""`gvi rank`: the ranking and its explanation on the command line (design §9)."""

import argparse
import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.cli import kept_list, what_if
from gvi.cli.command import DONE, tell
from gvi.cli.table import printed
from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.facts import Facts
from gvi.domain.text import N_
from gvi.exchange.formula import harmless
from gvi.network.explanation import Explanation
from gvi.store import audit
from gvi.store.facts import facts
from gvi.usecases.interval import Intervals, intervals_of
from gvi.usecases.policy import in_force
from gvi.usecases.ranking import (
    SCORES,
    Entry,
    Names,
    driving,
    explanation_document,
    exposed,
    person_called,
    ranking_document,
    why_ranked,
)

FORMATS = ("table", "json", "csv")
DEFAULT_TOP = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `gvi rank`."""
    parser.add_argument("--as-of", metavar="D", help="as known at this day (its end) or instant")
    parser.add_argument("--score", choices=SCORES, default="driving", help="which of the two lists")
    parser.add_argument("--top", type=int, default=DEFAULT_TOP, metavar="N", help="how many (20)")
    parser.add_argument("--explain", metavar="PERSON", help="one person's score, opened up")
    parser.add_argument("--what-if", metavar="PERSON", help="what one person's rank hangs on")
    parser.add_argument("--format", choices=FORMATS, default="table", help="how to print it")
    kept_list.add_arguments(parser)


def rank(
    db: Session,
    viewer: Viewer,
    arguments: argparse.Namespace,
    *,
    as_of: datetime,
    at: datetime,
    zone: ZoneInfo,
) -> tuple[str, int]:
    """Give what `gvi rank` prints, and its exit status.

    Raises a GviError for a person who may not be explained, and a list that cannot be kept.
    """
    if arguments.top < 1:
        raise RuleError(N_("Ask for at least one person with --top."), field="top")
    if arguments.snapshot is not None:
        return kept_list.shown(db, viewer, arguments, at=at, zone=zone, printed=_printed)
    if arguments.compare is not None:
        return kept_list.compared(db, viewer, arguments, at=at, zone=zone, printed=_printed)
    answer = _asked(db, viewer, arguments, as_of=as_of, at=at, zone=zone)
    if arguments.keep is not None:
        number = kept_list.keep(db, viewer, arguments, as_of=as_of, at=at, zone=zone)
        tell(f"Kept as list {number}.")
    return answer, DONE


def _asked(
    db: Session,
    viewer: Viewer,
    arguments: argparse.Namespace,
    *,
    as_of: datetime,
    at: datetime,
    zone: ZoneInfo,
) -> str:
    if arguments.explain is not None:
        known = facts(db, viewer, as_of, zone)
        person = person_called(known, arguments.explain)
        opened = why_ranked(db, viewer, known, person, score=arguments.score)
        _log(db, viewer, f"explanation:{arguments.score}_shown", [person], at=at)
        return _explained(known, opened, arguments.format)
    if arguments.what_if is not None:
        person = person_called(facts(db, viewer, as_of, zone), arguments.what_if)
        rows = what_if.rows_of(db, viewer, as_of, zone, person, score=arguments.score)
        _log(db, viewer, f"explanation:{arguments.score}_shown", [person], at=at)
        return _what_if(rows, arguments.format)
    ask = driving if arguments.score == "driving" else exposed
    known, found = ask(db, viewer, as_of, zone)
    entries = found.entries[: arguments.top]
    _log(db, viewer, f"ranking:{arguments.score}_shown", [e.person_id for e in entries], at=at)
    intervals = intervals_of(known, in_force(db, viewer), arguments.score)
    if arguments.format == "json":
        document = ranking_document(
            found, arguments.score, zone, top=arguments.top, intervals=intervals
        )
        return json.dumps(document, ensure_ascii=False, indent=2)
    return _ranked(entries, intervals, arguments.format)


def _log(db: Session, viewer: Viewer, kind: str, people: Sequence[int], *, at: datetime) -> None:
    audit.append(db, viewer, AuditVerb.COMBINED, kind, at=at, subjects={"person": people})


def _ranked(entries: Sequence[Entry], intervals: Intervals, form: str) -> str:
    parts = list(entries[0].parts) if entries else []
    rows = [
        [
            *map(str, (e.rank, *intervals[e.person_id], e.key)),
            *(_number(value, form) for value in (e.score, *e.parts.values())),
        ]
        for e in entries
    ]
    return _printed(["rank", "low", "high", "person", "score", *parts], rows, form)


def _explained(known: Facts, opened: Explanation, form: str) -> str:
    if form == "json":
        return json.dumps(explanation_document(known, opened), ensure_ascii=False, indent=2)
    names = Names.of(known, opened.under_18)
    rows = [
        [
            c.part,
            names.incidents[c.incident_id],
            c.role,
            names.person(c.source_id),
            " > ".join(names.path(c)),
            str(c.paths),
            _number(c.amount, form),
        ]
        for c in opened.contributions
    ]
    rows.append(
        ["sum", "", "", "", names.person(opened.person_id), "", _number(opened.score, form)]
    )
    return _printed(["part", "incident", "role", "source", "path", "paths", "amount"], rows, form)


def _what_if(rows: list[list[str]], form: str) -> str:
    if form != "json":
        return _printed(what_if.HEADER, rows, form)
    found = [dict(zip(what_if.HEADER, row, strict=True)) for row in rows]
    return json.dumps(found, ensure_ascii=False, indent=2)


def _number(value: float, form: str) -> str:
    return f"{value:.1f}" if form == "table" else repr(value)


def _printed(header: list[str], rows: list[list[str]], form: str) -> str:
    if form == "csv":
        out = io.StringIO(newline="")
        safe = [[harmless(cell) for cell in row] for row in rows]
        csv.writer(out, lineterminator="\n").writerows([header, *safe])
        return out.getvalue().rstrip("\n")
    return printed(header, rows)
