"""Small towns written as tables, so that the published method can be read, tried and contested.

A town is text: a heading with a colon, then a row on each line. People, groups and incidents are
called by a name without spaces. What a row leaves out at its end has the plainest value.

    people: name born              born may be left out
    groups: name
    members: person group role certainty
    ties: person person kind strength certainty
    relations: group group kind
    incidents: name kind days-ago gmi
    roles: incident person role certainty
"""

from collections import defaultdict
from datetime import date

from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.network.ranking import most_exposed, most_violence_driving
from tests.network.facts import days_ago, some_facts

POLICY = ScoringPolicy()


def town(text: str) -> tuple[Facts, dict[int, str]]:
    """Read a town; also give the names of the people by id."""
    rows = rows_of(text)
    person = numbered(rows["people"])
    group = numbered(rows["groups"])
    incident = numbered(rows["incidents"])
    facts = some_facts(
        people={
            person[name]: date.fromisoformat(born[0]) if born else None
            for name, *born in rows["people"]
        },
        groups=group.values(),
        memberships=[(person[p], group[g], *rest) for p, g, *rest in rows["members"]],
        ties=[
            (person[a], person[b], kind, *map(float, rest[:1]), *rest[1:])
            for a, b, kind, *rest in rows["ties"]
        ],
        relations=[(group[a], group[b], kind) for a, b, kind in rows["relations"]],
        incidents=[
            (incident[name], days_ago(float(days)), kind, *gmi)
            for name, kind, days, *gmi in rows["incidents"]
        ],
        involvements=[(incident[i], person[p], *rest) for i, p, *rest in rows["roles"]],
    )
    return facts, {id_: name for name, id_ in person.items()}


def rows_of(text: str) -> dict[str, list[list[str]]]:
    """Give the words of each row by heading."""
    rows = defaultdict(list)
    for line in filter(str.strip, text.splitlines()):
        words = line.split()
        if words[0].endswith(":"):
            heading = words.pop(0).rstrip(":")
        rows[heading].append(words)
    return rows


def numbered(rows: list[list[str]]) -> dict[str, int]:
    return {name: id_ for id_, (name, *_) in enumerate(rows, start=1)}


def table(text: str) -> list[tuple]:
    """Read an expected list: a name and numbers on each line, as far as they go."""
    rows = [line.split() for line in text.splitlines() if line.strip()]
    return [(name, *map(float, numbers)) for name, *numbers in rows]


def driving(text: str) -> list[tuple]:
    """Give the driving list as person, score, own, near, far, group, to four decimals."""
    facts, names = town(text)
    return [
        (names[e.person_id], *(round(x, 4) for x in (e.score, e.own, e.near, e.far, e.group)))
        for e in most_violence_driving(facts, POLICY).entries
    ]


def exposed(text: str) -> list[tuple]:
    """Give the exposed list as person, score, hurt, near, far, conflict, to four decimals."""
    facts, names = town(text)
    return [
        (names[e.person_id], *(round(x, 4) for x in (e.score, e.hurt, e.near, e.far, e.conflict)))
        for e in most_exposed(facts, POLICY).entries
    ]
