"""Notes of a call-in's evening: how long they are kept."""

from datetime import datetime, timedelta

from gvi.domain.removal import RESTORABLE

NOTES_KEPT = timedelta(days=365)
"""A year, as other records about people; nobody extends it: what concerns one person belongs in
that person's record, where it is reviewed (docs/decisions/0102)."""


def kept_until(recorded_at: datetime, withdrawn_at: datetime | None) -> datetime:
    """Give the instant from which a note is erased: a month after it was taken back, if it was."""
    by_age = recorded_at + NOTES_KEPT
    return by_age if withdrawn_at is None else min(by_age, withdrawn_at + RESTORABLE)
