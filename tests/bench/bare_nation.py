"""Both lists the bare way at nation size: plain SQL, arrays by numpy alone, plain scipy products.

No viewer, no revisions, no list in order with names: `read` takes the rows, `build` makes arrays of
them, `sums` gives every part of both scores. Each is measured by itself.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import numpy as np
import scipy.sparse as sp

from gvi.domain.policy import UNITS, ScoringPolicy
from gvi.domain.tie import DRIVING_TIES, EXPOSURE_TIES
from tests.bench.bare_ranking import READS

ROWS_AT_ONCE = 500
PARTS = {
    "driving": '{"own": %d, "near": %d, "far": %d, "group": %d}',
    "exposed": '{"hurt": %d, "near": %d, "far": %d, "conflict": %d}',
}
STORE = """
    INSERT INTO list_snapshot_entries (snapshot_id, person_id, rank, units, parts, low, high)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""


@dataclass
class Built:
    """What the sums start from."""

    own: Any
    hurt: Any
    driving: Any
    exposure: Any
    person: Any
    group: Any
    within: Any
    share: Any
    conflict: Any


def read(connection: sqlite3.Connection, now: datetime) -> list[list[list[Any]]]:
    """Read the columns of the seven tables, in blocks: whole tables of rows cost twice as much."""
    at = {"at": now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")}
    return [_columns(connection.execute(query, at)) for query in READS]


def _columns(cursor: sqlite3.Cursor) -> list[list[Any]]:
    columns: list[list[Any]] = [[] for _ in cursor.description]
    while block := cursor.fetchmany(ROWS_AT_ONCE):
        for column, values in zip(columns, zip(*block, strict=True), strict=True):
            column.extend(values)
    return columns


def build(rows: Sequence[Any], policy: ScoringPolicy, now: datetime) -> Built:
    """Turn rows into arrays and the two matrices of ties."""
    persons, groups, memberships, ties, relations, incidents, involvements = rows
    people, n = np.array(persons[0]), len(persons[0])
    age = (np.datetime64(now.replace(tzinfo=None)) - np.array(incidents[2], "datetime64[us]")) / (
        np.timedelta64(86_400_000_000, "us")
    )
    decay = np.where(age >= 0, np.exp2(-np.maximum(age, 0) / policy.half_life_days), 0)
    gmi, harm = _looked_up(incidents[4], policy.gmi), _looked_up(incidents[3], policy.harm)
    i = _places(np.array(incidents[0]), np.array(involvements[0]))
    p = _places(people, np.array(involvements[1]))
    there = (i >= 0) & (p >= 0) & (np.where(i >= 0, age[i], -1) >= 0)
    certainty = _looked_up(involvements[3], policy.certainty)
    weight = _looked_up(involvements[2], policy.doing) * certainty
    doing = there & (weight > 0)
    pair, most = _most(i[doing] * n + p[doing], weight[doing])
    own = np.bincount(pair % n, (harm * gmi * decay)[pair // n] * most, n)
    weight = _looked_up(involvements[2], policy.exposure) * certainty
    pair, most = _most(i[there] * n + p[there], weight[there])
    hurt = np.bincount(pair % n, (harm * decay)[pair // n] * most, n)
    pair, sure = _most(i[doing] * n + p[doing], certainty[doing])
    counts = ((gmi > 0) & (age <= policy.tie_window_days))[pair // n]
    shared = _shared(pair[counts] // n, pair[counts] % n, sure[counts], decay, n)
    kinds = _recorded(ties, policy, people)
    member = _members(memberships, policy, people, np.array(groups[0]))
    return Built(
        own,
        hurt,
        _matrix(kinds, shared, DRIVING_TIES, n),
        _matrix(kinds, shared, EXPOSURE_TIES, n),
        *member,
        _conflicts(relations, policy, np.array(groups[0])),
    )


def sums(b: Built, policy: ScoringPolicy) -> tuple[Any, Any]:
    """Give own, near, far, group and hurt, near, far, conflict of everybody."""
    n, g = b.own.size, b.conflict.shape[0]
    of_group = np.bincount(b.group, b.within * b.own[b.person], g)
    rest = (of_group[b.group] - b.within * b.own[b.person]) * b.share
    threat = (b.conflict @ of_group)[b.group] * b.share
    return (
        np.stack(
            [
                b.own,
                *_steps(b.driving, b.own, policy.near, policy.far),
                policy.group * np.bincount(b.person, rest, n),
            ]
        ),
        np.stack(
            [
                b.hurt,
                *_steps(b.exposure, b.hurt, policy.exposed_near, policy.exposed_far),
                policy.conflict * np.bincount(b.person, threat, n),
            ]
        ),
    )


def store(connection: sqlite3.Connection, score: str, people: Any, parts: Any) -> None:
    """Store ranks and parts of the people of one list by plain `executemany`; does not commit."""
    units = np.rint(parts * UNITS).astype(np.int64)
    total, rank = units.sum(axis=0), np.empty(people.size, np.int64)
    rank[np.lexsort((-units[0], -total))] = np.arange(1, people.size + 1)
    text = map(PARTS[score].__mod__, zip(*units.tolist(), strict=True))
    none = [None] * people.size
    number = [-1 - list(PARTS).index(score)] * people.size
    columns = (number, people.tolist(), rank.tolist(), total.tolist(), text, none, none)
    connection.executemany(STORE, zip(*columns, strict=True))


def _steps(a: Any, amount: Any, near: float, far: float) -> tuple[Any, Any]:
    m = 1 / np.maximum(1, np.asarray(a.sum(axis=0)).ravel())
    once = a @ (m * amount)
    back = (a.multiply(a) @ m) * m
    return near * once, far * (a @ (m * once) - back * amount)


def _looked_up(column: Sequence[str], table: Mapping[str, float]) -> Any:
    known = defaultdict(float, {str(code): value for code, value in table.items()})
    return np.fromiter(map(known.__getitem__, column), float, len(column))


def _places(known: Any, wanted: Any) -> Any:
    at = np.minimum(np.searchsorted(known, wanted), known.size - 1)
    return np.where(known[at] == wanted, at, -1)


def _most(keys: Any, values: Any) -> tuple[Any, Any]:
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return keys[first], np.maximum.reduceat(values, first)


def _shared(i: Any, p: Any, sure: Any, decay: Any, n: int) -> Any:
    starts = np.r_[np.flatnonzero(np.r_[True, i[1:] != i[:-1]]), i.size]
    lengths, rows = np.diff(starts), []
    for size in range(2, int(lengths.max()) + 1):
        begin = starts[:-1][lengths == size]
        for x, y in combinations(range(size), 2):
            a, b = begin + x, begin + y
            rows.append((np.minimum(sure[a], sure[b]) * decay[i[a]] / (size - 1), p[a], p[b]))
    amount, a, b = map(np.concatenate, zip(*rows, strict=True))
    one_way = sp.csr_array((amount, (a, b)), (n, n))
    return one_way + one_way.T


def _recorded(ties: Any, policy: ScoringPolicy, people: Any) -> dict[str, Any]:
    n, a, b = people.size, _places(people, np.array(ties[1])), _places(people, np.array(ties[2]))
    strength = np.array(ties[4], float) * _looked_up(ties[5], policy.certainty)
    names = sorted(EXPOSURE_TIES)
    kind = _looked_up(ties[3], {name: at + 1.0 for at, name in enumerate(names)})
    matrices = {}
    for at, name in enumerate(names):
        rows = (kind == at + 1.0) & (a >= 0) & (b >= 0) & (a != b)
        low, high = np.minimum(a[rows], b[rows]), np.maximum(a[rows], b[rows])
        if low.size:
            pair, most = _most(low * n + high, strength[rows])
            one_way = sp.csr_array((most, (pair // n, pair % n)), (n, n))
            matrices[str(name)] = one_way + one_way.T
    return matrices


def _matrix(kinds: dict[str, Any], shared: Any, wanted: Any, n: int) -> Any:
    total = kinds.get("co_offending", sp.csr_array((n, n))).maximum(shared)
    for name in sorted(wanted - {"co_offending"}):
        total = total + kinds.get(name, sp.csr_array((n, n)))
    return sp.csr_array(total)


def _members(rows: Any, policy: ScoringPolicy, people: Any, groups: Any) -> tuple[Any, ...]:
    p, g = _places(people, np.array(rows[0])), _places(groups, np.array(rows[1]))
    sure, stake = _looked_up(rows[3], policy.certainty), _looked_up(rows[2], policy.membership_role)
    kept = (p >= 0) & (g >= 0)
    p, g, sure, stake = p[kept], g[kept], sure[kept], (stake * sure)[kept]
    within = sure / np.maximum(1, np.bincount(p, sure, people.size))[p]
    return p, g, within, stake / np.bincount(g, stake, groups.size)[g]


def _conflicts(rows: Any, policy: ScoringPolicy, groups: Any) -> Any:
    matrix = sp.lil_array((groups.size, groups.size))
    where = {group: at for at, group in enumerate(groups.tolist())}
    for a, b, kind in zip(*rows, strict=True):
        if a in where and b in where and a != b:
            weight = max(matrix[where[a], where[b]], policy.relation.get(kind, 0.0))
            matrix[where[a], where[b]] = matrix[where[b], where[a]] = weight
    return sp.csr_array(matrix)
