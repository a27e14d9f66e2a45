"""Disclosure between secrecies: on which ground, under which conditions, what at most, who decides.

Everything here is data, read by the form, the guide "May I share this?" and the check alike. It is
no legal advice: each rule names the law it follows and what our reading of it rests on, and a
lawyer must check it before a programme relies on it. OSL is the Public Access to Information and
Secrecy Act (offentlighets- och sekretesslagen 2009:400).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.access import Role
from gvi.domain.errors import RuleError
from gvi.domain.person import age_on
from gvi.domain.section import Section
from gvi.domain.text import N_


class Party(StrEnum):
    """Whose secrecy something stands under, or to whom it goes."""

    POLICE = "police"
    SOCIAL = "social"
    PROBATION = "probation"
    OTHER = "other"
    """A school, health care, another authority or organisation: only ever a recipient."""


SIDES: Mapping[Role, Party] = MappingProxyType(
    {
        Role.COORDINATOR_POLICE: Party.POLICE,
        Role.ANALYST: Party.POLICE,
        Role.COORDINATOR_MUNICIPAL: Party.SOCIAL,
        Role.OUTREACH: Party.SOCIAL,
        Role.OUTREACH_LEAD: Party.SOCIAL,
        Role.PROBATION: Party.PROBATION,
    }
)
"""The side of each role that works with people; the other roles disclose and receive nothing."""

DECIDERS: Mapping[Party, frozenset[Role]] = MappingProxyType(
    {
        Party.POLICE: frozenset({Role.COORDINATOR_POLICE}),
        Party.SOCIAL: frozenset({Role.COORDINATOR_MUNICIPAL, Role.OUTREACH_LEAD}),
        Party.PROBATION: frozenset({Role.PROBATION}),
    }
)
"""Who may decide that something leaves a side."""


class Ground(StrEnum):
    """Why the law lets, or makes, a side disclose."""

    YOUNG_AT_RISK = "young_at_risk"
    DUTY = "duty"
    BALANCE = "balance"
    CONSENT = "consent"
    CHILD_AT_RISK = "child_at_risk"
    DANGER = "danger"


class Condition(StrEnum):
    """What whoever discloses must have found to be so, one box each."""

    RISK_OF_CRIME = "risk_of_crime"
    HELPS_PREVENT = "helps_prevent"
    NOT_UNSUITABLE = "not_unsuitable"
    NO_PAST_CRIME = "no_past_crime"
    COVERED_BY_ACT = "covered_by_act"
    NO_EXCEPTION = "no_exception"
    NEEDED = "needed"
    NOT_EXCLUDED = "not_excluded"
    INFORMED = "informed"
    CHILD_MAY_SUFFER = "child_may_suffer"
    LIFE_OR_HEALTH = "life_or_health"
    NO_OTHER_WAY = "no_other_way"
    NO_MORE_THAN_NEEDED = "no_more_than_needed"


class Purpose(StrEnum):
    """What the recipient is to use it for; the log keeps this code."""

    PREVENT_VIOLENCE = "prevent_violence"
    PROTECT_PERSON = "protect_person"
    PROTECT_CHILD = "protect_child"
    OFFER_HELP = "offer_help"
    SUPERVISE = "supervise"
    ANSWER_REQUEST = "answer_request"


class SourceClass(StrEnum):
    """Where a disclosed line comes from, as much as a recipient is told of it (LED art. 7)."""

    OWN_RECORD = "own_record"
    OWN_OBSERVATION = "own_observation"
    THE_PERSON = "the_person"
    THIRD_PARTY = "third_party"


class LineField(StrEnum):
    """The fields of one line of a part."""

    WHEN = "when"
    WHAT = "what"
    WORDS = "words"


class DisclosureStatus(StrEnum):
    """Written and waiting, decided on, or declined by the one who decides."""

    PROPOSED = "proposed"
    DISCLOSED = "disclosed"
    DECLINED = "declined"


class DisclosureState(StrEnum):
    """How a disclosure stands now."""

    WAITING = "waiting"
    OPEN = "open"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


class RequestStatus(StrEnum):
    """A request to disclose: waiting, answered by a disclosure, or refused with a reason."""

    OPEN = "open"
    ANSWERED = "answered"
    REFUSED = "refused"


OWN_WORDS = "own_words"
"""The part that is written for the recipient instead of being copied."""
UNDER_YEARS_YOUNG = 21
UNDER_YEARS_CHILD = 18
SHORTEST_TEXT = 20
"""Characters; a weighing that somebody else can judge takes a sentence."""
LONGEST_DAYS = 90
USUAL_DAYS = 14
COPIED_NOTE = 30
"""So many letters in a row of a support note are a copy, not a summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundRule:
    """What one ground covers and demands."""

    law: str
    """The law as a Swedish lawyer cites it."""
    basis: str
    """What our reading rests on; never more than that."""
    ways: frozenset[tuple[Party, Party]]
    """From whom to whom."""
    conditions: tuple[Condition, ...]
    weighing: bool = True
    """A text that weighs the interests is demanded."""
    under_years: int | None = None
    """The person must be younger than this on the day of the decision."""


