"""What somebody saw of a record when a form was opened, and what of it was changed since.

A print is a short hash of what stands in one field. It is made of what the reader is shown and of
nothing else, so it tells of nothing hidden; see docs/decisions/0057.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from gvi.domain.text import N_

SEEN = "seen"
"""Field of a form that changes something stored: the print of each value its reader saw."""
STALE = N_(
    "Somebody changed this while you had it open. Nothing is saved yet: look it through and save"
    " again."
)
STALE_ACT = N_(
    "Somebody changed this while you had it open. Nothing is done yet: look at it, and do it again"
    " if it is still right."
)
IS_NOW = N_("It is now so: %(now)s.")
CHANGED_TO = N_("Changed meanwhile to “%(now)s”. What you typed stands here: saving keeps it.")
CHANGED = N_("Changed meanwhile by somebody else. What you chose stands here: saving keeps it.")
TAKEN_OVER = N_("Changed meanwhile by somebody else; it stands here as it is now.")
NUMBERS = frozenset({"owner", "visitors", "groups"})
"""Fields whose values are numbers of users or groups: nobody reads those."""
MOST_SAID = 300


def prints_of(values: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Give the print of every field that holds something; spaces and order say nothing."""
    held = {
        name: sorted(filter(None, (" ".join(each.split()) for each in several)))
        for name, several in values.items()
    }
    return {
        name: hashlib.sha256("\n".join([name, *texts]).encode()).hexdigest()[:12]
        for name, texts in held.items()
        if texts
    }


def written(prints: Mapping[str, str]) -> str:
    """Write prints as the hidden field holds them: never blank, as nothing may be stored yet."""
    return " ".join(["-", *(f"{name}={each}" for name, each in prints.items())])


def changed_since(seen: str, now: Mapping[str, str]) -> Iterator[str]:
    """Give each value that is another now than in the hidden field as it was sent."""
    before = _read(seen)
    for name in {**before, **now}:
        if before.get(name, "") != now.get(name, ""):
            yield name


def _read(seen: str) -> dict[str, str]:
    return {name: each for name, _, each in (pair.partition("=") for pair in seen.split()) if each}


def changed_meanwhile(
    seen: str, mine: Mapping[str, str], now: Mapping[str, str]
) -> Iterator[tuple[str, bool]]:
    """Give each field somebody else changed to another value, and whether it was left alone here.

    `seen` is the hidden field as it was sent, `mine` what was typed, `now` what is stored.
    """
    before = _read(seen)
    for name in {**before, **now}:
        was, typed, holds = (each.get(name, "") for each in (before, mine, now))
        if holds not in {was, typed}:
            yield name, typed == was
