"""Kept lists: who stood where, from which facts and policy it was made, and what for."""

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
        CheckConstraint("(length(reason) > 0) = (act <> 'decided')", name="has_reason"),
        Index(None, "programme_id", "made_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    compartment: Mapped[str]
    """Under whose secrecy it stands: one that draws on others' facts is not the police's."""
    score: Mapped[str]
    act: Mapped[str]
    """For what it was kept first; later acts are its uses, and the decisions that rest on it."""
    reason: Mapped[str] = mapped_column(Sealed("list_snapshots.reason"))
    """Blank where a colour was decided: the decision has its own."""
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
    digest: Mapped[str] = mapped_column(index=True)


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


class ListSnapshotUse(Base):
    """A later act on the same day that the same list stands for, so that none is kept twice."""

    __tablename__ = "list_snapshot_uses"
    __table_args__ = (
        one_of("act", tuple(act for act in ListAct if act is not ListAct.DECIDED)),
        CheckConstraint("length(reason) > 0", name="has_reason"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("list_snapshots.id"), index=True)
    act: Mapped[str]
    reason: Mapped[str] = mapped_column(Sealed("list_snapshot_uses.reason"))
    used_at: Mapped[datetime]
    used_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Empty for the local operator."""


class RiskDecisionList(Base):
    """That a decided colour rests on a kept list; hangs on the list, for those who see scores."""

    __tablename__ = "risk_decision_lists"

    risk_decision_id: Mapped[int] = mapped_column(ForeignKey("risk_decisions.id"), primary_key=True)
    snapshot_id: Mapped[int] = mapped_column(
        ForeignKey("list_snapshots.id"), primary_key=True, index=True
    )
