"""Server CPU of list pages, against the same rows through the same template without the rest."""

import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote, urlencode

from gvi.web.addresses import Addresses
from gvi.web.opaque import Keys
from tests.bench.measure import Outcome
from tests.bench.town import SECRET_KEY

BUDGET = 3.0
POLICE, MUNICIPAL, LEAD, ADMIN, AUDITOR = "asa", "karin", "bjorn", "tor", "inga-lill"
LISTS = (
    ("/groups", POLICE),
    ("/incidents", POLICE),
    ("/call-ins", POLICE),
    ("/notifications", POLICE),
    ("/due", POLICE),
    ("/due", MUNICIPAL),
    ("/support", MUNICIPAL),
    ("/calls", LEAD),
    ("/my-people", LEAD),
    ("/users", ADMIN),
    ("/audit", AUDITOR),
)
"""Each list and one of the invented town's users who reads it; two see different things due."""

NO_LISTS = (("/groups/scorecard", POLICE), ("/today", POLICE))
"""Pages of sums and of many parts: measured beside the lists, without a budget."""

REPEATS = 4
SEARCHES = ("", "berg", "", "hanna", "code", "alm")
"""A third of the visits ask for the first page, the others search."""
ROW = re.compile(r'<a href="/people/[a-z2-7]{26}"')
"""Somebody on the people list."""
ONCE = re.compile(r'name="form_key" value="[^"]*"')
"""What makes a form act once: another at each look."""


class Client:
    """One browser tab: a kept connection, a session cookie, no scripts."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = ""
        self.addresses = Addresses(Keys(SECRET_KEY))

    def log_in(self, username: str) -> None:
        body = urlencode({"username": username})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", "/log-in/invented", body, headers)
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == 303, (username, answer.status)
        self.cookie = answer.getheader("set-cookie", "").split(";")[0]
        self.addresses = Addresses(Keys(SECRET_KEY), self.cookie.partition("=")[2])

    def get(self, url: str) -> str:
        self.connection.request("GET", url, headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, f"{url}: {answer.status}"
        return text


@contextmanager
def served(url: str, *how: str) -> Iterator[Client]:
    """Run the server as a process of its own, with one thread for sums, until the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.bench.server", url, str(port), *how]
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": "."}) as process:
        try:
            yield _ready(port, process)
        finally:
            process.terminate()


def _ready(port: int, process: subprocess.Popen[bytes]) -> Client:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            Client(port).get("/bench/cpu")
        except OSError:
            time.sleep(0.1)
        else:
            return Client(port)
    raise RuntimeError("The server to be measured did not start.")


def people(what: str, url: str, *, username: str, rounds: int) -> list[Outcome]:
    """Compare the people list with raw SQL through the same template, audit left out and not."""
    with served(url) as client:
        _begin(client, username, "/people")
        for q in SEARCHES:
            page = client.get(asked(client, q))
            assert ROW.search(page), f"nobody is found by {q}"
            _same(page, client.get(_bare(client, q)), asked(client, q))
        spent = in_turns(
            client,
            {
                "ours": lambda: search_people(client),
                "bare": lambda: [client.get(_bare(client, q)) for q in SEARCHES],
            },
            requests=len(SEARCHES),
            rounds=rounds,
        )
        client.get("/bench/audit?on")
        audited = in_turns(
            client,
            {"ours": lambda: search_people(client)},
            requests=len(SEARCHES),
            rounds=rounds,
        )
    return [
        Outcome(what=f"/people, {what}", ours=spent["ours"], bare=spent["bare"], budget=BUDGET),
        Outcome(
            what="  the same with the reading logged",
            ours=audited["ours"],
            bare=spent["bare"],
            budget=None,
        ),
    ]


def a_list(
    what: str, url: str, path: str, *, username: str, rounds: int, budget: float | None = BUDGET
) -> Outcome:
    """Compare a list page with its own template and the rows kept in memory."""
    memory = f"/bench/memory?{path}"
    with served(url) as client:
        _begin(client, username, path)
        _same(client.get(path), client.get(memory), path)
        spent = in_turns(
            client,
            {
                "ours": lambda: [client.get(path) for _ in range(REPEATS)],
                "bare": lambda: [client.get(memory) for _ in range(REPEATS)],
            },
            requests=REPEATS,
            rounds=rounds,
        )
    return Outcome(what=f"{path}, {what}", ours=spent["ours"], bare=spent["bare"], budget=budget)


def _begin(client: Client, username: str, path: str) -> None:
    client.log_in(username)
    client.get("/bench/audit?off")  # first, or the page of the log itself would grow
    client.get("/bench/remember?on")
    client.get(path)
    client.get("/bench/remember?off")


def search_people(client: Client) -> list[str]:
    """Ask the people list as it is asked in turns."""
    return [client.get(asked(client, q)) for q in SEARCHES]


def asked(client: Client, q: str, path: str = "/people") -> str:
    """Give the address of a search: what was searched for is sealed, as the search form does."""
    return client.addresses.outward(f"{path}?q={quote(q)}" if q else path)


def _bare(client: Client, q: str) -> str:
    return asked(client, q, "/bench/people")


def _same(ours: str, bare: str, what: str) -> None:
    """Refuse to compare pages that are not the same, letter for letter but for forms' own keys."""
    ours, bare = ONCE.sub("", ours), ONCE.sub("", bare)
    if ours != bare:
        pairs = zip(ours.splitlines(), bare.splitlines(), strict=False)
        differing = next((pair for pair in pairs if pair[0] != pair[1]), ("", "the end"))
        raise AssertionError(f"{what} differs: {differing}")
    assert re.search("<h1", ours)


def in_turns(
    client: Client, contenders: Mapping[str, Callable[[], object]], *, requests: int, rounds: int
) -> dict[str, list[float]]:
    """Give the server's CPU milliseconds a request, for each contender and round."""
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for contender in contenders.values():
        contender()
    idle = statistics.median(_cost(client, lambda: None) for _ in range(5))
    for _ in range(rounds):
        for name, contender in contenders.items():
            spent[name].append((_cost(client, contender) - idle) / requests)
    return spent


def _cost(client: Client, act: Callable[[], object]) -> float:
    begin = int(client.get("/bench/cpu"))
    act()
    return (int(client.get("/bench/cpu")) - begin) / 1e6
