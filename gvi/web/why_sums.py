"""The amounts of one explanation, added up the ways a reader asks for them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gvi.network.explanation import Contribution, Explanation

OWN = frozenset({"own", "hurt"})
ALONG_TIES = frozenset({"near", "far"})

Amounts = Mapping[str, float]
"""Harm units by part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What comes one way: along the ties to one associate, or through one group."""

    key: int
    contributions: tuple[Contribution, ...]
    """The largest first."""

    @property
    def total(self) -> float:
        """Harm units that come this way."""
        return sum(c.amount for c in self.contributions)

    @property
    def strongest(self) -> tuple[Contribution, ...]:
        """The largest of each part, the largest first."""
        first = {c.part: c for c in reversed(self.contributions)}
        return tuple(sorted(first.values(), key=lambda c: -c.amount))

    @property
    def people(self) -> frozenset[int]:
        """Whose violence, or harm, it is."""
        return frozenset(c.source_id for c in self.contributions)


def by_incident(explained: Explanation) -> dict[int, dict[str, float]]:
    """Give what each incident brings, by part: one may enter through several."""
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for part, brought in explained.by_incident().items():
        for key, amount in brought.items():
            found[key][part] = amount
    return dict(found)


def by_associate(contributions: Iterable[Contribution]) -> tuple[Bundle, ...]:
    """Bundle near and far by the associate they come through, the largest first.

    What comes along several ways stands under the strongest, as in the explanation.
    """
    return _bundled((c.path[-2], c) for c in contributions if c.part in ALONG_TIES)


def by_group(contributions: Iterable[Contribution]) -> tuple[Bundle, ...]:
    """Bundle group and conflict by the group whose violence it is, the largest first."""
    return _bundled((c.groups[0], c) for c in contributions if c.groups)


def _bundled(pairs: Iterable[tuple[int, Contribution]]) -> tuple[Bundle, ...]:
    found: dict[int, list[Contribution]] = defaultdict(list)
    for key, c in pairs:
        found[key].append(c)
    bundles = [
        Bundle(key=key, contributions=tuple(sorted(each, key=lambda c: -c.amount)))
        for key, each in found.items()
    ]
    return tuple(sorted(bundles, key=lambda bundle: (-bundle.total, bundle.key)))


def shown_first(
    amounts: Mapping[int, Amounts], ordered: Sequence[int], most: int
) -> tuple[int, ...]:
    """Choose the incidents shown: the largest, and of every part at least the one it owes most."""
    chosen = set(ordered[:most])
    for part in {part for each in amounts.values() for part in each}:
        chosen.add(max(ordered, key=lambda key: amounts.get(key, {}).get(part, 0.0)))
    return tuple(key for key in ordered if key in chosen)
