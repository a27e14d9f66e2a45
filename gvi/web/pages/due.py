"""Everything due, late first: what, who, when; each done, or moved and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.action import ActionKind
from gvi.domain.due import DueKind
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.queries.action import ActionRow, action
from gvi.store.queries.due import DueRow, everything_due
from gvi.store.queries.support import SupportCounts, support_counts
from gvi.web.export import export_list
from gvi.web.labels import label, options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.numbers import whole_number
from gvi.web.pages.action import action_text
from gvi.web.pages.review import review_sentence
from gvi.web.visit import Db, PageForm, ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

MINE, NOBODY = "mine", "nobody"
LATE, TODAY, WEEK, LATER = "late", "today", "week", "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """One line of the list, in the viewer's words."""

    kind: DueKind
    id: int
    due: date | datetime
    due_at: datetime
    when: str
    """`late`, `today`, `week` or `later`."""
    text: str
    small: str
    url: str
    owner: str
    owner_id: int | None
    person_id: int | None
    may_change: bool


COLUMNS: tuple[Column[DueLine], ...] = (
    Column("what", N_("What"), lambda line: line.text),
    Column("when", N_("When"), lambda line: line.due_at),
    Column("who", N_("Owner"), lambda line: line.owner),
    Column("act", N_("Done?"), lambda _line: "", sortable=False, is_act=True),
    Column("kind", N_("Kind"), lambda line: line.kind, shown=False),
    Column("about", N_("About"), lambda line: line.small, shown=False),
)


def due_lines(db: Session, visit: Visit) -> tuple[DueLine, ...]:
    """Give everything due that the visitor may see, late first."""
    rows = everything_due(db, visit.viewer, visit.now, visit.zone)
    return tuple(_line(visit, row) for row in rows)


def _line(visit: Visit, row: DueRow) -> DueLine:
    text, small, url = _SAID[row.kind](visit, row)
    return DueLine(
        kind=row.kind,
        id=row.id,
        due=row.due,
        due_at=row.due_at,
        when=_when(visit, row),
        text=text,
        small=small,
        url=url,
        owner=row.owner,
        owner_id=row.owner_id,
        person_id=row.person_id,
        may_change=row.may_change,
    )


def _when(visit: Visit, row: DueRow) -> str:
    if row.is_late:
        return LATE
    day = row.due_at.astimezone(visit.zone).date()
    if day == visit.today:
        return TODAY
    return WEEK if day <= visit.today + timedelta(days=7) else LATER


def _call_in(visit: Visit, row: DueRow) -> tuple[str, str, str]:
    said = N_("Record who came to %(name)s") if row.is_late else N_("Prepare %(name)s")
    url = f"/call-ins/{row.id}/attendance" if row.is_late else f"/call-ins/{row.id}"
    return visit.say(said, name=row.text), label(row.kind, visit.viewer.language), url


def _notification(visit: Visit, row: DueRow) -> tuple[str, str, str]:
    text = (
        visit.say(N_("Visit: %(name)s"), name=row.person)
        if row.person
        else visit.say(N_("A visit"))
    )
    kind, why = label(row.kind, visit.viewer.language), label(row.trigger, visit.viewer.language)
    return text, f"{kind}, {why.lower()}" if why else kind, f"/notifications/{row.id}"


def _contact(visit: Visit, row: DueRow) -> tuple[str, str, str]:
    text = visit.say(N_("Contact with %(name)s"), name=row.person)
    return text, visit.say(N_("Support")), f"/support/{row.id}"


def _call_back(visit: Visit, row: DueRow) -> tuple[str, str, str]:
    text = visit.say(N_("Ring back %(name)s"), name=row.person)
    return text, visit.say(N_("The number on the card")), f"/calls/{row.id}"


def _request(visit: Visit, row: DueRow) -> tuple[str, str, str]:
    text = visit.say(N_("Answer the request about %(name)s"), name=row.person)
    return text, label(row.kind, visit.viewer.language), f"/disclosure-requests/{row.id}"


def _action(visit: Visit, row: DueRow) -> tuple[str, str, str]:
    kind = row.action_kind or ActionKind.DECISION
    said = label(kind, visit.viewer.language)
    text = row.text
    if not text:
        plain = kind is ActionKind.DECISION
        text = visit.say(N_("An action whose text is not for you")) if plain else said
    kind_said = "" if kind is ActionKind.DECISION or said == text else said
    follows = "" if row.call_in in text else row.call_in
    small = " · ".join(each for each in (row.person, kind_said, follows) if each)
    return text, small, f"/actions/{row.id}"


_SAID = {
    DueKind.CALL_IN: _call_in,
    DueKind.CUSTOM_NOTIFICATION: _notification,
    DueKind.CONTACT: _contact,
    DueKind.CALL_BACK: _call_back,
    DueKind.DISCLOSURE_REQUEST: _request,
    DueKind.ACTION: _action,
}


