"""Invitees of a call-in: who they are, how they stand on the day, and what to take care of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.call_in import ATTENDANCE_OUTCOMES, TAKES_A_SEAT, WERE_ASKED, Bar, InviteeStatus
from gvi.domain.clearance import ClearanceKind, missing
from gvi.domain.group import RelationKind
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.domain.person import is_adult
from gvi.domain.supervision import SupervisionKind
from gvi.domain.time import local_day
from gvi.store.known import known, valid_at
from gvi.store.models import (
    CallIn,
    Clearance,
    Group,
    GroupRelation,
    Invitee,
    MessageDelivery,
    Person,
    SpokenPart,
    Supervision,
)
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.message import parts_of
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who can be obliged to come on a day, who cannot come at all, and who is never asked."""

    obliged: frozenset[int]
    in_custody: frozenset[int]
    left_out: frozenset[int]
    """Protected people and exit clients."""


def standing(db: Session, viewer: Viewer, *, as_of: datetime, on: datetime) -> Standing:
    """Read how everybody stands at the instant `on`, as known at `as_of`."""
    s, p = known(Supervision, as_of), known(Person, as_of)
    rows = db.execute(
        select(s.c.person_id, s.c.kind, s.c.obliges_attendance).where(
            visible(s.c, viewer, "supervision_flag:read", person=s.c.person_id), *valid_at(s, on)
        )
    ).all()
    custody = frozenset(r.person_id for r in rows if r.kind == SupervisionKind.CUSTODY)
    left_out = db.execute(
        select(p.c.id).where(
            p.c.programme_id == viewer.programme_id, or_(p.c.is_protected, p.c.is_exit_client)
        )
    ).scalars()
    return Standing(
        obliged=frozenset(r.person_id for r in rows if r.obliges_attendance) - custody,
        in_custody=custody,
        left_out=frozenset(left_out),
    )


def bars_of(
    db: Session, viewer: Viewer, person_ids: Iterable[int], *, on: datetime, zone: ZoneInfo
) -> dict[int, Bar]:
    """Say who of some people may not be invited for a day, and why, as known now."""
    wanted = sorted(set(person_ids))
    p, s = known(Person, None), known(Supervision, None)
    custody = select(s.c.person_id).where(
        s.c.programme_id == viewer.programme_id,
        s.c.kind == SupervisionKind.CUSTODY.value,
        *valid_at(s, on),
    )
    rows = db.execute(
        select(
            p.c.id,
            p.c.birth_date,
            or_(p.c.is_protected, p.c.is_exit_client).label("is_left_out"),
            p.c.id.in_(custody).label("is_in_custody"),
        ).where(p.c.programme_id == viewer.programme_id, p.c.id.in_(wanted))
    )
    day = local_day(on, zone)
    bars: dict[int, Bar] = {}
    for row in rows:
        if row.is_left_out:
            bars[row.id] = Bar.LEFT_OUT
        elif not is_adult(row.birth_date, day):
            bars[row.id] = Bar.UNDER_18
        elif row.is_in_custody:
            bars[row.id] = Bar.IN_CUSTODY
    return bars


