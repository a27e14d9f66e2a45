"""What each constant of the scoring policy is called and means, in the words of the form."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.grading import Certainty
from gvi.domain.group import RelationKind
from gvi.domain.incident import Gmi, InvolvementRole
from gvi.domain.membership import MembershipRole
from gvi.domain.policy import LIMITS, NUMBERS, TABLES, ScoringPolicy
from gvi.domain.text import N_
from gvi.web.labels import kind_label, label
from gvi.web.text import translate

HARM = "harm"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantRow:
    """One constant as the pages show it."""

    name: str
    """`table.code` or the name; the field of the form."""
    label: str
    hint: str
    value: float | None
    """None for a kind of incident that is not in the harm table."""
    is_new: bool = False
    """A kind that is in use and not in the table yet: it weighs 0 until it is."""

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the most it may be."""
        return LIMITS[self.name.partition(".")[0]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantTable:
    """Constants that belong together, and what they are."""

    key: str
    title: str
    meaning: str
    rows: tuple[ConstantRow, ...]


_SINGLE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "half_life_days": (
            N_("Half-life, days"),
            N_("After so long half of an incident's harm is left."),
        ),
        "tie_window_days": (
            N_("Window of shared incidents, days"),
            N_("An incident two people took part in ties them for so long."),
        ),
        "near": (N_("Near, driving"), N_("Share of direct associates' violence that counts.")),
        "far": (N_("Far, driving"), N_("Share of the violence two steps away that counts.")),
        "group": (N_("Group, driving"), N_("Share of the rest of the group's violence.")),
        "exposed_near": (N_("Near, exposed"), N_("Share of what was done to people close by.")),
        "exposed_far": (N_("Far, exposed"), N_("Share of what was done two steps away.")),
        "conflict": (N_("Conflict, exposed"), N_("Share of the violence of groups in conflict.")),
    }
)
_TABLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "harm": (
            N_("Harm units by kind of incident"),
            N_("How grave one incident is. A kind that is not in the table weighs 0."),
        ),
        "doing": (
            N_("Weight of roles in driving"),
            N_("Share of an incident's harm. All other roles weigh 0 and stay so."),
        ),
        "exposure": (
            N_("Weight of roles in exposed"),
            N_("Share of an incident's harm done to the person."),
        ),
        "certainty": (
            N_("Weight of certainty"),
            N_("Of a role, a tie or a membership; a blank one counts as possible."),
        ),
        "gmi": (
            N_("Weight of group involvement"),
            N_("Of an incident, in driving. Unknown is not no."),
        ),
        "membership_role": (
            N_("Shares by role in the group"),
            N_("How many shares of the group's violence a member has."),
        ),
        "relation": (
            N_("Weight of relations between groups"),
            N_("How much of the other group's violence threatens; others weigh 0."),
        ),
    }
)
_CODES: Mapping[str, type[StrEnum]] = MappingProxyType(
    {
        "certainty": Certainty,
        "gmi": Gmi,
        "doing": InvolvementRole,
        "exposure": InvolvementRole,
        "membership_role": MembershipRole,
        "relation": RelationKind,
    }
)
_OTHERS = "numbers"


def constant_called(name: str, language: str) -> str:
    """Say what one constant is called: of a table, its code's own word."""
    table, _, code = name.partition(".")
    if not code:
        return translate(_SINGLE[name][0], language)
    return kind_label(code, language) if table == HARM else label(_CODES[table](code), language)


def table_called(name: str, language: str) -> str:
    """Say to what a constant belongs; nothing for one that stands alone."""
    table, _, code = name.partition(".")
    return translate(_TABLES[table][0], language) if code else ""


def constant_tables(
    policy: ScoringPolicy, language: str, *, kinds: tuple[str, ...] = ()
) -> tuple[ConstantTable, ...]:
    """Give every constant in its table; `kinds` in use and not in the harm table come along."""
    tables = [_table(key, policy, language, kinds) for key in _TABLES if key in TABLES]
    numbers = ConstantTable(
        key=_OTHERS,
        title=translate(N_("Time, ties and groups"), language),
        meaning=translate(N_("How fast violence ages, and what runs through others."), language),
        rows=tuple(
            ConstantRow(
                name=name,
                label=constant_called(name, language),
                hint=translate(_SINGLE[name][1], language),
                value=getattr(policy, name),
            )
            for name in NUMBERS
        ),
    )
    return (tables[0], numbers, *tables[1:])


def _table(key: str, policy: ScoringPolicy, language: str, kinds: tuple[str, ...]) -> ConstantTable:
    title, meaning = _TABLES[key]
    values: Mapping[str, float] = getattr(policy, key)
    missing = [kind for kind in kinds if kind not in values] if key == HARM else []
    codes = sorted(values, key=lambda code: -values[code]) if key == HARM else list(values)
    return ConstantTable(
        key=key,
        title=translate(title, language),
        meaning=translate(meaning, language),
        rows=tuple(
            ConstantRow(
                name=f"{key}.{code}",
                label=constant_called(f"{key}.{code}", language),
                hint="",
                value=values.get(code),
                is_new=code not in values,
            )
            for code in (*codes, *missing)
        ),
    )
