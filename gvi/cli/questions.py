"""`gvi rank`, `gvi backtest` and `gvi callin-plan`: questions whose answers are printed."""

import argparse
from typing import TYPE_CHECKING

from gvi.cli import backtest, callin_plan, rank
from gvi.cli.command import DONE, Site

if TYPE_CHECKING:
    from gvi.cli.command import Commands


def add_parsers(commands: "Commands", common: argparse.ArgumentParser) -> None:
    """Declare the questions."""
    ranking = commands.add_parser(
        "rank", parents=[common], help="who drives or is exposed to the violence, and why"
    )
    rank.add_arguments(ranking)
    ranking.set_defaults(run=_rank)
    testing = commands.add_parser(
        "backtest", parents=[common], help="past lists held against the violence that came after"
    )
    backtest.add_arguments(testing)
    testing.set_defaults(run=_backtest)
    planning = commands.add_parser(
        "callin-plan", parents=[common], help="whom to call in so that most hear the message"
    )
    callin_plan.add_arguments(planning)
    planning.set_defaults(run=_callin_plan)


def _rank(arguments: argparse.Namespace, site: Site) -> int:
    at, zone = site.clock(), site.settings.zone
    as_of = at if arguments.as_of is None else site.as_of(arguments.as_of)
    with site.writing() as (db, viewer):
        answer, status = rank.rank(db, viewer, arguments, as_of=as_of, at=at, zone=zone)
    print(answer)
    return status


def _backtest(arguments: argparse.Namespace, site: Site) -> int:
    with site.writing() as (db, viewer):
        answer = backtest.run(db, viewer, arguments, at=site.clock(), zone=site.settings.zone)
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
