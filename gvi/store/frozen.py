"""The frozen copy of what was disclosed: written once, read until it expires, never updated.

The text is sealed at rest by its column (`models.disclosure.DisclosureLine`).
"""

import json
from datetime import date, datetime
from enum import StrEnum

from gvi.domain.custom_notification import NotificationStatus
from gvi.domain.disclosure import LineField
from gvi.domain.incident import InvolvementRole
from gvi.domain.membership import MembershipRole
from gvi.domain.risk import RiskColour
from gvi.domain.supervision import SupervisionKind
from gvi.domain.support import OfferResponse
from gvi.store.queries.section import SectionLine

_VOCABULARIES: dict[str, type[StrEnum]] = {
    each.__name__: each
    for each in (
        InvolvementRole,
        MembershipRole,
        NotificationStatus,
        OfferResponse,
        RiskColour,
        SupervisionKind,
    )
}


def freeze(line: SectionLine, fields: frozenset[LineField] = frozenset(LineField)) -> str:
    """Write the chosen fields of a line as text; what was not chosen is not in it."""
    kept: dict[str, object] = {}
    if LineField.WHEN in fields:
        kept |= {"at": _day(line.at), "until": _day(line.until)}
    if LineField.WHAT in fields:
        code = [type(line.code).__name__, line.code.value] if line.code else None
        kept |= {"code": code, "incident_kind": line.incident_kind}
    if LineField.WORDS in fields:
        kept["text"] = line.text
    return json.dumps({key: value for key, value in kept.items() if value}, sort_keys=True)


def thaw(frozen: str) -> SectionLine:
    """Read a line back as it was disclosed."""
    kept = json.loads(frozen)
    code = kept.get("code")
    return SectionLine(
        at=_read_day(kept.get("at")),
        until=_read_day(kept.get("until")),
        code=_VOCABULARIES[code[0]](code[1]) if code else None,
        incident_kind=kept.get("incident_kind", ""),
        text=kept.get("text", ""),
    )


def _day(value: date | datetime | None) -> str | None:
    return value.isoformat() if value else None


def _read_day(text: str | None) -> date | datetime | None:
    if not text:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
