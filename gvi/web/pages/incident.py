"""Incidents: the list, one incident, its review; logging and correcting are in `incident_form`."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.incident import Gmi, IncidentStatus
from gvi.domain.text import N_
from gvi.store.models import Incident
from gvi.store.queries.hold import hold
from gvi.store.queries.incident import (
    IncidentDetail,
    IncidentQuestion,
    IncidentRow,
    incident_card,
    list_incidents,
    tally_incidents,
)
from gvi.store.queries.incident_history import HistoryItem, incident_history
from gvi.store.queries.involvement import Involved, involvements, shown_people
from gvi.usecases.incident import review_incident
from gvi.usecases.policy import in_force
from gvi.web.export import export_list
from gvi.web.forms import Form
from gvi.web.labels import kind_options, label, options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.pages.incident_words import answer_of, history_lines
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

PERIODS = (30, 90, 365)


@router.get("/incidents", response_class=HTMLResponse)
def incidents(visit: Annotated[Visit, may("incident:list")], db: ReadDb) -> HTMLResponse:
    """List incidents; how much of each is shown depends on the role."""
    listing = _listing(db, visit)
    visit.shows("incident", [row.id for row in listing.rows])
    since = visit.instant - timedelta(days=PERIODS[0])
    tally = tally_incidents(db, visit.viewer, since=since, as_of=visit.as_of)
    return visit.render(
        "incident/list.html",
        listing=listing,
        tally=tally,
        harm=in_force(db, visit.viewer).harm,
        periods=_periods(visit, listing),
        is_full=visit.may("incident_full:read"),
        may_log=visit.may("incident:write") and visit.as_of is None,
    )


@router.post("/incidents/export", response_class=Response)
def export(visit: Annotated[Visit, may("list:export")], form: PageForm, db: Db) -> Response:
    """Export the list as it was asked for, with its purpose."""
    listing = _listing(db, visit, whole=True)
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="incident",
        title=visit.say(N_("Incidents")),
        subjects={"incident": [row.id for row in listing.rows]},
    )


def _listing(db: Session, visit: Visit, *, whole: bool = False) -> Listing[IncidentRow]:
    params = visit.request.query_params
    columns, filters = _columns(visit), _filters(visit)
    query = ListQuery.parse(params, columns, filters, default_sort="-occurred_at")
    if whole:
        query = query.whole()
    days = query.filters.get("days", "")
    asked = IncidentQuestion(
        q=query.q,
        kind=query.filters.get("kind", ""),
        gmi=query.filters.get("gmi", ""),
        status=query.filters.get("status", ""),
        since=visit.instant - timedelta(days=int(days)) if days else None,
        sort=query.sort,
        descending=query.descending,
        offset=query.offset,
        limit=query.page_size,
    )
    rows, total = list_incidents(db, visit.viewer, asked, as_of=visit.as_of)
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=columns,
        filters=filters[1:],  # the period is chosen by links above the list
        base_url="/incidents",
        keep={"as_of": params["as_of"]} if visit.as_of else {},
        may_export=visit.may("list:export"),
        search_label=N_("Place, area or words") if _is_full(visit) else N_("Area"),
    )


def _periods(visit: Visit, listing: Listing[IncidentRow]) -> list[tuple[str, str, bool]]:
    """Give the periods as links: all time, and the last so many days."""
    chosen = listing.query.filters.get("days", "")
    choices = [("", visit.say(N_("All time")))]
    choices += [(str(n), visit.say(N_("%(days)s days"), days=n)) for n in PERIODS]
    return [(text, listing.url_with(days=days, page=""), days == chosen) for days, text in choices]


def _is_full(visit: Visit) -> bool:
    return visit.may("incident_full:read")


def _columns(visit: Visit) -> tuple[Column[IncidentRow], ...]:
    language = visit.viewer.language
    kind: Column[IncidentRow] = Column(
        "kind", N_("Incident"), lambda row: label(row.kind, language)
    )
    when: Column[IncidentRow] = Column("occurred_at", N_("When"), lambda row: row.occurred_at)
    area: Column[IncidentRow] = Column("area", N_("Area"), lambda row: row.area)
    gmi: Column[IncidentRow] = Column("gmi", N_("GMI"), lambda row: row.gmi)
    if not _is_full(visit):
        return (kind, when, area, gmi)
    return (
        kind,
        when,
        Column("place", N_("Place"), lambda row: row.place),
        area,
        Column("hurt", N_("People hurt"), lambda row: row.hurt, sortable=False, numeric=True),
        Column("involved", N_("People"), lambda row: row.involved, sortable=False, numeric=True),
        gmi,
        Column("status", N_("Status"), lambda row: row.status),
    )


def _filters(visit: Visit) -> tuple[Filter, ...]:
    language = visit.viewer.language
    days = [(str(n), str(n)) for n in PERIODS]
    shown = [
        Filter("days", N_("Period"), days),
        Filter("kind", N_("Kind"), kind_options(language), any_label=N_("Any kind")),
        Filter("gmi", N_("GMI"), options(Gmi, language), any_label=N_("Any answer")),
    ]
    if _is_full(visit):
        statuses = options(IncidentStatus, language)
        shown.append(Filter("status", N_("Status"), statuses, any_label=N_("Any status")))
    return tuple(shown)


@router.get("/incidents/{incident_id}", response_class=HTMLResponse)
def show(
    visit: Annotated[Visit, may("incident:read")], incident_id: int, db: ReadDb
) -> HTMLResponse:
    """Show one incident: what, when, where, who on which side, and what was decided about it."""
    return _page(visit, db, incident_id, None)


@router.post("/incidents/{incident_id}/review", response_class=RedirectResponse)
def review(
    visit: Annotated[Visit, may("incident:write")], incident_id: int, form: PageForm, db: Db
) -> Response:
    """Record what the review decided on status and GMI."""
    hold(db, Incident, incident_id)
    card = incident_card(db, visit.viewer, incident_id, as_of=None)
    form.sees(_review_form(visit, card.detail, card.gmi))
    status = form.choice("status", IncidentStatus, required=True)
    gmi = form.choice("gmi", Gmi, required=True)
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        incident = attempt(
            db,
            form,
            lambda: review_incident(
                db, visit.viewer, incident_id, status=status, gmi=gmi, reason=reason, at=visit.now
            ),
        )
        if incident is not None:
            return done(f"/incidents/{incident_id}", "decided")
    return _page(visit, db, incident_id, form, status_code=422)


def _page(
    visit: Visit, db: Session, incident_id: int, form: Form | None, status_code: int = 200
) -> HTMLResponse:
    viewer = visit.viewer
    card = incident_card(db, viewer, incident_id, as_of=visit.as_of)
    people: tuple[Involved, ...] = ()
    history: tuple[HistoryItem, ...] = ()
    if card.detail:
        people = involvements(db, viewer, as_of=visit.as_of, on=visit.day, incident_id=incident_id)
        history = incident_history(db, viewer, incident_id, until=visit.instant, on=visit.day)
    visit.shows("incident", [card.id])
    visit.shows("person", [*shown_people(people), *(h.person_id for h in history if h.person_id)])
    may_write = visit.may("incident:write") and visit.as_of is None
    return visit.render(
        "incident/show.html",
        status_code=status_code,
        card=card,
        harm=in_force(db, viewer).harm,
        answer=answer_of(visit, card, people),
        sides=_sides(people),
        history=history_lines(visit, history),
        form=form or _review_form(visit, card.detail, card.gmi),
        statuses=options(IncidentStatus, viewer.language),
        gmis=gmi_options(viewer),
        to_notify=_to_notify(people) if may_write else (),
        may_write=may_write,
        may_remove=visit.may("removal:write") and visit.as_of is None,
        may_notify=visit.may("custom_notification:write") and visit.as_of is None,
        may_open_people=visit.may("person:read"),
    )


def gmi_options(viewer: Viewer) -> list[tuple[str, str]]:
    """Give the answers on group involvement, unknown first: it is an answer."""
    order = (Gmi.UNKNOWN, Gmi.LIKELY, Gmi.CONFIRMED, Gmi.KNOWN_NOT)
    return options(order, viewer.language)


def _review_form(visit: Visit, detail: IncidentDetail | None, gmi: Gmi) -> Form:
    values = {"gmi": gmi, "status": detail.status if detail else None}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


_SIDES = (
    ("doing", N_("Doing side")),
    ("victim", N_("Victim side")),
    ("other", N_("Others")),
)


def _sides(people: tuple[Involved, ...]) -> list[tuple[str, str, list[Involved]]]:
    return [
        (side, heading, [row for row in people if row.side == side]) for side, heading in _SIDES
    ]


def _to_notify(people: tuple[Involved, ...]) -> tuple[Involved, ...]:
    """Give the adults on either side, those hurt or in danger first; no witness gets a visit."""
    adults = [row for row in people if not row.is_under_18 and row.may_open]
    first: dict[int, Involved] = {}
    for side in ("victim", "doing"):
        for row in adults:
            if row.side == side:
                first.setdefault(row.person_id, row)
    return tuple(first.values())
