"""`make bench`: the speed budgets, as ratios within one run. It reports; it never fails a build."""

import os

# Libraries read these when they are loaded: one thread each, as for a worker of the dashboard.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import measure, pages, ranking, town

USERS = dict.fromkeys(pages.LISTS, "asa") | {"/support": "karin"}


def main() -> int:
    """Run everything and say, loudly, what is over its budget."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns for each comparison")
    rounds = parser.parse_args().rounds
    print(measure.machine())
    print(measure.HEADER)
    over = []
    for outcome in _outcomes(rounds):
        print(outcome.line(), flush=True)
        over += [] if outcome.is_within else [outcome]
    for outcome in over:
        print(
            f"\n*** OVER BUDGET: {outcome.what}: {outcome.ratio:.2f}x > {outcome.budget:.1f}x ***"
        )
    if not over:
        print("\nAll within budget.")
    return 0


def _outcomes(rounds: int) -> Iterator[measure.Outcome]:
    with tempfile.TemporaryDirectory(prefix="gvi-bench-") as name:
        invented = town.invented(Path(name, "invented.db"))
        synthetic = town.synthetic(Path(name, "synthetic.db"))
        yield from ranking.compare("invented town", invented, rounds=rounds * 2)
        yield from ranking.compare("500 people, 1,500 ties", synthetic, rounds=rounds * 2)
        yield from pages.people("500 people", synthetic, username="analyst", rounds=rounds)
        yield from pages.lists("invented town", invented, users=USERS, rounds=rounds)


if __name__ == "__main__":
    raise SystemExit(main())
