"""Entering a person with a hint at likely duplicates, correcting and withdrawing a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import grant
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.grading import Compartment
from gvi.domain.text import N_
from gvi.store.models import Person
from gvi.store.queries.hold import hold
from gvi.store.queries.membership import GroupPart, groups_of
from gvi.store.queries.person import names_of
from gvi.store.queries.person_card import PersonHead, person_head
from gvi.store.queries.record import one_record
from gvi.usecases.facts import Provenance
from gvi.usecases.likeness import likely_same
from gvi.usecases.person import (
    PersonDetails,
    add_person,
    correct_person,
    withdraw_person,
)
from gvi.web.fact_form import filled, given, is_reasoned, must_be_now, opened, withdraw_page
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("person:write")]
SEXES = (("male", N_("Man")), ("female", N_("Woman")), ("other", N_("Other")))
_USUAL = (Compartment.POLICE, Compartment.SOCIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """Somebody who may be the person being entered."""

    person_id: int
    name: str
    code_name: str
    groups: tuple[GroupPart, ...]
    same_birth_date: bool


@router.get("/people/new", response_class=HTMLResponse)
def new(visit: Writer, db: ReadDb) -> HTMLResponse:
    """Show the form; the code name is drawn when it is saved."""
    return _new_page(db, visit, visit.form(), likely=())


@router.post("/people/new", response_class=RedirectResponse)
def create(visit: Writer, form: PageForm, db: Db) -> Response:
    """Add the person, unless somebody likely the same is there and nobody has said otherwise."""
    details, provenance = _details(form), _provenance(visit, form)
    likely = _likely(db, visit, form)
    if form.value("check"):
        form.errors.clear()
        return _new_page(db, visit, form, likely=likely, is_checked=True)
    if likely and not form.ticked("is_another"):
        form.add_error(
            "is_another", N_("Is it one of the people shown here? If not, tick the box.")
        )
    if not form.errors:
        person = attempt(
            db,
            form,
            lambda: add_person(db, visit.viewer, details=details, given=provenance, at=visit.now),
        )
        if person is not None:
            return done(f"/people/{person.id}", "added")
    return _new_page(db, visit, form, likely=likely, status_code=422)


@router.post("/people/likely", response_class=HTMLResponse)
def likely(visit: Writer, form: PageForm, db: ReadDb) -> HTMLResponse:
    """Show who may be the person being entered: what the form asks for while one types.

    Posted, so that the names stand in no address.
    """
    visit.asks = True
    return visit.render("person/likely.html", form=form, likely=_likely(db, visit, form))


def _likely(db: Session, visit: Visit, form: Form) -> Sequence[Likely]:
    """Find likely duplicates of what stands in the form; its mistakes are not its own matter."""
    quiet = Form(
        [(name, form.value(name)) for name in ("name", "aliases", "birth_date")], zone=visit.zone
    )
    hints = likely_same(
        db,
        visit.viewer,
        name=quiet.text("name"),
        aliases=tuple(_aliases(quiet)),
        birth_date=_birth_date(quiet),
        on=visit.today,
    )
    ids = [hint.person_id for hint in hints]
    visit.shows("person", ids)
    names = names_of(db, visit.viewer, ids, on=visit.today)
    groups = groups_of(db, visit.viewer, ids, visit.asked)
    return [
        Likely(
            person_id=hint.person_id,
            name=names[hint.person_id],
            code_name=hint.code_name,
            groups=groups.get(hint.person_id, ()),
            same_birth_date=hint.same_birth_date,
        )
        for hint in hints
    ]


def _birth_date(form: Form) -> date | None:
    born = form.date("birth_date")
    return None if form.error("birth_date") else born


def _aliases(form: Form) -> list[str]:
    return [alias for alias in form.text("aliases", most=1000).split(",") if alias.strip()]


def _details(form: Form, head: PersonHead | None = None) -> PersonDetails:
    name_hidden = head is not None and head.name_hidden
    # What a file said stays possible, whatever words it used.
    written = [head.sex] if head is not None and head.sex else []
    sex = form.one_of("sex", [*(value for value, _ in SEXES), *written])
    return PersonDetails(
        code_name=form.text("code_name", required=head is not None, most=60),
        name=None if name_hidden else form.text("name", most=200),
        aliases=None if name_hidden else _aliases(form),
        birth_date=form.date("birth_date"),
        sex=sex or None,
        area=form.text("area", most=200),
        is_protected=form.ticked("is_protected"),
        is_exit_client=form.ticked("is_exit_client"),
    )


def _provenance(visit: Visit, form: Form) -> Provenance:
    allowed = _compartments(visit)
    chosen = form.choice("compartment", Compartment) or allowed[0]
    return given(form.fact(), chosen.value)


def _compartments(visit: Visit) -> list[Compartment]:
    """Give the compartments the visitor may write people into, the usual one first."""
    held = grant(visit.viewer, "person:write")
    if held is None:
        raise NotAllowedError(N_("Your role does not give the right to do this."))
    return sorted(
        held.compartments, key=lambda each: (each not in _USUAL, list(Compartment).index(each))
    )


def _new_page(
    db: Session,
    visit: Visit,
    form: Form,
    *,
    likely: Sequence[Likely],
    is_checked: bool = False,
    status_code: int = 200,
) -> HTMLResponse:
    return visit.render(
        "person/new.html",
        status_code=status_code,
        form=form,
        likely=likely,
        is_checked=is_checked,
        **_choices(visit),
    )


def _choices(visit: Visit, written: str | None = None) -> dict[str, object]:
    sexes = [(value, visit.say(text)) for value, text in SEXES]
    if written and written not in dict(SEXES):
        sexes.append((written, written))
    return {
        "sexes": sexes,
        "compartments": options(_compartments(visit), visit.viewer.language),
    }


@router.get("/people/{person_id}/edit", response_class=HTMLResponse)
def edit(visit: Writer, person_id: int, db: ReadDb) -> HTMLResponse:
    """Show the form filled with what is known."""
    head = _head(db, visit, person_id)
    return _edit_page(visit, head, _stored(db, visit, head))


def _stored(db: Session, visit: Visit, head: PersonHead) -> Form:
    record = one_record(
        db, visit.viewer, Person, head.id, visit.asked, permission="person:write", person="id"
    )
    columns = ("code_name", "birth_date", "sex", "area", "is_protected", "is_exit_client")
    names = {} if head.name_hidden else {"name": head.name, "aliases": ", ".join(head.aliases)}
    secrecy = Compartment(record.values["compartment"])
    return filled(visit, record, *columns, compartment=secrecy, **names)


@router.post("/people/{person_id}/edit", response_class=RedirectResponse)
def correct(visit: Writer, person_id: int, form: PageForm, db: Db) -> Response:
    """Correct the person; the values before are kept."""
    hold(db, Person, person_id)
    head = _head(db, visit, person_id)
    form.sees(_stored(db, visit, head))
    details = _details(form, head)
    provenance = _provenance(visit, form)
    if not form.errors:
        attempt(
            db,
            form,
            lambda: correct_person(
                db, visit.viewer, person_id, details=details, given=provenance, at=visit.now
            ),
        )
        if not form.errors:
            return done(f"/people/{person_id}", "saved")
    return _edit_page(visit, head, form, status_code=422)


def _edit_page(visit: Visit, head: PersonHead, form: Form, status_code: int = 200) -> HTMLResponse:
    return visit.render(
        "person/edit.html",
        status_code=status_code,
        head=head,
        form=form,
        **_choices(visit, head.sex),
    )


@router.get("/people/{person_id}/withdraw", response_class=HTMLResponse)
def ask_withdraw(visit: Writer, person_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether the entry was a mistake."""
    head = _head(db, visit, person_id)
    return _withdraw_page(visit, head, opened(visit, _stored(db, visit, head), "persons"))


@router.post("/people/{person_id}/withdraw", response_class=RedirectResponse)
def withdraw(visit: Writer, person_id: int, form: PageForm, db: Db) -> Response:
    """Withdraw the person."""
    hold(db, Person, person_id)
    head = _head(db, visit, person_id)
    form.acts_on(_stored(db, visit, head), "persons")

    def act(reason: str) -> None:
        withdraw_person(db, visit.viewer, person_id, reason=reason, at=visit.now)

    if is_reasoned(db, form, act):
        return done("/people", "withdrawn")
    return _withdraw_page(visit, head, form)


def _withdraw_page(visit: Visit, head: PersonHead, form: Form) -> HTMLResponse:
    back = f"/people/{head.id}"
    return withdraw_page(visit, form, head.called, action=f"{back}/withdraw", back=back)


def _head(db: Session, visit: Visit, person_id: int) -> PersonHead:
    """Give the person; not there for those who may know of involvements only."""
    must_be_now(visit)
    head = person_head(db, visit.viewer, person_id, visit.asked)
    if not head.is_seen_whole:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    visit.shows("person", [person_id])
    return head
