"""The invented town's violence: a few groups and a few people carry most of it."""

from datetime import timedelta

from gvi.domain.grading import Compartment
from gvi.domain.person import is_adult
from gvi.store.models import Group, Incident, Involvement, Person, RiskDecision
from gvi.usecases.demo import names
from gvi.usecases.demo.town import MARKERS, Town
from gvi.usecases.facts import correct
from gvi.usecases.session import viewer_of

INCIDENTS = 400
KINDS = (
    ("homicide", 2),
    ("attempted_homicide", 5),
    ("shooting_with_injury", 8),
    ("shooting_at_person", 8),
    ("explosion", 10),
    ("stabbing", 10),
    ("shooting_at_building_or_vehicle", 12),
    ("grenade_or_attempted_explosion", 4),
    ("serious_assault", 22),
    ("arson", 10),
    ("robbery", 20),
    ("threat", 18),
    ("kidnapping", 2),
    ("weapon", 12),
)
REVIEWED_WITHIN_DAYS = 7
QUESTIONS_ANSWERED_DAYS = 60
SUMMARIES = (
    "Två personer sågs springa från platsen.",
    "Flera vittnen hörde smällar.",
    "En bil lämnade platsen i hög fart.",
    "Målsäganden vill inte medverka.",
    "Teknisk undersökning pågår.",
)


def add_incidents(town: Town) -> None:
    """Spread incidents over three years, most of them between the most violent groups."""
    weights = [1 / (place + 1) ** 1.1 for place in range(len(town.groups))]
    for number in range(INCIDENTS):
        doing, suffering = _two_groups(town, weights)
        days = town.rng.uniform(4, 1095) if number else 2.4
        _incident(town, doing, suffering, days)
    _friday_shooting(town)
    _correct_some(town)


def _two_groups(town: Town, weights: list[float]) -> tuple[Group, Group]:
    doing = town.rng.choices(town.groups, weights)[0]
    rivals = [group for group in town.groups if group is not doing]
    if doing is town.groups[0] and town.rng.random() < 0.6:
        return doing, town.groups[1]
    if doing is town.groups[1] and town.rng.random() < 0.6:
        return doing, town.groups[0]
    return doing, town.rng.choice(rivals)


def _incident(town: Town, doing: Group, suffering: Group, days: float) -> Incident:
    kind = town.rng.choices([k for k, _ in KINDS], [w for _, w in KINDS])[0]
    occurred = town.past(days)
    gmi = town.rng.choices(("confirmed", "likely", "unknown", "known_not"), (34, 20, 36, 10))[0]
    incident = town.add(
        Incident(
            occurred_at=occurred,
            kind=kind,
            status=_status(town, days),
            gmi=gmi,
            place=f"{town.rng.choice(names.STREETS)} {town.rng.randint(1, 60)}",
            area=doing.area,
            injured=int(kind in ("shooting_with_injury", "stabbing", "serious_assault")),
            killed=int(kind == "homicide"),
            summary=f"{town.rng.choice(SUMMARIES)} {MARKERS[Compartment.POLICE]}",
            **town.fact(occurred + timedelta(hours=town.rng.uniform(1, 30))),
        )
    )
    town.incidents.append(incident)
    _involve(town, incident, doing, suffering)
    return incident


def _status(town: Town, days: float) -> str:
    """Say how far the weekly review has come: this week's are new, old questions are answered."""
    if days < 14:
        return "new" if days < REVIEWED_WITHIN_DAYS else "reviewed"
    status = town.rng.choices(
        ("reviewed", "closed", "needs_information", "on_hold", "unfounded"), (50, 35, 9, 2, 4)
    )[0]
    is_old = days > QUESTIONS_ANSWERED_DAYS
    return "reviewed" if status == "needs_information" and is_old else status


