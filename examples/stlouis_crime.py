"""Turn the St. Louis crime data (Rosenfeld and White) into files of the exchange format.

    python examples/stlouis_crime.py SOURCE TARGET

SOURCE holds events.csv, persons.csv and participants.csv. What the data does not say, and what is
chosen here instead, is in examples/README.md.
"""

import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

KIND = "serious_assault"
CERTAINTY = "confirmed"
SOURCE_NAME = "Rosenfeld and White, St. Louis crime data"
ROLES = {
    "1": ("victim",),
    "2": ("suspect",),
    "3": ("witness",),
    "4": ("victim", "suspect"),
}


def main(source: Path, target: Path) -> None:
    """Write persons.csv, incidents.csv and involvements.csv into the target folder."""
    target.mkdir(parents=True, exist_ok=True)
    people = ([row["person_id"], SOURCE_NAME] for row in _read(source / "persons.csv"))
    _write(target / "persons.csv", ["id", "source"], people)
    # Two of the event ids stand twice: 557 rows are 555 events.
    events = dict.fromkeys(row["event_id"] for row in _read(source / "events.csv"))
    header = ["id", "occurred_at", "kind", "status", "area", "source"]
    _write(target / "incidents.csv", header, map(_incident, events))
    header = ["incident", "person", "role", "certainty", "source"]
    _write(target / "involvements.csv", header, _involvements(source / "participants.csv"))


def _incident(event: str) -> list[str]:
    year = 1900 + int(event[:2])
    return [event, f"{year}-07-01", KIND, "reviewed", "St. Louis", SOURCE_NAME]


def _involvements(path: Path) -> Iterator[list[str]]:
    for row in _read(path):
        for role in ROLES[row["role_code"]]:
            yield [row["event_id"], row["person_id"], role, CERTAINTY, SOURCE_NAME]


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _write(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
