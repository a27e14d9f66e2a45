"""Turn New York's list of shootings into files of the exchange format: incidents alone.

    python examples/nypd_shootings.py SOURCE TARGET

SOURCE holds NYPD_Shooting_Incident_Data__Historic_.csv. What the data does not say, and what is
chosen here instead, is in examples/README.md.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

FILE = "NYPD_Shooting_Incident_Data__Historic_.csv"
SOURCE_NAME = "NYC Open Data, NYPD shooting incidents (historic)"
ZONE = ZoneInfo("America/New_York")
HEADER = (
    "id",
    "occurred_at",
    "kind",
    "status",
    "place",
    "latitude",
    "longitude",
    "area",
    "source",
)


def main(source: Path, target: Path) -> None:
    """Write each incident once: a row is neither an incident nor a victim."""
    target.mkdir(parents=True, exist_ok=True)
    incidents: dict[str, Mapping[str, str]] = {}
    fatal: set[str] = set()
    for row in _read(source / FILE):
        incidents.setdefault(row["INCIDENT_KEY"], row)
        if row["STATISTICAL_MURDER_FLAG"] == "TRUE":
            fatal.add(row["INCIDENT_KEY"])
    rows = (_incident(row, is_fatal=key in fatal) for key, row in incidents.items())
    _write(target / "incidents.csv", rows)


def _incident(row: Mapping[str, str], *, is_fatal: bool) -> list[str]:
    month, day, year = map(int, row["OCCUR_DATE"].split("/"))
    hour, minute, second = map(int, row["OCCUR_TIME"].split(":"))
    return [
        row["INCIDENT_KEY"],
        datetime(year, month, day, hour, minute, second, tzinfo=ZONE).isoformat(),
        "homicide" if is_fatal else "shooting_with_injury",
        "reviewed",
        row["LOCATION_DESC"],
        row["Latitude"],
        row["Longitude"],
        f"{row['BORO'].title()}, precinct {row['PRECINCT']}",
        SOURCE_NAME,
    ]


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _write(path: Path, rows: Iterable[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
