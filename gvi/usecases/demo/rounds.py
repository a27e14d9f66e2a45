"""The invented town's rounds of visits: one that is over, one under way with people in every state.

They gather visits the town has anyway; each says why this person, and some have letters.
"""

from datetime import date, timedelta

from gvi.domain.custom_notification import STILL_POSSIBLE, RiskOutcome
from gvi.domain.round import RoundStatus
from gvi.domain.time import local_day
from gvi.store.models import (
    CustomNotification,
    MessageDelivery,
    RiskCheck,
    Round,
    RoundVisit,
    VisitLetter,
)
from gvi.usecases.demo.town import Town

WHY = (
    "Når fyra som inte hört budskapet, och som inget annat besök når.",
    "Har kontakter i två grupper.",
    "Kom inte när gruppen kallades.",
    "Hans bror lyssnar på honom.",
)
EXPOSURE = (
    "Du har en villkorlig dom. Ett nytt vapenbrott betyder fängelse i minst två år.",
    "Du har återstående strafftid på fem månader, som läggs till ett nytt straff.",
    "Du är inte dömd tidigare. Åklagaren begär häktning vid varje nytt våldsbrott i gruppen.",
)


def add_rounds(town: Town) -> None:
    """Gather visits of some months ago in a round that is over, and the present ones in another."""
    wanted = ("round", "threat_info")
    every = town.db.query(CustomNotification).order_by(CustomNotification.id)
    partly = every.filter_by(status="partly_family").limit(1).all()
    visits = every.filter(CustomNotification.trigger.in_(wanted)).all() + partly
    told = {
        row.custom_notification_id: local_day(row.delivered_at, town.zone)
        for row in town.db.query(MessageDelivery)
        if row.custom_notification_id and not row.to_family
    }
    start, end = town.today - timedelta(days=110), town.today - timedelta(days=70)
    over = [each for each in visits if start <= told.get(each.id, date.min) <= end]
    if over:
        _round(town, "Omgång 3", over, starts_on=start, ends_on=end)
    begun = town.today - timedelta(days=24)
    now = [
        each
        for each in visits
        if each.status in STILL_POSSIBLE | {"cancelled"} or told.get(each.id, date.min) >= begun
    ]
    if now:
        until = town.today + timedelta(days=3)
        under_way = _round(town, "Omgång 4", now, starts_on=begun, ends_on=until)
        _held_back(town, [each for each in now if each.status == "attempted"])
        under_way.purpose = "Nå dem som förra inbjudan missade, innan helgen."


def _round(
    town: Town, name: str, visits: list[CustomNotification], *, starts_on: date, ends_on: date
) -> Round:
    is_over = ends_on < town.today
    begun = town.add(
        Round(
            programme_id=town.programme_id,
            name=name,
            status=(RoundStatus.CLOSED if is_over else RoundStatus.OPEN).value,
            starts_on=starts_on,
            ends_on=ends_on,
            owner_id=town.users["asa"].id,
            team="Områdespolis och socialtjänst",
            purpose="Budskapet till fler i de mest våldsamma grupperna.",
            created_at=town.past((town.today - starts_on).days + 3),
            created_by_id=town.users["asa"].id,
            closed_at=town.past((town.today - ends_on).days - 1) if is_over else None,
        )
    )
    for place, visit in enumerate(visits):
        visit.why = WHY[place % len(WHY)]
        town.add(RoundVisit(custom_notification_id=visit.id, round_id=begun.id))
        if place % 3:
            _letter(town, visit, place)
    return begun


def _letter(town: Town, visit: CustomNotification, place: int) -> None:
    is_approved = visit.status != "planned"
    town.add(
        VisitLetter(
            custom_notification_id=visit.id,
            language="nb" if place % 7 == 5 else "sv",
            exposure=EXPOSURE[place % len(EXPOSURE)],
            approved_at=visit.created_at + timedelta(hours=3) if is_approved else None,
            approved_by_id=town.users["asa"].id if is_approved else None,
        )
    )


def _held_back(town: Town, visits: list[CustomNotification]) -> None:
    """Hold the last of some visits back: a no-go took the place of the go."""
    for visit in visits[-1:]:
        before = town.db.query(RiskCheck).filter_by(custom_notification_id=visit.id).one()
        before.ended_at = town.at(1, 9)
        town.add(
            RiskCheck(
                programme_id=town.programme_id,
                custom_notification_id=visit.id,
                home_conflict="yes",
                children_present="yes",
                victim_of_own_group="unknown",
                outcome=RiskOutcome.NO_GO.value,
                reason="Barnen är hemma hela veckan och det är bråk i familjen; vänta till måndag",
                checked_at=town.at(1, 9),
                checked_by_id=town.users["goran"].id,
            )
        )
