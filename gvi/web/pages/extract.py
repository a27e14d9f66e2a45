"""The access extract of one person: what it is for, then everything one side holds, to print."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.disclosure import (
    OWN_WORDS,
    Condition,
    DisclosureStatus,
    LineField,
)
from gvi.domain.removal import Side
from gvi.domain.text import N_
from gvi.exchange.formula import harmless_for_good
from gvi.store.frozen import thaw
from gvi.store.queries.evening_note import noted_evenings
from gvi.store.queries.extract import (
    CHILD_MASKED,
    NAME_MASKED,
    NOTE_MASKED,
    OTHER_PERSON,
    PLACES,
    SOURCE_MASKED,
    ExtractPart,
    Masked,
    side_of_extract,
)
from gvi.store.queries.person_card import person_head
from gvi.usecases.extract import Extract, make_extract
from gvi.web.column_words import TABLES, codes_of, column_called
from gvi.web.disclosure_words import CONDITIONS
from gvi.web.format import say_date, say_full, say_number
from gvi.web.forms import Form
from gvi.web.labels import kind_label, label, part_called
from gvi.web.templating import manner_of
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, may

router = APIRouter(include_in_schema=False)

Maker = Annotated[Visit, may("extract:make")]
FORMATS = ("page", "csv", "json")

_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        DisclosureStatus.PROPOSED.value: N_("waits for a decision"),
        DisclosureStatus.DISCLOSED.value: N_("disclosed"),
        DisclosureStatus.DECLINED.value: N_("declined"),
    }
)
_MASKED = {
    SOURCE_MASKED: N_("held, not told: it could point to a source"),
    NOTE_MASKED: N_("held by who wrote it; ask there"),
    OTHER_PERSON: N_("another person"),
    NAME_MASKED: N_("a protected name: it is opened to named users only"),
    CHILD_MASKED: N_("held, not told: nobody is ranked as of a day when they were under 18"),
}
LEAST = 0.05
"""Harm units below which a part is said to be nothing."""
_LISTS = {"driving": N_("Driving"), "exposed": N_("Exposed")}
_SCORE_PARTS = {
    "own": N_("Own"),
    "near": N_("Near"),
    "far": N_("Far"),
    "group": N_("Group"),
    "hurt": N_("Hurt"),
    "conflict": N_("Conflict"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One kind of records in the visitor's words: each record as pairs of field and value."""

    heading: str
    records: list[list[tuple[str, str]]]
    is_score: bool
    """Whether it tells scores and ranks."""


@router.get("/people/{person_id}/extract", response_class=HTMLResponse)
def ask(visit: Maker, person_id: int, db: ReadDb) -> HTMLResponse:
    """Ask who wants to know, and why."""
    return _ask(visit, db, person_id, visit.form())


@router.post("/people/{person_id}/extract", response_class=HTMLResponse)
def make(visit: Maker, person_id: int, form: PageForm, db: Db) -> Response:
    """Give everything the visitor's side holds about a person: a page to print, or a file."""
    purpose = form.text("purpose", required=True, most=500)
    shape = form.one_of("format", FORMATS) or "page"
    made = None
    if not form.errors:
        made = attempt(
            db,
            form,
            lambda: make_extract(
                db, visit.viewer, person_id, purpose=purpose, at=visit.now, zone=visit.zone
            ),
        )
    if made is None:
        return _ask(visit, db, person_id, form, status_code=422)
    if shape == "json":
        return _file(_as_json(visit, made, purpose), "application/json", made, visit, "json")
    if shape == "csv":
        return _file(_as_csv(visit, made, purpose), "text/csv; charset=utf-8", made, visit, "csv")
    return visit.render(
        "extract/show.html",
        extract=made,
        parts=[_said(visit, part) for part in made.parts],
        side=_side(visit),
        purpose=purpose,
    )


