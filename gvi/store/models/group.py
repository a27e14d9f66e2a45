"""Groups, their aliases and the relations between them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.grading import Certainty
from gvi.domain.group import GroupKind, GroupStatus, RelationKind
from gvi.store.models.base import Base, Fact, fact_rules, keep_revisions
from gvi.store.sealing import Sealed
from gvi.store.types import one_of


@keep_revisions
class Group(Fact):
    """Two or more people who engage in violence together; a name is not needed."""

    __tablename__ = "groups"
    __table_args__ = (
        *fact_rules(),
        UniqueConstraint("programme_id", "external_id"),
        one_of("kind", GroupKind),
        one_of("status", GroupStatus),
    )

    external_id: Mapped[str | None]
    name: Mapped[str]
    kind: Mapped[str | None]
    status: Mapped[str] = mapped_column(default=GroupStatus.CANDIDATE.value)
    area: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(Sealed("groups.note"), default="")


class GroupAlias(Base):
    """Another name the group goes by."""

    __tablename__ = "group_aliases"
    __table_args__ = (UniqueConstraint("group_id", "alias"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    alias: Mapped[str]


@keep_revisions
class GroupRelation(Fact):
    """How two groups stand to one another from a day; the pair has no direction."""

    __tablename__ = "group_relations"
    __table_args__ = (
        *fact_rules(),
        one_of("kind", RelationKind),
        one_of("certainty", Certainty),
        CheckConstraint("group_a_id <> group_b_id", name="two_groups"),
        CheckConstraint("valid_to > valid_from", name="ends_after_start"),
        Index(None, "group_a_id", "group_b_id"),
    )

    group_a_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    group_b_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    kind: Mapped[str]
    certainty: Mapped[str | None]
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    """The first moment at which it no longer holds."""
    note: Mapped[str] = mapped_column(Sealed("group_relations.note"), default="")
