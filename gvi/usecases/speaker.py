"""The running order of a call-in: add a speaker, change, move, remove; forget who it was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.message import MessagePart
from gvi.domain.speaker import (
    MOST_MINUTES,
    NAMES_KEPT,
    WITHOUT_NAME,
    SpeakerKind,
    swapped,
    without_name,
)
from gvi.domain.text import N_
from gvi.store import audit
from gvi.store.models import CallIn, MessageDelivery, Speaker, SpokenPart
from gvi.usecases.facts import log_change
from gvi.usecases.invitee import must_be_to_come
from gvi.usecases.rights import the

WRITE = "speaker:write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of the running order, as it is typed."""

    kind: SpeakerKind
    role: str
    minutes: int
    name: str = ""
    parts: Collection[MessagePart] = ()
    before: str = ""
    after: str = ""


def add_speaker(
    db: Session, viewer: Viewer, call_in_id: int, point: Point, *, at: datetime
) -> Speaker:
    """Add a point at the end of the running order of a call-in that is still to come."""
    call_in = _to_come(db, viewer, call_in_id)
    speaker = Speaker(
        programme_id=viewer.programme_id,
        call_in_id=call_in.id,
        position=1 + len(_order(db, call_in.id)),
        added_at=at,
        added_by_id=viewer.user_id,
    )
    _describe(speaker, point)
    db.add(speaker)
    db.flush()
    log_change(
        db,
        viewer,
        "speaker:added",
        at=at,
        collected=True,
        speaker=speaker.id,
        call_in=call_in.id,
    )
    return speaker


def change_speaker(
    db: Session, viewer: Viewer, speaker_id: int, point: Point, *, at: datetime
) -> Speaker:
    """Correct a point of a running order."""
    speaker = _speaker(db, viewer, speaker_id)
    _describe(speaker, point)
    log_change(db, viewer, "speaker:changed", at=at, speaker=speaker.id, call_in=speaker.call_in_id)
    return speaker


def move_speaker(db: Session, viewer: Viewer, speaker_id: int, *, by: int, at: datetime) -> Speaker:
    """Let a point change places with the one before it (`by` -1) or after it (1)."""
    speaker = _speaker(db, viewer, speaker_id)
    points = _order(db, speaker.call_in_id)
    order = swapped([each.id for each in points], speaker.id, by=by)
    _place(sorted(points, key=lambda each: order.index(each.id)))
    log_change(db, viewer, "speaker:moved", at=at, speaker=speaker.id, call_in=speaker.call_in_id)
    return speaker


def tick_rehearsed(
    db: Session, viewer: Viewer, speaker_id: int, *, is_rehearsed: bool, at: datetime
) -> Speaker:
    """Tick that somebody was through a dress rehearsal, or take that back.

    Raises RuleError where nobody speaks.
    """
    speaker = _speaker(db, viewer, speaker_id)
    if speaker.kind == SpeakerKind.NOBODY:
        raise RuleError(N_("Nobody speaks there: there is nothing to rehearse."))
    if is_rehearsed is (speaker.rehearsed_at is not None):
        return speaker
    speaker.rehearsed_at = at if is_rehearsed else None
    act = "speaker:rehearsed" if is_rehearsed else "speaker:not_rehearsed"
    log_change(db, viewer, act, at=at, speaker=speaker.id, call_in=speaker.call_in_id)
    return speaker


def rehearse_anew(db: Session, call_in: CallIn) -> None:
    """Take the ticks of a rehearsal back: it was held for the day that was."""
    for speaker in _order(db, call_in.id):
        speaker.rehearsed_at = None


def remove_speaker(db: Session, viewer: Viewer, speaker_id: int, *, at: datetime) -> int:
    """Take a point out of the running order for good; gives the call-in it was of."""
    speaker = _speaker(db, viewer, speaker_id)
    call_in_id = speaker.call_in_id
    db.delete(speaker)
    db.flush()
    _place(_order(db, call_in_id))
    log_change(db, viewer, "speaker:removed", at=at, speaker=speaker_id, call_in=call_in_id)
    return call_in_id


def forget_speaker(db: Session, viewer: Viewer, speaker_id: int, *, at: datetime) -> Speaker:
    """Erase who a speaker was, at any time: when they ask for it, or are not to be known here."""
    speaker = the(db, viewer, Speaker, speaker_id, WRITE)
    _forget(db, viewer, [speaker], at=at)
    return speaker


