"""The running order of a call-in, as far as its reader may see it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.message import MessagePart
from gvi.domain.speaker import SpeakerKind, times
from gvi.store.models import Speaker
from gvi.store.queries.message import parts_of
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerRow:
    """One point of a running order; name and care are blank for roles that may not know them."""

    id: int
    position: int
    kind: SpeakerKind
    role: str
    """Blank where it was erased with the name of somebody of the moral voice."""
    name: str
    parts: tuple[MessagePart, ...]
    minutes: int
    before: str
    after: str
    is_erased: bool
    rehearsed_at: datetime | None
    """None until somebody ticks that they were through a dress rehearsal."""
    starts_at: datetime | None
    """None while the call-in has no time."""
    ends_at: datetime | None

    @property
    def speaks(self) -> bool:
        """Whether somebody speaks there; else it is a pause, or doors that open."""
        return self.kind is not SpeakerKind.NOBODY

    @property
    def is_to_rehearse(self) -> bool:
        """Whether somebody speaks who was through no dress rehearsal yet."""
        return self.speaks and self.rehearsed_at is None


def speakers(
    db: Session, viewer: Viewer, call_in_id: int, *, starts_at: datetime | None
) -> tuple[SpeakerRow, ...]:
    """List the points of a call-in in their order, timed from its start.

    Empty for a role without a right to the running order.
    """
    if not allows(viewer, "speaker:read"):
        return ()
    s = Speaker.__table__.c
    found = db.execute(
        select(*s)
        .where(visible(s, viewer, "speaker:read"), s.call_in_id == call_in_id)
        .order_by(s.position, s.id)
    ).all()
    lasting = [row.minutes for row in found]
    slots = times(starts_at, lasting) if starts_at else ((None, None),) * len(found)
    names = allows(viewer, "speaker_name:read")
    return tuple(
        SpeakerRow(
            id=row.id,
            position=row.position,
            kind=SpeakerKind(row.kind),
            role=row.role,
            name=row.name if names else "",
            parts=parts_of(row),
            minutes=row.minutes,
            before=row.before if names else "",
            after=row.after if names else "",
            is_erased=row.name_erased_at is not None,
            rehearsed_at=row.rehearsed_at,
            starts_at=start,
            ends_at=end,
        )
        for row, (start, end) in zip(found, slots, strict=True)
    )
