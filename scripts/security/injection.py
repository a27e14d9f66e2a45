"""sqlmap, level 3, on every filter of every list, as somebody who is logged in and may see it."""

import csv
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.security.canary import CANARY
from scripts.security.lists import Target, targets
from scripts.security.watched import Watched, watched

SQLMAP = "sqlmap==1.10.10"
UV = str(Path(__file__).parents[2] / ".tools" / "bin" / "uv")
COLUMNS = ("requests", "200", "422", "statements", "bound")
"""What is printed of each list; *bound*: requests whose payload was among a statement's values."""
FEWEST = 20
"""Answers of 200 or 422 a filter must have given; fewer means that the tool stopped early."""
HOW = (
    *("--batch", "--disable-coloring", "--flush-session", "--level=3", "--dbms=sqlite"),
    *("--technique=BEQT", "--skip-waf"),
)
"""Boolean, by error, nested and by time. UNION only takes out what one of these has found, and
SQLite's driver runs one statement at a time: docs/decisions/0061-scanners-that-must-reach.md."""


def main(only: Sequence[str] = ()) -> int:
    """Run it on every list, or those named; gives how many findings there are."""
    with tempfile.TemporaryDirectory() as name, watched(Path(name)) as (watch, address):
        folder = Path(name)
        _prove(folder, address)
        chosen = [each for each in targets(address) if not only or each.path in only]
        watch.seen.clear()
        print(f"{'list':<38}{'as':<12}{'filters':>8}" + "".join(f"{each:>11}" for each in COLUMNS))

        def asked(target: Target) -> list[str]:
            problems = _judge(target, watch, _try(folder, address, target))
            print(*(_line(target, watch.seen[target.path]), *problems), sep="\n", flush=True)
            return problems

        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            problems = [problem for found in pool.map(asked, chosen) for problem in found]
    filters = sum(len(each.filters) for each in chosen)
    print(f"{len(chosen)} lists, {filters} filters: {len(problems)} findings")
    return len(problems)


def _prove(folder: Path, address: str) -> None:
    """Make sure that the tool finds a hole where there is one."""
    hole = Target(username="", cookie="a=b", path=CANARY, filters=(("q", "a"),))
    if not _try(folder, address, hole):
        raise SystemExit("sqlmap does not find the hole that is there on purpose.")


def _try(folder: Path, address: str, target: Target) -> list[str]:
    """Run sqlmap on each filter of a list; gives what it can inject into."""
    own = folder / target.path.strip("/").replace("/", "-")
    own.mkdir()
    urls, results = own / "urls.txt", own / "results.csv"
    urls.write_text("\n".join(target.urls(address)) + "\n")
    names = ",".join(name for name, _ in target.filters)
    command = [UV, "tool", "run", "--quiet", "--from", SQLMAP, "sqlmap", *HOW]
    command += [f"--cookie={target.cookie}", "-m", str(urls), "-p", names]
    command += [f"--output-dir={own}", f"--results-file={results}"]
    with (own / "said.txt").open("w") as said:
        subprocess.run(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, check=False)
    rows = csv.DictReader(results.open()) if results.exists() else ()
    return [f"{row['Parameter']}: {row['Technique(s)']}" for row in rows if row["Technique(s)"]]


def _judge(target: Target, watch: Watched, injected: Iterable[str]) -> list[str]:
    """Give what is wrong: a hole, a mistake of ours, or a list that was not really asked."""
    seen = watch.seen[target.path]
    wrong = [f"injectable {each}" for each in injected]
    broken = {key: n for key, n in seen.items() if key.isdigit() and int(key) >= 500}
    wrong += [f"answered {broken}"] if broken else []
    wrong += ["led to the log-in: it was not asked"] if seen["led to log in"] else []
    enough = FEWEST * len(target.filters)
    wrong += [f"asked {seen['requests']} times only"] if _read(seen) < enough else []
    wrong += ["asked the database nothing"] if seen["statements"] < seen["200"] else []
    wrong += ["a payload stood in a statement"] if seen["in the statement"] else []
    return [f"*** {target.path}: {each}" for each in wrong]


def _read(seen: "Counter[str]") -> int:
    return seen["200"] + seen["422"] + seen["404"]


def _line(target: Target, seen: "Counter[str]") -> str:
    figures = "".join(f"{seen[column]:>11}" for column in COLUMNS)
    return f"{target.path:<38}{target.username:<12}{len(target.filters):>8}{figures}"
