"""The bare way to the driving list: plain SQL for the same columns, plain scipy sums on them.

No viewer, no revisions, no explanation: only what the sums of design section 4 need.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import scipy.sparse as sp

from gvi.domain.policy import ScoringPolicy
from gvi.domain.tie import DRIVING_TIES

PERSONS = """
    SELECT id, coalesce(external_id, code_name), code_name, birth_date FROM persons
    WHERE withdrawn_at IS NULL AND programme_id = 1 ORDER BY id"""
GROUPS = """
    SELECT id, coalesce(external_id, name), name FROM groups
    WHERE withdrawn_at IS NULL AND programme_id = 1 AND status NOT IN ('rejected', 'merged')
    ORDER BY id"""
MEMBERSHIPS = """
    SELECT person_id, group_id, coalesce(role, 'member'), coalesce(certainty, 'possible')
    FROM memberships
    WHERE withdrawn_at IS NULL AND programme_id = 1 AND status = 'current'
    AND coalesce(role, 'member') <> 'former'
    AND coalesce(valid_from, :at) <= :at AND coalesce(valid_to, '9999') > :at
    ORDER BY person_id, group_id, id"""
TIES = """
    SELECT id, person_a_id, person_b_id, kind, coalesce(strength, 1),
    coalesce(certainty, 'possible') FROM ties
    WHERE withdrawn_at IS NULL AND programme_id = 1
    AND coalesce(valid_from, :at) <= :at AND coalesce(valid_to, '9999') > :at ORDER BY id"""
RELATIONS = """
    SELECT group_a_id, group_b_id, kind FROM group_relations
    WHERE withdrawn_at IS NULL AND programme_id = 1
    AND coalesce(valid_from, :at) <= :at AND coalesce(valid_to, '9999') > :at ORDER BY id"""
INCIDENTS = """
    SELECT id, coalesce(external_id, 'incident-' || id), occurred_at, kind, gmi FROM incidents
    WHERE withdrawn_at IS NULL AND programme_id = 1 AND status NOT IN ('unfounded', 'on_hold')
    ORDER BY id"""
INVOLVEMENTS = """
    SELECT incident_id, person_id, role, coalesce(certainty, 'possible') FROM involvements
    WHERE withdrawn_at IS NULL AND programme_id = 1
    ORDER BY incident_id, person_id, role, id"""
READS = (PERSONS, GROUPS, MEMBERSHIPS, TIES, RELATIONS, INCIDENTS, INVOLVEMENTS)


def read(connection: sqlite3.Connection, now: datetime) -> list[list[Any]]:
    """Read the seven tables' columns."""
    at = {"at": now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")}
    return [connection.execute(query, at).fetchall() for query in READS]


def driving(
    rows: Sequence[list[Any]], policy: ScoringPolicy, now: datetime, today: date
) -> list[tuple[float, ...]]:
    """Give (person id, score, own, near, far, group) of the list, the highest score first."""
    persons, groups, memberships, ties, _relations, incidents, involvements = rows
    place = {row[0]: at for at, row in enumerate(persons)}
    n = len(persons)
    own, shared = _from_incidents(incidents, involvements, policy, place, now)
    a = _spread(ties, shared, policy, place)
    near = policy.near * (a @ own)
    far = policy.far * (a @ (a @ own) - np.asarray(a.multiply(a.T).sum(axis=1)).ravel() * own)
    group = policy.group * _from_groups(groups, memberships, policy, place, own)
    score = own + near + far + group
    listed = [
        at
        for at in range(n)
        if own[at] > 0 and not (persons[at][3] and _is_child(persons[at][3], today))
    ]
    listed.sort(key=lambda at: (-score[at], -own[at], persons[at][2]))
    return [(persons[x][0], score[x], own[x], near[x], far[x], group[x]) for x in listed]


def _is_child(born: str, today: date) -> bool:
    return born > today.replace(year=today.year - 18).isoformat()


def _from_incidents(incidents, involvements, policy, place, now) -> tuple[Any, Any]:
    where = {row[0]: at for at, row in enumerate(incidents)}
    age = np.array([(now - _instant(row[2])).total_seconds() / 86_400 for row in incidents])
    decay = np.where(age >= 0, np.exp2(-age / policy.half_life_days), 0)
    gmi = np.array([policy.gmi[row[4]] for row in incidents])
    whole = np.array([policy.harm.get(row[3], 0) for row in incidents]) * gmi * decay
    weight: dict[tuple[int, int], float] = {}
    certain: dict[tuple[int, int], float] = {}
    for incident, person, role, certainty in involvements:
        if role in policy.doing and incident in where and person in place:
            key, c = (where[incident], place[person]), policy.certainty[certainty]
            weight[key] = max(weight.get(key, 0), policy.doing[role] * c)
            certain[key] = max(certain.get(key, 0), c)
    i, p = np.array(list(weight)).T
    own = np.bincount(p, whole[i] * np.array(list(weight.values())), len(place))
    recent = ((gmi > 0) & (age >= 0) & (age <= policy.tie_window_days))[i]
    i, p, c = i[recent], p[recent], np.array(list(certain.values()))[recent]
    there = np.bincount(i, minlength=len(incidents))
    share = sp.diags_array(np.divide(decay, there - 1, out=np.zeros(len(age)), where=there > 1))
    shared, below = sp.csr_array((len(place), len(place))), 0.0
    for level in sorted(policy.certainty.values()):
        at_least = c >= level
        b = sp.csr_array(
            (np.ones(at_least.sum()), (i[at_least], p[at_least])), (len(incidents), len(place))
        )
        shared = shared + (level - below) * (b.T @ share @ b)
        below = level
    return own, shared


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _spread(ties: Iterable[Any], shared: Any, policy: ScoringPolicy, place) -> Any:
    most: dict[tuple[str, int, int], float] = {}
    for _, a, b, kind, strength, certainty in ties:
        if kind in DRIVING_TIES and a in place and b in place:
            key = (kind, *sorted((place[a], place[b])))
            most[key] = max(most.get(key, 0), strength * policy.certainty[certainty])
    n = len(place)
    total = sp.csr_array((n, n))
    for kind in DRIVING_TIES:
        rows = [(a, b, value) for (k, a, b), value in most.items() if k == kind]
        a, b, value = (np.array(x) for x in zip(*rows, strict=True)) if rows else ([], [], [])
        one_way = sp.csr_array((value, (a, b)), (n, n))
        known = one_way + one_way.T
        total = total + (known.maximum(shared) if kind == "co_offending" else known)
    total = total - sp.diags_array(total.diagonal())
    return total @ sp.diags_array(1 / np.maximum(1, np.asarray(total.sum(axis=0)).ravel()))


def _from_groups(groups, memberships, policy: ScoringPolicy, place, own) -> Any:
    where = {row[0]: at for at, row in enumerate(groups)}
    rows = [m for m in memberships if m[0] in place and m[1] in where]
    p = np.array([place[row[0]] for row in rows])
    g = np.array([where[row[1]] for row in rows])
    certainty = np.array([policy.certainty[row[3]] for row in rows])
    stake = np.array([policy.membership_role[row[2]] for row in rows]) * certainty
    within = certainty / np.maximum(1, np.bincount(p, certainty, len(place)))[p]
    share = stake / np.bincount(g, stake, len(where))[g]
    of_others = np.bincount(g, within * own[p], len(where))[g] - within * own[p]
    return np.bincount(p, of_others * share, len(place))
