"""Papers of call-ins: those of one, the one that bears a code, and the words of the letters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.custom_notification import ENDED_BY_HAND, RiskOutcome
from gvi.domain.paper import LetterKind, LetterLanguage, PaperKind
from gvi.store.models import (
    CallIn,
    LetterText,
    Paper,
    RiskCheck,
    Round,
    RoundVisit,
    StatusChange,
    User,
    VisitLetter,
)
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """One print: what, which version, who made it when and what for, and whether it is gone."""

    id: int
    call_in_id: int | None
    round_id: int | None
    occasion: str
    """The call-in or round."""
    kind: PaperKind
    version: int
    newest: int
    """The newest version of the same kind."""
    is_outdated: bool
    """Whether what stands on it, or whom it may be given to, was changed since."""
    code: str
    purpose: str
    people: int
    made_at: datetime
    made_by: str
    destroyed_at: datetime | None
    destroyed_by: str

    @property
    def is_newest(self) -> bool:
        """Whether no newer print of the same kind was made."""
        return self.version == self.newest

    @property
    def tone(self) -> str:
        """Grey for what is destroyed."""
        return "quiet" if self.destroyed_at else ""


def papers_of(db: Session, viewer: Viewer, call_in_id: int) -> tuple[PaperRow, ...]:
    """List the papers of a call-in, the latest first."""
    query = _papers(viewer).where(Paper.call_in_id == call_in_id)
    return _rows(db, query.order_by(Paper.id.desc()))


def letters_of_round(db: Session, viewer: Viewer, round_id: int) -> tuple[PaperRow, ...]:
    """List the letters printed of a round, the latest first."""
    query = _papers(viewer).where(Paper.round_id == round_id)
    return _rows(db, query.order_by(Paper.id.desc()))


def paper_with(db: Session, viewer: Viewer, code: str) -> PaperRow | None:
    """Give the paper that bears a code, if there is one."""
    return next(iter(_rows(db, _papers(viewer).where(Paper.code == code))), None)


def _papers(viewer: Viewer) -> Select[Any]:
    maker, destroyer = User.__table__.alias("maker"), User.__table__.alias("destroyer")
    others = Paper.__table__.alias("others")
    newest = (
        select(func.max(others.c.version))
        .where(
            or_(others.c.call_in_id == Paper.call_in_id, others.c.round_id == Paper.round_id),
            others.c.kind == Paper.kind,
        )
        .scalar_subquery()
    )
    p = Paper.__table__.c
    return (
        select(
            *(p.id, p.call_in_id, p.round_id, p.kind, p.version, p.code, p.purpose, p.people),
            p.made_at,
            func.coalesce(CallIn.name, Round.name).label("occasion"),
            CallIn.paper_changed_at.label("changed_at"),
            *_changes_of_round(),
            p.destroyed_at,
            newest.label("newest"),
            maker.c.display_name.label("maker"),
            destroyer.c.display_name.label("destroyer"),
        )
        .outerjoin(CallIn, CallIn.id == p.call_in_id)
        .outerjoin(Round, Round.id == p.round_id)
        .outerjoin(maker, maker.c.id == p.made_by_id)
        .outerjoin(destroyer, destroyer.c.id == p.destroyed_by_id)
        .where(visible(p, viewer, "paper:read"))
    )


def _changes_of_round() -> tuple[ColumnElement[Any], ...]:
    """Ask when the letters of a round last said what is true no more, or were for who gets none."""
    r, check, letter, change = RoundVisit, RiskCheck, VisitLetter, StatusChange
    here, words = r.round_id == Paper.round_id, LetterText
    stopped = select(func.max(check.checked_at)).join(
        r, r.custom_notification_id == check.custom_notification_id
    )
    approved = select(func.max(letter.approved_at)).join(
        r, r.custom_notification_id == letter.custom_notification_id
    )
    ended = select(func.max(change.changed_at)).join(
        r, (r.custom_notification_id == change.thing_id) & (change.thing == "custom_notification")
    )
    written = select(func.max(words.made_at)).where(
        words.programme_id == Paper.programme_id,
        words.kind == LetterKind.VISIT.value,
        Paper.round_id.is_not(None),
    )
    return (
        stopped.where(here, check.outcome == RiskOutcome.NO_GO.value)
        .correlate(Paper)
        .scalar_subquery()
        .label("stopped_at"),
        approved.where(here).correlate(Paper).scalar_subquery().label("approved_at"),
        ended.where(here, change.field == "status", change.new.in_(sorted(ENDED_BY_HAND)))
        .correlate(Paper)
        .scalar_subquery()
        .label("ended_at"),
        written.correlate(Paper).scalar_subquery().label("written_at"),
    )


def _is_changed_since(row: Any) -> bool:
    changes = (row.changed_at, row.stopped_at, row.approved_at, row.ended_at, row.written_at)
    return any(change is not None and row.made_at < change for change in changes)


def _rows(db: Session, query: Select[Any]) -> tuple[PaperRow, ...]:
    return tuple(
        PaperRow(
            id=row.id,
            call_in_id=row.call_in_id,
            round_id=row.round_id,
            occasion=row.occasion,
            kind=PaperKind(row.kind),
            version=row.version,
            newest=row.newest,
            is_outdated=_is_changed_since(row),
            code=row.code,
            purpose=row.purpose,
            people=row.people,
            made_at=row.made_at,
            made_by=row.maker or "",
            destroyed_at=row.destroyed_at,
            destroyed_by=row.destroyer or "",
        )
        for row in db.execute(query)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The words of an invitation, and which version they are; 0 came with the program."""

    heading: str
    body: str
    version: int


def letter_of(
    db: Session,
    viewer: Viewer,
    language: LetterLanguage,
    kind: LetterKind = LetterKind.INVITATION,
) -> Letter | None:
    """Give the newest words the programme wrote in a language; None where it wrote none."""
    t = LetterText.__table__.c
    row = db.execute(
        select(t.heading, t.body, t.version)
        .where(visible(t, viewer, "paper:make"), t.kind == kind.value, t.language == language.value)
        .order_by(t.version.desc())
    ).first()
    return None if row is None else Letter(heading=row.heading, body=row.body, version=row.version)
