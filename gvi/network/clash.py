"""Which rules of a plan cannot be kept together, and what is said of each."""

import time
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import groupby

from gvi.domain.call_in import Bar
from gvi.network.alike import any_numbers
from gvi.network.plan import Clash, Rule
from gvi.network.requirement import Requirement
from gvi.network.rules import MESSAGES, WHY_BARRED, Rulebook

_COUNTED = {Rule.SEATS: "seats", Rule.EXACTLY: "seats", Rule.MIN_OBLIGED: "candidates"}
"""The parameter a rule's sentence is about; it is about the people named where none is given."""
NAMED_TOGETHER = frozenset({Rule.LOCKED, Rule.EXCLUDED, Rule.NOT_A_CANDIDATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clashes:
    """Rules that cannot be kept together; `is_least` where leaving any one of them out would help.

    Where the time was over before, some of those named might be kept.
    """

    named: tuple[Clash, ...]
    is_least: bool


def clashes(rules: Rulebook, *, until: float) -> Clashes:
    """Name rules that cannot be kept together, as few as are found by then (monotonic seconds).

    The rules are known to clash. Others that clash independently of those named are named too. Of
    people locked in beyond the seats, all are named, since none of them is the one too many.
    """
    search = _Search(rules, until)
    left = set(range(len(rules.requirements)))
    named: set[int] = set()
    while not named or search.clash(left):
        core = search.smallest(left)
        kinds = {search.kind[number] for number in core}
        if {Rule.SEATS, Rule.LOCKED} <= kinds:
            core |= {number for number in left if search.kind[number] is Rule.LOCKED}
        named |= core
        left -= core
    order = list(Rule)
    found = [rules.requirements[number] for number in named]
    found.sort(key=lambda rule: (order.index(rule.rule), rule.bar or "", rule.ids))
    return Clashes(named=tuple(_named(found)), is_least=search.is_sure)


class _Search:
    """The search for rules that clash, by number; what is not proved to in time counts as kept."""

    def __init__(self, rules: Rulebook, until: float) -> None:
        self._rules, self._until = rules, until
        self.kind = [rule.rule for rule in rules.requirements]
        self.is_sure = True

    def clash(self, numbers: Set[int]) -> bool:
        """Tell whether it is proved that these rules cannot be kept together."""
        if time.monotonic() >= self._until:
            self.is_sure = False
            return False
        asked = self._rules.only(self._rules.requirements[number] for number in sorted(numbers))
        found, is_sure = any_numbers(asked, until=self._until)
        self.is_sure = self.is_sure and is_sure
        return found is None and is_sure

    def smallest(self, numbers: Set[int]) -> set[int]:
        """Leave out whole kinds of rules, then others, as long as the rest still clashes."""
        core = set(numbers)
        for kind in Rule:
            rest = {number for number in core if self.kind[number] is not kind}
            if len(rest) < len(core) and self.clash(rest):
                core = rest
        return self._needed(core, sorted(core))

    def _needed(self, core: set[int], of: Sequence[int]) -> set[int]:
        """Leave out of some rules what is not needed: all at once, else half by half."""
        rest = core.difference(of)
        if self.clash(rest):
            return rest
        if len(of) < 2 or not self.is_sure:
            return core
        middle = len(of) // 2
        return self._needed(self._needed(core, of[:middle]), of[middle:])


def _named(rules: Iterable[Requirement]) -> Iterator[Clash]:
    def heading(rule: Requirement) -> tuple[Rule, Bar | None, tuple[int, ...]]:
        return (rule.rule, rule.bar, () if rule.rule in NAMED_TOGETHER else rule.ids)

    for (kind, bar, _), group in groupby(rules, key=heading):
        same = tuple(group)
        ids = tuple(id_ for rule in same for id_ in rule.ids)
        params = same[0].params
        one, several = WHY_BARRED[bar] if bar else MESSAGES[kind]
        yield Clash(
            rule=kind,
            ids=ids,
            message=one,
            messages=several,
            number=int(str(params[_COUNTED[kind]])) if kind in _COUNTED else len(ids),
            params=params,
        )
