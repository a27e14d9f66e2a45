"""Turn Wheeler's gang 1, a real call-in, into files of the exchange format.

    python examples/wheeler_gang1.py SOURCE TARGET

SOURCE holds Nodes_Gang1.csv and Edges_Gang1.csv. What the data does not say, and what is chosen
here instead, is in examples/README.md.
"""

import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

GROUP = "gang-1"
TIE = "co_stop"
SUPERVISION = "probation"
SOURCE_NAME = "Wheeler, crimepy, gang 1"


def main(source: Path, target: Path) -> None:
    """Write groups, persons, memberships, ties and supervisions into the target folder."""
    target.mkdir(parents=True, exist_ok=True)
    nodes = list(_read(source / "Nodes_Gang1.csv"))
    ids = [node["Id"] for node in nodes]
    on_supervision = [node["Id"] for node in nodes if node["Prob_or_Par"] == "1"]
    _write(target / "groups.csv", ["id", "name", "status"], [[GROUP, "Gang 1", "active"]])
    _write(target / "persons.csv", ["id", "source"], ([each, SOURCE_NAME] for each in ids))
    _write(
        target / "memberships.csv",
        ["person", "group", "role", "certainty", "source"],
        ([each, GROUP, "member", "confirmed", SOURCE_NAME] for each in ids),
    )
    _write(
        target / "ties.csv",
        ["person_a", "person_b", "kind", "strength", "certainty", "source"],
        ([a, b, TIE, "1", "confirmed", SOURCE_NAME] for a, b in _pairs(source)),
    )
    _write(
        target / "supervisions.csv",
        ["person", "kind", "obliges_attendance", "source"],
        ([each, SUPERVISION, "true", SOURCE_NAME] for each in on_supervision),
    )


def _pairs(source: Path) -> list[tuple[str, str]]:
    """Give each tie once: the file has every tie in both directions."""
    rows = _read(source / "Edges_Gang1.csv")
    pairs = {tuple(sorted((row["Source"], row["Target"]), key=int)) for row in rows}
    return sorted((a, b) for a, b in pairs)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _write(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
