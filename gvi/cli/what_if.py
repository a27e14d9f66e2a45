"""`gvi rank --what-if PERSON`: what a rank hangs on, for a site too large to try it on a page."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.facts import Facts
from gvi.network.leave_out import LeftOut
from gvi.usecases.ranking import Names
from gvi.usecases.what_if import WhatIf, what_if

HEADER = ["left out", "which", "rank"]


def rows_of(
    db: Session, viewer: Viewer, as_of: datetime, zone: ZoneInfo, person_id: int, *, score: str
) -> list[list[str]]:
    """Give a row for each record, source, kind and part of the smallest change; people unnamed."""
    told = what_if(db, viewer, as_of, zone, person_id, score=score)
    records = [[*_said(told.facts, each.left_out), _rank(each.rank)] for each in told.records]
    sources = [["source", each.name, _rank(each.rank)] for each in told.sources]
    kinds = [["kind", each.name, _rank(each.rank)] for each in told.kinds]
    return [*records, *sources, *kinds, *_smallest(told)]


def _smallest(told: WhatIf) -> list[list[str]]:
    if told.smallest is None:
        return []
    out = told.smallest.left_out.apart()
    how = "fewest" if told.smallest.proved else "few"
    together = f", {len(out)} together" if len(out) > 1 else ""
    which = f"{how} for not in first {told.top}{together}"
    rank = _rank(told.smallest.rank)
    return [[which, " ".join(_said(told.facts, each)), rank] for each in out]


def _said(known: Facts, out: LeftOut) -> tuple[str, str]:
    names = Names.of(known, ())
    for tie in out.ties:
        return "tie", str(tie)
    for _, group in out.memberships:
        return "membership", names.groups[group]
    for incident in out.incidents:
        return "incident", names.incidents[incident]
    rows = sorted(out.involvements)
    return "part in", f"{names.incidents[rows[0][0]]} ({', '.join(role for *_, role in rows)})"


def _rank(rank: int | None) -> str:
    return "not listed" if rank is None else str(rank)
