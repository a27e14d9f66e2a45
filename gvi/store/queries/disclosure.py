"""Reading disclosures: the register, what was shared about a person, and what came to me."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import Session, aliased

from gvi.domain.access import Role, Viewer, allows
from gvi.domain.disclosure import (
    Condition,
    DisclosureState,
    DisclosureStatus,
    Ground,
    Party,
    Purpose,
    SourceClass,
    side_of,
)
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.text import N_
from gvi.store.frozen import thaw
from gvi.store.known import known
from gvi.store.models import Consent, Disclosure, DisclosureLine, Person, User
from gvi.store.queries.rights import visible
from gvi.store.queries.section import SectionLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureRow:
    """One disclosure without its content; the person is a code name here."""

    id: int
    person_id: int
    code_name: str
    side: Party
    party: Party
    ground: Ground
    conditions: tuple[Condition, ...]
    weighing: str
    age_statement: str
    purpose: Purpose
    fields: tuple[str, ...]
    recipient_id: int | None
    recipient: str
    organisation: str
    written_by_id: int
    written_by: str
    written_at: datetime
    decider_id: int
    decider: str
    decided_at: datetime | None
    decline_reason: str
    expires_at: datetime
    withdrawn_at: datetime | None
    withdrawal_reason: str
    request_id: int | None
    state: DisclosureState

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that something was disclosed of, each once."""
        return tuple(dict.fromkeys(name.partition(".")[0] for name in self.fields))

    @property
    def tone(self) -> str:
        """Grey for what is over."""
        is_live = self.state in {DisclosureState.OPEN, DisclosureState.WAITING}
        return "" if is_live else "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenLine:
    """One line as it was disclosed, with where it came from and how good it was."""

    part: str
    is_assessment: bool
    source_class: SourceClass
    grade: str | None
    line: SectionLine


def disclosures(
    db: Session,
    viewer: Viewer,
    *,
    at: datetime,
    day: date,
    permission: str = "disclosure:list",
    person_id: int | None = None,
) -> tuple[DisclosureRow, ...]:
    """List the disclosures of the viewer's side, or all for the auditor; latest first."""
    wanted = [_of_own_side(viewer, permission)]
    if person_id is not None:
        wanted.append(Disclosure.person_id == person_id)
    return _rows(db, viewer, *wanted, at=at, day=day)


def disclosure(
    db: Session, viewer: Viewer, disclosure_id: int, *, at: datetime, day: date
) -> DisclosureRow:
    """Give one disclosure of the viewer's side; raises NotFoundError otherwise."""
    own = _of_own_side(viewer, "disclosure:read")
    found = _rows(db, viewer, own, Disclosure.id == disclosure_id, at=at, day=day)
    if not found:
        raise NotFoundError(N_("There is no such disclosure, or it is not for you."))
    return found[0]


def disclosed_to_me(
    db: Session, viewer: Viewer, *, at: datetime, day: date
) -> tuple[DisclosureRow, ...]:
    """List what was disclosed to the viewer, what can still be read first."""
    rows = _rows(db, viewer, _to_me(viewer), at=at, day=day)
    return tuple(sorted(rows, key=lambda row: row.state is not DisclosureState.OPEN))


def received(
    db: Session, viewer: Viewer, disclosure_id: int, *, at: datetime, day: date
) -> DisclosureRow:
    """Give a disclosure to the viewer that can be read now; raises NotFoundError otherwise."""
    found = _rows(db, viewer, _to_me(viewer), Disclosure.id == disclosure_id, at=at, day=day)
    if not found or found[0].state is not DisclosureState.OPEN:
        raise NotFoundError(N_("There is no such disclosure to you, or it can no longer be read."))
    return found[0]


def may_read_content(viewer: Viewer, row: DisclosureRow) -> bool:
    """Tell whether somebody of the disclosing side wrote or decided it; nobody else reads it."""
    return viewer.user_id in {row.written_by_id, row.decider_id}


def frozen_lines(db: Session, disclosure_id: int) -> tuple[FrozenLine, ...]:
    """Give the frozen copy; who may read it is decided before."""
    rows = db.execute(
        select(*DisclosureLine.__table__.c)
        .where(DisclosureLine.disclosure_id == disclosure_id)
        .order_by(DisclosureLine.position)
    )
    return tuple(
        FrozenLine(
            part=row.part,
            is_assessment=row.is_assessment,
            source_class=SourceClass(row.source_class),
            grade=row.grade,
            line=thaw(row.frozen),
        )
        for row in rows
    )


