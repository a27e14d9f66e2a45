"""`gvi retention run`: what nobody looked at goes, and what was removed a month ago is erased."""

import argparse
import json
from typing import TYPE_CHECKING

from gvi.cli.command import DONE, Site, tell
from gvi.usecases.retention import RetentionReport, run_retention

if TYPE_CHECKING:
    from gvi.cli.command import Commands


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi retention run`."""
    rule = commands.add_parser("retention", parents=[common], help="the retention rule")
    acts = rule.add_subparsers(dest="act", required=True, metavar="ACT")
    parser = acts.add_parser(
        "run",
        parents=[common],
        help="remove what is past its review, erase what was removed a month ago; run it nightly",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, site: Site) -> int:
    """Run the rule once; a dry run is the same, rolled back."""
    with site.writing() as (db, viewer):
        report = run_retention(db, viewer, at=site.clock(), zone=site.settings.zone)
        if arguments.dry_run:
            db.rollback()
    report.dry_run = arguments.dry_run
    if arguments.format == "json":
        print(json.dumps(report.document(), indent=2))
    else:
        print("\n".join(_lines(report)))
    if arguments.dry_run:
        tell("Nothing was changed: this was a dry run.")
    return DONE


def _lines(report: RetentionReport) -> list[str]:
    said = (
        ("got a review day", report.dated),
        ("removed, nobody looked at them", report.removed),
        ("erased for good", report.erased),
    )
    lines = [
        f"{number:>6}  {kind.replace('_', ' ')}: {what}"
        for what, counts in said
        for kind, number in sorted(counts.items())
    ]
    if report.speakers:
        lines.append(f"{report.speakers:>6}  speaker of a call-in: name erased")
    if report.evening_notes:
        lines.append(f"{report.evening_notes:>6}  note of a call-in's evening: erased for good")
    if report.drafts:
        lines.append(f"{report.drafts:>6}  upload: thrown away")
    return lines or ["Nothing is due."]
