"""Signs in the audit log: what an auditor should ask about, why, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.anomaly import Anomaly, AnomalyKind
from gvi.domain.text import N_
from gvi.store.queries.anomaly import Review, reviews, watches
from gvi.store.queries.audit import audit_users
from gvi.usecases.anomaly import review_sign, signs_between, stop_watching, watch_for
from gvi.web.forms import Form
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.numbers import whole_number
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Auditor = Annotated[Visit, may("anomaly:review")]
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SignLine:
    """One sign as the page tells it."""

    key: str
    on: date
    kind: AnomalyKind
    called: str
    """The kind of sign in a few words."""
    why: str
    people: Sequence[int]
    url: str
    """The entries of the log it stands on."""
    review: Review | None

    @property
    def state(self) -> str:
        """Whether it still waits for somebody to look at it."""
        return "open" if self.review is None else "reviewed"


WHY: dict[AnomalyKind, str] = {
    AnomalyKind.MANY_IN_A_DAY: N_(
        "%(who)s saw %(number)s different people in one day; half of this user’s days stay at "
        "%(usual)s or below."
    ),
    AnomalyKind.MANY_IN_AN_HOUR: N_(
        "%(who)s saw %(number)s different people within an hour; half of this user’s hours stay at "
        "%(usual)s or below."
    ),
    AnomalyKind.OWN_NAME: N_(
        "%(who)s opened the record of somebody with the same surname, or one that is watched for."
    ),
    AnomalyKind.OWN_AREA: N_(
        "%(who)s opened the record of somebody who lives in the same area (%(number)s people)."
    ),
    AnomalyKind.OUT_OF_HOURS: N_(
        "%(who)s looked at people %(number)s times before 06, after 21 or at a weekend, which this "
        "user seldom does."
    ),
    AnomalyKind.ACCESS_BEYOND: N_(
        "%(who)s gave or took access beyond what the role allows: read the reason."
    ),
    AnomalyKind.DENIED: N_("%(who)s was refused %(number)s times in one day."),
    AnomalyKind.NO_TASK: N_(
        "%(who)s opened records of people (%(number)s) with whom no client, action, visit, case, "
        "call-in or recent incident connects this user."
    ),
    AnomalyKind.PASSKEY_COPIED: N_(
        "A passkey of %(who)s was refused, as its counter went backwards: there may be a copy. "
        "Ask, and have it removed."
    ),
}
COLUMNS: tuple[Column[SignLine], ...] = (
    Column("why", N_("Why"), lambda row: row.why, sortable=False),
    Column("on", N_("Day"), lambda row: row.on),
    Column("review", N_("Examined"), lambda row: row.state, sortable=False),
)
WHY_WITHOUT_MEASURE = N_(
    "%(who)s saw %(number)s different people; there is nothing yet to say what is usual for this "
    "user."
)
KINDS: dict[AnomalyKind, str] = {
    AnomalyKind.MANY_IN_A_DAY: N_("Many people in a day"),
    AnomalyKind.MANY_IN_AN_HOUR: N_("Many people in an hour"),
    AnomalyKind.OWN_NAME: N_("Same surname"),
    AnomalyKind.OWN_AREA: N_("Same area"),
    AnomalyKind.OUT_OF_HOURS: N_("Out of hours"),
    AnomalyKind.ACCESS_BEYOND: N_("Access beyond the role"),
    AnomalyKind.DENIED: N_("Refused again and again"),
    AnomalyKind.NO_TASK: N_("No task with the person"),
    AnomalyKind.PASSKEY_COPIED: N_("A passkey may be copied"),
}
STATES = (("open", N_("Not examined")), ("reviewed", N_("Examined")))


@router.get("/audit/signs", response_class=HTMLResponse)
def signs(visit: Auditor, db: ReadDb) -> HTMLResponse:
    """List what is out of the ordinary in the last thirty days, or in the days asked for."""
    return _page(db, visit, visit.form())


@router.post("/audit/signs/review", response_class=HTMLResponse)
def review(visit: Auditor, form: PageForm, db: Db) -> Response:
    """Mark a sign as examined, with a note on what came of it."""
    note = form.text("note", required=True, most=1000)
    mark = reviews(db, visit.viewer).get(form.value("key"))
    values = {"note": mark.note if mark else None}
    form.acts_on(Form.filled(values, language=visit.viewer.language), "anomaly_reviews")
    on, key = form.date("on", required=True), form.value("key")
    if not form.errors and on is not None:
        attempt(
            db,
            form,
            lambda: review_sign(
                db, visit.viewer, key, on=on, note=note, at=visit.now, zone=visit.zone
            ),
        )
    return _page(db, visit, form, 422) if form.errors else done("/audit/signs")


@router.post("/audit/watches", response_class=HTMLResponse)
def watch(visit: Auditor, form: PageForm, db: Db) -> Response:
    """Watch one user's look-ups for a surname or an area."""
    kind, word = form.value("watched"), form.text("word", required=True, most=100)
    user = whole_number(form.value("user"))
    if user is None:
        form.add_error("user", N_("Choose whose look-ups are meant."))
    if not form.errors:
        attempt(
            db,
            form,
            lambda: watch_for(db, visit.viewer, user or 0, kind=kind, word=word, at=visit.now),
        )
    return _page(db, visit, form, 422) if form.errors else done("/audit/signs")


