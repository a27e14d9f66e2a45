"""Sessions in words: when and where one is held, and who is not to meet whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gvi.domain.call_in_session import Apart, SessionTime
from gvi.domain.text import N_
from gvi.store.queries.apart import ApartPair, apart_pairs
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.invitee import InviteeRow
from gvi.web.format import say_clock, say_full, say_time
from gvi.web.labels import label
from gvi.web.visit import Visit


def session_said(visit: Visit, session: SessionTime) -> str:
    """Say which session it is, when and where."""
    which = visit.say(N_("Session %(number)s"), number=session.number)
    if session.starts_at is None:
        return ", ".join(filter(None, (which, session.venue)))
    when = f"{say_time(session.starts_at, visit.manner)}–{say_clock(session.ends_at, visit.manner)}"
    return ", ".join(filter(None, (which, when, session.venue)))


def session_on_paper(visit: Visit, session: SessionTime) -> str:
    """Say the same in full, as it stands on paper."""
    which = visit.say(N_("Session %(number)s"), number=session.number)
    when = say_full(session.starts_at, visit.manner)
    return ", ".join(filter(None, (which, when, session.venue)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartLine:
    """Two people, or two groups, who are not to meet, and whether they will."""

    who: str
    why: str
    meets_in: tuple[int, ...]
    """The sessions in which they meet; empty where they do not."""


def apart_lines(
    visit: Visit, db: Session, card: CallInCard, rows: Sequence[InviteeRow]
) -> tuple[ApartLine, ...]:
    """Say who of a call-in in several sessions is not to meet; those who do stand first.

    People one by one, rivals of groups as two groups.
    """
    if len(card.sessions) < 2 or not card.is_to_come:
        return ()
    pairs = apart_pairs(db, visit.viewer, card, rows, at=visit.now, zone=visit.zone)
    single = [pair for pair in pairs if set(pair.causes) != {Apart.GROUPS}]
    lines = [_people(visit, pair) for pair in single] + _groups(visit, card, pairs)
    return tuple(sorted(lines, key=lambda line: (not line.meets_in, line.who)))


def _people(visit: Visit, pair: ApartPair) -> ApartLine:
    two = [
        visit.say(N_("%(name)s (session %(number)s)"), name=each.name, number=each.session)
        for each in (pair.one, pair.other)
    ]
    why = (cause for cause in pair.causes if cause is not Apart.GROUPS)
    return ApartLine(
        who=" – ".join(two),
        why=", ".join(label(cause, visit.viewer.language) for cause in why),
        meets_in=(pair.one.session,) if pair.meets else (),
    )


def _groups(visit: Visit, card: CallInCard, pairs: Sequence[ApartPair]) -> list[ApartLine]:
    names: dict[int, str] = dict(card.groups)
    meets: dict[tuple[int, int], set[int]] = {}
    for pair in pairs:
        names |= pair.group_names
        for two in pair.groups:
            meets.setdefault(two, set()).update({pair.one.session} if pair.meets else ())
    return [
        ApartLine(
            who=f"{names.get(one, '')} – {names.get(other, '')}",
            why=label(Apart.GROUPS, visit.viewer.language),
            meets_in=tuple(sorted(sessions)),
        )
        for (one, other), sessions in meets.items()
    ]
