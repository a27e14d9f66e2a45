"""The driving and the exposed list: grouped by group, the whole list one click away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.facts import Facts
from gvi.domain.incident import Gmi
from gvi.domain.list_snapshot import ListAct
from gvi.domain.membership import MembershipRole
from gvi.domain.person import is_adult
from gvi.domain.policy import ScoringPolicy
from gvi.domain.risk import RiskColour
from gvi.domain.text import N_
from gvi.network.interval import RankInterval
from gvi.store.queries.correction import people_disputed
from gvi.store.queries.person import names_of
from gvi.store.queries.ranking import people_with_something_offered
from gvi.store.queries.risk import Colour, colours_of
from gvi.usecases.interval import intervals_while_waiting
from gvi.usecases.list_snapshot import keep_list
from gvi.usecases.policy import in_force
from gvi.usecases.ranking import Entry, Ranked, driving, exposed
from gvi.web.export import export_list
from gvi.web.labels import options
from gvi.web.listing import Column, Filter, Listing, ListQuery, export_purpose
from gvi.web.visit import Db, PageForm, ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

WHOLE = "whole"
NO_GROUP = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedRow:
    """One person on a ranking page."""

    id: int
    rank: int
    interval: RankInterval | None
    name: str
    code_name: str
    score: float
    parts: tuple[tuple[str, float], ...]
    group_id: int
    group: str
    role: MembershipRole | None
    colour: Colour | None
    nothing_offered: bool
    is_disputed: bool
    age_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHead:
    """The line above a group's people: its name, how many are listed, its open conflicts."""

    id: int
    name: str
    listed: int
    members: int
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What the list cannot see, said on the page as loudly as what it can."""

    gmi_unknown: int
    incidents: int
    without_birth_date: int
    unknown_kinds: tuple[str, ...]


def _interval_text(row: RankedRow) -> str:
    return f"{row.interval.low}–{row.interval.high}" if row.interval else ""


def _parts_text(row: RankedRow) -> str:
    return ", ".join(f"{name} {amount:.1f}" for name, amount in row.parts)


COLUMNS: tuple[Column[RankedRow], ...] = (
    Column("rank", N_("Rank"), lambda row: row.rank, numeric=True, is_score=True),
    Column("person", N_("Person"), lambda row: row.name),
    Column("code_name", N_("Code name"), lambda row: row.code_name, shown=False),
    Column("group", N_("Group"), lambda row: row.group, shown=False),
    Column("score", N_("Score"), lambda row: row.score, numeric=True, is_score=True),
    Column("interval", N_("Between"), _interval_text, sortable=False, is_score=True),
    Column("parts", N_("Parts"), _parts_text, sortable=False, is_score=True),
    Column("colour", N_("Decided colour"), lambda row: row.colour.colour if row.colour else ""),
    Column("flags", N_("Flags"), lambda row: row.nothing_offered),
)

NEEDS = (
    ("nothing_offered", N_("Ranked, nothing offered")),
    ("no_birth_date", N_("Birth date unknown")),
    ("disputed", N_("Disputed")),
)


@router.get("/people/driving", response_class=HTMLResponse)
def driving_list(visit: Annotated[Visit, may("score:read")], db: ReadDb) -> HTMLResponse:
    """Show who drives violence, by group."""
    return _show(visit, db, "driving")


@router.get("/people/exposed", response_class=HTMLResponse)
def exposed_list(visit: Annotated[Visit, may("score:read")], db: ReadDb) -> HTMLResponse:
    """Show who is exposed to violence, by group; for protection and support only."""
    return _show(visit, db, "exposed")


@router.post("/people/driving/export")
def export_driving(
    visit: Annotated[Visit, may("score:read", fresh=True)], form: PageForm, db: Db
) -> Response:
    """Export the driving list with a purpose; the whole list is kept as it is then."""
    return _export(visit, form, db, "driving")


@router.post("/people/exposed/export")
def export_exposed(
    visit: Annotated[Visit, may("score:read", fresh=True)], form: PageForm, db: Db
) -> Response:
    """Export the exposed list with a purpose; the whole list is kept as it is then."""
    return _export(visit, form, db, "exposed")


def _export(visit: Visit, form: PageForm, db: Session, score: str) -> Response:
    page = ranking_page(visit, db, score, whole=True)
    title = visit.say(N_("The driving list") if score == "driving" else N_("The exposed list"))
    people = [row.id for row in page.listing.rows]
    answer = export_list(
        db,
        visit,
        form,
        page.listing,
        noun=f"ranking_{score}",
        title=title,
        subjects={"person": people},
    )
    keep_list(
        db,
        visit.viewer,
        score,
        act=ListAct.EXPORTED,
        reason=export_purpose(form.value("purpose")),
        as_of=visit.instant,
        at=visit.now,
        zone=visit.zone,
    )
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _RankingPage:
    listing: Listing[RankedRow]
    heads: dict[int, GroupHead]
    largest: float
    total: int
    nothing_offered: int
    unseen: Unseen
    policy_version: int


def _show(visit: Visit, db: Session, score: str) -> HTMLResponse:
    return show_ranking(visit, ranking_page(visit, db, score), score)


def show_ranking(
    visit: Visit, page: _RankingPage, score: str, *, purpose: str = "", kept: int | None = None
) -> HTMLResponse:
    """Show a list; with a purpose and the number it is kept under, as a page for paper."""
    visit.shows("person", [row.id for row in page.listing.rows])
    return visit.render(
        "ranking/list.html",
        score=score,
        purpose=purpose,
        kept=kept,
        may_plan=visit.may("custom_notification:write") and visit.as_of is None and not purpose,
        listing=page.listing,
        heads=page.heads,
        by_group=_by_group(visit),
        largest=page.largest,
        total=page.total,
        nothing_offered=page.nothing_offered,
        unseen=page.unseen,
        policy=page.policy_version,
    )


def _by_group(visit: Visit) -> bool:
    return visit.request.query_params.get("arrange") != WHOLE


def ranking_page(visit: Visit, db: Session, score: str, *, whole: bool = False) -> _RankingPage:
    """Rank as the address asks; `whole` gives all that is shown of the list at once."""
    facts, found = _ranked(visit, db, score)
    rows = _rows(visit, db, facts, found.entries, score)
    heads = _heads(facts, rows)
    filters = _filters(visit, heads)
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters, default_sort="rank")
    if whole:
        query = query.whole()
    arranged = _by_group(visit) and query.sort == "rank" and not query.descending
    shown, count = (query.whole() if arranged else query).apply(
        rows,
        COLUMNS,
        search=lambda row: (row.name, row.code_name),
        filters={
            "group": lambda row: row.group_id,
            "colour": lambda row: row.colour.colour if row.colour else "none",
            "needs": _needs,
        },
    )
    if arranged:
        order = {group_id: place for place, group_id in enumerate(heads)}
        shown.sort(key=lambda row: (order[row.group_id], row.rank))
        shown = shown[query.offset : query.offset + query.page_size]
    listing = Listing(
        rows=shown,
        total=count,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url=f"/people/{score}",
        keep=_kept(visit),
        may_export=visit.may("list:export"),
        search_label=N_("Name or code name"),
    )
    return _RankingPage(
        listing=listing,
        heads=heads,
        largest=max((row.score for row in rows), default=0.0),
        total=len(rows),
        nothing_offered=sum(row.nothing_offered for row in rows),
        unseen=_unseen(facts, found.unknown_kinds),
        policy_version=found.policy_version,
    )


def _ranked(visit: Visit, db: Session, score: str) -> tuple[Facts, Ranked]:
    ask = driving if score == "driving" else exposed
    return ask(db, visit.viewer, visit.instant, visit.zone)


def _rows(
    visit: Visit, db: Session, facts: Facts, entries: Sequence[Entry], score: str
) -> list[RankedRow]:
    people = [entry.person_id for entry in entries]
    names = names_of(db, visit.viewer, people, on=visit.day)
    colours = colours_of(db, visit.viewer, people, visit.instant, zone=visit.zone)
    offered = people_with_something_offered(db, visit.viewer, visit.instant)
    policy = in_force(db, visit.viewer)
    intervals = intervals_while_waiting(facts, policy, score)
    belongs = _main_memberships(facts, policy)
    disputed = people_disputed(db, visit.viewer)
    group_names = dict(zip(facts.groups.id, facts.groups.name, strict=True))
    rows = []
    for entry in entries:
        group_id, role = belongs.get(entry.person_id, (NO_GROUP, None))
        rows.append(
            RankedRow(
                id=entry.person_id,
                rank=entry.rank,
                interval=intervals.get(entry.person_id),
                name=names.get(entry.person_id, entry.code_name),
                code_name=entry.code_name,
                score=entry.score,
                parts=tuple(entry.parts.items()),
                group_id=group_id,
                group=group_names.get(group_id, ""),
                role=role,
                colour=colours.get(entry.person_id),
                nothing_offered=entry.person_id not in offered,
                is_disputed=entry.person_id in disputed,
                age_known=entry.age_known,
            )
        )
    return rows


def _main_memberships(facts: Facts, policy: ScoringPolicy) -> dict[int, tuple[int, MembershipRole]]:
    """Choose each person's group to stand under: the strongest role, then the surest membership."""
    chosen: dict[int, tuple[float, float, int, str]] = {}
    table = facts.memberships
    for person, group, role, certainty in zip(
        table.person, table.group, table.role, table.certainty, strict=True
    ):
        weight = (policy.membership_role.get(role, 0.0), policy.certainty[certainty], -group, role)
        if person not in chosen or weight > chosen[person]:
            chosen[person] = weight
    return {person: (-best[2], MembershipRole(best[3])) for person, best in chosen.items()}


