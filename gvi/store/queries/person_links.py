"""What points to a person, on the viewer's side of the secrecy and on the other."""

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.action import ActionKind
from gvi.domain.grading import Compartment
from gvi.store.models import (
    Action,
    ClientAssignment,
    CustomNotification,
    InboundCall,
    Invitee,
    Involvement,
    Membership,
    RiskDecision,
    Supervision,
    SupportCase,
    SupportOffer,
    Tie,
)
from gvi.store.wall import behind_the_wall


def _police_links(person_id: int) -> list[ColumnElement[bool]]:
    return [
        exists().where(Membership.person_id == person_id, Membership.withdrawn_at.is_(None)),
        exists().where(
            or_(Tie.person_a_id == person_id, Tie.person_b_id == person_id),
            Tie.withdrawn_at.is_(None),
        ),
        exists().where(Involvement.person_id == person_id, Involvement.withdrawn_at.is_(None)),
        exists().where(Action.person_id == person_id, Action.kind == ActionKind.CORRECTION.value),
    ]


def _social_links(person_id: int) -> list[ColumnElement[bool]]:
    return [
        exists().where(model.person_id == person_id)
        for model in (SupportOffer, InboundCall, SupportCase, ClientAssignment)
    ]


def _common_links(person_id: int) -> list[ColumnElement[bool]]:
    return [
        exists().where(Supervision.person_id == person_id, Supervision.withdrawn_at.is_(None)),
        *(
            exists().where(model.person_id == person_id)
            for model in (RiskDecision, Invitee, CustomNotification)
        ),
        exists().where(Action.person_id == person_id, Action.kind != ActionKind.CORRECTION.value),
    ]


def linked_as_seen(db: Session, viewer: Viewer, person_id: int) -> bool:
    """Tell whether anything points to the person that the viewer's role may know of."""
    links = _common_links(person_id)
    if allows(viewer, "membership:read"):
        links += _police_links(person_id)
    if allows(viewer, "support:read"):
        links += _social_links(person_id)
    return _any(db, links)


def linked_elsewhere(db: Session, viewer: Viewer, person_id: int) -> Compartment | None:
    """Name the compartment whose records still need the person, unknown to the viewer."""
    with behind_the_wall(db, "whom the other side works with must not vanish with an entry"):
        if not allows(viewer, "support:read") and _any(db, _social_links(person_id)):
            return Compartment.SOCIAL
        if not allows(viewer, "membership:read") and _any(db, _police_links(person_id)):
            return Compartment.POLICE
    return None


def _any(db: Session, links: list[ColumnElement[bool]]) -> bool:
    return bool(db.execute(select(or_(*links))).scalar())
