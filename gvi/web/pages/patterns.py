"""Every component in every state, with invented data; for those who build pages (demo only)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from gvi.domain.grading import Certainty
from gvi.domain.group import RelationKind
from gvi.domain.incident import Gmi
from gvi.domain.text import N_
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.listing import (
    Column,
    ExportStamp,
    Filter,
    Listing,
    ListQuery,
    csv_response,
    export_purpose,
    to_csv,
)
from gvi.web.visit import PageForm, Visit, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("method:read")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One row of the example list."""

    name: str
    days_30: int
    months: tuple[int, ...]
    relation: RelationKind | None
    tone: str = ""


_SAMPLES = (
    Sample(
        name="Granit",
        days_30=60,
        months=(0, 1, 0, 1, 1, 0, 2, 0, 1, 1, 1, 3),
        relation=RelationKind.OPEN_CONFLICT,
    ),
    Sample(
        name="Kajen",
        days_30=40,
        months=(0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 2),
        relation=RelationKind.TENSION,
    ),
    Sample(name="Sjöbod", days_30=0, months=(0,) * 12, relation=None, tone="quiet"),
    *(
        Sample(name=f"Kvarter {number}", days_30=0, months=(0,) * 12, relation=RelationKind.TRUCE)
        for number in range(1, 120)
    ),
)

COLUMNS: tuple[Column[Sample], ...] = (
    Column("group", N_("Group"), lambda row: row.name),
    Column("days_30", N_("30 days"), lambda row: row.days_30, numeric=True),
    Column("months", N_("12 months"), lambda row: sum(row.months), sortable=False),
    Column("relation", N_("Conflicts"), lambda row: row.relation),
)


@router.get("/patterns")
def patterns(visit: Reader) -> HTMLResponse:
    """Show every component once."""
    return visit.render("patterns.html", **_values(visit))


@router.post("/patterns/export")
def export(visit: Reader, form: PageForm) -> Response:
    """Answer the example list as a file, with its purpose."""
    stamp = ExportStamp(
        title=visit.say(N_("Groups")),
        programme=visit.page().programme,
        viewer=visit.viewer.name,
        at=visit.now,
        zone=visit.zone,
        purpose=export_purpose(form.value("purpose")),
        is_invented=True,
    )
    rows = _listing(visit, whole=True).rows
    return csv_response(
        to_csv(rows, COLUMNS, stamp, language=visit.viewer.language), "patterns", visit.now
    )


def _listing(visit: Visit, *, whole: bool = False) -> Listing[Sample]:
    language = visit.viewer.language
    filters = (Filter("relation", N_("Conflicts"), options(RelationKind, language)),)
    query = ListQuery.parse(
        visit.request.query_params, COLUMNS, filters, default_sort="-days_30", page_size=6
    )
    rows, total = (query.whole() if whole else query).apply(
        _SAMPLES,
        COLUMNS,
        search=lambda row: (row.name,),
        filters={"relation": lambda row: row.relation},
    )
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/patterns",
        may_export=True,
    )


def _values(visit: Visit) -> dict[str, Any]:
    language, now = visit.viewer.language, visit.now
    wrong = Form(
        [("place", ""), ("kind", "explosion"), ("gmi", "likely"), ("size", "many")],
        language=language,
        zone=visit.zone,
    )
    wrong.text("place", required=True)
    wrong.integer("size")
    return {
        "listing": _listing(visit),
        "shows_scores": visit.may("score:read"),
        "sample": visit.form(),
        "wrong": wrong,
        "gmi": options(Gmi, language),
        "certainties": options(Certainty, language),
        "relations": options(RelationKind, language),
        "days": tuple(now + timedelta(days=days, hours=4) for days in (-3, 0, 1, -109)),
        "fact": {
            "source": "Report 4",
            "grade": "B2",
            "certainty": Certainty.PROBABLE,
            "recorded_at": now - timedelta(days=2),
            "recorded_by": "Göran Åkerlund",
            "review_due_on": visit.today + timedelta(days=90),
        },
    }
