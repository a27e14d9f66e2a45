"""The access extract: a person is told what is held about them; each side tells its own part."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.person import is_adult
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store import audit
from gvi.store.models import Person
from gvi.store.queries.extract import ExtractPart, held_about
from gvi.usecases.rights import require, the

MAKE = "extract:make"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What one side holds about a person."""

    person_id: int
    code_name: str
    parts: tuple[ExtractPart, ...]
    is_cut_short: bool
    """True where the role may know involvements only, of somebody under 18."""


CHILD_PARTS = frozenset({"involvements", "involvements_revisions"})


def make_extract(
    db: Session, viewer: Viewer, person_id: int, *, purpose: str, at: datetime, zone: ZoneInfo
) -> Extract:
    """Gather everything the viewer's side holds about a person, and log it as a disclosure.

    Raises RuleError without a purpose, NotFoundError for somebody the viewer may not see.
    """
    require(viewer, MAKE)
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    why = purpose.strip()
    if not why:
        raise RuleError(N_("Say who asked and why: it is kept in the log."), field="purpose")
    today = local_day(at, zone)
    grown = is_adult(person.birth_date, today)
    whole = grown or allows(viewer, "under_18:read")
    parts = held_about(db, viewer, person_id, at=at, on=today)
    if not whole:
        parts = tuple(part for part in parts if part.table in CHILD_PARTS)
    audit.append(
        db,
        viewer,
        AuditVerb.DISCLOSED,
        "extract:made",
        at=at,
        subjects={"person": [person_id]},
        purpose=why,
        detail={"rows": sum(len(part.rows) for part in parts)},
    )
    return Extract(
        person_id=person_id, code_name=person.code_name, parts=parts, is_cut_short=not whole
    )
