"""The base of every table, and what every graded fact carries."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    event,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    UOWTransaction,
    declared_attr,
    mapped_column,
)
from sqlalchemy.orm.attributes import instance_state

from gvi.domain.grading import ADMIRALTY_GRADES, Compartment
from gvi.store.sealing import Sealed
from gvi.store.types import Instant, both_or_neither, one_of

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Metadata with a naming convention, so that every constraint can be named in a message."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Instant}


class Fact(Base):
    """What every dated, graded fact about a group, person or incident carries.

    A correction changes the row in place; the values before it are kept in the table's
    `…_revisions` with the instant they were superseded, so that everything can be asked as it was
    known on a day (`gvi.store.known`). `recorded_at` is when the fact was first known,
    `entered_at` when it came into this database, `revised_at` when the present values were.
    """

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    compartment: Mapped[str] = mapped_column(default=Compartment.POLICE.value)
    grade: Mapped[str | None]
    """Admiralty grade such as B2; blank is allowed and shown as none."""
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_assumed: Mapped[bool] = mapped_column(default=False)
    """True where a file gave no recorded_at and the time it occurred stands in for it."""
    entered_at: Mapped[datetime] = mapped_column(Instant)
    revised_at: Mapped[datetime] = mapped_column(Instant)
    review_due_on: Mapped[date | None] = mapped_column(index=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was found never to have been true; it counts for nothing from then on."""
    edited_by_hand: Mapped[bool] = mapped_column(default=False)
    """True once a person entered or changed it here: an import never overwrites that."""

    @declared_attr
    @classmethod
    def source(cls) -> Mapped[str]:
        """Who or what said so, in a few words."""
        return mapped_column(Sealed(f"{cls.__tablename__}.source"), default="")

    @declared_attr
    @classmethod
    def ground(cls) -> Mapped[str]:
        """Why it may be kept: the purpose or decision that it serves."""
        return mapped_column(Sealed(f"{cls.__tablename__}.ground"), default="")

    @declared_attr
    @classmethod
    def withdrawn_reason(cls) -> Mapped[str | None]:
        """Why it was found never to have been true."""
        return mapped_column(Sealed(f"{cls.__tablename__}.withdrawn_reason"))

    @declared_attr
    @classmethod
    def programme_id(cls) -> Mapped[int]:
        """The programme (town) the fact belongs to."""
        return mapped_column(ForeignKey("programmes.id"), index=True)

    @declared_attr
    @classmethod
    def recorded_by_id(cls) -> Mapped[int | None]:
        """Who entered it; empty for an import by the local operator."""
        return mapped_column(ForeignKey("users.id"))

    @declared_attr
    @classmethod
    def revised_by_id(cls) -> Mapped[int | None]:
        """Who made the latest correction."""
        return mapped_column(ForeignKey("users.id"))

    @declared_attr
    @classmethod
    def withdrawn_by_id(cls) -> Mapped[int | None]:
        """Who withdrew it."""
        return mapped_column(ForeignKey("users.id"))


def fact_rules() -> tuple[Any, ...]:
    """Give the constraints every fact table states."""
    return (
        one_of("compartment", Compartment),
        one_of("grade", ADMIRALTY_GRADES),
        both_or_neither("withdrawn_at", "withdrawn_reason", name="withdrawn_pair"),
    )


_REVISIONS: dict[str, Table] = {}


def revisions_of(model: type[Fact]) -> Table:
    """Give the table that keeps a fact table's superseded values."""
    return _REVISIONS[model.__tablename__]


def keep_revisions(model: type[Fact]) -> type[Fact]:
    """Class decorator: give the fact table its `…_revisions` (same columns, no foreign keys)."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(table)
    copies = [
        Column(
            c.name,
            Integer() if c.foreign_keys else c.type,
            nullable=c.nullable,
            index=c.name == "id",
        )
        for c in table.columns
    ]
    _REVISIONS[model.__tablename__] = Table(
        f"{model.__tablename__}_revisions",
        Base.metadata,
        Column("revision_id", Integer, primary_key=True),
        *copies,
        Column("superseded_at", Instant, nullable=False, index=True),
    )
    return model


@event.listens_for(Session, "before_flush")
def _keep_superseded_values(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Copy the old values of every corrected fact before they are overwritten.

    The instant of a correction is the row's new `revised_at`, which the use case sets; a change
    in the same act as the entry is part of the entry. A second correction in one instant, or by a
    clock that lags, counts from the first one's instant: both are kept, no past shows two values.
    """
    for instance in session.dirty:
        if not isinstance(instance, Fact) or not session.is_modified(instance):
            continue
        table = instance.__table__
        own = table.c.id == instance.id
        before = session.execute(select(table.c.revised_at).where(own)).scalar_one()
        if before == instance.revised_at == instance.entered_at:
            continue
        # Set to the same instant anew is set, too; no comparison of values can tell.
        if "revised_at" not in instance_state(instance).committed_state:
            raise RuntimeError("A correction must set revised_at.")
        instance.revised_at = max(before, instance.revised_at)
        superseded_at = literal(instance.revised_at, Instant())
        # Copied by the database: sealed texts stay sealed.
        names = [*table.c.keys(), "superseded_at"]
        old = select(*table.c, superseded_at).where(own)
        session.execute(insert(revisions_of(type(instance))).from_select(names, old))
