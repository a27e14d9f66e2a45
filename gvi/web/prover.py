"""Proofs that take longer than anybody waits: worked out beside the server, one for each viewer.

A proof is a process of its own that knows numbers only: who may be invited as places in a list,
nobody's name. What it has found so far stands in a file which only the server's own user reads;
whoever asked finds it there, whichever worker answers. The file gone, the process ends; the process
gone, the file says nothing new and is taken for lost. See docs/decisions/0109.
"""

import fcntl
import json
import multiprocessing
import os
import re
import stat
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path

from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.network.audience import audience_of
from gvi.network.plan import Plan, SelectionProblem
from gvi.network.rules import choosable
from gvi.network.selection import best_plan

SECONDS = 600.0
"""A proof gives up after so long, with what it has."""
MOST_AT_ONCE = 2
"""So many run at once on one machine, whoever asked."""
KEPT_SECONDS = 3600.0
TELLS_EVERY = 1.0
SILENT_SECONDS = 30.0
"""A running proof that has said nothing for so long is lost: the server was started anew."""
POLITE = 10
"""How much a proof stands back behind the pages (nice)."""
_BOUND = re.compile(rb"\|\s+(?P<bound>-?[\d.]+(e[+-]?\d+)?)\s+\S+\s+\S+\s+\|?\s")
"""The best bound in a line of the solver's log: the first number behind the tree's columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How far a proof has come: the best plan known, and how far it may be from the best."""

    question: str
    token: str
    places: tuple[int, ...]
    """Who is in the plan, as places among those who may be chosen."""
    gap: float
    seconds: float = 0.0
    is_done: bool = False
    alternatives: int | None = None
    examples: tuple[tuple[int, ...], ...] = ()
    """Some of the others that are as good, as places, too."""


class Prover:
    """The proofs of one site on one machine."""

    def __init__(self, secret: str, database: str) -> None:
        """Take the site's secret and database: its proofs stand in a folder of their own."""
        self._key = blake2b(f"{secret} {database}".encode()).digest()
        self._folder = Path(tempfile.gettempdir()) / f"gvi-proofs-{self._digest('folder')}"

    def look(self, whose: str, problem: SelectionProblem) -> Proof | None:
        """Give somebody's proof of a problem; None where none was begun, or it was lost."""
        proof = _read(self._file(whose))
        return proof if proof is not None and proof.question == problem.digest else None

    def begin(self, whose: str, problem: SelectionProblem, plan: Plan) -> None:
        """Begin to prove or better a plan, in place of the viewer's last proof.

        Raises RuleError while too many run.
        """
        proof = Proof(
            question=problem.digest,
            token=os.urandom(16).hex(),
            places=_places(problem, plan.outcome.invitees),
            gap=plan.gap,
        )
        with _alone_in(self._home()):
            self._file(whose).unlink(missing_ok=True)
            if sum(not each.is_done for each in self._all()) >= MOST_AT_ONCE:
                raise RuleError(
                    N_("Other plans are being proved just now. Ask again in a minute or two.")
                )
            _write(self._file(whose), proof)
        # Started anew, not copied: a server's threads and connections are no part of it.
        multiprocessing.get_context("spawn").Process(
            target=prove, args=(str(self._file(whose)), proof, problem), daemon=True
        ).start()

    def stop(self, whose: str) -> None:
        """End somebody's proof and forget what it found."""
        with _alone_in(self._home()):
            self._file(whose).unlink(missing_ok=True)

    def _all(self) -> Iterator[Proof]:
        """Give every proof that is known, those too old thrown away."""
        for path in self._folder.glob("*.json"):
            proof = _read(path)
            if proof is None:
                path.unlink(missing_ok=True)
            else:
                yield proof

    def _file(self, whose: str) -> Path:
        return self._folder / f"{self._digest(whose)}.json"

    def _home(self) -> Path:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(f"{self._folder} is not this server's own")
        return self._folder

    def _digest(self, words: str) -> str:
        return blake2b(words.encode(), key=self._key, digest_size=16).hexdigest()


def prove(path: str, proof: Proof, problem: SelectionProblem) -> None:
    """Find the best plan in a process of its own, telling how far it is; ends when not wanted."""
    os.nice(POLITE)
    told = _Told(Path(path), proof, audience_of(problem).worth(proof.places))
    threading.Thread(target=told.go_on, daemon=True).start()
    threading.Thread(target=told.listen, args=(_log_of_solver(),), daemon=True).start()
    plan = best_plan(problem, time_limit_seconds=SECONDS, tells=True)
    told.done(
        plan,
        places=_places(problem, plan.outcome.invitees),
        examples=tuple(_places(problem, each) for each in plan.examples),
    )


def _places(problem: SelectionProblem, people: Iterable[int]) -> tuple[int, ...]:
    place = {person: at for at, person in enumerate(choosable(problem))}
    return tuple(place[person] for person in people)


class _Told:
    """What a proof says of itself while it runs."""

    def __init__(self, path: Path, proof: Proof, worth: float) -> None:
        self._path, self._proof, self._worth = path, proof, worth
        self._begun = time.monotonic()

    def go_on(self) -> None:
        """Tell every second how it stands; end the process where nobody wants to know any more."""
        while True:
            time.sleep(TELLS_EVERY)
            self._tell(self._proof)

    def listen(self, log: int) -> None:
        """Read out of the solver's log how far the best plan known may be from the best."""
        with os.fdopen(log, "rb") as lines:
            for line in lines:
                found = _BOUND.search(line)
                # What is maximised here is minimised there, with the sign changed.
                bound = -float(found["bound"]) if found else 0.0
                if bound > self._worth:
                    gap = min(self._proof.gap, 1.0 - self._worth / bound)
                    self._proof = replace(self._proof, gap=gap)

    def done(
        self, plan: Plan, *, places: tuple[int, ...], examples: tuple[tuple[int, ...], ...]
    ) -> None:
        """Say what was found, and how sure it is."""
        known = replace(self._proof, places=places, gap=plan.gap, alternatives=plan.alternatives)
        self._tell(replace(known, examples=examples, is_done=True))

    def _tell(self, proof: Proof) -> None:
        parent = multiprocessing.parent_process()
        with _alone_in(self._path.parent):
            found = _read(self._path)
            is_alone = parent is not None and not parent.is_alive()
            if found is None or found.token != proof.token or is_alone:
                os._exit(0)
            if not found.is_done:
                _write(self._path, replace(proof, seconds=time.monotonic() - self._begun))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep everybody else's hands off the proofs: one that was stopped must not tell once more."""
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _log_of_solver() -> int:
    """Lead what the solver prints into a pipe, and give the end to read it from."""
    read, write = os.pipe()
    os.dup2(write, 1)
    return read


def _read(path: Path) -> Proof | None:
    """Read a proof; None where there is none, it was lost, or it is too old."""
    try:
        age = time.time() - path.stat().st_mtime
        found = Proof(**json.loads(path.read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    proof = replace(
        found, places=tuple(found.places), examples=tuple(tuple(each) for each in found.examples)
    )
    return proof if age < (KEPT_SECONDS if proof.is_done else SILENT_SECONDS) else None


def _write(path: Path, proof: Proof) -> None:
    """Write a proof at one stroke: whoever reads finds the old one or the new one."""
    aside = path.with_suffix(f".{proof.token}")
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(asdict(proof)), encoding="utf-8")
    aside.replace(path)
