"""Recording that a person consents to a disclosure, and that they no longer do."""

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.disclosure import OWN_WORDS, Party, parts_of, side_of
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.person import is_adult
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.models import Consent, Person
from gvi.store.queries.rights import visible
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the


def record_consent(
    db: Session,
    viewer: Viewer,
    person_id: int,
    party: Party,
    parts: Collection[str],
    *,
    given_on: date,
    ends_on: date | None,
    by_guardian: bool,
    document: str,
    at: datetime,
    zone: ZoneInfo,
) -> Consent:
    """Record to whom and for which parts a person has consented.

    Raises RuleError for a scope that is not the side's, a day ahead, and for somebody under 18
    without the guardians (in social intervention groups both must consent).
    """
    require(viewer, "consent:write")
    side = _side(viewer)
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    today = local_day(at, zone)
    _check_scope(side, party, parts)
    _check_time(person, given_on, ends_on, today=today, by_guardian=by_guardian)
    consent = Consent(
        programme_id=viewer.programme_id,
        person_id=person.id,
        side=side.value,
        party=party.value,
        parts=" ".join(sorted(set(parts))),
        given_on=given_on,
        ends_on=ends_on,
        by_guardian=by_guardian,
        document=document.strip(),
        recorded_by_id=viewer.user_id,
        recorded_at=at,
    )
    db.add(consent)
    db.flush()
    log_change(
        db,
        viewer,
        "consent:recorded",
        at=at,
        collected=True,
        fields=sorted(set(parts)),
        person=person.id,
        consent=consent.id,
    )
    return consent


def withdraw_consent(db: Session, viewer: Viewer, consent_id: int, *, at: datetime) -> Consent:
    """End a consent at once: what was disclosed on it is hidden from this moment.

    Raises NotFoundError where there is none in force for the viewer's side.
    """
    require(viewer, "consent:write")
    consent = db.execute(
        select(Consent).where(
            Consent.id == consent_id,
            Consent.side == _side(viewer).value,
            Consent.withdrawn_at.is_(None),
            visible(
                Consent.__table__.c,
                viewer,
                "consent:write",
                person=Consent.person_id,
                owner=Consent.recorded_by_id,
            ),
        )
    ).scalar_one_or_none()
    if consent is None:
        raise NotFoundError(N_("There is no such consent, or it is not for you."))
    consent.withdrawn_at, consent.withdrawn_by_id = at, viewer.user_id
    log_change(db, viewer, "consent:withdrawn", at=at, person=consent.person_id, consent=consent.id)
    return consent


def _side(viewer: Viewer) -> Party:
    side = side_of(viewer.role)
    if side is None or viewer.user_id is None:
        raise NotAllowedError(N_("Your role does not give the right to do this."))
    return side


def _check_scope(side: Party, party: Party, parts: Collection[str]) -> None:
    known_parts = {*(section.value for section in parts_of(side)), OWN_WORDS}
    if party is side:
        raise RuleError(N_("Choose a recipient outside your own side."), field="party")
    if not parts or not set(parts) <= known_parts:
        raise RuleError(N_("Choose what the consent covers."), field="parts")


def _check_time(
    person: Person, given_on: date, ends_on: date | None, *, today: date, by_guardian: bool
) -> None:
    if given_on > today:
        raise RuleError(N_("A consent cannot be given on a day to come."), field="given_on")
    if ends_on is not None and ends_on < today:
        raise RuleError(N_("Choose a last day that has not passed."), field="ends_on")
    if not is_adult(person.birth_date, today) and not by_guardian:
        raise RuleError(
            N_("Somebody under 18 needs the guardians’ consent too."), field="by_guardian"
        )