def bars_on(
    db: Session, viewer: Viewer, on: Mapping[int, datetime], *, zone: ZoneInfo
) -> dict[int, Bar]:
    """Say who of some people may not be invited for the instant given for each, and why."""
    bars: dict[int, Bar] = {}
    for instant in sorted(set(on.values())):
        there = [person for person, when in on.items() if when == instant]
        bars |= bars_of(db, viewer, there, on=instant, zone=zone)
    return bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Which of some invitees are cleared by now, and which are held back by a no.

    Told to nobody as such: it keeps a name from the door and from paper, for all alike.
    """

    cleared: frozenset[int]
    """In secrecy and in safety, by judgements that both stand."""
    held_back: frozenset[int]

    def keeps_out(self, invitee_id: int, status: InviteeStatus) -> bool:
        """Whether somebody is not to be asked or let in; who was ticked before stays ticked."""
        is_open = status not in ATTENDANCE_OUTCOMES and invitee_id not in self.cleared
        return is_open or invitee_id in self.held_back


def judged(db: Session, viewer: Viewer, invitee_ids: Iterable[int]) -> Judged:
    """Say how some invitees are judged, by the judgements that count now."""
    c = Clearance.__table__.c
    rows = db.execute(
        select(c.invitee_id, c.kind, c.is_cleared).where(
            c.programme_id == viewer.programme_id,
            c.invitee_id.in_(sorted(invitee_ids)),
            c.ended_at.is_(None),
        )
    ).all()
    yes: dict[int, set[ClearanceKind]] = defaultdict(set)
    for row in rows:
        if row.is_cleared:
            yes[row.invitee_id].add(ClearanceKind(row.kind))
    held_back = frozenset(row.invitee_id for row in rows if not row.is_cleared)
    whole = frozenset(each for each, kinds in yes.items() if not missing(kinds))
    return Judged(cleared=whole - held_back, held_back=held_back)


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteeRow:
    """One invitee, as the call-in's pages show them."""

    id: int
    person_id: int
    name: str
    code_name: str
    group_id: int | None
    group: str
    status: InviteeStatus
    is_obliged: bool | None
    """None where the viewer may not know of supervision."""
    bar: Bar | None
    """Why the person may no longer be invited, where that is so by now."""
    session: int
    """In which session the person sits, counted from 1."""
    parts: tuple[MessagePart, ...]
    """What the person heard at this call-in; empty for roles that may not read the ledger."""
    has_card: bool
    """Whether the person was handed the card with the number for help."""
    is_to_confirm: bool
    """Left early, and nobody has said what was heard; never said to who may not read the ledger."""
    is_held_back: bool = False
    """Whether a judgement of secrecy or safety that counts is a no."""
    is_kept_out: bool = False
    """Whether the person is held back, or not cleared by judgements that stand now."""
    rivals: tuple[str, ...] = ()
    """Names of others in the session whose group is in open conflict with this one's."""

    @property
    def takes_a_seat(self) -> bool:
        """Whether the person counts against the seats."""
        return self.status in TAKES_A_SEAT

    @property
    def is_on_roster(self) -> bool:
        """Whether roster and seat plan bear the person.

        Who is in custody on the day stands there too, as they may be let out; but never somebody
        under 18, protected, in the exit programme or held back, whose seat is still to be taken
        back.
        """
        return self.takes_a_seat and self.bar in {None, Bar.IN_CUSTODY} and not self.is_held_back

    @property
    def was_asked(self) -> bool:
        """Whether the invitation was given already."""
        return self.status in WERE_ASKED

    @property
    def may_be_let_in(self) -> bool:
        """Whether those at the door may let the person in: cleared by now, and not barred."""
        return self.bar is None and not self.is_kept_out

    @property
    def tone(self) -> str:
        """How a list shows the row: quiet where the person will not come."""
        return "" if self.takes_a_seat else "quiet"


def invitees(
    db: Session,
    viewer: Viewer,
    card: CallInCard,
    *,
    at: datetime,
    zone: ZoneInfo,
    permission: str = "invitee:read",
) -> tuple[InviteeRow, ...]:
    """List the invitees of a call-in that the viewer may see, by session, group and name.

    Each as on the day of the own session. Empty for a role that may see none.
    """
    if not allows(viewer, permission):
        return ()
    found = db.execute(_invitees(viewer, card.id, permission)).all()
    people = [row.person_id for row in found]
    names = names_of(db, viewer, people, on=local_day(at, zone))
    on = {row.person_id: card.session(row.session).starts_at or at for row in found}
    bars = bars_on(db, viewer, on, zone=zone)
    stand = judged(db, viewer, [row.id for row in found])
    told = _told(db, viewer, card.id)
    reads_ledger = allows(viewer, "message:read")
    knows = allows(viewer, "supervision_flag:read")
    rows = [
        InviteeRow(
            id=row.id,
            person_id=row.person_id,
            name=names[row.person_id],
            code_name=row.code_name,
            group_id=row.group_id,
            group=row.group or "",
            status=InviteeStatus(row.status),
            is_obliged=row.is_obliged if knows else None,
            bar=bars.get(row.person_id),
            is_held_back=row.id in stand.held_back,
            is_kept_out=stand.keeps_out(row.id, InviteeStatus(row.status)),
            session=row.session,
            parts=told.get(row.person_id, ()),
            has_card=row.has_card,
            is_to_confirm=(
                reads_ledger and row.status == InviteeStatus.LEFT_EARLY and not row.is_heard_known
            ),
        )
        for row in found
    ]
    rows.sort(key=lambda row: (not row.takes_a_seat, row.session, row.group, row.name, row.id))
    return _with_rivals(rows, open_conflicts(db, viewer, at))


