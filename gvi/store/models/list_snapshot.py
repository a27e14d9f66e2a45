"""Kept lists: who stood where with which score, and from which facts and policy it was made."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.grading import Compartment
from gvi.domain.list_snapshot import ListAct
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import both_or_neither, one_of


class ListSnapshot(Base):
    """One list that somebody acted on, as it was then; its people stand in its entries."""

    __tablename__ = "list_snapshots"
    __table_args__ = (
        one_of("compartment", Compartment),
        one_of("score", ("driving", "exposed")),
        one_of("act", ListAct),
        CheckConstraint("length(reason) > 0", name="has_reason"),
        Index(None, "programme_id", "made_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    compartment: Mapped[str]
    """Under whose secrecy it stands: one that draws on others' facts is not the police's."""
    score: Mapped[str]
    act: Mapped[str]
    reason: Mapped[str] = mapped_column(Sealed("list_snapshots.reason"))
    known_at: Mapped[datetime]
    """As of when the list is; `made_at` is when it was made, and what was entered by then."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Empty for the local operator."""
    role: Mapped[str]
    """In which role it was made, or `operator`: what of the facts was visible."""
    compartments: Mapped[str]
    """The compartments that role saw then, a comma between."""
    policy_version: Mapped[int]
    seed: Mapped[int]
    """Of the draws behind the rank intervals."""
    people: Mapped[int]
    """How many stood on it when it was made; more than its entries once somebody was removed."""
    inputs: Mapped[str]
    """Count and SHA-256 of the facts of each table, as JSON (`domain.list_snapshot`)."""
    digest: Mapped[str]


class ListSnapshotEntry(Base):
    """Where one person stood; goes with the person when that is removed."""

    __tablename__ = "list_snapshot_entries"
    __table_args__ = (both_or_neither("low", "high", name="interval_pair"),)

    snapshot_id: Mapped[int] = mapped_column(ForeignKey("list_snapshots.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    rank: Mapped[int]
    units: Mapped[int] = mapped_column(BigInteger)
    """The score in billionths of a harm unit, which are whole numbers."""
    parts: Mapped[str]
    """The parts in the same units, as JSON: name to number."""
    low: Mapped[int | None]
    high: Mapped[int | None]
    """The rank interval of 200 draws; none where the list is too long to wait for it."""
