"""What the log costs the people list: the page as it is, against the page that logs nothing.

`python -m tests.bench.log`. Rights are part of the rows' question and are applied in both.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import measure, pages, town

BUDGET = 1.6
ROUNDS = 15


def compare(url: str, rounds: int = ROUNDS) -> measure.Outcome:
    """Measure server CPU a request, with the reading logged and without, in turns."""
    with pages.served(url) as client:
        pages._begin(client, "analyst", "/people")

        def visit(log: str) -> Callable[[], object]:
            client.get(f"/bench/audit?{log}")
            return [client.get("/people") for _ in range(pages.REPEATS)]

        spent = pages._in_turns(
            client,
            {"ours": lambda: visit("on"), "bare": lambda: visit("off")},
            requests=pages.REPEATS,
            rounds=rounds,
        )
    return measure.Outcome(
        what="/people with the log, against without",
        ours=spent["ours"],
        bare=spent["bare"],
        budget=BUDGET,
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="gvi-bench-") as folder:
        print(measure.machine())
        print(measure.HEADER)
        print(compare(town.synthetic(Path(folder) / "synthetic.db")).line())
