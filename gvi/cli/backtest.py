"""`gvi backtest`: past lists held against the violence that came after them."""

import argparse
import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.cli.table import printed
from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.domain.time import local_day, read_day
from gvi.network.backtest import WAYS, Share
from gvi.store import audit
from gvi.usecases.backtest import LENGTHS, Backtest, backtest, backtest_document

FORMATS = ("table", "json")
NAMES = {
    "list": "the driving list",
    "incidents": "most past incidents",
    "degree": "most people tied to",
    "random": "chance (expected)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `gvi backtest`."""
    parser.add_argument("--from", dest="start", metavar="D", help="first list (two years ago)")
    parser.add_argument("--every", type=int, default=30, metavar="N", help="days between (30)")
    parser.add_argument("--days", type=int, choices=LENGTHS, default=90, help="days ahead (90)")
    parser.add_argument("--top", type=int, default=20, metavar="K", help="how many people (20)")
    parser.add_argument("--format", choices=FORMATS, default="table", help="how to print it")


def run(
    db: Session, viewer: Viewer, arguments: argparse.Namespace, *, at: datetime, zone: ZoneInfo
) -> str:
    """Give what `gvi backtest` prints; raises RuleError for what cannot be asked."""
    found = backtest(
        db,
        viewer,
        now=at,
        zone=zone,
        start=_day(arguments.start),
        every=arguments.every,
        days=arguments.days,
        top=arguments.top,
    )
    audit.append(db, viewer, AuditVerb.COMBINED, "ranking:backtest_shown", at=at)
    if arguments.format == "json":
        return json.dumps(backtest_document(found, zone), ensure_ascii=False, indent=2)
    return "\n".join(_lines(found, zone))


def _day(given: str | None) -> date | None:
    try:
        return read_day(given) if given else None
    except ValueError:
        raise RuleError(N_("Write the day as year-month-day."), field="from") from None


def _lines(found: Backtest, zone: ZoneInfo) -> list[str]:
    said = [
        f"{len(found.windows)} lists, {found.days} days after each; {found.incidents} incidents.",
        f"{found.not_over} lists are left out: their {found.days} days are not over yet.",
    ]
    if not found.is_enough:
        return [*said, "That is too few incidents to say anything."]
    header = [f"the first {found.top} by", "involvements", "of", "share", "90 % interval"]
    rows = [[NAMES[way], *_cells(found.shares[way])] for way in WAYS]
    by_day = [
        [
            local_day(window.start, zone).isoformat(),
            str(window.incidents),
            str(window.parts),
            str(window.by_minors),
            str(window.by_unrecorded),
            *(f"{window.hits[way]:.1f}".removesuffix(".0") for way in WAYS),
        ]
        for window in found.windows
    ]
    days = ["list of", "incidents", "involvements", "under 18", "unrecorded", *WAYS]
    return [*said, "", printed(header, rows), "", printed(days, by_day)]


def _cells(share: Share) -> list[str]:
    hits = f"{share.hits:.1f}".removesuffix(".0")
    if share.share is None or share.low is None or share.high is None:
        return [hits, str(share.parts), "", ""]
    interval = f"{100 * share.low:.0f}–{100 * share.high:.0f} %"
    return [hits, str(share.parts), f"{100 * share.share:.0f} %", interval]
