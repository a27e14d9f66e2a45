"""What secrecy costs the people list: the page with log and rights, against the same without both.

`python -m tests.bench.secrecy`. Two processes serve one database: the application as it is, and one
in which, for this measurement only, every rights clause holds for every row and nothing is logged.
"""

import re
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import true

from gvi.store.queries import rights
from gvi.store.queries.person import name_seen, seen_whole
from tests.bench import measure, pages, town

BUDGET = 1.6
ROUNDS = 15
OPEN = "open"
"""The word that starts the server without rights and log."""
CLAUSES = (rights.visible, name_seen, seen_whole)


def open_everything() -> None:
    """Let every clause hold for every row, in this process, wherever it was imported."""
    for name, module in list(sys.modules.items()):
        if name.startswith("gvi."):
            for clause in CLAUSES:
                if getattr(module, clause.__name__, None) is clause:
                    setattr(module, clause.__name__, _holds)


def _holds(*_given: Any, **_named: Any) -> Any:
    return true()


def compare(what: str, url: str, *, username: str, rounds: int = ROUNDS) -> measure.Outcome:
    """Measure server CPU a request on a third of first pages, the others searches, in turns."""
    url = _of_adults(url)
    with pages.served(url) as closed, pages.served(url, OPEN) as opened:
        for client in (closed, opened):
            client.log_in(username)
        opened.get("/bench/audit?off")
        assert _shown(closed) == _shown(opened), "the pages compared are not the same"
        spent: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(rounds):
            for name, client in (("ours", closed), ("bare", opened)):
                turn = pages.in_turns(
                    client,
                    {name: lambda client=client: pages.search_people(client)},
                    requests=len(pages.SEARCHES),
                    rounds=1,
                )
                spent[name] += turn[name]
    return measure.Outcome(
        what=f"/people, {what}, rights and log",
        budget=BUDGET,
        ours=spent["ours"],
        bare=spent["bare"],
    )


def _of_adults(url: str) -> str:
    """Copy a database and let everybody be of age: then both ways show the very same people."""
    path = url.removeprefix("sqlite:///")
    copy = f"{path}.adults"
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        target.execute("UPDATE persons SET birth_date = date(birth_date, '-20 years')")
    return f"sqlite:///{copy}"


def _shown(client: pages.Client) -> list[str]:
    """Give the pages without what is of one session or look: keys of forms, sealed words."""
    own = re.compile(r'~[\w-]+|="[\w-]{43}"|name="form_key" value="[^"]*"')
    return [own.sub("", page) for page in pages.search_people(client)]


def main() -> None:
    """Print the one line."""
    with tempfile.TemporaryDirectory(prefix="gvi-bench-") as folder:
        print(measure.machine())
        print(measure.HEADER)
        url = town.synthetic(Path(folder) / "synthetic.db")
        print(compare("500 people", url, username="analyst").line())


if __name__ == "__main__":
    main()
