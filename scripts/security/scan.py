"""wapiti on the whole site, as somebody who is logged in: it reads, fills forms and attacks."""

import json
import os
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gvi.web.addresses import SEALED
from gvi.web.session import COOKIE
from scripts.security.canary import CANARY, KEPT, SENT
from scripts.security.injection import UV
from scripts.security.kinds import Site, answered, read
from scripts.security.lists import log_in
from scripts.security.watched import Watched, watched

WAPITI = "wapiti3==3.2.3"
USERS = tuple(os.environ.get("GVI_WAPITI_USERS", "asa karin bjorn").split())
PATIENCE = float(os.environ.get("GVI_WAPITI_PATIENCE", "1"))
"""How many times the seconds below it may take, as on a machine that does much else."""
ATTACKS = (
    ("methods,htaccess,cookieflags,csp,http_headers,redirect,crlf,xss:post", 600),
    ("sql:get,xss:get,permanentxss", 900),
)
"""Modules over one crawl, and the seconds each has: what looks at this machine only, as others ask
services on the net or guess passwords. `:get` leaves the addresses out and `:post` the forms (so
this version means it): the addresses of a module named once would leave no time for its forms.
SQL is tried in forms alone, as sqlmap tries the filters of every list, and deeper. Commands and
names of files are left out: docs/decisions/0061-scanners-that-must-reach.md."""
CRAWL_SECONDS = 240
LEFT_ALONE = (
    *("/log-out", "/lock", "/account", "/language", "/log-in", "/static", "/unlock", "/confirm"),
    *("/find", "/patterns"),
)
"""What would end or renew the log-in it goes by; the search form's way to a list, which stands on
every page: the lists are given words to look for instead; and the building blocks with no town."""
FEWEST = 0.8
"""Share of the pages this user may read that the tool must have read itself."""
FEWEST_FORMS = 10
"""Kinds of form it must have sent and had answered as forms are: led on, or its mistakes said."""
HOLES = {
    "SQL Injection": (SENT,),
    "Reflected Cross Site Scripting": (CANARY, SENT),
    "Stored Cross Site Scripting": (KEPT,),
}
"""Kind → the pages with that hole on purpose, which it must find."""
FALSE: Mapping[str, str] = {
    "Secure Flag cookie": "over plain HTTP on this machine; __Host- and Secure where encrypted",
    "Clickjacking Protection": "frame-ancestors 'none' of the content security policy says it",
    "HTTP Strict Transport Security (HSTS)": "is sent where the site is encrypted",
}
"""Kind of finding → why it is none: docs/security/false-positives.md."""


@dataclass(frozen=True)
class Run:
    """What one user's run gave: the tool's report, how far it came, and what reached the site."""

    report: dict[str, Any]
    came: dict[str, tuple[int, int]]
    """Module with what it goes over → how many it tried, and of how many."""
    site: Site
    watch: Watched


@dataclass(frozen=True)
class Reached:
    """What of the site it reached, its holes on purpose left out."""

    answers: "Counter[str]"
    addresses: int
    pages: "Counter[str]"
    """Kind of page → how often it was read."""
    forms: "Counter[str]"
    acted: "Counter[str]"
    """Kind of form → how often it did what it is for, as far as a redirect or a file tells."""


def main() -> int:
    """Run it as each user; gives how many findings there are."""
    found = 0
    for username in USERS:
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as name, watched(Path(name)) as (watch, address):
            found += _judge(username, _run(Path(name), watch, address, username))
        print(f"   {username}: {time.monotonic() - begin:.0f} s", flush=True)
    return found


