"""The invented town's disclosures: several grounds, one ended, one waiting, two requests."""

from datetime import timedelta

from gvi.domain.disclosure import (
    GROUNDS,
    OWN_WORDS,
    DisclosureStatus,
    Ground,
    Party,
    Purpose,
    RequestStatus,
    SourceClass,
)
from gvi.domain.person import age_on
from gvi.store.frozen import freeze
from gvi.store.models import Consent, Disclosure, DisclosureLine, DisclosureRequest, Person
from gvi.store.queries.section import SectionLine
from gvi.usecases.demo.access import client_of
from gvi.usecases.demo.town import Town

_WEIGHED = "Risken för nytt våld väger tyngre än sekretessen; bara det nödvändiga lämnas."


def add_disclosures(town: Town) -> None:
    """Disclose on each ground once, to each side; a consent was withdrawn, a request waits."""
    client, other = client_of(town, "maja", 1), client_of(town, "maja", 2)
    supervised = client_of(town, "sara", 0)
    _disclose(
        town,
        _young(town),
        Ground.YOUNG_AT_RISK,
        (("karin", Party.SOCIAL), ("asa", Party.POLICE)),
        "Söks av äldre som vill att han ska hålla saker åt dem.",
        days_ago=4,
    )
    _disclose(
        town,
        supervised,
        Ground.BALANCE,
        (("asa", Party.POLICE), ("sara", Party.PROBATION)),
        "Bör inte kallas samma dag som andra ur gruppen.",
        days_ago=6,
    )
    _disclose(
        town,
        client,
        Ground.DANGER,
        (("karin", Party.SOCIAL), ("asa", Party.POLICE)),
        "Har berättat om ett hot mot familjens bostad i natt.",
        days_ago=40,
    )
    _on_consent(town, other)
    _waiting(town, client)
    for days_left, asked in ((3, "Var personen kan nås."), (-1, "Om personen har bytt adress.")):
        _request(town, client if days_left > 0 else other, asked, days_left)


def _on_consent(town: Town, other: Person) -> None:
    consent = town.add(
        Consent(
            programme_id=town.programme_id,
            person_id=other.id,
            side=Party.SOCIAL.value,
            party=Party.PROBATION.value,
            parts=OWN_WORDS,
            given_on=town.day(-20),
            by_guardian=False,
            document="Blankett i akten",
            recorded_by_id=town.users["maja"].id,
            recorded_at=town.past(20),
        )
    )
    _disclose(
        town,
        other,
        Ground.CONSENT,
        (("bjorn", Party.SOCIAL), ("sara", Party.PROBATION)),
        "Vill ha hjälp med boende före villkorlig frigivning.",
        days_ago=3,
        consent=consent,
    )


def _young(town: Town) -> Person:
    """Give one of the young who is known to the municipality."""
    people = [person for members in town.members.values() for person in members]
    return next(
        person
        for person in people
        if person.birth_date is not None and 18 <= age_on(person.birth_date, town.today) <= 19
    )


def _disclose(
    town: Town,
    person: Person,
    ground: Ground,
    ends: tuple[tuple[str, Party], tuple[str, Party]],
    words: str,
    *,
    days_ago: float,
    consent: Consent | None = None,
) -> Disclosure:
    by, to = ends
    decider, written = town.users[by[0]].id, town.past(days_ago)
    made = town.add(
        Disclosure(
            programme_id=town.programme_id,
            person_id=person.id,
            side=by[1].value,
            party=to[1].value,
            ground=ground.value,
            conditions=" ".join(each.value for each in GROUNDS[ground].conditions),
            weighing=_WEIGHED if GROUNDS[ground].weighing else "",
            purpose=Purpose.PREVENT_VIOLENCE.value,
            fields=f"{OWN_WORDS}.facts",
            consent_id=consent.id if consent else None,
            recipient_id=town.users[to[0]].id,
            written_by_id=decider,
            written_at=written,
            expires_at=written + timedelta(days=14),
            decider_id=decider,
            status=DisclosureStatus.DISCLOSED.value,
            decided_at=written,
            decided_by_id=decider,
        )
    )
    _line(town, made, words)
    return made


def _line(town: Town, made: Disclosure, words: str) -> None:
    town.add(
        DisclosureLine(
            programme_id=town.programme_id,
            disclosure_id=made.id,
            position=0,
            part=OWN_WORDS,
            is_assessment=False,
            source_class=SourceClass.OWN_OBSERVATION.value,
            grade="B2",
            frozen=freeze(SectionLine(text=words)),
        )
    )


def _waiting(town: Town, person: Person) -> None:
    """Let a worker have written one that the coordinator has not decided on yet."""
    made = _disclose(
        town,
        person,
        Ground.DUTY,
        (("karin", Party.SOCIAL), ("asa", Party.POLICE)),
        "Har setts med nya personer vid centrum.",
        days_ago=1,
    )
    made.written_by_id = town.users["maja"].id
    made.status = DisclosureStatus.PROPOSED.value
    made.decided_at = made.decided_by_id = None
    town.db.flush()


def _request(town: Town, person: Person, asked_for: str, days_left: float) -> None:
    town.add(
        DisclosureRequest(
            programme_id=town.programme_id,
            person_id=person.id,
            side=Party.SOCIAL.value,
            party=Party.POLICE.value,
            asked_by="Inspektör Falk",
            organisation="Polisen, grova brott",
            asked_for=asked_for,
            received_at=town.past(5),
            due_at=town.past(-days_left),
            owner_id=town.users["karin"].id,
            recorded_by_id=town.users["karin"].id,
            status=RequestStatus.OPEN.value,
        )
    )
