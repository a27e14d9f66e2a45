"""What was said at a call-in and by whom; the ledger follows from it and from who stayed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import InviteeStatus, parts_heard
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.store.models import CallIn, Invitee, MessageDelivery, SpokenPart
from gvi.store.queries.message import parts_of

Heard = Collection[MessagePart] | None
"""What somebody who left early heard; None where nobody has said it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What was said at one call-in: part by part who said it, and in what language."""

    by: Mapping[MessagePart, str]
    language: SpokenLanguage | None = None

    def speakers_of(self, parts: Collection[MessagePart]) -> str:
        """Name those who said some parts, each once, in the order they are said."""
        return ", ".join(dict.fromkeys(by for part, by in self.by.items() if part in parts))


def spoken_at(db: Session, call_in: CallIn) -> Spoken:
    """Read what was said at a call-in; nothing where nobody has recorded it."""
    columns = SpokenPart.__table__.c
    rows = db.execute(select(*columns).where(columns.call_in_id == call_in.id)).all()
    by = {row.part: row.spoken_by for row in rows}
    language = next((row.language for row in rows if row.language), None)
    return Spoken(
        by={part: by[part] for part in MessagePart if part in by},
        language=SpokenLanguage(language) if language else None,
    )


def note_spoken(db: Session, call_in: CallIn, spoken: Spoken) -> None:
    """Write down what was said at a call-in, in place of what stood there."""
    db.execute(delete(SpokenPart).where(SpokenPart.call_in_id == call_in.id))
    language = spoken.language.value if spoken.language else None
    for part, by in spoken.by.items():
        said = {"part": part.value, "spoken_by": by, "language": language}
        db.execute(insert(SpokenPart).values(call_in_id=call_in.id, **said))


def ledger_follows(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    invitee: Invitee,
    spoken: Spoken,
    *,
    heard: Heard,
    starts_at: datetime,
    at: datetime,
) -> bool:
    """Bring the ledger in line with what one invitee heard; tells whether it changed.

    `heard` is what is said now of who left early. Where nothing is said, what was confirmed before
    stands; and nothing stands that was not.
    """
    line = db.scalars(
        select(MessageDelivery).where(
            MessageDelivery.call_in_id == call_in.id,
            MessageDelivery.person_id == invitee.person_id,
        )
    ).one_or_none()
    confirmed = parts_of(line) if line is not None and invitee.is_heard_known else ()
    parts = parts_heard(
        InviteeStatus(invitee.status), spoken.by, confirmed if heard is None else heard
    )
    if not parts:
        if line is not None:
            db.delete(line)
        return line is not None
    said = _line(parts, spoken)
    if line is not None and all(getattr(line, name) == value for name, value in said.items()):
        return False
    if line is None:
        line = MessageDelivery(
            programme_id=call_in.programme_id,
            person_id=invitee.person_id,
            call_in_id=call_in.id,
            delivered_at=starts_at,
        )
        db.add(line)
    for name, value in said.items():
        setattr(line, name, value)
    line.recorded_at, line.recorded_by_id = at, viewer.user_id
    return True


def _line(parts: Collection[MessagePart], spoken: Spoken) -> dict[str, object]:
    language = spoken.language.value if spoken.language else None
    said: dict[str, object] = {part.value: part in parts for part in MessagePart}
    return said | {"delivered_by": spoken.speakers_of(parts), "language": language}
