"""`gvi rank` and `gvi callin-plan`: questions whose answers are printed."""

import argparse
from typing import TYPE_CHECKING

from gvi.cli import callin_plan, rank
from gvi.cli.command import DONE, Site

if TYPE_CHECKING:
    from gvi.cli.command import Commands


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare `gvi rank` and `gvi callin-plan`."""
    ranking = commands.add_parser(
        "rank", parents=[common], help="who drives or is exposed to the violence, and why"
    )
    rank.add_arguments(ranking)
    ranking.set_defaults(run=_rank)
    planning = commands.add_parser(
        "callin-plan", parents=[common], help="whom to call in so that most hear the message"
    )
    callin_plan.add_arguments(planning)
    planning.set_defaults(run=_callin_plan)


def _rank(arguments: argparse.Namespace, site: Site) -> int:
    as_of, zone = site.as_of(arguments.as_of), site.settings.zone
    with site.writing() as (db, viewer):
        answer = rank.rank(db, viewer, arguments, as_of=as_of, at=site.clock(), zone=zone)
    print(answer)
    return DONE


def _callin_plan(arguments: argparse.Namespace, site: Site) -> int:
    as_of, zone = site.as_of(arguments.as_of), site.settings.zone
    with site.writing() as (db, viewer):
        answer, status = callin_plan.callin_plan(
            db, viewer, arguments, as_of=as_of, at=site.clock(), zone=zone
        )
    print(answer)
    return status
