"""People: adding, correcting and withdrawing them, and finding who may be the same person."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.naming import drawn_code_names, without_number
from gvi.domain.person import is_adult
from gvi.domain.review import Reviewed
from gvi.domain.text import N_
from gvi.store.models import Identity, Person, PersonAlias
from gvi.store.queries.person_links import linked_as_seen, linked_elsewhere
from gvi.usecases.facts import Provenance, correct, entered, log_change, withdraw
from gvi.usecases.rights import require, the

WRITE = "person:write"
FIRST_BIRTH_DATE = date(1900, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDetails:
    """What is entered of a person; the name may stay unknown."""

    code_name: str = ""
    """A word of one's own, or blank for a bird; the number after it is drawn."""
    name: str | None = ""
    """None leaves the name as it is, for somebody who corrects a person without seeing it."""
    aliases: Sequence[str] | None = field(default=())
    birth_date: date | None = None
    sex: str | None = None
    area: str = ""
    is_protected: bool = False
    is_exit_client: bool = False


def add_person(
    db: Session, viewer: Viewer, *, details: PersonDetails, given: Provenance, at: datetime
) -> Person:
    """Add a person under a code name that gets a drawn number; a bird where no word is given."""
    require(viewer, WRITE)
    person = Person(
        **_columns(db, viewer, details, at=at, held=None),
        **entered(viewer, WRITE, given, kind=Reviewed.PERSON, at=at, births=(details.birth_date,)),
    )
    db.add(person)
    db.flush()
    _set_name(db, person, details.name)
    _set_aliases(db, person, details.aliases)
    log_change(db, viewer, "person:added", at=at, collected=True, person=person.id)
    return person


def correct_person(
    db: Session,
    viewer: Viewer,
    person_id: int,
    *,
    details: PersonDetails,
    given: Provenance,
    at: datetime,
) -> None:
    """Correct what is known of a person; the values before are kept, but for names."""
    person = _written(db, viewer, person_id, at=at)
    columns = _columns(db, viewer, details, at=at, held=person.code_name)
    changed = correct(person, viewer, WRITE, at=at, given=given, **columns)
    if _set_name(db, person, details.name):
        changed.append("name")
    if _set_aliases(db, person, details.aliases):
        changed.append("aliases")
    if changed:
        log_change(db, viewer, "person:corrected", at=at, fields=changed, person=person.id)


def withdraw_person(
    db: Session, viewer: Viewer, person_id: int, *, reason: str, at: datetime
) -> None:
    """Withdraw somebody entered by mistake; refused while records the viewer sees point there.

    Where the other side of the secrecy still works with the person, the entry passes to it instead
    of vanishing, so that neither side learns from a refusal what the other one has.
    """
    person = _written(db, viewer, person_id, at=at)
    if linked_as_seen(db, viewer, person_id):
        raise RuleError(
            N_("Other records still point to this person: correct or withdraw those first.")
        )
    keeper = linked_elsewhere(db, viewer, person_id)
    if keeper is None:
        withdraw(person, viewer, at=at, reason=reason)
    else:
        if not reason.strip():
            raise RuleError(N_("Say why this was wrong."), field="reason")
        bare: dict[str, Any] = {"source": "", "ground": "", "grade": None}
        correct(person, viewer, WRITE, at=at, compartment=keeper.value, **bare)
    log_change(db, viewer, "person:withdrawn", at=at, person=person.id)


def _written(db: Session, viewer: Viewer, person_id: int, *, at: datetime) -> Person:
    """Load a person for changing; not there for those who may know of involvements only."""
    person = the(db, viewer, Person, person_id, WRITE, person="id")
    if not _sees_whole(viewer, person, at=at):
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return person


def _sees_whole(viewer: Viewer, person: Person, *, at: datetime) -> bool:
    return allows(viewer, "under_18:read") or is_adult(person.birth_date, at.date())


def seen_person(db: Session, viewer: Viewer, person_id: int, *, at: datetime) -> Person:
    """Load a person for recording a fact about; nobody else can at the same time.

    Raises NotFoundError for somebody the viewer may not see, RuleError for somebody under 18 of
    whom the viewer may know the involvements only.
    """
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    db.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    if not _sees_whole(viewer, person, at=at):
        raise RuleError(
            N_(
                "This person is under 18: only involvements in incidents are recorded here. Worry"
                " belongs in the support and concern track."
            ),
            field="person",
        )
    return person


def facts_of(
    db: Session, viewer: Viewer, person_ids: Iterable[int], *, at: datetime
) -> tuple[Person, ...]:
    """Load the people a fact is about for changing it; not there for whom they are not."""
    try:
        return tuple(seen_person(db, viewer, each, at=at) for each in sorted(set(person_ids)))
    except RuleError:
        raise NotFoundError(N_("There is no such record, or it is not for you.")) from None


def _columns(
    db: Session, viewer: Viewer, details: PersonDetails, *, at: datetime, held: str | None
) -> dict[str, Any]:
    born = details.birth_date
    if born is not None and not FIRST_BIRTH_DATE <= born <= at.date():
        raise RuleError(
            N_("That birth date cannot be right: it is in the future or too long ago."),
            field="birth_date",
        )
    return {
        "code_name": _code_name(db, viewer, details.code_name, held=held),
        "birth_date": born,
        "sex": details.sex or None,
        "area": details.area.strip(),
        "is_protected": details.is_protected,
        "is_exit_client": details.is_exit_client,
    }


def _code_name(db: Session, viewer: Viewer, wanted: str, *, held: str | None) -> str:
    """Give the code name a person gets: the one held, or the word wanted with a drawn number.

    No name is ever compared with those in use before it has its number: an answer to a chosen
    name would tell of people the viewer may not know of (docs/decisions/0056).
    """
    word = " ".join(wanted.split())
    if held is not None and word.casefold() == held.casefold():
        return word
    if held is not None and not word:
        raise RuleError(N_("Give a code name, for example a bird."), field="code_name")
    names = drawn_code_names(without_number(word), secrets.randbelow)
    return next(name for name in names if not _is_taken(db, viewer, name))


def _is_taken(db: Session, viewer: Viewer, name: str) -> bool:
    taken = select(Person.id).where(
        Person.programme_id == viewer.programme_id,
        (Person.code_name == name) | (func.lower(Person.code_name) == name.lower()),
    )
    return db.execute(taken).first() is not None


def _set_name(db: Session, person: Person, name: str | None) -> bool:
    if name is None:
        return False
    called = " ".join(name.split())
    identity = db.get(Identity, person.id)
    if (identity.name if identity else "") == called:
        return False
    if not called:
        db.delete(identity)
    elif identity is None:
        db.add(Identity(person_id=person.id, name=called))
    else:
        identity.name = called
    db.flush()
    return True


def _set_aliases(db: Session, person: Person, aliases: Sequence[str] | None) -> bool:
    if aliases is None:
        return False
    wanted = {" ".join(alias.split()) for alias in aliases} - {""}
    stored = db.execute(select(PersonAlias).where(PersonAlias.person_id == person.id)).scalars()
    held = {each.alias: each for each in stored}
    for alias in held.keys() - wanted:
        db.delete(held[alias])
    db.add_all(
        PersonAlias(person_id=person.id, alias=alias) for alias in sorted(wanted - held.keys())
    )
    db.flush()
    return wanted != held.keys()
