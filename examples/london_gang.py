"""Turn the London gang of Grund and Densley into files of the exchange format.

    python examples/london_gang.py SOURCE TARGET

SOURCE holds gang.csv and attr.csv. What the data does not say, and what is chosen here instead, is
in examples/README.md.
"""

import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

GROUP = "london-gang"
SOURCE_NAME = "Grund and Densley, London gang"
ROLES = {"1": "leader", "2": "core", "3": "member", "4": "member", "5": "associate"}
"""Their rank, 1 at the top."""
CONVICTED = ("2007-07-01", "serious_assault", "reviewed", "unknown")
"""When and for what is not in the data."""
TIES = {
    "1": (("associate", "1"),),
    "2": (("co_offending", "2"),),
    "3": (("co_offending", "3"),),
    "4": (("co_offending", "3"), ("family", "1")),
}
"""1 hang out, 2 offend together, 3 also serious crime, 4 also kin; strengths add up to it."""


def main(source: Path, target: Path) -> None:
    """Write groups, persons, memberships, ties, incidents and involvements into the target."""
    target.mkdir(parents=True, exist_ok=True)
    people = list(_read(source / "attr.csv"))
    _write(target / "groups.csv", ["id", "name", "status"], [[GROUP, "London gang", "active"]])
    _write(target / "persons.csv", ["id", "source"], ([p[""], SOURCE_NAME] for p in people))
    _write(
        target / "memberships.csv",
        ["person", "group", "role", "certainty", "source"],
        ([p[""], GROUP, ROLES[p["Ranking"]], "confirmed", SOURCE_NAME] for p in people),
    )
    _write(
        target / "ties.csv",
        ["person_a", "person_b", "kind", "strength", "certainty", "source"],
        ([*tie, "confirmed", SOURCE_NAME] for tie in _ties(source)),
    )
    convictions = [(p[""], nth) for p in people for nth in range(1, int(p["Convictions"]) + 1)]
    _write(
        target / "incidents.csv",
        ["id", "occurred_at", "kind", "status", "gmi", "source"],
        ([f"{person}-{nth}", *CONVICTED, SOURCE_NAME] for person, nth in convictions),
    )
    _write(
        target / "involvements.csv",
        ["incident", "person", "role", "certainty", "source"],
        (
            [f"{person}-{nth}", person, "convicted", "confirmed", SOURCE_NAME]
            for person, nth in convictions
        ),
    )


def _ties(source: Path) -> Iterator[tuple[str, str, str, str]]:
    """Give the ties of one triangle: the matrix has every tie twice."""
    for row in _read(source / "gang.csv"):
        for other, value in row.items():
            if other and int(row[""]) < int(other):
                for kind, strength in TIES.get(value, ()):
                    yield row[""], other, kind, strength


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _write(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