_P, _S, _F, _O = Party.POLICE, Party.SOCIAL, Party.PROBATION, Party.OTHER
_ALL_WAYS = frozenset((a, b) for a in (_P, _S, _F) for b in (_P, _S, _F, _O) if a is not b)

GROUNDS: Mapping[Ground, GroundRule] = MappingProxyType(
    {
        # Social services may tell the police about somebody under 21 who risks drifting into
        # crime; never for suspicion of a crime already committed, which has its own rules.
        Ground.YOUNG_AT_RISK: GroundRule(
            law="OSL 10 kap. 18 a §",
            basis="prop. 2011/12:171",
            ways=frozenset({(_S, _P)}),
            conditions=(
                Condition.RISK_OF_CRIME,
                Condition.HELPS_PREVENT,
                Condition.NOT_UNSUITABLE,
                Condition.NO_PAST_CRIME,
            ),
            weighing=False,
            under_years=UNDER_YEARS_YOUNG,
        ),
        # In force 1 April 2025: state agencies, municipalities, regions and schools must tell
        # crime-fighting agencies, on request and on their own initiative.
        Ground.DUTY: GroundRule(
            law="lagen om skyldighet att lämna uppgifter till de brottsbekämpande myndigheterna",
            basis="prop. 2024/25:65",
            ways=frozenset({(_S, _P)}),
            conditions=(Condition.COVERED_BY_ACT, Condition.NO_EXCEPTION),
        ),
        # Between authorities, after a balance of interests; some secrecy is excepted altogether,
        # so social services' secrecy is not offered here before a lawyer has looked.
        Ground.BALANCE: GroundRule(
            law="OSL 10 kap. 15 a §",
            basis="prop. 2024/25:180",
            ways=frozenset({(_P, _S), (_P, _F), (_F, _P), (_F, _S), (_P, _O), (_F, _O)}),
            conditions=(Condition.NEEDED, Condition.NOT_EXCLUDED),
        ),
        Ground.CONSENT: GroundRule(
            law="OSL 12 kap. 2 § (samtycke)",
            basis="Brå om sociala insatsgrupper, 2012",
            ways=_ALL_WAYS,
            conditions=(Condition.INFORMED,),
            weighing=False,
        ),
        # Whoever works with children must report at once when a child may fare ill.
        Ground.CHILD_AT_RISK: GroundRule(
            law="socialtjänstlagen (2025:400), anmälan om oro för barn",
            basis="OSL 10 kap. 28 §",
            ways=frozenset({(_P, _S), (_F, _S)}),
            conditions=(Condition.CHILD_MAY_SUFFER,),
            under_years=UNDER_YEARS_CHILD,
        ),
        # Frees from punishment, does not permit: the last way out when a life is in danger.
        Ground.DANGER: GroundRule(
            law="brottsbalken 24 kap. 4 § (nöd)",
            basis="brottsbalken (1962:700)",
            ways=_ALL_WAYS,
            conditions=(
                Condition.LIFE_OR_HEALTH,
                Condition.NO_OTHER_WAY,
                Condition.NO_MORE_THAN_NEEDED,
            ),
        ),
    }
)

_SHARED = (Section.NAME, Section.RISK, Section.VISITS)
_PARTS: Mapping[Party, frozenset[Section]] = MappingProxyType(
    {
        Party.POLICE: frozenset({*_SHARED, Section.GROUPS, Section.INCIDENTS}),
        Party.SOCIAL: frozenset({*_SHARED, Section.OFFERS}),
        Party.PROBATION: frozenset({*_SHARED, Section.SUPERVISION}),
    }
)
"""What can be copied from each side's record; notes of contacts never can, to anybody."""

