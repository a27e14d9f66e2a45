"""How invitees are proposed for a call-in: so that most of the groups' people hear the message.

A person is reached if invited or tied to somebody invited. Whom to invite is decided by people.
"""

from gvi.network.plan import Objective, SelectionProblem
from gvi.network.reach import attendance_probability
from gvi.network.selection import best_plan


def proposed(people: str, *, ties: str, seats: int, never: str = "", **asked):
    """Give the invitees and who is not reached; a person in capitals must come."""
    names = people.split()
    id_of = {name: id_ for id_, name in enumerate(names, start=1)}
    pairs = [tuple(id_of[name] for name in pair.split("-")) for pair in ties.split()]
    obliged = frozenset(id_of[name] for name in names if name.isupper())
    for rule in ("locked", "excluded"):
        asked[rule] = frozenset(id_of[name] for name in asked.get(rule, "").split())
    plan = best_plan(
        SelectionProblem(
            universe=list(id_of.values()),
            ties=pairs,
            candidates=frozenset(id_of[name] for name in names if name not in never.split()),
            attendance={p: attendance_probability(obliged=p in obliged) for p in id_of.values()},
            obliged=obliged,
            seats=seats,
            **asked,
        )
    )
    invited, missed = plan.outcome.invitees, plan.outcome.not_reached
    return (
        " ".join(names[id_ - 1] for id_ in invited),
        " ".join(names[id_ - 1] for id_ in missed),
    )


TOWN = {"people": "Alm BOK Ek Lind Rönn ASK", "ties": "Alm-BOK Alm-Ek Alm-Lind Rönn-ASK Lind-Rönn"}


def test_the_few_who_reach_most_are_proposed():
    """Alm reaches four; the other two are reached by one of themselves."""
    assert proposed(**TOWN, seats=1) == ("Alm", "Rönn ASK")
    assert proposed(**TOWN, seats=2) == ("Alm Rönn", "")


def test_those_who_must_come_are_worth_more_where_attendance_counts():
    """Alm comes with one chance in six; Bok and Ask must come, and reach two each."""
    assert proposed(**TOWN, seats=2, objective=Objective.EXPECTED) == ("BOK ASK", "Ek Lind")


def test_only_those_who_must_come_are_invited_where_that_is_asked():
    assert proposed(**TOWN, seats=2, supervised_only=True) == ("BOK ASK", "Ek Lind")


def test_people_under_18_or_in_custody_are_reached_but_never_invited():
    """Alm is not invited but hears of it from Bok; Ek, tied to nobody but Alm, does not."""
    assert proposed(**TOWN, seats=2, never="Alm") == ("BOK Rönn", "Ek")


def test_who_is_locked_in_is_invited_and_who_is_excluded_is_not():
    assert proposed(**TOWN, seats=2, locked="Ek")[0] == "Ek Rönn"
    assert proposed(**TOWN, seats=1, excluded="Alm") == ("Lind", "BOK Ek ASK")