def _of_own_side(viewer: Viewer, permission: str) -> ColumnElement[bool]:
    if viewer.role is None or viewer.role is Role.AUDITOR:
        _require(viewer, permission)
        return true()
    table = Disclosure.__table__
    theirs = visible(
        table.c,
        viewer,
        permission,
        person=Disclosure.person_id,
        owner=Disclosure.written_by_id,
    )
    side = side_of(viewer.role)
    return and_(
        Disclosure.side == (side.value if side else ""),
        or_(theirs, Disclosure.decider_id == viewer.user_id),
    )


def _to_me(viewer: Viewer) -> ColumnElement[bool]:
    _require(viewer, "disclosure:receive")
    side = side_of(viewer.role)
    return and_(
        Disclosure.recipient_id == viewer.user_id,
        Disclosure.party == (side.value if side else ""),
        Disclosure.status == DisclosureStatus.DISCLOSED.value,
    )


def _require(viewer: Viewer, permission: str) -> None:
    if not allows(viewer, permission):
        raise NotAllowedError(N_("Your role does not give access to this."))


def _rows(
    db: Session, viewer: Viewer, *wanted: ColumnElement[bool], at: datetime, day: date
) -> tuple[DisclosureRow, ...]:
    rows = db.execute(_question(viewer).where(*wanted))
    return tuple(_row(row, at, day) for row in rows)


def _question(viewer: Viewer) -> Select[Any]:
    person = known(Person, None)
    writer, decider, recipient = aliased(User), aliased(User), aliased(User)
    return (
        select(
            *Disclosure.__table__.c,
            person.c.code_name,
            writer.display_name.label("written_by"),
            decider.display_name.label("decider"),
            recipient.display_name.label("recipient"),
            Consent.withdrawn_at.label("consent_withdrawn_at"),
            Consent.ends_on.label("consent_ends_on"),
        )
        .join(person, person.c.id == Disclosure.person_id)
        .join(writer, writer.id == Disclosure.written_by_id)
        .join(decider, decider.id == Disclosure.decider_id)
        .join(recipient, recipient.id == Disclosure.recipient_id, isouter=True)
        .join(Consent, Consent.id == Disclosure.consent_id, isouter=True)
        .where(Disclosure.programme_id == viewer.programme_id)
        .order_by(Disclosure.written_at.desc(), Disclosure.id.desc())
    )


def _row(row: Any, at: datetime, day: date) -> DisclosureRow:
    return DisclosureRow(
        id=row.id,
        person_id=row.person_id,
        code_name=row.code_name,
        side=Party(row.side),
        party=Party(row.party),
        ground=Ground(row.ground),
        conditions=tuple(Condition(code) for code in row.conditions.split()),
        weighing=row.weighing,
        age_statement=row.age_statement,
        purpose=Purpose(row.purpose),
        fields=tuple(row.fields.split()),
        recipient_id=row.recipient_id,
        recipient=row.recipient or row.recipient_name,
        organisation=row.organisation,
        written_by_id=row.written_by_id,
        written_by=row.written_by,
        written_at=row.written_at,
        decider_id=row.decider_id,
        decider=row.decider,
        decided_at=row.decided_at,
        decline_reason=row.decline_reason,
        expires_at=row.expires_at,
        withdrawn_at=row.withdrawn_at or row.consent_withdrawn_at,
        withdrawal_reason=row.withdrawal_reason,
        request_id=row.request_id,
        state=_state(row, at, day),
    )


def _state(row: Any, at: datetime, day: date) -> DisclosureState:
    """Say how it stands; a consent that was withdrawn or has ended hides what rests on it."""
    if row.status == DisclosureStatus.DECLINED.value:
        return DisclosureState.DECLINED
    if row.withdrawn_at is not None or row.consent_withdrawn_at is not None:
        return DisclosureState.WITHDRAWN
    ended = row.consent_ends_on is not None and row.consent_ends_on < day
    if row.expires_at <= at or ended:
        return DisclosureState.EXPIRED
    waits = row.status == DisclosureStatus.PROPOSED.value
    return DisclosureState.WAITING if waits else DisclosureState.OPEN
