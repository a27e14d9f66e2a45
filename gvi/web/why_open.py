"""Laying a score open: every dated record behind each of its parts.

One incident is one row, however many ways it enters. Records are read for the rows shown, no more;
the page and the API show the same.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from gvi.domain.facts import Facts
from gvi.domain.grading import Certainty
from gvi.domain.incident import DOING_ROLES, Gmi
from gvi.domain.tie import DRIVING_TIES, EXPOSURE_TIES, TieKind
from gvi.network.explanation import Contribution
from gvi.store.queries.why import (
    Behind,
    IncidentBehind,
    InvolvementBehind,
    MembershipBehind,
    RelationBehind,
    TieBehind,
    incidents_behind,
    involvements_behind,
    memberships_behind,
    relations_behind,
    ties_behind,
)
from gvi.usecases.why import Explained
from gvi.web.format import adding_up
from gvi.web.visit import Visit
from gvi.web.why_names import Names
from gvi.web.why_rows import Brought, Doubts, GroupRow, IncidentRow, RoleLine, TieRow, Why
from gvi.web.why_sums import (
    OWN,
    Amounts,
    Bundle,
    by_associate,
    by_group,
    by_incident,
    shown_first,
)

FEW = 12
"""Rows shown of each table; the rest are one line, which opens the whole."""
FEW_ROLES = 3
"""People named in one row."""

Key = TypeVar("Key")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """What is shown of an explanation, before its records are read."""

    totals: Mapping[int, float]
    """Every incident behind the score, the largest first; rounded to add up to the score."""
    amounts: Mapping[int, Amounts]
    shown: tuple[int, ...]
    sources: Mapping[int, tuple[tuple[int, str], ...]]
    """Person and role behind each incident shown, where it is not the person's own."""
    associates: tuple[Bundle, ...]
    groups: tuple[Bundle, ...]

    def people(self) -> set[int]:
        """Everybody who is named."""
        named = {person for each in self.sources.values() for person, _ in each}
        bundles = (*self.associates, *self.groups)
        return named.union(
            (bundle.key for bundle in self.associates),
            (c.source_id for bundle in bundles for c in bundle.strongest),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The records of what is shown."""

    own: Mapping[int, tuple[InvolvementBehind, ...]]
    """The person's roles by incident, whether or not they weigh anything."""
    roles: Mapping[tuple[int, int], tuple[InvolvementBehind, ...]]
    """Roles of others by incident and person."""
    incidents: Mapping[int, IncidentBehind]
    ties: Mapping[frozenset[int], tuple[TieBehind, ...]]
    memberships: tuple[MembershipBehind, ...]
    relations: tuple[RelationBehind, ...]
    names: Names


def why_of(visit: Visit, db: Session, known: Explained, *, everything: bool) -> Why:
    """Lay a score open; `everything` shows every row instead of the first."""
    roles = involvements_behind(db, visit.viewer, visit.instant, [known.entry.person_id])
    own = grouped(roles, lambda role: role.incident_id)
    most = len(known.facts.incidents.id) if everything else FEW
    associates = by_associate(known.found.contributions)
    chosen = _chosen(known, own, associates[:most], most)
    read = _read(visit, db, known, chosen, own)
    rest, left = _rest(chosen), associates[most:]
    return Why(
        entry=known.entry,
        listed=known.listed,
        parts=adding_up(known.found.parts),
        incidents=tuple(_incident_row(key, chosen, read) for key in chosen.shown),
        more=len(chosen.totals) - len(chosen.shown),
        rest=rest,
        rest_total=sum(rest.values()),
        ties=_tie_rows(known, chosen, read, left),
        more_ties=len(left),
        rest_of_ties=sum(bundle.total for bundle in left),
        groups=_group_rows(known, chosen, read),
        doubts=_doubts(known, chosen, read),
    )


def _chosen(
    known: Explained, own: Mapping[int, object], associates: tuple[Bundle, ...], most: int
) -> _Chosen:
    """Choose the incidents shown, of all behind the score and of the person's own that weigh 0."""
    contributions = known.found.contributions
    amounts: dict[int, Amounts] = {**by_incident(known.found)}
    kept = _occurred(known.facts, amounts.keys() | own.keys())
    sums = {key: sum(amounts.get(key, {}).values()) for key in kept}
    order = sorted(kept, key=lambda key: (-sums[key], kept[key], key))
    shown = shown_first(amounts, order, most)
    sources: dict[int, dict[tuple[int, str], None]] = {key: {} for key in shown}
    for c in contributions:
        if c.part not in OWN and c.incident_id in sources:
            sources[c.incident_id][c.source_id, c.role] = None
    totals = adding_up({key: sums[key] for key in order})
    return _Chosen(
        totals=totals,
        amounts={key: adding_up(each, totals[key]) for key, each in amounts.items()},
        shown=shown,
        sources={key: tuple(each) for key, each in sources.items()},
        associates=associates,
        groups=by_group(contributions),
    )


def _occurred(facts: Facts, incidents: Iterable[int]) -> dict[int, datetime]:
    """Give when incidents occurred; those that count for nothing are left out."""
    table = facts.incidents
    places = {key: bisect_left(table.id, key) for key in incidents}
    return {
        key: table.occurred_at[at]
        for key, at in places.items()
        if at < len(table.id) and table.id[at] == key
    }


def _read(
    visit: Visit,
    db: Session,
    known: Explained,
    chosen: _Chosen,
    own: Mapping[int, tuple[InvolvementBehind, ...]],
) -> _Read:
    ask = (db, visit.viewer, visit.instant)
    person, people = known.found.person_id, chosen.people()
    bundles = (*chosen.associates, *chosen.groups)
    incidents = set(chosen.shown) | {c.incident_id for each in bundles for c in each.strongest}
    roles = involvements_behind(*ask, people, incidents | own.keys())
    adults = (people | {person}) - known.found.under_18
    groups = {bundle.key for bundle in chosen.groups}
    return _Read(
        own=own,
        roles=grouped(roles, lambda role: (role.incident_id, role.person_id)),
        incidents=incidents_behind(*ask, incidents | own.keys()),
        ties=grouped(ties_behind(*ask, adults), lambda tie: frozenset((tie.a, tie.b))),
        memberships=memberships_behind(*ask, person),
        relations=relations_behind(*ask, groups) if known.score == "exposed" else (),
        names=Names(visit, db, people, under_18=known.found.under_18),
    )


def _incident_row(key: int, chosen: _Chosen, read: _Read) -> IncidentRow:
    own = [
        RoleLine(person_id=None, name="", role=role.role, record=role)
        for role in read.own.get(key, ())
    ]
    sources = chosen.sources[key]
    others = [_role_line(key, person, role, read) for person, role in sources[:FEW_ROLES]]
    return IncidentRow(
        detail=read.incidents[key],
        roles=(*own, *others),
        more_roles=len(sources) - len(others),
        amounts=chosen.amounts.get(key, {}),
        total=chosen.totals[key],
    )


def _role_line(incident: int, person: int, role: str, read: _Read) -> RoleLine:
    """Say who was what; of somebody under 18 the role only."""
    link = read.names.link(person)
    held = (each for each in read.roles.get((incident, person), ()) if each.role == role)
    return RoleLine(
        person_id=link,
        name=read.names.of(person),
        role=role,
        record=None if link is None else next(held, None),
    )


def _rest(chosen: _Chosen) -> Amounts:
    """Add up the incidents that are not shown, by part."""
    shown, rest = set(chosen.shown), defaultdict[str, float](float)
    for key in chosen.totals.keys() - shown:
        for part, amount in chosen.amounts.get(key, {}).items():
            rest[part] += amount
    return adding_up(rest)


def _tie_rows(
    known: Explained, chosen: _Chosen, read: _Read, left: tuple[Bundle, ...]
) -> tuple[TieRow, ...]:
    parts, person = adding_up(known.found.parts), known.found.person_id
    exact = {bundle.key: bundle.total for bundle in (*chosen.associates, *left)}
    totals = adding_up(exact, parts["near"] + parts["far"])
    return tuple(
        TieRow(
            person_id=read.names.link(bundle.key),
            name=read.names.of(bundle.key),
            kinds=_kinds(bundle),
            records=_ties(person, bundle.key, known, read),
            together=_together(bundle.key, known, read),
            total=totals[bundle.key],
            brought=tuple(_brought(c, known, read) for c in bundle.strongest),
        )
        for bundle in chosen.associates
    )


def _kinds(bundle: Bundle) -> tuple[TieKind, ...]:
    """Give the kinds of tie to the associate, in the order of what they bring."""
    kinds = {kind: None for c in bundle.contributions for kind in c.ties[-1]}
    return tuple(TieKind(kind) for kind in kinds)


def _ties(one: int, other: int, known: Explained, read: _Read) -> tuple[TieBehind, ...]:
    counted = DRIVING_TIES if known.score == "driving" else EXPOSURE_TIES
    return tuple(tie for tie in read.ties.get(frozenset((one, other)), ()) if tie.kind in counted)


def _together(other: int, known: Explained, read: _Read) -> tuple[IncidentBehind, ...]:
    """Give the incidents in which both took part and which still tie, the latest first."""
    found = [
        read.incidents[key]
        for (key, person), roles in read.roles.items()
        if person == other
        and any(role.role in DOING_ROLES for role in roles)
        and any(role.role in DOING_ROLES for role in read.own.get(key, ()))
    ]
    since = known.facts.as_of - timedelta(days=known.policy.tie_window_days)
    counted = _occurred(known.facts, (incident.id for incident in found))
    return tuple(
        sorted(
            (
                incident
                for incident in found
                if incident.id in counted
                and since <= incident.occurred_at <= known.facts.as_of
                and known.policy.gmi[incident.gmi] > 0
            ),
            key=lambda incident: incident.occurred_at,
            reverse=True,
        )
    )


def _brought(c: Contribution, known: Explained, read: _Read) -> Brought:
    link = read.names.link(c.source_id)
    is_far = c.part == "far"
    is_told = is_far and link is not None and read.names.link(c.path[1]) is not None
    return Brought(
        incident=read.incidents[c.incident_id],
        person_id=link,
        name=read.names.of(c.source_id),
        kinds=tuple(TieKind(kind) for kind in c.ties[0]) if is_far else (),
        ties=_ties(c.path[0], c.path[1], known, read) if is_told else (),
    )


def _group_rows(known: Explained, chosen: _Chosen, read: _Read) -> tuple[GroupRow, ...]:
    part = "group" if known.score == "driving" else "conflict"
    names = dict(zip(known.facts.groups.id, known.facts.groups.name, strict=True))
    totals = adding_up(
        {bundle.key: bundle.total for bundle in chosen.groups}, adding_up(known.found.parts)[part]
    )
    return tuple(
        GroupRow(
            group_id=bundle.key,
            name=names[bundle.key],
            memberships=tuple(m for m in read.memberships if m.group_id in _own_groups(bundle)),
            relations=tuple(r for r in read.relations if _opposes(r, bundle, known)),
            people=len(bundle.people),
            total=totals[bundle.key],
            brought=tuple(_brought(c, known, read) for c in bundle.strongest),
        )
        for bundle in chosen.groups
    )


def _own_groups(bundle: Bundle) -> set[int]:
    """Give the person's own groups through which it comes."""
    return {c.groups[-1] for c in bundle.contributions}


def _opposes(relation: RelationBehind, bundle: Bundle, known: Explained) -> bool:
    """Tell whether a relation is one along which it comes."""
    pairs = {frozenset(c.groups) for c in bundle.contributions}
    return frozenset((relation.a, relation.b)) in pairs and relation.kind in known.policy.relation


def _doubts(known: Explained, chosen: _Chosen, read: _Read) -> Doubts:
    """Count what is uncertain among the records shown, and GMI among all incidents behind."""
    gmi = dict(zip(known.facts.incidents.id, known.facts.incidents.gmi, strict=True))
    own = [
        role
        for key, roles in read.own.items()
        for role in roles
        if OWN & chosen.amounts.get(key, {}).keys()
    ]
    to_person = (bundle.key for bundle in chosen.associates)
    person = known.entry.person_id
    ties = [tie for other in to_person for tie in _ties(person, other, known, read)]
    memberships = read.memberships if chosen.groups else ()
    shown = [read.incidents[key] for key in chosen.shown]
    return Doubts(
        gmi_unknown=sum(gmi[key] == Gmi.UNKNOWN for key in chosen.amounts),
        possible_roles=_possible(own),
        ungraded_roles=_ungraded(own),
        possible_ties=_possible(ties),
        ungraded_ties=_ungraded(ties),
        possible_memberships=_possible(memberships),
        ungraded_memberships=_ungraded(memberships),
        recorded_assumed=sum(r.recorded_assumed for r in (*own, *ties, *memberships, *shown)),
        age_unknown=int(not known.entry.age_known),
    )


def _possible(records: Iterable[InvolvementBehind | TieBehind | MembershipBehind]) -> int:
    """Count what is held possible only; a blank certainty counts so."""
    return sum(record.certainty in (None, Certainty.POSSIBLE) for record in records)


def _ungraded(records: Iterable[Behind]) -> int:
    return sum(record.grade is None for record in records)


def grouped(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, tuple[Row, ...]]:
    """Gather rows by what they are about."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return {each: tuple(rows) for each, rows in found.items()}