def _ask(
    visit: Visit, db: Session, person_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    head = person_head(db, visit.viewer, person_id, visit.asked)
    visit.shows("person", [person_id])
    return visit.render(
        "extract/ask.html",
        status_code=status_code,
        head=head,
        side=_side(visit),
        evenings=noted_evenings(db, visit.viewer, person_id),
        form=form,
    )


def _side(visit: Visit) -> str:
    if side_of_extract(visit.viewer) is Side.SOCIAL:
        return visit.say(N_("The part of social services"))
    return visit.say(N_("The part of police and probation"))


def _said(visit: Visit, part: ExtractPart) -> Said:
    past = part.table.endswith("_revisions")
    name = part.table.removesuffix("_revisions")
    name = name if name in TABLES else f"{name}s"
    called = TABLES.get(name)
    heading = visit.say(called) if called else name.replace("_", " ").capitalize()
    if past:
        heading = visit.say(N_("%(what)s, earlier values"), what=heading)
    records = [
        [
            (column_called(name, key, visit.viewer.language), _words(visit, name, key, value))
            for key, value in row.items()
        ]
        for row in part.rows
    ]
    return Said(heading=heading, records=records, is_score=part.table == PLACES)


def _words(visit: Visit, table: str, name: str, value: Any) -> str:
    """Say a value in words; a code by what it is called, a frozen line by its text."""
    place = (table, name)
    if place in _SAID and not isinstance(value, Masked):
        return _SAID[place](visit, value)
    if not isinstance(value, str):
        return _value(visit, value)
    codes = codes_of(table, name)
    if codes:
        return label(value, visit.viewer.language, codes)
    if name == "incident_id":
        return _incident(visit, value)
    return value


def _incident(visit: Visit, called: str) -> str:
    """Say an incident, which the extract calls by its kind and day."""
    kind, _, day = called.partition(", ")
    if not day:
        return called
    said = say_date(date.fromisoformat(day), manner_of(visit.page()))
    return f"{kind_label(kind, visit.viewer.language)}, {said}"


def _parts(visit: Visit, parts: str) -> str:
    return ", ".join(part_called(each, visit.viewer.language) for each in parts.split())


def _status(visit: Visit, status: str) -> str:
    return visit.say(_STATUSES[status])


def _conditions(visit: Visit, codes: str) -> str:
    return " ".join(visit.say(CONDITIONS[Condition(each)]) for each in codes.split())


def _fields(visit: Visit, fields: str) -> str:
    return "; ".join(_field(visit, each) for each in fields.split())


def _field(visit: Visit, said: str) -> str:
    part, _, name = said.partition(".")
    called = part_called(part, visit.viewer.language)
    if part == OWN_WORDS or not name:
        return called
    return f"{called}: {label(name, visit.viewer.language, LineField)}"


def _frozen(visit: Visit, content: str) -> str:
    line, language = thaw(content), visit.viewer.language
    said = (
        kind_label(line.incident_kind, language) if line.incident_kind else "",
        label(line.code, language),
        line.text,
        " – ".join(_value(visit, each) for each in (line.at, line.until) if each),
    )
    return " · ".join(each for each in said if each)


def _list(visit: Visit, score: str) -> str:
    return visit.say(_LISTS[score])


def _amount(visit: Visit, amount: float) -> str:
    return say_number(amount, visit.manner)


def _amounts(visit: Visit, parts: Mapping[str, float]) -> str:
    return ", ".join(
        f"{visit.say(_SCORE_PARTS[name])} {_amount(visit, amount)}"
        for name, amount in parts.items()
        if amount >= LEAST
    )


_SAID: Mapping[tuple[str, str], Callable[[Visit, Any], str]] = MappingProxyType(
    {
        ("consents", "parts"): _parts,
        ("disclosure_lines", "frozen"): _frozen,
        ("disclosure_lines", "part"): _parts,
        ("disclosures", "conditions"): _conditions,
        ("disclosures", "fields"): _fields,
        ("disclosures", "status"): _status,
        (PLACES, "parts"): _amounts,
        (PLACES, "score"): _list,
        (PLACES, "units"): _amount,
    }
)


def _value(visit: Visit, value: Any) -> str:
    manner = manner_of(visit.page())
    if isinstance(value, Masked):
        return visit.say(_MASKED[value])
    if isinstance(value, bool):
        return visit.say(N_("yes") if value else N_("no"))
    if isinstance(value, datetime):
        return say_full(value, manner)
    return say_date(value, manner) if isinstance(value, date) else str(value)


def _plain(visit: Visit, name: str, value: Any) -> Any:
    if isinstance(value, Masked):
        return {"masked": value.why}
    if name == "frozen":
        return _frozen(visit, value)
    if isinstance(value, datetime):
        return value.astimezone(visit.zone).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _as_json(visit: Visit, made: Extract, purpose: str) -> bytes:
    document = {
        "person": made.code_name,
        "side": side_of_extract(visit.viewer),
        "at": visit.now.astimezone(visit.zone).isoformat(),
        "by": visit.viewer.name,
        "purpose": purpose,
        "parts": {
            part.table: [
                {key: _plain(visit, key, value) for key, value in row.items()} for row in part.rows
            ]
            for part in made.parts
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def _as_csv(visit: Visit, made: Extract, purpose: str) -> bytes:
    """One line a value: what, which record, field, value; every cell harmless to a spreadsheet."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    stamp = f"# {made.code_name}, {_side(visit)}, {visit.today.isoformat()}, {visit.viewer.name}"
    writer.writerow([harmless_for_good(f"{stamp}: {purpose}")])
    heads = (N_("What"), N_("Number"), N_("Field"), N_("Value"))
    writer.writerow([visit.say(head) for head in heads])
    for part in made.parts:
        said = _said(visit, part)
        for number, record in enumerate(said.records, start=1):
            for name, value in record:
                cells = (said.heading, number, name, harmless_for_good(value))
                writer.writerow(cells)
    return out.getvalue().encode("utf-8-sig")


def _file(content: bytes, kind: str, made: Extract, visit: Visit, ending: str) -> Response:
    # The beginning of the person's key: a number would tell how many people there are.
    key = visit.request.app.state.keys.of(made.person_id)[:8]
    name = f"extract-{key}-{visit.today.isoformat()}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
