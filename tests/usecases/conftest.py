"""What tests of the planner share."""

import argparse
import json
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from gvi.cli.callin_plan import add_arguments, callin_plan
from gvi.domain.access import Viewer
from tests.conftest import MONDAY, ZONE


@pytest.fixture
def ask(db: Session, operator: Viewer) -> Callable:
    """Asks as the command does and gives the answer and the exit status."""

    def plan(*given: str, **moment) -> tuple[dict, int]:
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        arguments = parser.parse_args([*given, "--format", "json"])
        as_of = moment.get("as_of", MONDAY)
        printed, status = callin_plan(db, operator, arguments, as_of=as_of, at=MONDAY, zone=ZONE)
        return json.loads(printed), status

    return plan