NEEDS: Mapping[Section, str] = MappingProxyType(
    {
        Section.NAME: "person_name:read",
        Section.GROUPS: "membership:read",
        Section.INCIDENTS: "involvement:read",
        Section.SUPERVISION: "supervision:read",
        Section.RISK: "risk:read",
        Section.VISITS: "custom_notification_full:read",
        Section.OFFERS: "offer:read",
    }
)
"""Nobody discloses what they may not read: the right that each part takes."""

OF_CHILDREN = frozenset({Section.INCIDENTS})
"""What those may disclose who know only the involvements of somebody under 18."""

ASSESSED = frozenset({Section.GROUPS, Section.RISK})
"""Parts that hold somebody's assessment, kept apart from facts (LED art. 7)."""

FIELDS: Mapping[Section, tuple[LineField, ...]] = MappingProxyType(
    {
        Section.NAME: (LineField.WORDS,),
        Section.GROUPS: (LineField.WORDS, LineField.WHAT, LineField.WHEN),
        Section.INCIDENTS: (LineField.WHAT, LineField.WORDS, LineField.WHEN),
        Section.SUPERVISION: (LineField.WHAT, LineField.WHEN),
        Section.RISK: (LineField.WHAT, LineField.WHEN),
        Section.VISITS: (LineField.WHAT, LineField.WORDS, LineField.WHEN),
        Section.OFFERS: (LineField.WHAT, LineField.WHEN),
    }
)


def side_of(role: Role | None) -> Party | None:
    """Give the side a role belongs to; None for roles that disclose nothing."""
    return SIDES.get(role) if role else None


def grounds_between(giver: Party, to: Party) -> tuple[Ground, ...]:
    """List the grounds on which one side may disclose to another."""
    return tuple(ground for ground, rule in GROUNDS.items() if (giver, to) in rule.ways)


def parts_of(giver: Party) -> tuple[Section, ...]:
    """List the parts of its record that a side can disclose by copying them."""
    return tuple(section for section in Section if section in _PARTS.get(giver, frozenset()))


def never_copied(giver: Party) -> tuple[Section, ...]:
    """List the parts that a side does not disclose: others' parts, and notes of contacts."""
    return tuple(section for section in Section if section not in parts_of(giver))


def check_way(ground: Ground, giver: Party, to: Party) -> None:
    """Refuse a ground that does not cover this way; raises RuleError."""
    if (giver, to) not in GROUNDS[ground].ways:
        raise RuleError(
            N_("This ground does not cover that recipient. See May I share this?"), field="ground"
        )


def check_conditions(ground: Ground, found: Iterable[Condition], weighing: str) -> None:
    """Refuse where a condition of the ground is not said to be met, or nothing was weighed."""
    rule = GROUNDS[ground]
    if set(rule.conditions) - set(found):
        raise RuleError(
            N_("Every condition of the ground must be met. If one is not, do not disclose."),
            field="conditions",
        )
    if rule.weighing and len(weighing.strip()) < SHORTEST_TEXT:
        raise RuleError(
            N_("Weigh the interests in a sentence or more, at least %(length)s letters."),
            field="weighing",
            length=SHORTEST_TEXT,
        )


def check_age(ground: Ground, birth_date: date | None, day: date, statement: str) -> None:
    """Refuse a ground that only covers the young where the person is too old on the day.

    Where the birth date is unknown, somebody must say from what they know that the person is young
    enough; raises RuleError for the field `age_statement`.

    Example:
        >>> check_age(Ground.YOUNG_AT_RISK, date(2005, 3, 2), date(2026, 3, 1), "")
    """
    limit = GROUNDS[ground].under_years
    if limit is None:
        return
    if birth_date is None:
        if len(statement.strip()) < SHORTEST_TEXT:
            raise RuleError(
                N_("The birth date is unknown. Say how you know that the person is under %(age)s."),
                field="age_statement",
                age=limit,
            )
    elif age_on(birth_date, day) >= limit:
        raise RuleError(
            N_("This ground only covers somebody under %(age)s. Choose another, or none."),
            field="ground",
            age=limit,
        )


def copies(words: str, note: str) -> bool:
    """Tell whether a text repeats a stretch of a note word for word.

    Example:
        >>> copies("He said: I am afraid of going home.", "i am afraid of going home.  Call.")
        False
        >>> copies("I am afraid of going home at night.", "I am afraid of going home at night")
        True
    """
    text, kept = (" ".join(each.casefold().split()) for each in (words, note))
    if len(kept) < COPIED_NOTE:
        return False
    return any(
        kept[start : start + COPIED_NOTE] in text for start in range(len(kept) - COPIED_NOTE + 1)
    )
