"""What a viewer can choose from when disclosing: own side's parts, and only what they may read."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, grant
from gvi.domain.disclosure import ASSESSED, FIELDS, NEEDS, OF_CHILDREN, LineField, parts_of, side_of
from gvi.domain.section import SECTIONS, Section
from gvi.store.asked import Asked
from gvi.store.frozen import freeze
from gvi.store.queries.person_card import PersonHead, person_head
from gvi.store.queries.section import SectionLine, section_views


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """One line that can be chosen; `key` changes with its content."""

    key: str
    line: SectionLine


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPart:
    """One part that can be disclosed, with its fields."""

    section: Section
    is_assessment: bool
    fields: tuple[LineField, ...]
    lines: tuple[OpenLine, ...]


def disclosable(
    db: Session, viewer: Viewer, person_id: int, asked: Asked
) -> Mapping[Section, OpenPart]:
    """Give the parts the viewer can disclose from; raises NotFoundError for a person not theirs."""
    head = person_head(db, viewer, person_id, asked)
    wanted = [section for section in _parts(viewer) if _is_theirs(viewer, head, section)]
    return {
        view.section: OpenPart(
            section=view.section,
            is_assessment=view.section in ASSESSED,
            fields=FIELDS[view.section],
            lines=tuple(OpenLine(key=_key(view.section, line), line=line) for line in view.lines),
        )
        for view in section_views(db, viewer.programme_id, person_id, wanted, asked)
    }


def _parts(viewer: Viewer) -> tuple[Section, ...]:
    side = side_of(viewer.role)
    return parts_of(side) if side else ()


def _is_theirs(viewer: Viewer, head: PersonHead, section: Section) -> bool:
    held = grant(viewer, NEEDS[section])
    if held is None or SECTIONS[section].side not in held.compartments:
        return False
    if head.is_under_18 and section is Section.RISK:  # nobody under 18 has a colour
        return False
    if not head.is_seen_whole:
        return section in OF_CHILDREN
    return section is not Section.NAME or head.name is not None


def _key(section: Section, line: SectionLine) -> str:
    text = f"{section.value}\n{line.grade}\n{freeze(line)}"
    return hashlib.sha256(text.encode()).hexdigest()[:20]
