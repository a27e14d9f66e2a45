"""The backward plan of a call-in: what must be ready how long before it, and whose work it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gvi.domain.access import Role
from gvi.domain.action import ActionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to have done before a call-in."""

    kind: ActionKind
    days_before: int
    owner: Role
    """Whose work it usually is; it can be handed over."""


_POLICE, _MUNICIPAL = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL

PREPARATION = (
    Task(kind=ActionKind.PARTNERS, days_before=42, owner=_MUNICIPAL),
    Task(kind=ActionKind.VENUE, days_before=35, owner=_MUNICIPAL),
    Task(kind=ActionKind.SPEAKERS, days_before=28, owner=_POLICE),
    Task(kind=ActionKind.CLEARANCE, days_before=21, owner=_POLICE),
    Task(kind=ActionKind.INVITATIONS, days_before=14, owner=_POLICE),
    Task(kind=ActionKind.TRANSPORT, days_before=7, owner=_MUNICIPAL),
    Task(kind=ActionKind.REHEARSAL, days_before=1, owner=_POLICE),
)
"""In the order in which it is done. Days are a recommendation; domain §1.6 gives the tasks."""

SOONEST = timedelta(days=1)
"""What should have been done before the plan was made is due a day after that."""


def due_before(starts_at: datetime, days: int, *, booked_at: datetime) -> datetime:
    """Give when something is due `days` before a call-in, as booked at an instant.

    Example:
        >>> from datetime import UTC
        >>> day = datetime(2026, 4, 9, 15, tzinfo=UTC)
        >>> due_before(day, 14, booked_at=datetime(2026, 4, 1, 8, tzinfo=UTC)).isoformat()
        '2026-04-02T08:00:00+00:00'
    """
    return not_late(starts_at - timedelta(days=days), starts_at, at=booked_at)


def not_late(due_at: datetime, starts_at: datetime, *, at: datetime) -> datetime:
    """Give a time that is still to come, and not after the call-in, for one that may have gone."""
    return due_at if due_at >= at else min(at + SOONEST, starts_at)