@router.get("/due", response_class=HTMLResponse)
def everything(visit: Annotated[Visit, may("due:list")], db: ReadDb) -> HTMLResponse:
    """List everything due; those who may see no case get numbers for support."""
    lines = due_lines(db, visit)
    listing = _listing(visit, lines)
    show_lines(visit, listing.rows)
    return visit.render(
        "due/list.html",
        listing=listing,
        answer=due_answer(visit, lines),
        support=counts_sentence(visit, db),
        ended=_just_ended(visit, db),
        review=review_sentence(visit, db),
        may_add=visit.may("action:write"),
    )


@router.post("/due/export")
def export(visit: Annotated[Visit, may("list:export")], form: PageForm, db: Db) -> Response:
    """Export the list of this question."""
    listing = _listing(visit, due_lines(db, visit), whole=True)
    people = [line.person_id for line in listing.rows if line.person_id is not None]
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="due",
        title=visit.say(N_("Everything due")),
        subjects={"person": people},
    )


def show_lines(visit: Visit, lines: Sequence[DueLine]) -> None:
    """Note in the log whom the lines are about."""
    visit.shows("person", [line.person_id for line in lines if line.person_id is not None])
    for kind in DueKind:
        ids = [line.id for line in lines if line.kind is kind]
        if ids:
            visit.shows(_NOUNS[kind], ids)


_NOUNS = {
    DueKind.CALL_IN: "call_in",
    DueKind.CUSTOM_NOTIFICATION: "custom_notification",
    DueKind.CONTACT: "support_case",
    DueKind.CALL_BACK: "inbound_call",
    DueKind.DISCLOSURE_REQUEST: "disclosure_request",
    DueKind.ACTION: "action",
}


def _listing(visit: Visit, lines: tuple[DueLine, ...], *, whole: bool = False) -> Listing[DueLine]:
    owners = sorted({(line.owner, str(line.owner_id)) for line in lines if line.owner_id})
    kinds = [kind for kind in DueKind if any(line.kind is kind for line in lines)]
    filters = (
        Filter(
            "who",
            N_("Owner"),
            [
                (MINE, visit.say(N_("Mine"))),
                (NOBODY, visit.say(N_("Nobody’s"))),
                *((key, name) for name, key in owners),
            ],
            N_("Everybody"),
        ),
        Filter("kind", N_("What"), options(kinds, visit.viewer.language), N_("Everything")),
        Filter(
            "when",
            N_("When"),
            [
                (LATE, visit.say(N_("Late"))),
                (TODAY, visit.say(N_("Today"))),
                (WEEK, visit.say(N_("Within 7 days"))),
                (LATER, visit.say(N_("Later"))),
            ],
            N_("Any time"),
        ),
    )
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters, default_sort="when")
    rows, total = (query.whole() if whole else query).apply(
        lines,
        COLUMNS,
        search=lambda line: (line.text, line.small, line.owner),
        filters={
            "who": lambda line: (
                MINE if line.owner_id == visit.viewer.user_id else "",
                NOBODY if line.owner_id is None else str(line.owner_id),
            ),
            "kind": lambda line: line.kind,
            "when": lambda line: line.when,
        },
    )
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/due",
        may_export=visit.may("list:export"),
    )


def due_answer(visit: Visit, lines: tuple[DueLine, ...]) -> str:
    """Say in one sentence how much is late, due today, and to come."""
    if not lines:
        return visit.say(N_("Nothing is due."))
    late = sum(line.when == LATE for line in lines)
    today = sum(line.when == TODAY for line in lines)
    return visit.say(
        N_("%(late)s, %(today)s, %(later)s."),
        late=visit.say_plural("%(num)s late", "%(num)s late", late),
        today=visit.say_plural("%(num)s today", "%(num)s today", today),
        later=visit.say_plural("%(num)s to come", "%(num)s to come", len(lines) - late - today),
    )


def counts_sentence(visit: Visit, db: Session) -> str:
    """Say the numbers of support to those who may see no case; nothing to others."""
    if not visit.may("support_count:read") or visit.may("support:list"):
        return ""
    counts = support_counts(db, visit.viewer, visit.now, visit.zone, since=visit.now)
    return support_sentence(visit, counts)


def support_sentence(visit: Visit, counts: SupportCounts) -> str:
    """Say how many contacts and calls are late, without telling whose."""
    contacts = visit.say_plural(
        "%(num)s contact is late with outreach",
        "%(num)s contacts are late with outreach",
        counts.contacts_late,
    )
    calls = visit.say_plural(
        "%(num)s call waits to be returned",
        "%(num)s calls wait to be returned",
        counts.calls_waiting,
    )
    return visit.say(
        N_("%(contacts)s and %(calls)s. Whose is not shown here."), contacts=contacts, calls=calls
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An action that was just said to be done, so that it can be taken back."""

    id: int
    text: str


def _just_ended(visit: Visit, db: Session) -> Ended | None:
    given = whole_number(visit.request.query_params.get("ended", ""))
    if given is None:
        return None
    try:
        row: ActionRow = action(db, visit.viewer, given, on=visit.today)
    except NotFoundError:
        return None
    visit.shows("action", [row.id])
    if row.is_open or not row.may_change:
        return None
    return Ended(id=row.id, text=action_text(visit, row))
