"""People (by code name), their sealed identity, aliases, memberships, ties and supervision."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.grading import Certainty
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.supervision import SupervisionKind
from gvi.domain.tie import MAX_STRENGTH, TieKind
from gvi.store.models.base import Base, Fact, fact_rules, keep_revisions
from gvi.store.sealing import Sealed
from gvi.store.types import one_of


@keep_revisions
class Person(Fact):
    """A person the programme knows, by code name; the name itself is in `identities`."""

    __tablename__ = "persons"
    __table_args__ = (
        *fact_rules(),
        UniqueConstraint("programme_id", "external_id"),
        UniqueConstraint("programme_id", "code_name"),
    )

    external_id: Mapped[str | None]
    code_name: Mapped[str]
    birth_date: Mapped[date | None]
    sex: Mapped[str | None]
    """For the report on fairness only; never an input of any computation."""
    area: Mapped[str] = mapped_column(default="")
    is_protected: Mapped[bool] = mapped_column(default=False)
    """Protected identity: neither counted nor listed as an invitee."""
    is_exit_client: Mapped[bool] = mapped_column(default=False)
    """In the exit programme (avhoppare): never an invitee."""


class Identity(Base):
    """The person's name, apart from everything else that is known, so that it can be sealed."""

    __tablename__ = "identities"

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Sealed("identities.name", "person_id"))


class PersonAlias(Base):
    """Another name the person goes by."""

    __tablename__ = "person_aliases"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    alias: Mapped[str] = mapped_column(Sealed("person_aliases.alias"))


class NameToken(Base):
    """The blind index of a name or alias: a keyed hash of it, of its words and their beginnings.

    Goes with the name or alias it was made from, whoever deletes that.
    """

    __tablename__ = "name_tokens"
    __table_args__ = (
        CheckConstraint("(identity_id IS NULL) <> (alias_id IS NULL)", name="of_one_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    identity_id: Mapped[int | None] = mapped_column(
        ForeignKey("identities.person_id", ondelete="CASCADE"), index=True
    )
    alias_id: Mapped[int | None] = mapped_column(
        ForeignKey("person_aliases.id", ondelete="CASCADE"), index=True
    )
    key: Mapped[int]
    """The number of the key it was made with."""
    token: Mapped[bytes] = mapped_column(index=True)


@keep_revisions
class Membership(Fact):
    """A person's part in a group, from a day."""

    __tablename__ = "memberships"
    __table_args__ = (
        *fact_rules(),
        one_of("role", MembershipRole),
        one_of("certainty", Certainty),
        one_of("status", MembershipStatus),
        CheckConstraint("valid_to > valid_from", name="ends_after_start"),
        Index(None, "person_id", "group_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    role: Mapped[str | None]
    certainty: Mapped[str | None]
    status: Mapped[str] = mapped_column(default=MembershipStatus.CURRENT.value)
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]


@keep_revisions
class Tie(Fact):
    """A tie between two people; undirected, but for recruiter (a recruits b)."""

    __tablename__ = "ties"
    __table_args__ = (
        *fact_rules(),
        one_of("kind", TieKind),
        one_of("certainty", Certainty),
        CheckConstraint("person_a_id <> person_b_id", name="two_people"),
        CheckConstraint(f"strength > 0 AND strength <= {MAX_STRENGTH}", name="strength_in_range"),
        CheckConstraint("valid_to > valid_from", name="ends_after_start"),
        Index(None, "person_a_id", "person_b_id"),
    )

    person_a_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    person_b_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[str]
    strength: Mapped[float | None]
    certainty: Mapped[str | None]
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]


@keep_revisions
class Supervision(Fact):
    """Supervision or custody of a person, which decides who can be obliged to come."""

    __tablename__ = "supervisions"
    __table_args__ = (
        *fact_rules(),
        one_of("kind", SupervisionKind),
        CheckConstraint("valid_to > valid_from", name="ends_after_start"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[str]
    obliges_attendance: Mapped[bool] = mapped_column(default=False)
    """Set by probation for each person: whether a call-in can be made an obligation."""
    note: Mapped[str] = mapped_column(Sealed("supervisions.note"), default="")
    """Probation's own words; read by the probation officer only."""
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