def _heads(facts: Facts, rows: Sequence[RankedRow]) -> dict[int, GroupHead]:
    """Give the groups that have people on the list, the one with the first person first."""
    names = dict(zip(facts.groups.id, facts.groups.name, strict=True))
    members: dict[int, set[int]] = {}
    shown = facts.of_adults().memberships
    for person, group in zip(shown.person, shown.group, strict=True):
        members.setdefault(group, set()).add(person)
    conflicts = _open_conflicts(facts, names)
    order = list(dict.fromkeys(row.group_id for row in rows))
    order.sort(key=lambda group_id: group_id == NO_GROUP)
    return {
        group_id: GroupHead(
            id=group_id,
            name=names.get(group_id, ""),
            listed=sum(row.group_id == group_id for row in rows),
            members=len(members.get(group_id, ())),
            conflicts=conflicts.get(group_id, ()),
        )
        for group_id in order
    }


def _open_conflicts(facts: Facts, names: dict[int, str]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    table = facts.relations
    for a, b, kind in zip(table.group_a, table.group_b, table.kind, strict=True):
        if kind == "open_conflict":
            found[a] = (*found.get(a, ()), names[b])
            found[b] = (*found.get(b, ()), names[a])
    return found


def _filters(visit: Visit, heads: dict[int, GroupHead]) -> tuple[Filter, ...]:
    groups = [
        (str(head.id), head.name or visit.say(N_("No group known"))) for head in heads.values()
    ]
    language = visit.viewer.language
    needs = [(key, visit.say(text)) for key, text in NEEDS]
    return (
        Filter("group", N_("Group"), groups, any_label=N_("All groups")),
        Filter(
            "colour",
            N_("Colour decided"),
            [*options(RiskColour, language), ("none", visit.say(N_("None")))],
            any_label=N_("Any colour"),
        ),
        Filter("needs", N_("Needs attention"), needs, any_label=N_("Anything")),
    )


def _needs(row: RankedRow) -> list[str]:
    flags = [
        (row.nothing_offered, "nothing_offered"),
        (not row.age_known, "no_birth_date"),
        (row.is_disputed, "disputed"),
    ]
    return [key for holds, key in flags if holds]


def _kept(visit: Visit) -> dict[str, str]:
    params = visit.request.query_params
    kept = {} if _by_group(visit) else {"arrange": WHOLE}
    return kept | ({"as_of": params["as_of"]} if visit.as_of else {})


def _unseen(facts: Facts, unknown_kinds: tuple[str, ...]) -> Unseen:
    ages = [birth for birth in facts.persons.birth_date if is_adult(birth, facts.as_of_day)]
    return Unseen(
        gmi_unknown=sum(gmi == Gmi.UNKNOWN for gmi in facts.incidents.gmi),
        incidents=len(facts.incidents.id),
        without_birth_date=sum(birth is None for birth in ages),
        unknown_kinds=unknown_kinds,
    )
