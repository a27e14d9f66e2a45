"""Letters handed over at visits: what each says of a person, and whether that is approved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.paper import LetterKind, LetterLanguage
from gvi.store.models import LetterText


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPart:
    """What the letter that is handed over says of this person, and who approved it."""

    language: LetterLanguage | None
    exposure: str
    approved_at: datetime | None
    approved_by: str = ""
    changed_at: datetime | None
    """When the words around it were last changed; None for those that came with the program."""

    @property
    def is_approved(self) -> bool:
        """Whether somebody approved what the letter says now."""
        if self.approved_at is None:
            return False
        return self.changed_at is None or self.changed_at <= self.approved_at

    @property
    def waits(self) -> bool:
        """Whether there are words that nobody has approved."""
        return bool(self.exposure) and not self.is_approved


class WordsChanged:
    """When the words of the programme's letters for visits were last changed."""

    def __init__(self, by_language: Mapping[str, datetime]) -> None:
        self._by_language = by_language

    def at(self, language: LetterLanguage | None) -> datetime | None:
        """Give when in one language; in any, where it is chosen only when it is printed."""
        if language is not None:
            return self._by_language.get(language)
        return max(self._by_language.values(), default=None)


def words_changed(db: Session, viewer: Viewer) -> WordsChanged:
    """Ask when the words were last changed in each language."""
    text = LetterText
    rows = db.execute(
        select(text.language, func.max(text.made_at).label("at"))
        .where(text.programme_id == viewer.programme_id, text.kind == LetterKind.VISIT.value)
        .group_by(text.language)
    )
    return WordsChanged({row.language: row.at for row in rows})
