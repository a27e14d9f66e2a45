"""Ranking at town size: from database rows to the list with all parts, against the bare way."""

import sqlite3

from gvi.domain.policy import ScoringPolicy
from gvi.domain.time import local_day
from gvi.network.ranking import DrivingList, most_violence_driving
from gvi.store.engine import make_engine, reading
from gvi.store.facts import facts
from tests.bench import bare_ranking
from tests.bench.measure import Outcome, in_turns
from tests.bench.town import NOW, ZONE, analyst

POLICY = ScoringPolicy()
TODAY = local_day(NOW, ZONE)
BUDGET = 3.0


def compare(what: str, url: str, *, rounds: int) -> list[Outcome]:
    """Measure both ways on one database; refuses to compare when they do not agree."""
    engine = make_engine(url)
    viewer = analyst()
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))

    def read():
        with reading(engine) as db:
            return facts(db, viewer, NOW, ZONE)

    def ours() -> DrivingList:
        return most_violence_driving(read(), POLICY)

    def bare() -> list[tuple[float, ...]]:
        return bare_ranking.driving(bare_ranking.read(connection, NOW), POLICY, NOW, TODAY)

    _agree(ours(), bare())
    spent = in_turns(
        {
            "ours": ours,
            "bare": bare,
            "our read": read,
            "bare read": lambda: bare_ranking.read(connection, NOW),
        },
        rounds,
    )
    engine.dispose()
    connection.close()
    return [
        Outcome(what=f"ranking, {what}", ours=spent["ours"], bare=spent["bare"], budget=BUDGET),
        Outcome(
            what="  of which reading the rows",
            ours=spent["our read"],
            bare=spent["bare read"],
            budget=None,
        ),
    ]


def _agree(ours: DrivingList, bare: list[tuple[float, ...]]) -> None:
    assert len(ours.entries) == len(bare) > 0
    for entry, other in zip(ours.entries, bare, strict=True):
        mine = (entry.person_id, entry.score, entry.own, entry.near, entry.far, entry.group)
        assert all(abs(x - y) < 1e-6 for x, y in zip(mine, other, strict=True)), (entry, other)
