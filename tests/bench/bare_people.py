"""The bare way to the people list: raw sqlite3 for the same rows, then the same template.

What the analyst sees is written into the SQL; nothing here knows about rights, the past or seals.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from gvi.domain.membership import MembershipRole
from gvi.domain.naming import folded
from gvi.domain.person import adult_born_by, age_on
from gvi.domain.risk import RiskColour
from gvi.store.queries.membership import GroupPart
from gvi.store.queries.person_list import PersonRow
from gvi.store.queries.risk import Colour
from gvi.web.listing import Listing, ListQuery
from gvi.web.text import translate_plural

FOUND = """
    FROM persons p LEFT JOIN bare_names i ON i.person_id = p.id AND p.is_protected = 0
        AND (p.birth_date IS NULL OR p.birth_date <= :adult)
    WHERE p.withdrawn_at IS NULL AND p.programme_id = 1 AND p.compartment IN ('police', 'shared')
"""
MATCHES = """
    AND (p.code_name LIKE :word OR p.external_id LIKE :word OR i.folded LIKE :begin
        OR i.folded LIKE :inner)
"""
PAGE = """
    SELECT p.id, p.code_name, p.external_id, p.birth_date, p.is_protected, i.name,
        p.birth_date IS NULL OR p.birth_date <= :adult
"""
ORDER = " ORDER BY coalesce(i.name, p.code_name), p.id LIMIT 50 OFFSET :offset"
GROUPS = """
    SELECT m.person_id, g.id, g.name, coalesce(m.role, 'member') FROM memberships m
    JOIN groups g ON g.id = m.group_id AND g.withdrawn_at IS NULL
    JOIN persons p ON p.id = m.person_id
    WHERE m.withdrawn_at IS NULL AND m.status = 'current' AND coalesce(m.role, '') <> 'former'
    AND g.status NOT IN ('rejected', 'merged')
    AND (p.birth_date IS NULL OR p.birth_date <= ?)
    AND coalesce(m.valid_from, '') <= ? AND coalesce(m.valid_to, '9999') > ?
    AND m.person_id IN (%s) ORDER BY g.name, m.id
"""
COLOURS = """
    SELECT r.person_id, r.colour, r.decided_at, r.expires_on, u.display_name, p.birth_date
    FROM risk_decisions r JOIN users u ON u.id = r.decided_by_id
    JOIN persons p ON p.id = r.person_id
    WHERE r.person_id IN (%s) ORDER BY r.person_id, r.decided_at, r.id
"""
OPTIONS = """
    SELECT id, name FROM groups WHERE withdrawn_at IS NULL AND programme_id = 1
    AND status NOT IN ('rejected', 'merged') ORDER BY name, id
"""


def answer(
    connection: sqlite3.Connection, like: dict[str, Any], q: str, now: datetime, today: date
) -> dict[str, Any]:
    """Give the values of the page's template; `like` are those of a first answer of ours."""
    adult = adult_born_by(today).isoformat()
    known = {"adult": adult, "offset": 0}
    narrowed = ""
    if q:
        known |= {"word": f"%{q}%", "begin": f"{folded(q)}%", "inner": f"% {folded(q)}%"}
        narrowed = MATCHES
    total = connection.execute(f"SELECT count(*) {FOUND}{narrowed}", known).fetchone()[0]
    rows = connection.execute(f"{PAGE}{FOUND}{narrowed}{ORDER}", known).fetchall()
    ids = [row[0] for row in rows]
    groups, colours = _groups(connection, ids, adult, now), _colours(connection, ids, adult, today)
    listing: Listing[PersonRow] = like["listing"]
    options = [(str(key), name) for key, name in connection.execute(OPTIONS)]
    filters = [replace(listing.filters[0], options=options), *listing.filters[1:]]
    people = [_row(row, groups, colours, today) for row in rows]
    query = ListQuery(q=q, sort="name")
    return {
        **like,
        "listing": replace(listing, rows=people, total=total, query=query, filters=filters),
        "answer": _sentence(total, narrowed=bool(q)),
    }


def _row(row: Any, groups: Any, colours: Any, today: date) -> PersonRow:
    key, code_name, external_id, birth_date, is_protected, name, whole = row
    born = date.fromisoformat(birth_date) if birth_date else None
    return PersonRow(
        id=key,
        code_name=code_name,
        external_id=external_id,
        name=name,
        age=age_on(born, today) if born and whole else None,
        is_under_18=born is not None and born > adult_born_by(today),
        is_birth_date_known=born is not None,
        groups=tuple(groups.get(key, ())),
        colour=colours.get(key),
        is_protected=bool(is_protected),
    )


def _groups(connection, ids: Sequence[int], adult: str, now: datetime) -> Any:
    at, found = now.strftime("%Y-%m-%d %H:%M:%S.%f"), defaultdict(list)
    query = GROUPS % ",".join("?" * len(ids))
    for person, group, name, role in connection.execute(query, [adult, at, at, *ids]):
        found[person].append(GroupPart(group_id=group, name=name, role=MembershipRole(role)))
    return found


def _colours(connection, ids: Sequence[int], adult: str, today: date) -> dict[int, Colour]:
    found = {}
    for row in connection.execute(COLOURS % ",".join("?" * len(ids)), ids):
        person, colour, decided_at, expires_on, who, born = row
        if born is None or born <= adult:
            found[person] = Colour(
                colour=RiskColour(colour),
                decided_on=date.fromisoformat(decided_at[:10]),
                expires_on=date.fromisoformat(expires_on),
                decided_by=who,
                is_expired=date.fromisoformat(expires_on) < today,
            )
    return found


def _sentence(total: int, *, narrowed: bool) -> str:
    if narrowed:
        return translate_plural(
            "%(num)s person answers the question.",
            "%(num)s people answer the question.",
            total,
            "en",
        )
    return translate_plural(
        "%(num)s person is known to the programme and may be seen by you.",
        "%(num)s people are known to the programme and may be seen by you.",
        total,
        "en",
    )
