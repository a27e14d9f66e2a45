"""`make bench`: the speed budgets, as ratios within one run. It reports; it never fails a build."""

import os

# Libraries read these when they are loaded: one thread each, as for a worker of the dashboard.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.bench import measure, pages, ranking, secrecy, town


def main() -> int:
    """Run everything and say, loudly, what is over its budget or could not be measured."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns for each comparison")
    rounds = parser.parse_args().rounds
    print(measure.machine())
    print(measure.HEADER)
    wrong = []
    with tempfile.TemporaryDirectory(prefix="gvi-bench-") as folder:
        for compare in _comparisons(Path(folder), rounds):
            try:
                for outcome in compare():
                    print(outcome.line(), flush=True)
                    wrong += [] if outcome.is_within else [f"OVER BUDGET: {outcome.what}"]
            except AssertionError as error:
                wrong.append(f"NOT MEASURED: {error}")
    print("\n" + "\n".join(f"*** {each} ***" for each in wrong or ["All within budget"]))
    return 0


def _comparisons(folder: Path, rounds: int) -> Iterator[Callable[[], Iterable[measure.Outcome]]]:
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


if __name__ == "__main__":
    raise SystemExit(main())
