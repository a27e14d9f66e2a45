"""What a running order says about itself: how long it lasts, and what nobody is to speak on."""

from collections.abc import Sequence

from gvi.domain.speaker import unspoken
from gvi.domain.text import N_
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.speaker import SpeakerRow
from gvi.web.labels import label
from gvi.web.visit import Visit


def length_said(visit: Visit, card: CallInCard, rows: Sequence[SpeakerRow]) -> str:
    """Set the sum of the minutes against the time the call-in has."""
    total = sum(row.minutes for row in rows)
    if not rows:
        return visit.say(N_("Nobody is to speak yet."))
    if total > card.minutes:
        return visit.say(
            N_("%(total)s minutes in all: %(over)s more than the %(length)s it is to last."),
            total=total,
            over=total - card.minutes,
            length=card.minutes,
        )
    if total < card.minutes:
        return visit.say(
            N_("%(total)s minutes in all, of the %(length)s it is to last: %(left)s are free."),
            total=total,
            left=card.minutes - total,
            length=card.minutes,
        )
    return visit.say(N_("%(total)s minutes in all, as long as it is to last."), total=total)


def unrehearsed_said(visit: Visit, rows: Sequence[SpeakerRow]) -> tuple[str, ...]:
    """Name who was through no dress rehearsal yet, as far as the visitor may know of names."""
    return tuple(
        ", ".join(part for part in (_called(visit, row), row.name) if part)
        for row in rows
        if row.is_to_rehearse
    )


def _called(visit: Visit, row: SpeakerRow) -> str:
    return row.role or label(row.kind, visit.viewer.language)


def unspoken_said(visit: Visit, rows: Sequence[SpeakerRow]) -> tuple[str, ...]:
    """Name the parts of the message that nobody is to speak on, in the visitor's words."""
    return tuple(label(part, visit.viewer.language) for part in unspoken(row.parts for row in rows))
