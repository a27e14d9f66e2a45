"""What is asked for when disclosing, and the lines that leave: as they are now, never more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.disclosure import (
    OWN_WORDS,
    Condition,
    Ground,
    LineField,
    Party,
    Purpose,
    SourceClass,
    copies,
)
from gvi.domain.errors import RuleError
from gvi.domain.grading import ADMIRALTY_GRADES
from gvi.domain.section import Section
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.asked import Asked
from gvi.store.frozen import freeze
from gvi.store.models import Disclosure, DisclosureLine, Person
from gvi.store.queries.disclosable import OpenPart
from gvi.store.queries.section import SectionLine, section_views


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, when, about whom."""

    db: Session
    viewer: Viewer
    person: Person
    side: Party
    at: datetime
    zone: ZoneInfo

    @property
    def day(self) -> date:
        """The local day of the act."""
        return local_day(self.at, self.zone)

    @property
    def asked(self) -> Asked:
        """The moment asked about: now."""
        return Asked.of(None, now=self.at, zone=self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A named user of another side, or somebody outside with an organisation."""

    party: Party
    user_id: int | None = None
    name: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """What is written for the recipient: facts and assessment apart, with source and grade."""

    facts: str = ""
    assessment: str = ""
    source_class: SourceClass = SourceClass.OWN_OBSERVATION
    grade: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything that is asked for when disclosing."""

    ground: Ground
    recipient: Recipient
    purpose: Purpose
    conditions: tuple[Condition, ...]
    decider_id: int
    expires_on: date
    weighing: str = ""
    age_statement: str = ""
    consent_id: int | None = None
    request_id: int | None = None
    chosen: tuple[str, ...] = ()
    """Keys of the chosen lines (`gvi.store.queries.disclosable`)."""
    fields: Mapping[Section, tuple[LineField, ...]] = field(default_factory=dict)
    words: OwnWords = field(default_factory=OwnWords)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """One line that leaves."""

    part: str
    fields: tuple[str, ...]
    is_assessment: bool
    source_class: SourceClass
    grade: str | None
    frozen: str


def copied(draft: Draft, parts: Mapping[Section, OpenPart]) -> list[Leaving]:
    """Take the chosen fields of the chosen lines as they are now; nothing else leaves."""
    wanted = set(draft.chosen)
    found: list[Leaving] = []
    for section, part in parts.items():
        kept = [each for each in part.fields if each in draft.fields.get(section, ())]
        for each in part.lines:
            if each.key not in wanted:
                continue
            if not kept:
                raise RuleError(
                    N_("Choose which fields of the chosen lines are disclosed."),
                    field=f"fields_{section.value}",
                )
            found.append(
                Leaving(
                    part=section.value,
                    fields=tuple(kept),
                    is_assessment=part.is_assessment,
                    source_class=SourceClass.OWN_RECORD,
                    grade=each.line.grade,
                    frozen=freeze(each.line, frozenset(kept)),
                )
            )
    if wanted - {each.key for part in parts.values() for each in part.lines}:
        raise RuleError(
            N_("The record has changed since, or a line is not yours to disclose. Choose again."),
            field="lines",
        )
    return found


def written(act: Act, draft: Draft) -> list[Leaving]:
    """Take what was written for the recipient; raises RuleError for a copied support note."""
    words = draft.words
    if words.grade and words.grade not in ADMIRALTY_GRADES:
        raise RuleError(
            N_("Give the grade as a letter A–F and a digit 1–6, or none."), field="grade_source"
        )
    texts = [
        ("facts", words.facts.strip(), False),
        ("assessment", words.assessment.strip(), True),
    ]
    _refuse_copied_notes(act, [text for _, text, _ in texts])
    return [
        Leaving(
            part=OWN_WORDS,
            fields=(name,),
            is_assessment=is_assessment,
            source_class=words.source_class,
            grade=words.grade or None,
            frozen=freeze(SectionLine(text=text)),
        )
        for name, text, is_assessment in texts
        if text
    ]


def _refuse_copied_notes(act: Act, texts: list[str]) -> None:
    """Keep support notes where they are: a recipient gets a summary written for them."""
    if act.side is not Party.SOCIAL or not any(texts):
        return
    for view in section_views(
        act.db, act.viewer.programme_id, act.person.id, [Section.CONTACT_NOTES], act.asked
    ):
        for line in view.lines:
            if any(copies(text, line.text) for text in texts):
                raise RuleError(
                    N_("This repeats a support note word for word. Write what they need to know."),
                    field="facts",
                )


def keep(db: Session, made: Disclosure, lines: list[Leaving]) -> None:
    """Keep the frozen copy."""
    db.add_all(
        DisclosureLine(
            programme_id=made.programme_id,
            disclosure_id=made.id,
            position=position,
            part=line.part,
            is_assessment=line.is_assessment,
            source_class=line.source_class.value,
            grade=line.grade,
            frozen=line.frozen,
        )
        for position, line in enumerate(lines)
    )
    db.flush()
