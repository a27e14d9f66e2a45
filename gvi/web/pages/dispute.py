"""This is wrong: say which record behind a score is, who checks it, and by when."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import POLICY, Role
from gvi.domain.correction import Disputed, DisputedScore
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.queries.user import colleagues
from gvi.usecases.correction import open_correction
from gvi.usecases.why import standing
from gvi.web.format import say_date, sentence_start
from gvi.web.forms import Form
from gvi.web.labels import kind_label, label
from gvi.web.pages.why import called, score_asked
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may
from gvi.web.why_open import why_of
from gvi.web.why_rows import IncidentRow, TieRow, Why

router = APIRouter(include_in_schema=False)

Disputer = Annotated[Visit, may("score:dispute")]
Options = list[tuple[str, str]]


@router.get("/people/{person_id}/why/dispute", response_class=HTMLResponse)
def ask(visit: Disputer, person_id: int, db: ReadDb) -> HTMLResponse:
    """Ask what is wrong."""
    return _page(visit, db, person_id, visit.form())


@router.post("/people/{person_id}/why/dispute", response_class=RedirectResponse)
def dispute(visit: Disputer, person_id: int, form: PageForm, db: Db) -> Response:
    """Open the correction."""
    records = dict(_shown(visit, db, person_id)[1])
    chosen = form.text("record", required=True)
    if not form.errors and chosen not in records:
        form.add_error("record", visit.say(N_("Choose one of the answers.")))
    text = form.text("text", required=True, most=500)
    owner = form.integer("owner", required=True)
    due_at = form.moment("due_at", required=True)
    if not form.errors:
        noun, _, number = chosen.partition(":")
        opened = attempt(
            db,
            form,
            lambda: open_correction(
                db,
                visit.viewer,
                person_id,
                disputed=Disputed(noun),
                disputed_id=int(number) if number else None,
                score=DisputedScore(score_asked(visit)),
                text=text,
                owner_id=owner,
                due_at=due_at,
                at=visit.now,
            ),
        )
        if opened is not None:
            return done(f"/people/{person_id}/why?score={score_asked(visit)}", "disputed")
    return _page(visit, db, person_id, form, status_code=422)


def _page(
    visit: Visit, db: Session, person_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    name, records = _shown(visit, db, person_id)
    language = visit.viewer.language
    readers = (role.value for role in POLICY["score:dispute"])
    owners = [
        (str(each.id), f"{each.display_name}, {label(Role(each.role), language)}")
        for each in colleagues(db, visit.viewer, *readers)
    ]
    return visit.render(
        "ranking/dispute.html",
        status_code=status_code,
        person_id=person_id,
        name=name,
        score=score_asked(visit),
        form=form,
        records=records,
        owners=owners,
        usual_owner=str(visit.viewer.user_id),
    )


def _shown(visit: Visit, db: Session, person_id: int) -> tuple[str, Options]:
    """Give the person's name and the records that may be said to be wrong.

    Raises NotFoundError for somebody without that score: there is nothing to dispute.
    """
    found = standing(db, visit.viewer, visit.now, visit.zone, person_id, score=score_asked(visit))
    if found.explained is None:
        raise NotFoundError(N_("There is no score here that could be wrong."))
    why = why_of(visit, db, found.explained, everything=False)
    return called(visit, db, found.facts, person_id), _records(visit, why)


def _records(visit: Visit, why: Why) -> Options:
    options = [(Disputed.SCORE.value, label(Disputed.SCORE, visit.viewer.language))]
    for row in why.incidents:
        options += _of_incident(visit, row)
    for tie in why.ties:
        options += _of_tie(visit, tie)
    for group in why.groups:
        options += [
            (
                f"{Disputed.MEMBERSHIP}:{each.id}",
                visit.say(N_("Membership: %(role)s"), role=label(each.role, visit.viewer.language)),
            )
            for each in group.memberships
        ]
    return list(dict(options).items())


def _of_incident(visit: Visit, row: IncidentRow) -> Options:
    """Offer the incident, and each role in it that the page tells."""
    language = visit.viewer.language
    kind = kind_label(row.detail.kind, language)
    what = f"{kind}, {say_date(row.detail.occurred_at, visit.manner)}"
    roles = [
        (
            f"{Disputed.INVOLVEMENT}:{line.record.id}",
            f"{what}: "
            + " ".join(filter(None, (line.name, label(line.record.role, language).lower()))),
        )
        for line in row.roles
        if line.record is not None
    ]
    return [(f"{Disputed.INCIDENT}:{row.detail.id}", what), *roles]


def _of_tie(visit: Visit, row: TieRow) -> Options:
    return [
        (
            f"{Disputed.TIE}:{tie.id}",
            f"{sentence_start(row.name)}: {label(tie.kind, visit.viewer.language).lower()}",
        )
        for tie in row.records
    ]