@router.post("/audit/watches/{watch_id}/remove", response_class=HTMLResponse)
def unwatch(visit: Auditor, watch_id: int, _form: PageForm, db: Db) -> Response:
    """Stop watching for a word."""
    stop_watching(db, visit.viewer, watch_id, at=visit.now)
    return done("/audit/signs")


def _page(db: Session, visit: Visit, form: Form, status_code: int = 200) -> HTMLResponse:
    asked = Form(
        visit.request.query_params.multi_items(), language=visit.viewer.language, zone=visit.zone
    )
    until = asked.date("to") or visit.today
    since = asked.date("from") or until - timedelta(days=USUAL_DAYS)
    lines = _lines(db, visit, since, until)
    listing = _listing(visit, lines, asked)
    visit.shows("person", [person for row in listing.rows for person in row.people])
    return visit.render(
        "audit/signs.html",
        status_code=status_code,
        listing=listing,
        asked=asked,
        form=form,
        since=since,
        until=until,
        waiting=sum(1 for line in lines if line.review is None),
        watches=watches(db, visit.viewer),
        users=[(str(user.id), user.name) for user in audit_users(db, visit.viewer)],
    )


def _lines(db: Session, visit: Visit, since: date, until: date) -> list[SignLine]:
    marks = reviews(db, visit.viewer)
    found = signs_between(db, visit.viewer, since, until, visit.zone)
    return [_line(visit, sign, marks.get(sign.key)) for sign in found]


def _line(visit: Visit, sign: Anomaly, mark: Review | None) -> SignLine:
    entries = {"user": sign.user_id, "first": sign.entries[0], "last": sign.entries[-1]}
    why = WHY_WITHOUT_MEASURE if _lacks_measure(sign) else WHY[sign.kind]
    return SignLine(
        key=sign.key,
        on=sign.on,
        kind=sign.kind,
        called=visit.say(KINDS[sign.kind]),
        why=visit.say(why, who=sign.actor, number=sign.number, usual=sign.usual),
        people=sign.people,
        url=f"/audit?{urlencode(entries)}",
        review=mark,
    )


def _lacks_measure(sign: Anomaly) -> bool:
    """Tell whether there is no other day or hour of this user to compare with."""
    many = (AnomalyKind.MANY_IN_A_DAY, AnomalyKind.MANY_IN_AN_HOUR)
    return sign.kind in many and not sign.usual


def _listing(visit: Visit, lines: list[SignLine], asked: Form) -> Listing[SignLine]:
    kinds = [(kind.value, visit.say(name)) for kind, name in KINDS.items()]
    states = [(value, visit.say(name)) for value, name in STATES]
    filters = (
        Filter("kind", N_("Sign"), kinds),
        Filter("state", N_("Examined"), states),
    )
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters)
    rows, total = query.apply(
        lines,
        COLUMNS,
        search=lambda row: (row.why,),
        filters={"kind": lambda row: row.kind, "state": lambda row: row.state},
    )
    keep = {name: asked.value(name) for name in ("from", "to") if asked.value(name)}
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/audit/signs",
        keep=keep,
    )
