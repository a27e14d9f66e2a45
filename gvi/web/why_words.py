"""One plain sentence for a score: the rank, and the two or three things that make most of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from babel.dates import format_date
from babel.lists import format_list

from gvi.domain.text import N_, NP_
from gvi.domain.time import local_day
from gvi.usecases.why import Explained
from gvi.web.labels import kind_label
from gvi.web.visit import Visit
from gvi.web.why_sums import OWN, by_associate, by_group

MOST_CAUSES = 3
MOST = 0.5
"""The share of the score that what is named should make up, if few things do."""
A_YEAR_AGO_DAYS = 330
"""A month further back is said with its year."""

KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "homicide": NP_("one homicide", "%(count)s homicides"),
        "attempted_homicide": NP_("one attempted homicide", "%(count)s attempted homicides"),
        "shooting_with_injury": NP_(
            "one shooting with someone hurt", "%(count)s shootings with someone hurt"
        ),
        "shooting_at_person": NP_("one shooting at a person", "%(count)s shootings at people"),
        "explosion": NP_("one explosion", "%(count)s explosions"),
        "kidnapping": NP_("one kidnapping", "%(count)s kidnappings"),
        "stabbing": NP_("one stabbing", "%(count)s stabbings"),
        "shooting_at_building_or_vehicle": NP_(
            "one shooting at a house or car", "%(count)s shootings at houses or cars"
        ),
        "grenade_or_attempted_explosion": NP_(
            "one grenade or attempted explosion", "%(count)s grenades or attempted explosions"
        ),
        "serious_assault": NP_("one serious assault", "%(count)s serious assaults"),
        "arson": NP_("one arson", "%(count)s arsons"),
        "robbery": NP_("one robbery", "%(count)s robberies"),
        "threat": NP_("one threat", "%(count)s threats"),
    }
)
NUMBERS = (N_("two"), N_("three"), N_("four"), N_("five"), N_("six"), N_("seven"), N_("eight"))
"""Small numbers in words, from two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cause:
    """One thing that makes part of a score: an incident, an associate, a group."""

    sort: str
    """What it is counted with: the kind of an incident, `associate` or `group`."""
    amount: float
    day: date | None = None
    name: str = ""


def sentence(visit: Visit, known: Explained) -> str:
    """Say the rank and what makes most of the score."""
    causes = sorted(_causes(visit, known), key=lambda cause: -cause.amount)
    named, share = _named(causes, known.entry.score)
    said = _listed(visit, [_said(visit, known.score, each) for each in named])
    opening = _opening(visit, known)
    if share >= MOST:
        return visit.say(N_("%(rank)s; mostly %(causes)s."), rank=opening, causes=said)
    return visit.say(N_("%(rank)s; above all %(causes)s."), rank=opening, causes=said)


def _opening(visit: Visit, known: Explained) -> str:
    rank, between = known.entry.rank, known.interval
    if between is None:
        return visit.say(N_("Rank %(rank)s of %(listed)s"), rank=rank, listed=known.listed)
    return visit.say(
        N_("Rank %(rank)s of %(listed)s, between %(low)s and %(high)s"),
        rank=rank,
        listed=known.listed,
        low=between.low,
        high=between.high,
    )


def _causes(visit: Visit, known: Explained) -> Iterable[_Cause]:
    contributions, facts = known.found.contributions, known.facts
    table = facts.incidents
    kinds = {
        key: (kind, at)
        for key, kind, at in zip(table.id, table.kind, table.occurred_at, strict=True)
    }
    groups = dict(zip(facts.groups.id, facts.groups.name, strict=True))
    for part, brought in known.found.by_incident().items():
        for key, amount in brought.items() if part in OWN else ():
            kind, occurred_at = kinds[key]
            yield _Cause(sort=kind, amount=amount, day=local_day(occurred_at, visit.zone))
    for bundle in by_associate(contributions):
        yield _Cause(sort="associate", amount=bundle.total)
    for bundle in by_group(contributions):
        yield _Cause(sort="group", amount=bundle.total, name=groups[bundle.key])


def _named(causes: Sequence[_Cause], score: float) -> tuple[Sequence[Sequence[_Cause]], float]:
    """Take the largest until they make most of the score, of three sorts at most."""
    taken: dict[str, list[_Cause]] = {}
    amount = 0.0
    for cause in causes:
        if amount >= MOST * score or (len(taken) == MOST_CAUSES and cause.sort not in taken):
            break
        taken.setdefault(cause.sort, []).append(cause)
        amount += cause.amount
    return list(taken.values()), amount / score


def _said(visit: Visit, score: str, causes: Sequence[_Cause]) -> str:
    sort = causes[0].sort
    if sort == "associate":
        return _associates(visit, score, len(causes))
    if sort == "group":
        names = _listed(visit, [cause.name for cause in causes])
        if score == "driving":
            return visit.say(N_("what others in %(groups)s did"), groups=names)
        return visit.say(N_("the conflict with %(groups)s"), groups=names)
    what = _incidents(visit, sort, len(causes))
    when = _when(visit, sorted(cause.day for cause in causes if cause.day))
    if score == "driving":
        return f"{what} {when}"
    return visit.say(N_("%(incidents)s %(when)s against the person"), incidents=what, when=when)


def _associates(visit: Visit, score: str, number: int) -> str:
    count = _count(visit, number)
    if score == "driving":
        return visit.say_plural(
            "one close associate", "%(count)s close associates", number, count=count
        )
    return visit.say_plural(
        "harm to one person close by", "harm to %(count)s people close by", number, count=count
    )


def _incidents(visit: Visit, kind: str, number: int) -> str:
    if kind in KINDS:
        return visit.say_plural(*KINDS[kind], number, count=_count(visit, number))
    return f"{_count(visit, number)} × {kind_label(kind, visit.viewer.language)}"


def _when(visit: Visit, days: Sequence[date]) -> str:
    months = list(dict.fromkeys(day.replace(day=1) for day in days))
    said = [_month(visit, month) for month in months]
    if len(said) > 2:
        return visit.say(N_("from %(first)s to %(last)s"), first=said[0], last=said[-1])
    return visit.say(N_("in %(months)s"), months=_listed(visit, said))


def _month(visit: Visit, month: date) -> str:
    recent = (visit.day - month).days < A_YEAR_AGO_DAYS
    return format_date(month, "MMMM" if recent else "MMMM y", locale=visit.viewer.language)


def _count(visit: Visit, number: int) -> str:
    at = number - 2
    return visit.say(NUMBERS[at]) if 0 <= at < len(NUMBERS) else str(number)


def _listed(visit: Visit, said: Sequence[str]) -> str:
    return format_list(said, locale=visit.viewer.language)
