"""Backtests through the database, and that nothing recorded later reaches an earlier list."""

from datetime import date, timedelta
from random import Random

import pytest

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.network.interval import driving_intervals, exposed_intervals
from gvi.network.ranking import most_exposed, most_violence_driving
from gvi.store.facts import count_facts, facts
from gvi.usecases.backtest import backtest, backtest_document
from gvi.usecases.facts import correct, withdraw
from gvi.usecases.policy import in_force
from gvi.usecases.what_if import what_if
from tests.conftest import MONDAY, ZONE
from tests.factories import (
    a_group,
    a_membership,
    a_person,
    a_relation,
    a_tie,
    an_incident,
    an_involvement,
)

DAY = timedelta(days=1)
KINDS = ("homicide", "stabbing", "threat", "robbery")
ROLES = ("suspect", "convicted", "present", "victim")


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


def test_the_list_of_a_day_is_held_against_what_came_after_it(db, programme, police):
    lom, mes = (a_person(db, programme, MONDAY, name) for name in ("Lom", "Mes"))
    for days, doer in ((400, lom), (350, lom), (340, mes), (200, lom)):
        incident = an_incident(db, programme, MONDAY - days * DAY, "stabbing")
        an_involvement(db, incident, doer, "convicted")
    start = (MONDAY - 360 * DAY).date()

    found = backtest(db, police, now=MONDAY, zone=ZONE, start=start, every=90, days=90, top=1)

    hits = [(w.parts, w.hits["list"]) for w in found.windows]
    assert hits == [(2, 1.0), (1, 1.0), (0, 0.0)]
    assert found.not_over == 2
    assert not found.is_enough
    document = backtest_document(found, ZONE)
    assert document["shares"]["list"]["hits"] == 2
    assert document["windows_not_over"] == 2
    assert "effect" not in str(document)


def test_an_incident_recorded_after_the_day_was_not_on_its_list(db, programme, police):
    lom = a_person(db, programme, MONDAY, "Lom")
    late = MONDAY - 10 * DAY
    old = an_incident(db, programme, MONDAY - 400 * DAY, "homicide", recorded_at=late)
    an_involvement(db, old, lom, "convicted", recorded_at=late)
    start = (MONDAY - 380 * DAY).date()

    found = backtest(db, police, now=MONDAY, zone=ZONE, start=start, every=400, days=90)

    assert [window.listed for window in found.windows] == [0]


@pytest.mark.parametrize("seed", range(4))
def test_nothing_recorded_after_a_day_changes_any_list_as_of_it(db, programme, police, seed):
    random = Random(seed)  # noqa: S311 — the same town every time
    town = Town(db, programme, random)
    for _ in range(12):
        town.record(at=MONDAY - random.randint(1, 30) * DAY)
    before = everything(db, police)
    known = town.facts()

    for _ in range(12):
        town.record(at=MONDAY + random.randint(1, 30) * DAY)
    later = MONDAY + 40 * DAY
    for fact in random.sample(known, 6):
        withdraw(fact, police, at=later, reason="It was wrong")
    for incident in random.sample(town.incidents, 2):
        correct(incident, police, "incident:write", at=later, kind="homicide")
    db.flush()

    assert everything(db, police) == before
    assert facts(db, police, later, ZONE) != facts(db, police, MONDAY, ZONE)


class Town:
    """People, groups and incidents, to which things are recorded at random."""

    def __init__(self, db, programme, random):
        self.db, self.programme, self.random = db, programme, random
        long_ago = MONDAY - 700 * DAY
        self.people = [a_person(db, programme, long_ago, f"P{n}") for n in range(6)]
        self.groups = [a_group(db, programme, long_ago, f"G{n}") for n in range(3)]
        self.incidents, self.others = [], []

    def facts(self):
        return [*self.incidents, *self.others]

    def record(self, *, at):
        """Record one thing of each sort at a moment, as true long before it."""
        random, given = self.random, {"recorded_at": at}
        one, other = random.sample(self.people, 2)
        group, rival = random.sample(self.groups, 2)
        occurred = MONDAY - random.randint(31, 600) * DAY
        incident = an_incident(self.db, self.programme, occurred, random.choice(KINDS), **given)
        self.incidents.append(incident)
        self.others += [
            an_involvement(self.db, incident, one, random.choice(ROLES), **given),
            an_involvement(self.db, incident, other, random.choice(ROLES), **given),
            a_tie(self.db, MONDAY, one, other, kind=random.choice(["friend", "family"]), **given),
            a_relation(self.db, MONDAY, group, rival, **given),
            a_membership(self.db, MONDAY, one, group, role="leader", **given),
            a_person(self.db, self.programme, at, f"N{len(self.others)}", **given),
        ]


def everything(db, viewer):
    """Both lists, their intervals and what the first rank hangs on, as of MONDAY."""
    known, policy = facts(db, viewer, MONDAY, ZONE), in_force(db, viewer)
    driving, exposed = most_violence_driving(known, policy), most_exposed(known, policy)
    start = date(2025, 6, 1)
    return (
        driving,
        exposed,
        driving_intervals(known, policy, seed=1, draws=20),
        exposed_intervals(known, policy, seed=1, draws=20),
        what_if(db, viewer, MONDAY, ZONE, driving.entries[0].person_id),
        backtest(db, viewer, now=MONDAY, zone=ZONE, start=start, every=60, top=2),
    )


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"days": 30}, id="thirty days ahead"),
        pytest.param({"every": 0}, id="no day between"),
        pytest.param({"top": 0}, id="nobody"),
        pytest.param({"start": date(2026, 3, 3)}, id="tomorrow"),
        pytest.param({"start": date(1, 1, 1)}, id="too many lists"),
    ],
)
def test_what_cannot_be_asked_is_refused(db, police, asked):
    with pytest.raises(RuleError):
        backtest(db, police, now=MONDAY, zone=ZONE, **asked)


def test_roles_without_scores_are_told_nothing(db, viewer):
    with pytest.raises(NotAllowedError):
        backtest(db, viewer(Role.STEERING), now=MONDAY, zone=ZONE)


def test_the_count_before_reading_is_of_what_is_read_and_nothing_hidden(
    db, programme, police, operator
):
    lom, mes, hidden = (
        a_person(db, programme, MONDAY, name, compartment=secrecy)
        for name, secrecy in (("Lom", "police"), ("Mes", "police"), ("Sik", "social"))
    )
    incident = an_incident(db, programme, MONDAY - DAY, "stabbing")
    for person in (lom, hidden):
        an_involvement(db, incident, person, "convicted")
        a_tie(db, MONDAY, person, mes, kind="friend")

    counts = [count_facts(db, asks, MONDAY) for asks in (police, operator)]
    read = [facts(db, asks, MONDAY, ZONE) for asks in (police, operator)]

    assert counts == [len(each.ties.id) + len(each.involvements.person) for each in read]
    assert counts == [2, 4]
