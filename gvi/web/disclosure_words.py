"""What grounds, conditions and their kin are called, and what each asks of whoever discloses."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.disclosure import (
    Condition,
    DisclosureState,
    Ground,
    LineField,
    Party,
    Purpose,
    RequestStatus,
    SourceClass,
)
from gvi.domain.text import N_

LABELS: tuple[Mapping[StrEnum, str], ...] = (
    {
        Party.POLICE: "The police",
        Party.SOCIAL: "Social services",
        Party.PROBATION: "Probation",
        Party.OTHER: "Another authority or organisation",
    },
    {
        Ground.YOUNG_AT_RISK: "Under 21 and at risk of crime",
        Ground.DUTY: "The duty to disclose to crime-fighting agencies",
        Ground.BALANCE: "Balance of interests between authorities",
        Ground.CONSENT: "The person’s consent",
        Ground.CHILD_AT_RISK: "A child may be suffering",
        Ground.DANGER: "Danger to life or health",
    },
    {
        Purpose.PREVENT_VIOLENCE: "Prevent violence",
        Purpose.PROTECT_PERSON: "Protect the person or somebody near",
        Purpose.PROTECT_CHILD: "Protect a child",
        Purpose.OFFER_HELP: "Offer help",
        Purpose.SUPERVISE: "Plan supervision",
        Purpose.ANSWER_REQUEST: "Answer a request",
    },
    {
        SourceClass.OWN_RECORD: "Our own record",
        SourceClass.OWN_OBSERVATION: "Seen or heard by the writer",
        SourceClass.THE_PERSON: "Told by the person",
        SourceClass.THIRD_PARTY: "Told by somebody else",
    },
    {LineField.WHEN: "When", LineField.WHAT: "What", LineField.WORDS: "Name or place"},
    {
        DisclosureState.WAITING: "Waits for a decision",
        DisclosureState.OPEN: "Can be read",
        DisclosureState.EXPIRED: "Ended",
        DisclosureState.WITHDRAWN: "Withdrawn",
        DisclosureState.DECLINED: "Declined",
    },
    {
        RequestStatus.OPEN: "Waits for an answer",
        RequestStatus.ANSWERED: "Answered",
        RequestStatus.REFUSED: "Refused",
    },
)

CONDITIONS: Mapping[Condition, str] = MappingProxyType(
    {
        Condition.RISK_OF_CRIME: N_(
            "Special circumstances show a risk that the young person will engage in crime."
        ),
        Condition.HELPS_PREVENT: N_("What is disclosed can be assumed to help prevent that."),
        Condition.NOT_UNSUITABLE: N_(
            "It is not unsuitable, given planned or ongoing help or other special reasons."
        ),
        Condition.NO_PAST_CRIME: N_(
            "It is not about a suspicion that a certain crime has been committed."
        ),
        Condition.COVERED_BY_ACT: N_(
            "The act covers us, and the recipient is a crime-fighting agency that needs it."
        ),
        Condition.NO_EXCEPTION: N_("No exception from the duty applies."),
        Condition.NEEDED: N_(
            "The recipient needs it to prevent, detect or investigate crime, or for another"
            " purpose that the paragraph names."
        ),
        Condition.NOT_EXCLUDED: N_("The paragraph does not except this kind of secrecy."),
        Condition.INFORMED: N_(
            "The person knows what is disclosed, to whom and why, and that the consent can be"
            " withdrawn."
        ),
        Condition.CHILD_MAY_SUFFER: N_("There is reason to suspect that a child is suffering."),
        Condition.LIFE_OR_HEALTH: N_("Somebody’s life or health is in danger now."),
        Condition.NO_OTHER_WAY: N_("The danger cannot be met in another way in time."),
        Condition.NO_MORE_THAN_NEEDED: N_("No more is disclosed than the danger demands."),
    }
)

MEANINGS: Mapping[Ground, str] = MappingProxyType(
    {
        Ground.YOUNG_AT_RISK: N_(
            "Social services may tell the police about somebody who has not turned 21."
        ),
        Ground.DUTY: N_(
            "Municipalities must tell crime-fighting agencies, when asked and on their own"
            " initiative. Weigh what speaks against it."
        ),
        Ground.BALANCE: N_(
            "Not if the interest that the secrecy protects weighs more than the need. Social"
            " services’ secrecy is left out here until a lawyer has looked at it."
        ),
        Ground.CONSENT: N_(
            "Only what the consent covers, only as long as it lasts. For somebody under 18 the"
            " guardians’ consent too."
        ),
        Ground.CHILD_AT_RISK: N_(
            "Whoever works with children must report at once. Say that, when and by whom; the"
            " investigation is social services’."
        ),
        Ground.DANGER: N_(
            "The last way out. It frees from punishment but permits nothing: use another ground"
            " where there is one, and tell your lawyer afterwards."
        ),
    }
)