def _run(folder: Path, watch: Watched, address: str, username: str) -> Run:
    client = log_in(address, username)
    site = read(client, LEFT_ALONE)
    watch.seen.clear()
    report, said = folder / "report.json", folder / "said.txt"
    command = [UV, "tool", "run", "--quiet", "--from", WAPITI, "wapiti", "-u", f"{address}/"]
    command += ["-H", f"Cookie: {COOKIE}={client.cookies.get(COOKIE)}", "-v", "1", "-t", "20"]
    command += ["-f", "json", "-o", str(report), "--no-bugreport"]
    command += ["--store-session", str(folder), "--store-config", str(folder)]
    for name in ("csrf_token", "form_key", "seen"):
        command += ["--skip", name]
    reads = ["--flush-session", *_crawl(address, site)]
    for modules, seconds in ATTACKS:
        attack = ["-m", modules, "--max-attack-time", str(seconds * PATIENCE)]
        with said.open("a") as out:
            subprocess.run(
                [*command, *attack, *reads],
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        reads = ["--skip-crawl"]
    if not report.exists():
        raise SystemExit(said.read_text()[-2000:])
    return Run(json.loads(report.read_text()), _came(folder), site, watch)


def _crawl(address: str, site: Site) -> list[str]:
    """Give where it begins to read, and what it leaves out."""
    arguments = ["--max-scan-time", str(CRAWL_SECONDS * PATIENCE), "--tasks", "4"]
    arguments += ["-d", "1", "-S", "paranoid"]
    for url in (f"{CANARY}?q=a", *site.starts.values(), *site.unlinked):
        arguments += ["-s", f"{address}{url}"]
    others = (each for path in site.others for each in (path, f"{path}?*"))
    # A list narrowed by a word has the links and forms the list has, and the word in each.
    for left_out in (*(f"{path}*" for path in LEFT_ALONE), *others, f"/*={SEALED}*"):
        arguments += ["-x", f"{address}{left_out}"]
    return arguments


def _came(folder: Path) -> dict[str, tuple[int, int]]:
    """Read from the tool's own notes how far each module came."""
    (notes,) = folder.glob("127.0.0.1_*.db")
    with closing(sqlite3.connect(notes)) as database:
        read_ones = "FROM paths WHERE headers IS NOT NULL AND NOT evil"
        of = dict(database.execute(f"SELECT method, count(*) {read_ones} GROUP BY method"))
        tried = database.execute(
            "SELECT module, method, count(*) FROM attack_logs JOIN paths USING (path_id)"
            " GROUP BY module, method"
        )
        came = {(module, method): n for module, method, n in tried}
    return {
        f"{name} of {'addresses' if method == 'GET' else 'forms'}": (
            came.get((name, method), 0),
            of[method],
        )
        for modules, _ in ATTACKS
        for name, _, left_out in (each.partition(":") for each in modules.split(","))
        for method in ("GET", "POST")
        if left_out != method.lower() and (name, method) != ("redirect", "POST")
    }


def _judge(username: str, run: Run) -> int:
    """Print what it reached and what it found; gives how many things are wrong."""
    seen = {path: each for path, each in run.watch.seen.items() if not path.startswith(CANARY)}
    reached = Reached(
        answers=sum(seen.values(), Counter[str]()),
        addresses=sum(1 for each in seen.values() if each["200"]),
        pages=answered(seen, "GET", 200),
        forms=answered(seen, "POST", 200, 303, 422),
        acted=answered(seen, "POST", 303),
    )
    found = [f"{kind}: {e['method']} {e['path']} {e['info']}" for kind, e in _found(run)]
    wrong = [*found, *_missed(run), *_too_little(run, reached)]
    broken = {path: n for path, each in seen.items() if (n := each["500"] + each["503"])}
    wrong += [f"answered 500: {broken}"] if broken else []
    glued = [path for path, each in seen.items() if each["in the statement"]]
    wrong += [f"what was typed stood in a statement: {glued}"] if glued else []
    _say(username, run, reached)
    none = Counter(kind for kind, _ in _all(run) if kind in FALSE)
    print(f"   {len(found)} findings; of no weight: {dict(none) or 'nothing'}")
    print(*(f"*** {username}: {each}" for each in wrong), sep="\n", flush=True)
    return len(wrong)


def _say(username: str, run: Run, reached: Reached) -> None:
    answers, forms, starts = reached.answers, reached.forms, run.site.starts
    print(
        f"{username}: {answers['requests']} requests; {reached.addresses} addresses read,"
        f" {len(starts.keys() & reached.pages.keys())} of {len(starts)} kinds of page;"
        f" {sum(forms.values())} forms answered, {len(forms)} kinds, {len(reached.acted)} of them"
        f" led on; {answers['led to log in']} led to the log-in"
    )
    statuses = (
        f"{n} answers of {status}" for status, n in sorted(answers.items()) if status.isdigit()
    )
    print("  ", ", ".join(statuses))
    whole = {each: n for each, (n, of) in run.came.items() if n == of}
    print("   whole:", ", ".join(f"{each} ({n})" for each, n in whole.items()))
    stopped = (f"{e} ({n} of {of})" for e, (n, of) in run.came.items() if e not in whole)
    print("   stopped by the clock:", ", ".join(stopped) or "none")


def _too_little(run: Run, reached: Reached) -> list[str]:
    """Give what shows that it was not there."""
    starts, answers = run.site.starts, reached.answers
    unread = sorted(starts.keys() - reached.pages.keys())
    led_away = answers["led to log in"] > answers["requests"] // 50
    wrong = ["was led to the log-in"] if led_away else []
    wrong += [f"did not read {unread}"] if len(unread) > (1 - FEWEST) * len(starts) else []
    wrong += ["sent too few forms to mean anything"] if len(reached.forms) < FEWEST_FORMS else []
    wrong += [
        f"{each} came to {n} of {of}: GVI_WAPITI_PATIENCE=3 gives it more time"
        for each, (n, of) in run.came.items()
        if n < of
    ]
    return wrong


def _all(run: Run) -> Iterable[tuple[str, dict[str, Any]]]:
    kinds = {**run.report["vulnerabilities"], **run.report["anomalies"]}
    return [(kind, each) for kind, several in kinds.items() for each in several]


def _found(run: Run) -> list[tuple[str, dict[str, Any]]]:
    return [
        (kind, each)
        for kind, each in _all(run)
        if kind not in FALSE and not each["path"].startswith(CANARY)
    ]


def _missed(run: Run) -> list[str]:
    """Give the holes on purpose that were not found: then nothing else would have been either."""
    found = {(kind, each["path"]) for kind, each in _all(run)}
    return [
        f"does not find the hole that is on purpose: {kind} at {path}"
        for kind, paths in HOLES.items()
        for path in paths
        if (kind, path) not in found
    ]
