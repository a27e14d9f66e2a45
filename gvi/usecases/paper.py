"""Papers: registering a print under a code, marking it destroyed, and the words of the letters."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.call_in import CallInStatus
from gvi.domain.errors import RuleError
from gvi.domain.paper import (
    NEEDED,
    PLACES,
    LetterKind,
    LetterLanguage,
    PaperKind,
    new_code,
    unknown_places,
)
from gvi.domain.round import RoundStatus
from gvi.domain.text import N_
from gvi.store import audit
from gvi.store.models import CallIn, LetterText, Paper, Round
from gvi.store.queries.hold import hold, hold_programme
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the

LEAVE_THE_HOUSE = frozenset({PaperKind.LETTERS, PaperKind.DOOR_LIST})
WHERE: Mapping[str, str] = MappingProxyType(
    {
        "name": N_("Write {name} where the person’s name shall stand."),
        "exposure": N_("Write {exposure} where the person’s own legal risk shall stand."),
    }
)
TO_COME = frozenset({CallInStatus.APPROVED, CallInStatus.INVITED, CallInStatus.REHEARSED})


def make_paper(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    kind: PaperKind,
    *,
    language: LetterLanguage,
    purpose: str,
    people: Collection[int],
    at: datetime,
    letter_version: int | None = None,
    noun: str = "person",
) -> Paper:
    """Register a print of a call-in with its purpose; the log names everybody on it.

    `people` are ids of that `noun`: on a run sheet stand speakers, and nobody who is invited.

    Raises RuleError without a purpose, or where nobody would stand on it.
    """
    hold(db, CallIn, call_in_id)
    call_in = the(db, viewer, CallIn, call_in_id, "paper:make")
    _check(call_in, kind, purpose, people)
    paper = Paper(
        programme_id=viewer.programme_id,
        call_in_id=call_in.id,
        kind=kind.value,
        version=1 + _printed(db, Paper.call_in_id == call_in.id, kind),
        language=language.value,
        letter_version=letter_version,
        code=new_code(),
        purpose=purpose.strip(),
        people=len(people),
        made_at=at,
        made_by_id=viewer.user_id,
    )
    return _registered(db, viewer, paper, {"call_in": [call_in.id], noun: people})


def make_visit_letters(
    db: Session,
    viewer: Viewer,
    round_id: int,
    *,
    language: LetterLanguage,
    purpose: str,
    people: Collection[int],
    at: datetime,
    letter_version: int | None,
) -> Paper:
    """Register the letters of a round, one for each of these people, under one code.

    Raises RuleError without a purpose, or where nobody’s letter is ready.
    """
    hold(db, Round, round_id)
    begun = the(db, viewer, Round, round_id, "paper:make")
    if begun.status != RoundStatus.OPEN:
        raise RuleError(N_("The round is closed. Reopen it first, with a reason."))
    if not purpose.strip():
        raise RuleError(N_("Say what the paper is for, in a few words."), field="purpose")
    if not people:
        raise RuleError(N_("No letter is ready: it stands below what each waits for."))
    kind = PaperKind.VISIT_LETTERS
    paper = Paper(
        programme_id=viewer.programme_id,
        round_id=begun.id,
        kind=kind.value,
        version=1 + _printed(db, Paper.round_id == begun.id, kind),
        language=language.value,
        letter_version=letter_version,
        code=new_code(),
        purpose=purpose.strip(),
        people=len(people),
        made_at=at,
        made_by_id=viewer.user_id,
    )
    return _registered(db, viewer, paper, {"round": [begun.id], "person": people})


def _registered(
    db: Session, viewer: Viewer, paper: Paper, subjects: Mapping[str, Collection[int]]
) -> Paper:
    db.add(paper)
    db.flush()
    audit.append(
        db,
        viewer,
        AuditVerb.DISCLOSED,
        "paper:printed",
        at=paper.made_at,
        subjects={"paper": [paper.id], **subjects},
        purpose=paper.purpose,
        detail={"rows": paper.people, "kind": paper.kind},
    )
    return paper


def _check(call_in: CallIn, kind: PaperKind, purpose: str, people: Collection[int]) -> None:
    if not purpose.strip():
        raise RuleError(N_("Say what the paper is for, in a few words."), field="purpose")
    if not people and kind is PaperKind.RUN_SHEET:
        raise RuleError(N_("Put the running order together first."), field="kind")
    if not people:
        raise RuleError(N_("Nobody would stand on it: clear the invitees first."), field="kind")
    if kind in LEAVE_THE_HOUSE and call_in.status not in TO_COME:
        raise RuleError(
            N_("Letters and door lists are printed of an approved call-in that is to come."),
            field="kind",
        )


def _printed(db: Session, of: ColumnElement[bool], kind: PaperKind) -> int:
    """Give the last version of a kind of paper of a call-in or round; 0 where there is none."""
    of_kind = (of, Paper.kind == kind.value)
    return db.execute(select(func.max(Paper.version)).where(*of_kind)).scalar_one() or 0


def destroy_paper(db: Session, viewer: Viewer, paper_id: int, *, at: datetime) -> Paper:
    """Keep that a paper was destroyed, by whom and when."""
    paper = the(db, viewer, Paper, paper_id, "paper:write")
    if paper.destroyed_at is not None:
        raise RuleError(N_("It is marked as destroyed already."))
    paper.destroyed_at, paper.destroyed_by_id = at, viewer.user_id
    log_change(
        db,
        viewer,
        "paper:destroyed",
        at=at,
        paper=paper.id,
        call_in=paper.call_in_id,
        round=paper.round_id,
    )
    return paper


def write_letter(
    db: Session,
    viewer: Viewer,
    language: LetterLanguage,
    *,
    heading: str,
    body: str,
    at: datetime,
    kind: LetterKind = LetterKind.INVITATION,
) -> LetterText:
    """Keep new words for a kind of letter in a language; earlier versions stay.

    Raises RuleError where something is missing, or a place in braces is none.
    """
    require(viewer, "letter:write")
    for name, text in (("heading", heading), ("body", body)):
        if not text.strip():
            raise RuleError(N_("Write something here."), field=name)
        unknown = unknown_places(text, kind)
        if unknown:
            raise RuleError(
                N_("{%(place)s} is nothing that can be filled in. These can: %(places)s."),
                field=name,
                place=unknown[0],
                places=", ".join(f"{{{place}}}" for place in sorted(PLACES[kind])),
            )
    for place in NEEDED[kind]:
        if f"{{{place}}}" not in body:
            raise RuleError(WHERE[place], field="body")
    hold_programme(db, viewer.programme_id)
    before = db.execute(
        select(func.max(LetterText.version)).where(
            LetterText.programme_id == viewer.programme_id,
            LetterText.kind == kind.value,
            LetterText.language == language.value,
        )
    ).scalar_one()
    kept = LetterText(
        programme_id=viewer.programme_id,
        kind=kind.value,
        language=language.value,
        version=(before or 0) + 1,
        heading=heading.strip(),
        body=body.strip().replace("\r\n", "\n"),
        made_at=at,
        made_by_id=viewer.user_id,
    )
    db.add(kept)
    db.flush()
    log_change(db, viewer, "letter:changed", at=at, letter=kept.id)
    return kept