def _involve(town: Town, incident: Incident, doing: Group, suffering: Group) -> None:
    doers = _active(town, doing, town.rng.choice((1, 1, 1, 2, 2, 3)))
    for place, person in enumerate(doers):
        role = town.rng.choices(
            ("suspect", "convicted", "accomplice", "instigator", "present", "arrested"),
            (50, 18, 12, 4 if not place else 1, 10, 8),
        )[0]
        _role(town, incident, person, role)
    for person in _active(town, suffering, town.rng.choice((0, 1, 1, 1, 2))):
        if person not in doers:
            _role(town, incident, person, town.rng.choice(("victim", "victim", "intended_victim")))
    if town.rng.random() < 0.25:
        bystander = town.rng.choice(town.people)
        if bystander not in doers:
            _role(town, incident, bystander, "witness")


def _active(town: Town, group: Group, number: int) -> list[Person]:
    """Draw members, the first of the group far more often: activity is heavy-tailed too."""
    members = town.members[group.id]
    chosen: list[Person] = []
    for _ in range(number):
        place = min(int(town.rng.paretovariate(1.1)) - 1, len(members) - 1)
        if members[place] not in chosen:
            chosen.append(members[place])
    return chosen


def _role(
    town: Town, incident: Incident, person: Person, role: str, certainty: str | None = None
) -> None:
    given = town.rng.choices(("confirmed", "probable", "possible", None), (5, 3, 1.5, 0.5))[0]
    town.add(
        Involvement(
            incident_id=incident.id,
            person_id=person.id,
            role=role,
            certainty=certainty or ("confirmed" if role == "convicted" else given),
            **town.fact(incident.recorded_at + timedelta(hours=2)),
        )
    )


def _friday_shooting(town: Town) -> None:
    """The shooting the week begins with: late on the latest Friday, GMI unknown, not reviewed."""
    back = (town.today.weekday() - 4) % 7 or 7
    occurred = town.at(back, 23, 40)
    incident = town.add(
        Incident(
            occurred_at=occurred,
            kind="shooting_with_injury",
            status="new",
            gmi="unknown",
            place="Norrängsvägen 14",
            area="Norrängen",
            injured=1,
            summary=f"En skadad, 19 år. Två sågs springa. {MARKERS[Compartment.POLICE]}",
            **town.fact(occurred + timedelta(minutes=25), grade="B2"),
        )
    )
    town.incidents.append(incident)
    granit, lotsen = town.groups[0], town.groups[1]
    _role(town, incident, town.members[granit.id][1], "suspect", "probable")
    _role(town, incident, town.members[lotsen.id][3], "victim", "confirmed")


def _correct_some(town: Town) -> None:
    """Decide the GMI of some incidents later than they were recorded, as reviews do."""
    analyst = viewer_of(town.users["henrik"], "demo")
    old = [incident for incident in town.incidents if incident.occurred_at < town.past(60)]
    for incident in town.pick([i for i in old if i.gmi == "unknown"], 24):
        decided = incident.recorded_at + timedelta(days=10)
        correct(incident, analyst, "incident:write", at=decided, gmi="likely")
        town.changed(
            "incident",
            incident.id,
            "unknown",
            "likely",
            when=decided,
            by="henrik",
            reason="Genomgång",
            what="gmi",
        )
    town.db.flush()


def add_risk_decisions(town: Town) -> None:
    """Let the meeting decide colours for those most often involved; some have run out."""
    adults = [
        person
        for group in town.groups[:9]
        for person in town.members[group.id][:6]
        if is_adult(person.birth_date, town.today)
    ]
    for place, person in enumerate(adults[:42]):
        days = 24 if place in (4, 24) else (2, 5, 9, 12, 16)[place % 5]
        colour = ("red", "yellow", "yellow", "green")[place % 4]
        town.add(
            RiskDecision(
                programme_id=town.programme_id,
                person_id=person.id,
                colour=colour,
                reason=("Akut läge efter händelsen", "Lugnare sedan i januari")[place % 2],
                decided_by_id=town.users["asa" if place % 2 else "karin"].id,
                decided_at=town.at(days, 10),
                expires_on=town.day(21 - days),
            )
        )
