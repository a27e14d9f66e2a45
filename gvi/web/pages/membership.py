"""Memberships: recording, correcting, disputing, ending and withdrawing them."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.text import N_
from gvi.store.models import Membership
from gvi.store.queries.group import group_head, group_options
from gvi.store.queries.hold import hold
from gvi.store.queries.person_card import PersonHead, person_head
from gvi.store.queries.record import Record, one_record
from gvi.usecases.membership import (
    add_membership,
    correct_membership,
    dispute_membership,
    end_membership,
    uphold_membership,
    withdraw_membership,
)
from gvi.web.fact_form import (
    code,
    filled,
    given,
    is_reasoned,
    must_be_now,
    period,
)
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.numbers import whole_number
from gvi.web.pages.fact_end import (
    LastingFact,
    ask_about,
    ask_to_end,
    ask_to_withdraw,
    end_on_a_day,
    held_about,
    withdraw_with_reason,
)
from gvi.web.pages.person_picker import Picker, pick_person
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("membership:write")]


@router.get("/memberships/new", response_class=HTMLResponse)
def new(
    visit: Writer, db: ReadDb, person: int | None = None, group: int | None = None
) -> HTMLResponse:
    """Show the form, opened from a person or from a group."""
    fields = {"person_id": person, "group": group, "back": "group" if group else "person"}
    form = Form.filled(fields, language=visit.viewer.language, zone=visit.zone)
    return _new_page(db, visit, form, Picker())


@router.post("/memberships/new", response_class=RedirectResponse)
def create(visit: Writer, form: PageForm, db: Db) -> Response:
    """Record the membership; a wrong form comes back with what was typed."""
    picker = Picker()
    person_id = form.integer("person_id") or _picked(db, visit, form, picker)
    group_id = form.integer("group", required=True)
    role = form.choice("role", MembershipRole)
    since, until = period(visit, form)
    fact = form.fact()
    if person_id is not None and not form.errors:
        membership = attempt(
            db,
            form,
            lambda: add_membership(
                db,
                visit.viewer,
                person_id=person_id,
                group_id=group_id,
                role=role,
                certainty=fact.certainty,
                valid_from=since,
                valid_to=until,
                given=given(fact),
                at=visit.now,
            ),
        )
        if membership is not None:
            to_group = form.value("back") == "group"
            return done(f"/groups/{group_id}" if to_group else f"/people/{person_id}", "added")
    return _new_page(db, visit, form, picker, status_code=422)


def _picked(db: Session, visit: Visit, form: Form, picker: Picker) -> int | None:
    form.text("person", required=True)
    return pick_person(db, visit, form, "", picker)


def _new_page(
    db: Session, visit: Visit, form: Form, picker: Picker, status_code: int = 200
) -> HTMLResponse:
    chosen = whole_number(form.value("person_id"))
    head = None if chosen is None else _person(db, visit, chosen)
    groups = group_options(db, visit.viewer, visit.asked)
    visit.shows("group", [int(value) for value, _ in groups])
    group = form.value("group")
    to_group = form.value("back") == "group" and whole_number(group) is not None
    return visit.render(
        "membership/new.html",
        status_code=status_code,
        form=form,
        person=head,
        groups=groups,
        choices=picker.choices.get("", []),
        roles=options(MembershipRole, visit.viewer.language),
        back=f"/groups/{group}" if to_group else f"/people/{head.id}" if head else "/people",
    )


def _person(db: Session, visit: Visit, person_id: int) -> PersonHead:
    """Give the person a membership is about; not there for whom only involvements are."""
    head = person_head(db, visit.viewer, person_id, visit.asked)
    if not head.is_seen_whole:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    visit.shows("person", [person_id])
    return head


@router.get("/memberships/{membership_id}/edit", response_class=HTMLResponse)
def edit(visit: Writer, membership_id: int, db: ReadDb) -> HTMLResponse:
    """Show the form filled with what is known."""
    record = _record(db, visit, membership_id)
    return _edit_page(db, visit, record, _stored(visit, record))


def _stored(visit: Visit, record: Record) -> Form:
    return filled(visit, record, role=code(MembershipRole, record.values["role"]))


@router.post("/memberships/{membership_id}/edit", response_class=RedirectResponse)
def correct(visit: Writer, membership_id: int, form: PageForm, db: Db) -> Response:
    """Correct the membership; the values before are kept."""
    hold(db, Membership, membership_id)
    record = _record(db, visit, membership_id)
    form.sees(_stored(visit, record))
    role = form.choice("role", MembershipRole)
    since, until = period(visit, form)
    fact = form.fact()
    if not form.errors:
        attempt(
            db,
            form,
            lambda: correct_membership(
                db,
                visit.viewer,
                membership_id,
                role=role,
                certainty=fact.certainty,
                valid_from=since,
                valid_to=until,
                given=given(fact),
                at=visit.now,
            ),
        )
        if not form.errors:
            return done(_back(record), "saved")
    return _edit_page(db, visit, record, form, status_code=422)


def _edit_page(
    db: Session, visit: Visit, record: Record, form: Form, status_code: int = 200
) -> HTMLResponse:
    base = f"/memberships/{record.id}"
    status = record.values["status"]
    acts = [(N_("End the membership"), f"{base}/end")]
    if status == "current":
        acts.append((N_("Mark as disputed"), f"{base}/dispute"))
    if status == "disputed":
        acts.append((N_("Settle the dispute"), f"{base}/uphold"))
    return visit.render(
        "membership/edit.html",
        status_code=status_code,
        title=visit.say(N_("Correct: %(what)s"), what=_what(db, visit, record)),
        form=form,
        roles=options(MembershipRole, visit.viewer.language),
        action=f"{base}/edit",
        acts=[*acts, (N_("Withdraw this record"), f"{base}/withdraw")],
        back=_back(record),
    )


@router.get("/memberships/{membership_id}/end", response_class=HTMLResponse)
def ask_end(visit: Writer, membership_id: int, db: ReadDb) -> HTMLResponse:
    """Ask for the day and the reason."""
    return ask_to_end(db, visit, MEMBERSHIPS, membership_id)


@router.post("/memberships/{membership_id}/end", response_class=RedirectResponse)
def end(visit: Writer, membership_id: int, form: PageForm, db: Db) -> Response:
    """End the membership on a day."""
    return end_on_a_day(db, visit, MEMBERSHIPS, membership_id, form)


@router.get("/memberships/{membership_id}/withdraw", response_class=HTMLResponse)
def ask_withdraw(visit: Writer, membership_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether the membership never was."""
    return ask_to_withdraw(db, visit, MEMBERSHIPS, membership_id)


