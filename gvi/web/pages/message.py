"""The message ledger of a person and of a group."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from gvi.domain.incident import Gmi
from gvi.domain.message import MessagePart
from gvi.domain.text import N_
from gvi.store.queries.involvement import GroupIncident, incidents_of_group
from gvi.store.queries.message import GroupLedger, PersonLedger, group_ledger, person_ledger
from gvi.usecases.policy import in_force
from gvi.web.context import NavItem
from gvi.web.format import say_date
from gvi.web.tabs import group_tabs, person_tabs
from gvi.web.templating import manner_of
from gvi.web.text import translate_plural
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("message:read")]


@router.get("/people/{person_id}/messages", response_class=HTMLResponse)
def person(visit: Reader, person_id: int, db: ReadDb) -> HTMLResponse:
    """Show what one person was told."""
    ledger = person_ledger(db, visit.viewer, person_id, visit.instant, visit.zone)
    visit.shows("person", [ledger.person_id])
    return visit.render(
        "message/person.html",
        ledger=ledger,
        answer=_person_answer(visit, ledger),
        tabs=_words(visit, person_tabs(visit, person_id, "/messages")),
        all_parts=tuple(MessagePart),
        may_plan=visit.may("custom_notification:write"),
    )


@router.get("/groups/{group_id}/messages", response_class=HTMLResponse)
def group(visit: Reader, group_id: int, db: ReadDb) -> HTMLResponse:
    """Show what the members of one group were told and promised, and their violence since then."""
    ledger = group_ledger(db, visit.viewer, group_id, visit.instant, visit.zone)
    visit.shows("group", [ledger.group_id])
    visit.shows("person", [member.person_id for member in ledger.members])
    visit.shows("person", [line.person_id for line in ledger.deliveries])
    since = _violence_since(visit, db, group_id, ledger.promised_at)
    visit.shows("incident", [each.incident.id for each in since])
    visit.shows("person", [person for each in since for person in each.person_ids])
    return visit.render(
        "message/group.html",
        ledger=ledger,
        since=since,
        shows_incidents=visit.may("incident_full:read"),
        answer=_group_answer(visit, ledger),
        tabs=_words(visit, group_tabs(visit, group_id, "/messages")),
        all_parts=tuple(MessagePart),
    )


def _violence_since(
    visit: Visit, db: Session, group_id: int, promised_at: datetime | None
) -> list[GroupIncident]:
    """Give what the promise is to be kept for: violence that members did after it was made.

    What the harm table gives no weight is no violence, and what is known to have nothing to do
    with a group calls for no consequence to one.
    """
    if promised_at is None:
        return []
    harm = in_force(db, visit.viewer).harm
    found = incidents_of_group(
        db, visit.viewer, group_id, visit.as_of, at=visit.instant, on=visit.day
    )
    return [
        each
        for each in found
        if each.doing
        and harm.get(each.incident.kind, 0.0) > 0.0
        and each.incident.gmi is not Gmi.KNOWN_NOT
        and promised_at < each.incident.occurred_at <= visit.instant
    ]


def _words(visit: Visit, tabs: tuple[NavItem, ...]) -> list[tuple[str, str, bool]]:
    return [(visit.say(tab.label), tab.url, tab.current) for tab in tabs]


def _person_answer(visit: Visit, ledger: PersonLedger) -> str:
    if not ledger.is_adult:
        return visit.say(N_("Under 18. The message is not given here."))
    told = [line for line in ledger.deliveries if not line.to_family]
    if not told:
        return visit.say(N_("Has not heard the message yet."))
    day = say_date(told[0].delivered_at, manner_of(visit.page()))
    if len(ledger.heard) == len(MessagePart):
        return visit.say(N_("Has heard all four parts; last on %(day)s."), day=day)
    return translate_plural(
        "Has heard %(num)s of the four parts; last on %(day)s.",
        "Has heard %(num)s of the four parts; last on %(day)s.",
        len(ledger.heard),
        visit.viewer.language,
        day=day,
    )


def _group_answer(visit: Visit, ledger: GroupLedger) -> str:
    if not ledger.told:
        return visit.say(N_("Nobody in the group has heard the message yet."))
    if not ledger.is_whole:
        return translate_plural(
            "%(num)s member has heard all four parts.",
            "%(num)s members have heard all four parts.",
            ledger.heard_all,
            visit.viewer.language,
        )
    return translate_plural(
        "%(num)s of %(members)s has heard all four parts; %(told)s have heard something.",
        "%(num)s of %(members)s have heard all four parts; %(told)s have heard something.",
        ledger.heard_all,
        visit.viewer.language,
        members=len(ledger.members),
        told=ledger.told,
    )