def forget_speakers_of_before(db: Session, viewer: Viewer, *, at: datetime) -> int:
    """Erase who spoke at call-ins so long ago that nobody needs the names; gives how many."""
    of_before: ColumnElement[bool] = CallIn.starts_at <= at - NAMES_KEPT
    speakers = db.scalars(
        select(Speaker)
        .join(CallIn, CallIn.id == Speaker.call_in_id)
        .where(
            Speaker.programme_id == viewer.programme_id,
            Speaker.name_erased_at.is_(None),
            Speaker.kind != SpeakerKind.NOBODY.value,
            Speaker.added_at <= at - NAMES_KEPT,
            of_before | CallIn.starts_at.is_(None),
        )
        .order_by(Speaker.id)
    ).all()
    _forget(db, viewer, speakers, at=at)
    return len(speakers)


def _forget(db: Session, viewer: Viewer, speakers: Sequence[Speaker], *, at: datetime) -> None:
    """What the moral voice is said to be can name somebody, too: it goes with the name."""
    if not speakers:
        return
    for speaker in speakers:
        _take_name_back(db, speaker)
        speaker.name = speaker.before = speaker.after = ""
        if speaker.kind == SpeakerKind.MORAL_VOICE:
            speaker.role = ""
        speaker.name_erased_at = at
    db.flush()
    subjects = {"speaker": [each.id for each in speakers]}
    audit.append(db, viewer, AuditVerb.ERASED, "speaker:erased", at=at, subjects=subjects)


def _take_name_back(db: Session, speaker: Speaker) -> None:
    """Take the name out of what is recorded of who said what at the call-in: the role stays."""
    is_private = speaker.kind == SpeakerKind.MORAL_VOICE
    gone = [speaker.name, speaker.role] if is_private else [speaker.name]
    instead = WITHOUT_NAME if is_private else speaker.role
    here = speaker.call_in_id
    for part in db.scalars(select(SpokenPart).where(SpokenPart.call_in_id == here)):
        part.spoken_by = without_name(part.spoken_by, gone, instead)
    for line in db.scalars(select(MessageDelivery).where(MessageDelivery.call_in_id == here)):
        line.delivered_by = without_name(line.delivered_by, gone, instead)


def _describe(speaker: Speaker, point: Point) -> None:
    if not point.role.strip():
        raise RuleError(N_("Say in what role somebody speaks, or what happens."), field="role")
    if not 1 <= point.minutes <= MOST_MINUTES:
        raise _bad_minutes()
    if point.kind is SpeakerKind.NOBODY and (point.parts or point.name.strip()):
        raise RuleError(
            N_("Where nobody speaks there is no name and no part of the message."), field="kind"
        )
    if (speaker.kind, speaker.name) != (point.kind.value, point.name.strip()):
        speaker.rehearsed_at = None
    speaker.kind, speaker.role, speaker.name = (
        point.kind.value,
        point.role.strip(),
        point.name.strip(),
    )
    speaker.minutes, speaker.before, speaker.after = (
        point.minutes,
        point.before.strip(),
        point.after.strip(),
    )
    speaker.name_erased_at = None
    for part in MessagePart:
        setattr(speaker, part.value, part in point.parts)


def _bad_minutes() -> RuleError:
    return RuleError(
        N_("Give a number of minutes from 1 to %(most)s."), field="minutes", most=MOST_MINUTES
    )


def _to_come(db: Session, viewer: Viewer, call_in_id: int) -> CallIn:
    call_in = the(db, viewer, CallIn, call_in_id, WRITE)
    must_be_to_come(call_in)
    return call_in


def _speaker(db: Session, viewer: Viewer, speaker_id: int) -> Speaker:
    speaker = the(db, viewer, Speaker, speaker_id, WRITE)
    _to_come(db, viewer, speaker.call_in_id)
    return speaker


def _order(db: Session, call_in_id: int) -> Sequence[Speaker]:
    return db.scalars(
        select(Speaker)
        .where(Speaker.call_in_id == call_in_id)
        .order_by(Speaker.position, Speaker.id)
    ).all()


def _place(points: Sequence[Speaker]) -> None:
    for position, point in enumerate(points, 1):
        point.position = position