@router.post("/memberships/{membership_id}/withdraw", response_class=RedirectResponse)
def withdraw(visit: Writer, membership_id: int, form: PageForm, db: Db) -> Response:
    """Withdraw the membership."""
    return withdraw_with_reason(db, visit, MEMBERSHIPS, membership_id, form)


def _stands(visit: Visit, record: Record) -> Form:
    status = code(MembershipStatus, record.values["status"])
    return filled(visit, record, role=code(MembershipRole, record.values["role"]), status=status)


@router.get("/memberships/{membership_id}/dispute", response_class=HTMLResponse)
def ask_dispute(visit: Writer, membership_id: int, db: ReadDb) -> HTMLResponse:
    """Ask why the membership is disputed."""
    record, form = ask_about(db, visit, MEMBERSHIPS, membership_id)
    return _dispute_page(db, visit, record, form, "dispute")


@router.post("/memberships/{membership_id}/dispute", response_class=RedirectResponse)
def dispute(visit: Writer, membership_id: int, form: PageForm, db: Db) -> Response:
    """Mark the membership as disputed."""
    return _decided(db, visit, membership_id, form, "dispute")


@router.get("/memberships/{membership_id}/uphold", response_class=HTMLResponse)
def ask_uphold(visit: Writer, membership_id: int, db: ReadDb) -> HTMLResponse:
    """Ask why the membership holds after all."""
    record, form = ask_about(db, visit, MEMBERSHIPS, membership_id)
    return _dispute_page(db, visit, record, form, "uphold")


@router.post("/memberships/{membership_id}/uphold", response_class=RedirectResponse)
def uphold(visit: Writer, membership_id: int, form: PageForm, db: Db) -> Response:
    """Settle the dispute: the membership holds."""
    return _decided(db, visit, membership_id, form, "uphold")


def _decided(db: Session, visit: Visit, membership_id: int, form: Form, act: str) -> Response:
    record = held_about(db, visit, MEMBERSHIPS, membership_id, form)
    decide = dispute_membership if act == "dispute" else uphold_membership

    def decided(reason: str) -> None:
        decide(db, visit.viewer, membership_id, reason=reason, at=visit.now)

    if is_reasoned(db, form, decided):
        return done(_back(record), "decided")
    return _dispute_page(db, visit, record, form, act)


def _dispute_page(db: Session, visit: Visit, record: Record, form: Form, act: str) -> HTMLResponse:
    title = N_("Disputed: %(what)s") if act == "dispute" else N_("It holds: %(what)s")
    return visit.render(
        "membership/dispute.html",
        status_code=422 if form.errors else 200,
        title=visit.say(title, what=_what(db, visit, record)),
        form=form,
        is_dispute=act == "dispute",
        action=f"/memberships/{record.id}/{act}",
        withdraw_url=f"/memberships/{record.id}/withdraw",
        back=_back(record),
    )


def _record(db: Session, visit: Visit, membership_id: int) -> Record:
    must_be_now(visit)
    record = one_record(
        db, visit.viewer, Membership, membership_id, visit.asked, permission="membership:write"
    )
    _person(db, visit, record.values["person_id"])
    visit.shows("group", [record.values["group_id"]])
    return record


def _what(db: Session, visit: Visit, record: Record) -> str:
    person = _person(db, visit, record.values["person_id"])
    group = group_head(db, visit.viewer, record.values["group_id"], visit.asked)
    return visit.say(N_("%(person)s in %(group)s"), person=person.called, group=group.name)


def _back(record: Record) -> str:
    return f"/people/{record.values['person_id']}"


MEMBERSHIPS = LastingFact(
    model=Membership,
    path="/memberships",
    load=_record,
    stands=_stands,
    what=_what,
    back=_back,
    end=end_membership,
    withdraw=withdraw_membership,
)
