"""People entered, corrected and withdrawn over the API, as on the pages."""

from typing import Annotated, Any

from fastapi import Response
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.grading import Compartment
from gvi.domain.text import N_
from gvi.store.models import Person as PersonTable
from gvi.store.queries.person_card import person_head
from gvi.store.queries.record import one_record
from gvi.usecases.likeness import likely_same
from gvi.usecases.person import (
    PersonDetails,
    add_person,
    correct_person,
    withdraw_person,
)
from gvi.web.api.bodies import KEPT, Day, Reasoned, Short, SourceChange, Sourced, provenance_of
from gvi.web.api.ids import PersonId
from gvi.web.api.making import Once
from gvi.web.api.person import Person, PersonInFull, shown_person
from gvi.web.api.problems import GUARDED, MADE, TAGGED
from gvi.web.api.routing import writes
from gvi.web.api.version import Guarded
from gvi.web.visit import Db, Visit, may

router = writes("people")

Writer = Annotated[Visit, may("person:write")]
Aliases = Annotated[list[Short], Field(max_length=50)]
Sex = Annotated[str, StringConstraints(pattern="^(male|female|other)$")]
CodeName = Annotated[
    Short,
    Field(max_length=60, description="A word of your own; the number after it is drawn."),
]


class NewPerson(Sourced):
    """A person to enter; the name may stay unknown, a bird is drawn where no word is sent."""

    code_name: CodeName = ""
    name: Short = ""
    aliases: Aliases = Field([])
    birth_date: Day | None = None
    sex: Sex | None = None
    area: Short = ""
    is_protected: bool = False
    is_exit_client: bool = False
    compartment: Compartment
    is_another: Annotated[
        bool, Field(description="Say so where somebody likely the same is there already.")
    ] = False


class PersonChange(SourceChange):
    """What is to be corrected of a person; what is left out stays."""

    code_name: CodeName = KEPT
    name: Short = KEPT
    aliases: Aliases = KEPT
    birth_date: Day | None = KEPT
    sex: Sex | None = KEPT
    area: Short = KEPT
    is_protected: bool = KEPT
    is_exit_client: bool = KEPT
    compartment: Compartment = KEPT


@router.post("/persons", status_code=201, responses=MADE)
def add(visit: Writer, body: NewPerson, once: Once, db: Db) -> PersonInFull | Person:
    """Enter a person; refused where somebody is likely the same and nobody said otherwise."""

    def act() -> int:
        _not_there_already(db, visit, body)
        details = PersonDetails(
            code_name=body.code_name,
            name=body.name,
            aliases=body.aliases,
            birth_date=body.birth_date,
            sex=body.sex,
            area=body.area,
            is_protected=body.is_protected,
            is_exit_client=body.is_exit_client,
        )
        given = body.provenance(body.compartment.value)
        return add_person(db, visit.viewer, details=details, given=given, at=visit.now).id

    return once.of(db, visit, body, act, lambda made: shown_person(db, visit, made))


def _not_there_already(db: Session, visit: Visit, body: NewPerson) -> None:
    if body.is_another:
        return
    likely = likely_same(
        db,
        visit.viewer,
        name=body.name,
        aliases=tuple(body.aliases),
        birth_date=body.birth_date,
        on=visit.today,
    )
    if likely:
        raise RuleError(
            N_("Somebody likely the same is there: %(names)s. If it is another, say so."),
            field="is_another",
            names=", ".join(each.code_name for each in likely),
        )


@router.patch("/persons/{person_id}", responses=GUARDED | TAGGED)
def correct(
    visit: Writer, person_id: PersonId, body: PersonChange, change: Guarded, db: Db
) -> PersonInFull | Person:
    """Correct a person; the values before are kept."""

    def act(_was: Person) -> None:
        values = body.over(_stored(db, visit, person_id))
        if body.model_fields_set & {"name", "aliases"}:
            _must_see_name(db, visit, person_id)
        details = PersonDetails(
            name=body.name if "name" in body.model_fields_set else None,
            aliases=body.aliases if "aliases" in body.model_fields_set else None,
            **{
                name: values[name]
                for name in (
                    *("code_name", "birth_date", "sex", "area"),
                    *("is_protected", "is_exit_client"),
                )
            },
        )
        given = provenance_of(values, Compartment(values["compartment"]).value)
        correct_person(db, visit.viewer, person_id, details=details, given=given, at=visit.now)

    return change.of(db, PersonTable, person_id, lambda: shown_person(db, visit, person_id), act)


def _stored(db: Session, visit: Visit, person_id: int) -> dict[str, Any]:
    record = one_record(
        db, visit.viewer, PersonTable, person_id, visit.asked, permission="person:write"
    )
    return {
        "source": record.source,
        "ground": record.ground,
        "grade": record.grade,
        "review_due_on": record.review_due_on,
        **record.values,
    }


def _must_see_name(db: Session, visit: Visit, person_id: int) -> None:
    if person_head(db, visit.viewer, person_id, visit.asked).name_hidden:
        raise NotAllowedError(N_("You do not see this person’s name, so you cannot change it."))


@router.post("/persons/{person_id}/withdraw", status_code=204, responses=GUARDED)
def withdraw(
    visit: Writer, person_id: PersonId, body: Reasoned, change: Guarded, db: Db
) -> Response:
    """Withdraw somebody entered by mistake."""

    def act(_was: Person) -> None:
        withdraw_person(db, visit.viewer, person_id, reason=body.reason, at=visit.now)

    change.removes(db, PersonTable, person_id, lambda: shown_person(db, visit, person_id), act)
    return Response(status_code=204)
