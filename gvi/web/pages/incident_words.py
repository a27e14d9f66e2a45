"""How one incident is told: its answer sentence, and its history line by line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gvi.domain.text import N_
from gvi.store.queries.incident import IncidentCard, IncidentDetail
from gvi.store.queries.incident_history import Change, HistoryItem
from gvi.store.queries.involvement import Involved
from gvi.web.column_words import column_called, value_called
from gvi.web.format import Manner, say_time
from gvi.web.labels import label
from gvi.web.templating import manner_of
from gvi.web.text import translate_plural
from gvi.web.visit import Visit


def answer_of(visit: Visit, card: IncidentCard, people: tuple[Involved, ...]) -> str:
    """Say in a sentence or two when and where it was, who was hurt and how many are known."""
    when = say_time(card.occurred_at, manner_of(visit.page()))
    if card.detail is None:
        return visit.say(N_("%(when)s, %(area)s."), when=when, area=card.area or "–")
    places = dict.fromkeys(part for part in (card.detail.place, card.area) if part)
    said = [visit.say(N_("%(when)s, %(area)s."), when=when, area=", ".join(places))]
    said.append(_hurt(visit, card.detail))
    said.append(_known(visit, people))
    start = " ".join(said)
    return start[:1].upper() + start[1:]


def _hurt(visit: Visit, detail: IncidentDetail) -> str:
    language = visit.viewer.language
    said = []
    if detail.injured:
        said.append(
            translate_plural("%(num)s injured", "%(num)s injured", detail.injured, language)
        )
    if detail.killed:
        said.append(translate_plural("%(num)s killed", "%(num)s killed", detail.killed, language))
    return f"{', '.join(said)}." if said else visit.say(N_("Nobody is known to be hurt."))


def _known(visit: Visit, people: tuple[Involved, ...]) -> str:
    doing = len({row.person_id for row in people if row.side == "doing"})
    victims = len({row.person_id for row in people if row.side == "victim"})
    if not doing and not victims:
        return visit.say(N_("Nobody is named on either side yet."))
    language = visit.viewer.language
    said = []
    if doing:
        said.append(
            translate_plural(
                "%(num)s person is named on the doing side",
                "%(num)s people are named on the doing side",
                doing,
                language,
            )
        )
    if victims:
        said.append(
            translate_plural(
                "%(num)s person is named on the victim side",
                "%(num)s people are named on the victim side",
                victims,
                language,
            )
        )
    return f"{', '.join(said)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One line of the history, in the viewer's words; `kind` is the timeline's sign."""

    kind: str
    at: datetime
    text: str
    reason: str
    by: str


_SIGNS = {"decided": "decision", "logged": "incident"}


def history_lines(visit: Visit, items: Iterable[HistoryItem]) -> list[HistoryLine]:
    """Tell each act in words: what was decided, corrected, added or withdrawn."""
    manner = manner_of(visit.page())
    return [
        HistoryLine(
            kind=_SIGNS.get(item.act, "contact"),
            at=item.at,
            text=_told(visit, item, manner),
            reason=item.reason,
            by=item.by,
        )
        for item in items
    ]


def _told(visit: Visit, item: HistoryItem, manner: Manner) -> str:
    if item.act == "logged":
        return visit.say(N_("Logged."))
    if item.act == "added":
        return visit.say(N_("%(person)s added: %(part)s."), **_part(item, manner))
    if item.act == "withdrawn":
        return visit.say(N_("%(person)s withdrawn: %(part)s."), **_part(item, manner))
    changes = "; ".join(_change(visit, change, manner) for change in item.changes)
    if item.act == "decided":
        return f"{changes}."
    return visit.say(N_("Corrected. %(changes)s."), changes=changes)


def _part(item: HistoryItem, manner: Manner) -> dict[str, str]:
    return {"person": item.person, "part": label(item.role, manner.language).lower()}


def _change(visit: Visit, change: Change, manner: Manner) -> str:
    return visit.say(
        N_("%(field)s: %(new)s, before %(old)s"),
        field=column_called("incidents", change.field, manner.language),
        new=value_called("incidents", change.field, change.new, manner),
        old=value_called("incidents", change.field, change.old, manner),
    )
