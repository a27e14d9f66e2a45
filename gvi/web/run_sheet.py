"""The run sheet of a call-in: when what happens, who speaks on what, who does what around it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gvi.domain.call_in_session import SessionTime
from gvi.domain.text import N_
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.follow_up import FollowUpLine
from gvi.store.queries.preparation import PreparationLine
from gvi.store.queries.speaker import SpeakerRow
from gvi.web.call_in_session import session_on_paper
from gvi.web.format import say_clock, say_full
from gvi.web.labels import label
from gvi.web.paper import Listed
from gvi.web.running_order import length_said, unspoken_said
from gvi.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSheet:
    """What stands on it: the evening in lines, what is missing, and its tables."""

    about: tuple[str, ...]
    missing: tuple[str, ...]
    orders: tuple[tuple[str, Listed], ...]
    """The running order of each session, under when and where it is; a single one has no title."""
    tasks: Listed


def run_sheet(
    visit: Visit,
    card: CallInCard,
    rows: Sequence[SpeakerRow],
    prepared: Sequence[PreparationLine],
    after: Sequence[FollowUpLine],
) -> RunSheet:
    """Write the run sheet of a call-in that has a time; nobody who is invited stands on it."""
    when = say_full(card.starts_at, visit.manner) if card.starts_at else ""
    lines = (f"{when}. {card.venue}." if card.venue else f"{when}.", length_said(visit, card, rows))
    several = len(card.sessions) > 1
    return RunSheet(
        about=lines,
        missing=unspoken_said(visit, rows),
        orders=tuple(
            (
                session_on_paper(visit, each) if several else "",
                _order(visit, card, rows, each),
            )
            for each in card.sessions
        ),
        tasks=_tasks(visit, prepared, after),
    )


def _order(
    visit: Visit, card: CallInCard, rows: Sequence[SpeakerRow], session: SessionTime
) -> Listed:
    first, here = card.starts_at, session.starts_at
    later = here - first if first and here else timedelta()
    names = [N_("Time"), N_("Speaker"), N_("Part of the message"), N_("Before"), N_("After")]
    return Listed(
        columns=[visit.say(name) for name in names],
        widths=[3, 4, 5, 4, 4],
        rows=[
            [
                _clocks(visit, row.starts_at, row.ends_at, later),
                ", ".join(_who(visit, row)),
                "; ".join(label(part, visit.viewer.language) for part in row.parts),
                row.before,
                row.after,
            ]
            for row in rows
        ],
    )


def _clocks(
    visit: Visit, starts_at: datetime | None, ends_at: datetime | None, later: timedelta
) -> str:
    return "–".join(say_clock(each + later, visit.manner) for each in (starts_at, ends_at) if each)


def _who(visit: Visit, row: SpeakerRow) -> Iterable[str]:
    yield row.role or label(row.kind, visit.viewer.language)
    if row.name:
        yield row.name
    elif row.speaks and not row.is_erased:
        yield visit.say(N_("nobody found yet"))
    if row.speaks:
        yield visit.say(N_("not rehearsed") if row.is_to_rehearse else N_("rehearsed"))


def _tasks(
    visit: Visit, prepared: Sequence[PreparationLine], after: Sequence[FollowUpLine]
) -> Listed:
    names = [N_("What"), N_("To be done by"), N_("Whose it is"), N_("State")]
    open_, done = visit.say(N_("to do")), visit.say(N_("Done"))
    tasks = [(line.kind, line.due_at, line.owner, line.is_open) for line in prepared] + [
        (line.kind, line.next_due_at, ", ".join(line.owners), line.next_due_at is not None)
        for line in after
    ]
    return Listed(
        columns=[visit.say(name) for name in names],
        widths=[7, 3, 3, 2],
        rows=[
            [
                label(kind, visit.viewer.language),
                say_full(due_at.astimezone(visit.zone).date(), visit.manner) if due_at else "",
                owner,
                open_ if is_open else done,
            ]
            for kind, due_at, owner, is_open in tasks
        ],
    )
