"""Risk checks of visits: what counts, what counted when, and what asks for another look."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.clearance import LATELY
from gvi.domain.custom_notification import STILL_POSSIBLE, Answer, RiskOutcome
from gvi.store.known import known, valid_at
from gvi.store.models import CustomNotification, Membership, RiskCheck, User
from gvi.store.queries.rights import visible
from gvi.store.queries.violence import violence_known


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One risk check, signed."""

    id: int
    home_conflict: Answer
    children_present: Answer
    victim_of_own_group: Answer
    outcome: RiskOutcome
    reason: str
    checked_at: datetime
    checked_by: str
    counts: bool
    """Whether no other took its place since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """How far the risk of one visit is checked: every check, the one that counts first."""

    checks: tuple[Checked, ...] = ()
    look_again: bool = False
    """Whether violence became known after the go; told only to those who know of it."""

    @property
    def counting(self) -> Checked | None:
        """The check that counts; None where nobody has checked."""
        return next((each for each in self.checks if each.counts), None)

    @property
    def is_go(self) -> bool:
        """Whether the visit may be approved."""
        return self.counting is not None and self.counting.outcome is RiskOutcome.GO

    @property
    def is_held_back(self) -> bool:
        """Whether a no-go holds the visit back."""
        return self.counting is not None and self.counting.outcome is RiskOutcome.NO_GO


NOT_CHECKED = Risk()


def counting_check(db: Session, notification_id: int) -> RiskCheck | None:
    """Give the check of a visit that counts now."""
    counts = (RiskCheck.custom_notification_id == notification_id, RiskCheck.ended_at.is_(None))
    return db.scalars(select(RiskCheck).where(*counts).order_by(RiskCheck.id.desc())).first()


def check_at(db: Session, notification_id: int, moment: datetime) -> RiskCheck | None:
    """Give the check of a visit that counted at a moment."""
    return db.scalars(
        select(RiskCheck)
        .where(
            RiskCheck.custom_notification_id == notification_id,
            RiskCheck.checked_at <= moment,
            or_(RiskCheck.ended_at.is_(None), RiskCheck.ended_at > moment),
        )
        .order_by(RiskCheck.id.desc())
    ).first()


def risks_of(
    db: Session, viewer: Viewer, notification_ids: Collection[int], *, at: datetime
) -> dict[int, Risk]:
    """Give for each of some visits how far its risk is checked; empty without the right."""
    if not notification_ids or not allows(viewer, "custom_notification_full:read"):
        return {}
    found = _checks(db, viewer, notification_ids)
    again = _look_again(db, viewer, found, at=at)
    return {
        id_: Risk(checks=tuple(found.get(id_, ())), look_again=id_ in again)
        for id_ in notification_ids
    }


def _checks(
    db: Session, viewer: Viewer, notification_ids: Collection[int]
) -> dict[int, list[Checked]]:
    c = RiskCheck.__table__.c
    rows = db.execute(
        select(*c, User.display_name)
        .join_from(RiskCheck, CustomNotification, CustomNotification.id == c.custom_notification_id)
        .outerjoin(User, User.id == c.checked_by_id)
        .where(
            visible(CustomNotification.__table__.c, viewer, "custom_notification_full:read"),
            c.custom_notification_id.in_(sorted(notification_ids)),
        )
        .order_by(c.ended_at.is_not(None), c.checked_at.desc(), c.id.desc())
    )
    found: dict[int, list[Checked]] = defaultdict(list)
    for row in rows:
        found[row.custom_notification_id].append(
            Checked(
                id=row.id,
                home_conflict=Answer(row.home_conflict),
                children_present=Answer(row.children_present),
                victim_of_own_group=Answer(row.victim_of_own_group),
                outcome=RiskOutcome(row.outcome),
                reason=row.reason,
                checked_at=row.checked_at,
                checked_by=row.display_name or "",
                counts=row.ended_at is None,
            )
        )
    return found


def _look_again(
    db: Session, viewer: Viewer, found: Mapping[int, Sequence[Checked]], *, at: datetime
) -> set[int]:
    """Say which go is older than what is known of violence by the person or somebody of a group.

    It asks until somebody checks anew, for as long as the visit can still be made; the same
    window as for a call-in (docs/decisions/0104).
    """
    if not (allows(viewer, "involvement:read") and allows(viewer, "membership:read")):
        return set()
    gone = {
        id_: each.checked_at
        for id_, checks in found.items()
        for each in checks
        if each.counts and each.outcome is RiskOutcome.GO
    }
    whose = _still_to_be_made(db, gone)
    if not whose:
        return set()
    groups = _groups_of(db, viewer, set(whose.values()), at)
    violence = violence_known(db, viewer, min(gone[id_] for id_ in whose) - LATELY, at)

    def is_older(id_: int, person: int) -> bool:
        since = gone[id_]
        mine = {("person", person), *(("group", group) for group in groups.get(person, ()))}
        return any(
            what in mine and when > since and done >= since - LATELY
            for what, when, done in violence
        )

    return {id_ for id_, person in whose.items() if is_older(id_, person)}


def _still_to_be_made(db: Session, ids: Collection[int]) -> dict[int, int]:
    n = CustomNotification
    rows = db.execute(
        select(n.id, n.person_id).where(n.id.in_(sorted(ids)), n.status.in_(sorted(STILL_POSSIBLE)))
    )
    return {row.id: row.person_id for row in rows}


def _groups_of(
    db: Session, viewer: Viewer, people: Collection[int], at: datetime
) -> dict[int, set[int]]:
    m = known(Membership, None)
    rows = db.execute(
        select(m.c.person_id, m.c.group_id).where(
            visible(m.c, viewer, "membership:read", person=m.c.person_id),
            m.c.person_id.in_(sorted(people)),
            *valid_at(m, at),
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for person, group in rows:
        found[person].add(group)
    return found
