"""`make bench`: the speed budgets, as ratios within one run. It reports; it never fails a build."""

import os

# Libraries read these when they are loaded: one thread each, as for a worker of the dashboard.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import argparse
import gc
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from gvi.cli.main import COLLECT_AFTER
from gvi.usecases.demo.growth import SIZES
from tests.bench import call_in, growth, measure, nation, pages, peers, ranking, secrecy, town
from tests.bench.call_in_network import CITY, NATION, asked

GROWTH = Path("docs") / "growth.svg"


def main() -> int:
    """Run everything and say, loudly, what is over its budget or could not be measured."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns for each comparison")
    parser.add_argument("--only", choices=PARTS, help="one part of it")
    parser.add_argument("--growth", action="store_true", help="three sizes; redraws the plot")
    asked = parser.parse_args()
    gc.set_threshold(COLLECT_AFTER)
    print(measure.machine())
    with tempfile.TemporaryDirectory(prefix="gvi-bench-") as folder:
        if asked.growth:
            growth.draw(Path(folder), GROWTH)
            return 0
        print(measure.HEADER)
        wrong = []
        for part in (asked.only,) if asked.only else PARTS:
            for compare in PARTS[part](Path(folder), asked.rounds):
                try:
                    for outcome in compare():
                        print(outcome.line(), flush=True)
                        wrong += [] if outcome.is_within else [f"OVER BUDGET: {outcome.what}"]
                except AssertionError as error:
                    wrong.append(f"NOT MEASURED: {error}")
    print("\n" + "\n".join(f"*** {each} ***" for each in wrong or ["All within budget"]))
    return 0


def _town(folder: Path, rounds: int) -> Iterator[Callable[[], Iterable[measure.Outcome]]]:
    invented = town.invented(folder / "invented.db")
    synthetic = town.synthetic(folder / "synthetic.db")
    yield lambda: ranking.compare("invented town", invented, rounds=rounds * 2)
    yield lambda: ranking.compare("500 people, 1,500 ties", synthetic, rounds=rounds * 2)
    yield lambda: pages.people("500 people", synthetic, username="analyst", rounds=rounds)
    yield lambda: [secrecy.compare("500 people", synthetic, username="analyst", rounds=rounds)]
    for budget, visits in ((pages.BUDGET, pages.LISTS), (None, pages.NO_LISTS)):
        for path, username in visits:
            yield lambda path=path, username=username, budget=budget: [
                pages.a_list(
                    f"read by {username}",
                    invented,
                    path,
                    username=username,
                    rounds=rounds,
                    budget=budget,
                )
            ]


def _nation(folder: Path, _rounds: int) -> Iterator[Callable[[], Iterable[measure.Outcome]]]:
    city = town.invented(folder / "city.db", SIZES["city"])
    whole = town.invented(folder / "nation.db", SIZES["nation"])
    small = town.invented(folder / "small.db")
    yield lambda: nation.refresh("nation", whole, rounds=7)
    yield lambda: [nation.memory("nation", whole)]
    yield lambda: nation.against_networkx("nation", whole, rounds=1)
    yield lambda: nation.intervals("nation", whole, rounds=1)
    yield lambda: nation.explanations("nation", whole, small, rounds=7)
    yield lambda: peers.surroundings("nation", whole, rounds=7)
    yield lambda: peers.exact_betweenness("city", city, rounds=1)


def _call_in(
    folder: Path, rounds: int
) -> Iterator[Callable[[], Iterable[measure.Outcome | measure.Text]]]:
    city, country = (asked(size) for size in (CITY, NATION))
    invented = town.invented(folder / "call-in.db")
    yield lambda: call_in.town(invented)
    yield lambda: call_in.city(city, rounds=rounds)
    yield lambda: call_in.beside(city)
    yield lambda: call_in.beside(country)
    yield lambda: call_in.nation(country, rounds=3)


PARTS = {"town": _town, "nation": _nation, "call-in": _call_in}

if __name__ == "__main__":
    raise SystemExit(main())
