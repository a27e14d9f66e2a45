"""Disclosing something about a person: choose, write, decide, withdraw; and what was shared."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.domain.disclosure import (
    DECIDERS,
    GROUNDS,
    LONGEST_DAYS,
    USUAL_DAYS,
    Condition,
    DisclosureStatus,
    Ground,
    LineField,
    Party,
    Purpose,
    SourceClass,
    check_way,
    side_of,
)
from gvi.domain.errors import RuleError
from gvi.domain.section import Section
from gvi.domain.text import N_
from gvi.store.queries.consent import consents
from gvi.store.queries.disclosable import disclosable
from gvi.store.queries.disclosure import (
    disclosure,
    disclosures,
    frozen_lines,
    may_read_content,
)
from gvi.store.queries.disclosure_request import request, requests
from gvi.store.queries.person_card import person_head
from gvi.store.queries.user import colleagues
from gvi.usecases.disclosure import (
    decide,
    decline,
    disclose,
    withdraw_disclosure,
)
from gvi.usecases.disclosure_draft import Draft, OwnWords, Recipient
from gvi.web.disclosure_words import CONDITIONS
from gvi.web.forms import Form
from gvi.web.labels import label, options, part_called
from gvi.web.numbers import whole_number
from gvi.web.tabs import person_tabs
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("disclosure:read")]
Writer = Annotated[Visit, may("disclosure:write")]
Decider = Annotated[Visit, may("disclosure:decide")]


@router.get("/people/{person_id}/disclosures", response_class=HTMLResponse)
def of_person(visit: Reader, person_id: int, db: ReadDb) -> HTMLResponse:
    """Show what was shared about a person, with whom and on which ground."""
    is_owner = visit.may("person:read")
    head = person_head(db, visit.viewer, person_id, visit.asked) if is_owner else None
    rows = disclosures(
        db,
        visit.viewer,
        at=visit.now,
        day=visit.today,
        permission="disclosure:read",
        person_id=person_id,
    )
    visit.shows("person", [person_id])
    visit.shows("disclosure", [row.id for row in rows])
    may_write = visit.may("disclosure:write")
    return visit.render(
        "disclosure/person.html",
        person_id=person_id,
        called=head.called if head else f"#{person_id}",
        is_owner=is_owner,
        may_write=may_write,
        tabs=person_tabs(visit, person_id, "/disclosures") if is_owner else (),
        rows=rows,
        parts=part_called,
        consents=consents(db, visit.viewer, person_id, day=visit.today) if may_write else (),
        requests=requests(db, visit.viewer, at=visit.now, day=visit.today, person_id=person_id)
        if may_write
        else (),
    )


@router.get("/people/{person_id}/disclose", response_class=HTMLResponse)
def ask_what(visit: Writer, person_id: int, db: ReadDb) -> HTMLResponse:
    """Ask to whom, on which ground and which parts; the next page asks for single lines."""
    return _choose_page(visit, db, person_id, visit.form())


def _choose_page(
    visit: Visit, db: Session, person_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    head = person_head(db, visit.viewer, person_id, visit.asked)
    parts = disclosable(db, visit.viewer, person_id, visit.asked)
    asked = _request_id(visit)
    visit.shows("person", [person_id])
    language, side = visit.viewer.language, side_of(visit.viewer.role)
    return visit.render(
        "disclosure/choose.html",
        status_code=status_code,
        head=head,
        form=form,
        request_id=asked,
        parties=options([each for each in Party if each is not side], language),
        grounds=[
            (ground.value, label(ground, language), rule.law)
            for ground, rule in GROUNDS.items()
            if any(giver is side for giver, _ in rule.ways)
        ],
        parts=[(each.value, label(each, language)) for each in parts],
    )


@router.get("/people/{person_id}/disclose/write", response_class=HTMLResponse)
def ask_lines(visit: Writer, person_id: int, db: ReadDb) -> HTMLResponse:
    """Show the chosen parts line by line, and ask for what the ground demands."""
    form = Form(
        visit.request.query_params.multi_items(), language=visit.viewer.language, zone=visit.zone
    )
    party = form.choice("party", Party, required=True)
    ground = form.choice("ground", Ground, required=True)
    side = side_of(visit.viewer.role)
    if not form.errors and side is not None:
        try:
            check_way(ground, side, party)
        except RuleError as error:
            form.add_refusal(error)
    if form.errors:
        return _choose_page(visit, db, person_id, form, status_code=422)
    given = Form.filled(
        {
            "expires_on": visit.today + dt.timedelta(days=USUAL_DAYS),
            **{f"fields_{each.value}": [f.value for f in LineField] for each in Section},
        },
        language=visit.viewer.language,
        zone=visit.zone,
    )
    return _write_page(visit, db, person_id, given, Chosen.read(form))


class Chosen:
    """What the first page chose: to whom, on which ground, which parts, for which request."""

    def __init__(
        self, party: Party, ground: Ground, parts: tuple[Section, ...], request_id: int | None
    ) -> None:
        """Take what was chosen."""
        self.party, self.ground, self.parts, self.request_id = party, ground, parts, request_id

    @classmethod
    def read(cls, form: Form) -> "Chosen":
        """Read it from the first page's question, or from the second page's hidden fields."""
        return cls(
            form.choice("party", Party, required=True),
            form.choice("ground", Ground, required=True),
            form.choices("parts", Section),
            form.integer("request"),
        )


@router.post("/people/{person_id}/disclose/write", response_class=RedirectResponse)
def write(
    visit: Annotated[Visit, may("disclosure:write", fresh=True)],
    person_id: int,
    form: PageForm,
    db: Db,
) -> Response:
    """Disclose, or send for decision to the one named."""
    chosen = Chosen.read(form)
    draft = _draft(form, chosen)
    if not form.errors:
        made = attempt(
            db,
            form,
            lambda: disclose(db, visit.viewer, person_id, draft, at=visit.now, zone=visit.zone),
        )
        if made is not None:
            is_out = made.status == DisclosureStatus.DISCLOSED.value
            return done(f"/disclosures/{made.id}", "disclosed" if is_out else "for_decision")
    return _write_page(visit, db, person_id, form, chosen, status_code=422)


def _draft(form: Form, chosen: Chosen) -> Draft:
    return Draft(
        ground=chosen.ground,
        recipient=Recipient(
            party=chosen.party,
            user_id=form.integer("recipient"),
            name=form.text("recipient_name", most=200),
            organisation=form.text("organisation", most=200),
        ),
        purpose=form.choice("purpose", Purpose, required=True),
        conditions=form.choices("conditions", Condition),
        weighing=form.text("weighing", most=5000),
        age_statement=form.text("age_statement", most=2000),
        decider_id=form.integer("decider", required=True),
        expires_on=form.date("expires_on", required=True),
        consent_id=form.integer("consent"),
        request_id=chosen.request_id,
        chosen=form.all("lines"),
        fields={each: form.choices(f"fields_{each.value}", LineField) for each in chosen.parts},
        words=OwnWords(
            facts=form.text("facts", most=5000),
            assessment=form.text("assessment", most=5000),
            source_class=form.choice("source_class", SourceClass) or SourceClass.OWN_OBSERVATION,
            grade=form.grade(),
        ),
    )


def _write_page(
    visit: Visit,
    db: Session,
    person_id: int,
    form: Form,
    chosen: Chosen,
    *,
    status_code: int = 200,
) -> HTMLResponse:
    head = person_head(db, visit.viewer, person_id, visit.asked)
    open_parts = disclosable(db, visit.viewer, person_id, visit.asked)
    visit.shows("person", [person_id])
    visit.notes(ground=chosen.ground.value, to=chosen.party.value)
    language, rule = visit.viewer.language, GROUNDS[chosen.ground]
    held = [
        (str(each.id), f"{each.given_on.isoformat()}: {_said(each.parts, language)}")
        for each in consents(db, visit.viewer, person_id, day=visit.today)
        if each.holds and each.party is chosen.party
    ]
    return visit.render(
        "disclosure/write.html",
        status_code=status_code,
        head=head,
        form=form,
        chosen=chosen,
        rule=rule,
        asked=_asked_request(visit, db, chosen.request_id),
        parts=[open_parts[each] for each in chosen.parts if each in open_parts],
        conditions=[(each.value, visit.say(CONDITIONS[each])) for each in rule.conditions],
        needs_age=rule.under_years if head.birth_date is None else None,
        consents=held,
        recipients=_people(visit, db, chosen.party),
        deciders=_deciders(visit, db),
        longest=LONGEST_DAYS,
    )


def _said(parts: tuple[str, ...], language: str) -> str:
    return ", ".join(part_called(part, language) for part in parts)


def _request_id(visit: Visit) -> int | None:
    return whole_number(visit.request.query_params.get("request", ""))


def _asked_request(visit: Visit, db: Session, request_id: int | None) -> object:
    if request_id is None:
        return None
    return request(db, visit.viewer, request_id, at=visit.now, day=visit.today)


def _people(visit: Visit, db: Session, party: Party) -> list[tuple[str, str]]:
    language = visit.viewer.language
    return [
        (str(each.id), f"{each.display_name}, {label(Role(each.role), language)}")
        for each in colleagues(db, visit.viewer)
        if side_of(Role(each.role)) is party
    ]


def _deciders(visit: Visit, db: Session) -> list[tuple[str, str]]:
    side = side_of(visit.viewer.role)
    roles = DECIDERS.get(side, frozenset()) if side else frozenset()
    language, me = visit.viewer.language, visit.viewer.user_id
    people = [each for each in colleagues(db, visit.viewer) if Role(each.role) in roles]
    people.sort(key=lambda each: each.id != me)
    return [
        (
            str(each.id),
            visit.say(N_("I decide myself"))
            if each.id == me
            else f"{each.display_name}, {label(Role(each.role), language)}",
        )
        for each in people
    ]


@router.get("/disclosures/{disclosure_id}", response_class=HTMLResponse)
def show(visit: Reader, disclosure_id: int, db: ReadDb) -> HTMLResponse:
    """Show one disclosure; its content to its writer and its decider only."""
    return _show_page(visit, db, disclosure_id, visit.form())


def _show_page(
    visit: Visit, db: Session, disclosure_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    row = disclosure(db, visit.viewer, disclosure_id, at=visit.now, day=visit.today)
    visit.shows("person", [row.person_id])
    visit.shows("disclosure", [row.id])
    reads = may_read_content(visit.viewer, row)
    if reads:
        visit.notes(content=True)
    is_coordinator = visit.viewer.role in {Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL}
    return visit.render(
        "disclosure/show.html",
        status_code=status_code,
        row=row,
        rule=GROUNDS[row.ground],
        lines=frozen_lines(db, row.id) if reads else None,
        conditions=CONDITIONS,
        parts=part_called,
        form=form,
        may_decide=row.state == "waiting"
        and row.decider_id == visit.viewer.user_id
        and visit.may("disclosure:decide"),
        may_withdraw=row.state in {"waiting", "open"}
        and visit.may("disclosure:write")
        and (reads or is_coordinator),
        may_list=visit.may("disclosure:list"),
    )


@router.post("/disclosures/{disclosure_id}/decide", response_class=RedirectResponse)
def let_it_leave(
    visit: Annotated[Visit, may("disclosure:decide", fresh=True)],
    disclosure_id: int,
    form: PageForm,
    db: Db,
) -> Response:
    """Decide that it leaves."""
    made = attempt(
        db, form, lambda: decide(db, visit.viewer, disclosure_id, at=visit.now, zone=visit.zone)
    )
    if made is not None:
        return done(f"/disclosures/{disclosure_id}", "disclosed")
    return _show_page(visit, db, disclosure_id, form, status_code=422)


@router.post("/disclosures/{disclosure_id}/decline", response_class=RedirectResponse)
def say_no(visit: Decider, disclosure_id: int, form: PageForm, db: Db) -> Response:
    """Decide that it does not leave, and why."""
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        made = attempt(
            db,
            form,
            lambda: decline(db, visit.viewer, disclosure_id, reason=reason, at=visit.now),
        )
        if made is not None:
            return done(f"/disclosures/{disclosure_id}", "declined")
    return _show_page(visit, db, disclosure_id, form, status_code=422)


@router.get("/disclosures/{disclosure_id}/withdraw", response_class=HTMLResponse)
def ask_withdraw(visit: Writer, disclosure_id: int, db: ReadDb) -> HTMLResponse:
    """Ask before a disclosure is hidden from its recipient."""
    return _withdraw_page(visit, db, disclosure_id, visit.form())


@router.post("/disclosures/{disclosure_id}/withdraw", response_class=RedirectResponse)
def withdraw(visit: Writer, disclosure_id: int, form: PageForm, db: Db) -> Response:
    """Hide a disclosure from its recipient at once."""
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        made = attempt(
            db,
            form,
            lambda: withdraw_disclosure(
                db, visit.viewer, disclosure_id, reason=reason, at=visit.now
            ),
        )
        if made is not None:
            return done(f"/disclosures/{disclosure_id}", "hidden")
    return _withdraw_page(visit, db, disclosure_id, form, status_code=422)


def _withdraw_page(
    visit: Visit, db: Session, disclosure_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    row = disclosure(db, visit.viewer, disclosure_id, at=visit.now, day=visit.today)
    visit.shows("person", [row.person_id])
    return visit.render("disclosure/withdraw.html", status_code=status_code, row=row, form=form)
