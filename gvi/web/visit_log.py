"""What a visit leaves in the audit log: what it showed, that it failed, or that it was refused."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import Request

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb, reading_verb
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.removal import Removable
from gvi.domain.review import Reviewed
from gvi.store import audit
from gvi.store.engine import transaction
from gvi.web.heads import keep_head_of_day

if TYPE_CHECKING:
    from gvi.web.visit import Visit

DENIED = (NotAllowedError, NotFoundError)
_NOUNS = {
    "call": "inbound_call",
    "case": "support_case",
    "draft": "import_draft",
    "notification": "custom_notification",
    "offer": "support_offer",
    "relation": "group_relation",
}
"""What the log calls a thing that addresses name by a shorter word."""
_KINDS = frozenset({*Removable, *Reviewed})
"""What a record may be where its kind stands beside its number: `/remove/person/12`."""
_LARGEST_ID = 2**31 - 1


def note_reading(visit: "Visit") -> None:
    """Log what was shown; a page that failed may have been read from, and says that it failed."""
    if isinstance(visit.failure, DENIED) and not visit.shown:
        note_refusal(visit.request, visit.viewer, visit.permission, visit.now)
        return
    verb = reading_verb(visit.permission, visit.viewer)
    with transaction(visit.request.app.state.engine) as db:
        audit.append(
            db,
            visit.viewer,
            AuditVerb.COMBINED if visit.is_combining else verb,
            visit.permission,
            at=visit.now,
            subjects=_subjects(visit),
            detail={
                "path": visit.request.url.path,
                "rows": sum(len(ids) for ids in visit.shown.values()),
                **({"as_of": visit.as_of.isoformat()} if visit.as_of else {}),
                **({"failed": type(visit.failure).__name__} if visit.failure else {}),
                **visit.detail,
            },
        )
    keep_head_of_day(visit.request.app, visit.now)


def _subjects(visit: "Visit") -> Mapping[str, set[int]]:
    """Give what was shown; of a page that failed also what its address names."""
    subjects = {noun: set(ids) for noun, ids in visit.shown.items()}
    if visit.failure:
        for noun, number in asked_for(visit.request.path_params):
            subjects.setdefault(noun, set()).add(number)
    return subjects


def note_refusal(request: Request, viewer: Viewer, permission: str, at: datetime) -> None:
    """Log who asked in vain for what; the same whether it is hidden or not there at all."""
    detail = {"path": request.url.path, "permission": permission, "method": request.method}
    subjects = {noun: [number] for noun, number in asked_for(request.path_params)}
    with transaction(request.app.state.engine) as db:
        audit.append(
            db, viewer, AuditVerb.ACCESS, "page:refused", at=at, subjects=subjects, detail=detail
        )


def asked_for(path_params: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    """Give the noun and the number of everything an address names, whether or not it is there."""
    kind = str(path_params.get("thing", path_params.get("kind", "")))
    nouns = _NOUNS | ({"record": kind} if kind in _KINDS else {})
    for name, value in path_params.items():
        text = str(value)
        if name.endswith("_id") and text.isdecimal() and 0 < int(text[:11]) <= _LARGEST_ID:
            noun = name.removesuffix("_id")
            yield nouns.get(noun, noun), int(text)
