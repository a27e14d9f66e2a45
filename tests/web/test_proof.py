"""A plan that is not proved within a moment is proved beside the server, for who asked."""

import os
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.errors import RuleError
from gvi.network.plan import SelectionProblem
from gvi.network.selection import plan_at_once
from gvi.store.engine import reading, transaction
from gvi.store.models import CallIn
from gvi.web import planner, prover
from gvi.web.prover import Proof, Prover
from tests import factories as make
from tests.conftest import MONDAY
from tests.network.wheeler import PEOPLE, TIES

POLICE, ANALYST = Role.COORDINATOR_POLICE, Role.ANALYST
WAIT_SECONDS = 120.0


@pytest.fixture
def url(browser, engine, programme, monkeypatch):
    """The planner of a call-in of four for Wheeler's gang 1; nobody waits for the solver."""
    monkeypatch.setattr(planner, "SECONDS_WAITED", 0.0)
    with transaction(engine) as db:
        group = make.a_group(db, programme, MONDAY, "Granit")
        people = {n: make.a_person(db, programme, MONDAY, f"Person {n}") for n in PEOPLE}
        for person in people.values():
            make.a_membership(db, MONDAY, person, group)
        for a, b in TIES:
            make.a_tie(db, MONDAY, people[a], people[b])
        number = group.id
    new = {"name": "Call-in 4", "seats": "4", "starts_at": "2026-04-09T17:30"}
    browser(POLICE).post("/call-ins/new", **new, groups=[number])
    with reading(engine) as db:
        return f"/call-ins/{db.scalars(select(CallIn.id)).one()}/plan"


def plans(page):
    return " ".join(" ".join(page.one("section", data_live="plans").itertext()).split())


def look(browser, address, until):
    """Look at a page again until it says something."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        said = plans(browser(POLICE).get(address))
        if until in said:
            return said
        time.sleep(0.5)
    raise AssertionError(said)


def link(page):
    return next(
        address for address in page.links() if "size=" in address and "counted=1" in address
    )


def test_a_plan_is_shown_at_once_and_proved_beside_the_server(browser, url):
    assert "best found, at most" in plans(browser(POLICE).get(url))
    assert "Prove the best plan" in plans(browser(POLICE).get(url))

    page = browser(POLICE).post(url, act="prove", size="4")

    assert "Being proved for" in plans(page)
    said = look(browser, link(page), "6 other plans are as good.")
    assert " instead of " in said
    assert "Being proved" not in said
    assert "Prove the best plan" not in said


def test_a_proof_is_its_viewers_and_its_questions(browser, url):
    page = browser(POLICE).post(url, act="prove", size="4")

    assert "Prove the best plan" in plans(browser(ANALYST).get(link(page)))
    assert "Prove the best plan" in plans(browser(POLICE).post(url, act="count", size="3"))

    stopped = browser(POLICE).post(url, act="unprove", size="4")
    assert "Prove the best plan" in plans(stopped)


@pytest.fixture(autouse=True)
def leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def problem():
    return SelectionProblem(
        universe=PEOPLE,
        ties=TIES,
        candidates=frozenset(PEOPLE),
        attendance=dict.fromkeys(PEOPLE, 1.0),
        seats=4,
    )


@pytest.fixture
def site(tmp_path):
    return Prover("a secret", str(tmp_path))


def files(site):
    return list(Path(site._folder).glob("*.json"))


def test_a_proof_that_was_lost_with_its_server_is_offered_again(site, problem):
    site.begin("me", problem, plan_at_once(problem))
    assert site.look("me", problem) is not None

    (path,) = files(site)
    path.write_bytes(path.read_bytes().replace(b'"token": "', b'"token": "other'))
    os.utime(path, (time.time() - prover.SILENT_SECONDS - 1,) * 2)

    assert site.look("me", problem) is None


def test_what_a_proof_leaves_is_for_nobody_else_and_names_nobody(site, problem):
    site.begin("me", problem, plan_at_once(problem))

    (path,) = files(site)
    assert path.stat().st_mode & 0o077 == path.parent.stat().st_mode & 0o077 == 0
    assert set(Proof.__slots__) == {
        "question",
        "token",
        "places",
        "gap",
        "seconds",
        "is_done",
        "alternatives",
        "examples",
    }
    site.stop("me")
    assert files(site) == []


def test_a_proof_stopped_while_it_tells_stays_stopped(site, problem, monkeypatch):
    monkeypatch.setattr(os, "_exit", sys.exit)
    site.begin("me", problem, plan_at_once(problem))
    (path,) = files(site)
    told = prover._Told(path, site.look("me", problem), 1.0)

    def tell():
        with pytest.raises(SystemExit):
            told.go_on()

    telling = threading.Thread(target=tell)
    with prover._alone_in(path.parent):
        telling.start()
        time.sleep(2 * prover.TELLS_EVERY)
        path.unlink()
    telling.join(timeout=10)

    assert not telling.is_alive()
    assert files(site) == []


def test_so_many_run_at_once_whoever_asks_and_one_each(site, problem):
    at_once = plan_at_once(problem)
    for whose in ("me", "you", "me"):
        site.begin(whose, problem, at_once)

    with pytest.raises(RuleError):
        site.begin("they", problem, at_once)
    site.stop("me")
    site.begin("they", problem, at_once)
    for whose in ("you", "they"):
        site.stop(whose)


def test_a_folder_of_somebody_else_is_not_written_into(site, problem):
    folder = Path(site._folder)
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)

    with pytest.raises(PermissionError):
        site.begin("me", problem, plan_at_once(problem))


def test_a_question_is_the_same_however_it_is_written(problem):
    again = replace(problem, candidates=frozenset(sorted(PEOPLE, reverse=True)))
    assert again.digest == problem.digest
    assert replace(problem, seats=5).digest != problem.digest