def _invitees(viewer: Viewer, call_in_id: int, permission: str) -> Any:
    p, g = known(Person, None), known(Group, None)
    return (
        select(
            Invitee.id,
            Invitee.person_id,
            Invitee.group_id,
            Invitee.status,
            Invitee.is_obliged,
            Invitee.session,
            Invitee.is_heard_known,
            Invitee.has_card,
            p.c.code_name,
            g.c.name.label("group"),
        )
        .join(CallIn, CallIn.id == Invitee.call_in_id)
        .join(p, p.c.id == Invitee.person_id)
        .outerjoin(g, g.c.id == Invitee.group_id)
        .where(
            Invitee.call_in_id == call_in_id,
            visible(CallIn.__table__.c, viewer, permission, person=Invitee.__table__.c.person_id),
            visible(p.c, viewer, "person:read", person=p.c.id),
        )
    )


def _told(db: Session, viewer: Viewer, call_in_id: int) -> dict[int, tuple[MessagePart, ...]]:
    if not allows(viewer, "message:read"):
        return {}
    table = MessageDelivery.__table__.c
    rows = db.execute(
        select(*table).where(visible(table, viewer, "message:read"), table.call_in_id == call_in_id)
    )
    return {row.person_id: parts_of(row) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLine:
    """A part of the message that was said at a call-in."""

    part: MessagePart
    by: str
    language: SpokenLanguage | None


def spoken_parts(db: Session, viewer: Viewer, call_in_id: int) -> tuple[SpokenLine, ...]:
    """List what was said at a call-in and by whom; nothing for who may not read the ledger."""
    if not allows(viewer, "message:read"):
        return ()
    table = SpokenPart.__table__.c
    rows = db.execute(
        select(*table)
        .join(CallIn, CallIn.id == table.call_in_id)
        .where(visible(CallIn.__table__.c, viewer, "message:read"), table.call_in_id == call_in_id)
    )
    lines = [
        SpokenLine(
            part=MessagePart(row.part),
            by=row.spoken_by,
            language=SpokenLanguage(row.language) if row.language else None,
        )
        for row in rows
    ]
    return tuple(sorted(lines, key=lambda line: list(MessagePart).index(line.part)))


def open_conflicts(db: Session, viewer: Viewer, at: datetime) -> frozenset[frozenset[int]]:
    """Give the pairs of groups in open conflict now; none for roles that may not know of them."""
    if not allows(viewer, "group_relation:read"):
        return frozenset()
    r = known(GroupRelation, None)
    rows = db.execute(
        select(r.c.group_a_id, r.c.group_b_id).where(
            visible(r.c, viewer, "group_relation:read"),
            r.c.kind == RelationKind.OPEN_CONFLICT.value,
            *valid_at(r, at),
        )
    )
    return frozenset(frozenset(row) for row in rows)


def _with_rivals(
    rows: Sequence[InviteeRow], conflicts: frozenset[frozenset[int]]
) -> tuple[InviteeRow, ...]:
    coming = [row for row in rows if row.takes_a_seat and row.group_id is not None]

    def rivals(of: InviteeRow) -> tuple[str, ...]:
        if not of.takes_a_seat:
            return ()
        return tuple(
            row.name
            for row in coming
            if row.session == of.session and frozenset((row.group_id, of.group_id)) in conflicts
        )

    return tuple(replace(row, rivals=rivals(row)) for row in rows)
