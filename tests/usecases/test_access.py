"""Beyond the table of rights: opened by name, for a reason, for a time, and never in silence."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.section import FAILED_TRIES_A_DAY, Section
from gvi.store.asked import Asked
from gvi.store.models import AccessNotice, AuditEntry, User
from gvi.store.queries.access import access_to_person, every_access, notices_for, open_access
from gvi.store.queries.section import section_views
from gvi.usecases.access import break_glass, end_access, give_access, mark_seen, note_failed_try
from tests.conftest import MONDAY, ZONE
from tests.factories import a_client, a_group, a_membership, a_person

REASON = "Meets the person on Thursday and must know the groups."
DANGER = "Threatened tonight, must be found before the others do."
GROUPS = [Section.GROUPS]
LAST_DAY = date(2026, 3, 16)
TODAY = date(2026, 3, 2)


@pytest.fixture
def lom(db, programme):
    person = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
    a_membership(db, MONDAY, person, a_group(db, programme, MONDAY, "Granit"), role="leader")
    return person


def give(db, giver, person, receiver, sections=GROUPS, **given):
    given = {"reason": REASON, "ends_on": LAST_DAY, "at": MONDAY, "zone": ZONE} | given
    return give_access(db, giver, person.id, receiver.user_id, sections, **given)


def shatter(db, viewer, called="Lom", sections=GROUPS, **given):
    given = {"reason": DANGER, "at": MONDAY, "zone": ZONE} | given
    return break_glass(db, viewer, called, sections, **given)


def said(db, viewer, grant, at=MONDAY):
    row = open_access(db, viewer, grant.id, at=at, on=TODAY)
    asked = Asked.of(None, now=at, zone=ZONE)
    views = section_views(db, viewer.programme_id, row.person_id, row.readable, asked)
    return {view.section: [line.text for line in view.lines] for view in views}


def test_a_part_is_open_to_the_one_it_was_given_to_until_its_last_day(db, viewer, lom):
    worker = viewer(Role.OUTREACH)
    grant = give(db, viewer(Role.COORDINATOR_POLICE), lom, worker)
    last_evening = MONDAY + timedelta(days=14, hours=15)

    assert said(db, worker, grant) == {Section.GROUPS: ["Granit"]}
    assert said(db, worker, grant, last_evening - timedelta(minutes=31)) != {}
    for who, at in ((worker, last_evening + timedelta(hours=1)), (viewer(Role.PROBATION), MONDAY)):
        with pytest.raises(NotFoundError):
            open_access(db, who, grant.id, at=at, on=TODAY)


def test_each_side_opens_its_own_parts_only(db, viewer, lom):
    worker, police = viewer(Role.OUTREACH), viewer(Role.COORDINATOR_POLICE)
    municipal = viewer(Role.COORDINATOR_MUNICIPAL)

    with pytest.raises(NotAllowedError):
        give(db, municipal, lom, worker, GROUPS)
    with pytest.raises(NotAllowedError):
        give(db, police, lom, worker, [Section.CONTACT_NOTES])
    with pytest.raises(NotAllowedError):
        give(db, viewer(Role.ANALYST), lom, worker)
    assert give(db, municipal, lom, police, [Section.OFFERS]).id


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"sections": []}, "sections"),
        ({"sections": [Section.OFFERS]}, "sections"),
        ({"ends_on": date(2026, 3, 2)}, "ends_on"),
        ({"ends_on": date(2026, 6, 1)}, "ends_on"),
    ],
)
def test_without_reason_part_or_near_end_nothing_is_given(db, viewer, lom, given, field):
    with pytest.raises(RuleError) as refused:
        give(db, viewer(Role.COORDINATOR_POLICE), lom, viewer(Role.OUTREACH), **given)

    assert refused.value.field == field


def test_nobody_gives_access_to_oneself(db, viewer, lom):
    police = viewer(Role.COORDINATOR_POLICE)
    with pytest.raises(RuleError, match="not yourself"):
        give(db, police, lom, police)


def test_nothing_of_a_child_is_opened_to_the_police(db, viewer, programme):
    child = a_person(db, programme, MONDAY, "Mes", birth_date=date(2010, 1, 1))
    municipal = viewer(Role.COORDINATOR_MUNICIPAL)

    with pytest.raises(RuleError, match="never be opened"):
        give(db, municipal, child, viewer(Role.COORDINATOR_POLICE), [Section.OFFERS])
    with pytest.raises(RuleError) as nobody:
        shatter(db, viewer(Role.COORDINATOR_POLICE), "Nemo", [Section.OFFERS])
    with pytest.raises(RuleError) as refused:
        shatter(db, viewer(Role.COORDINATOR_POLICE), "Mes", [Section.OFFERS])
    assert str(refused.value) == str(nobody.value), "that there is such a child is not told"


def test_an_ended_access_is_over_at_once(db, viewer, lom):
    worker, police = viewer(Role.OUTREACH), viewer(Role.COORDINATOR_POLICE)
    grant = give(db, police, lom, worker)
    with pytest.raises(NotFoundError):
        end_access(db, viewer(Role.PROBATION), grant.id, at=MONDAY)

    end_access(db, police, grant.id, at=MONDAY + timedelta(hours=1))

    with pytest.raises(NotFoundError):
        open_access(db, worker, grant.id, at=MONDAY + timedelta(hours=2), on=TODAY)


def test_a_broken_glass_tells_the_worker_the_coordinator_and_the_auditor(db, viewer, lom):
    probation = viewer(Role.PROBATION)
    a_client(db, MONDAY, lom, viewer(Role.OUTREACH).user_id)

    grant = shatter(db, probation)

    told = select(User.role).join(AccessNotice, AccessNotice.user_id == User.id)
    assert set(db.execute(told).scalars()) == {"outreach", "coordinator_police", "auditor"}
    assert said(db, probation, grant) == {Section.GROUPS: ["Granit"]}
    assert [each.reason for each in notices_for(db, viewer(Role.OUTREACH), at=MONDAY)] == [DANGER]
    assert notices_for(db, viewer(Role.OUTREACH_LEAD), at=MONDAY) == ()
    with pytest.raises(NotFoundError):
        open_access(db, probation, grant.id, at=MONDAY + timedelta(hours=4), on=TODAY)


def test_a_notice_stays_until_it_is_said_to_be_seen(db, viewer, lom):
    police = viewer(Role.COORDINATOR_POLICE)
    grant = shatter(db, viewer(Role.OUTREACH))

    mark_seen(db, police, grant.id, at=MONDAY)

    assert notices_for(db, police, at=MONDAY) == ()
    assert len(notices_for(db, viewer(Role.AUDITOR), at=MONDAY)) == 1
    with pytest.raises(NotFoundError):
        mark_seen(db, police, grant.id, at=MONDAY)
    with pytest.raises(NotFoundError):
        mark_seen(db, viewer(Role.STEERING), grant.id, at=MONDAY)


@pytest.mark.parametrize("called", ["Lom", "lom", "Viktor Älgmark", "viktor algmark"])
def test_the_glass_is_broken_for_a_code_name_or_a_whole_name(db, viewer, lom, called):
    assert shatter(db, viewer(Role.OUTREACH), called).person_id == lom.id


@pytest.mark.parametrize("called", ["Viktor", "L", "", "%"])
def test_a_part_of_a_name_finds_nobody(db, viewer, lom, called):
    with pytest.raises(RuleError) as refused:
        shatter(db, viewer(Role.OUTREACH), called)

    assert refused.value.field == "called"


def test_guessing_names_comes_to_an_end(db, viewer, lom):
    worker = viewer(Role.OUTREACH)
    for _ in range(FAILED_TRIES_A_DAY):
        note_failed_try(db, worker, at=MONDAY)

    with pytest.raises(RuleError, match="Too many tries"):
        shatter(db, worker)
    assert shatter(db, worker, at=MONDAY + timedelta(days=1, minutes=1))


def test_every_act_is_in_the_log_and_the_auditor_sees_both_kinds(db, viewer, lom):
    give(db, viewer(Role.COORDINATOR_POLICE), lom, viewer(Role.OUTREACH))
    shatter(db, viewer(Role.PROBATION))

    kinds = db.execute(select(AuditEntry.kind).order_by(AuditEntry.id)).scalars().all()
    assert kinds[-2:] == ["access:granted", "access:break_glass"]
    rows = every_access(db, viewer(Role.AUDITOR), at=MONDAY)
    assert {row.kind for row in rows} == {"named", "break_glass"}
    with pytest.raises(NotAllowedError):
        every_access(db, viewer(Role.COORDINATOR_POLICE), at=MONDAY)


def test_another_role_reads_no_more_than_could_be_opened_to_it(db, viewer, lom):
    worker, police = viewer(Role.OUTREACH), viewer(Role.COORDINATOR_POLICE)
    notes = give(db, viewer(Role.COORDINATOR_MUNICIPAL), lom, worker, [Section.CONTACT_NOTES])
    db.get_one(User, worker.user_id).role = Role.COORDINATOR_POLICE.value
    db.flush()

    as_police = replace(police, user_id=worker.user_id)
    with pytest.raises(NotFoundError):
        open_access(db, as_police, notes.id, at=MONDAY, on=TODAY)


def test_a_birth_date_that_makes_a_child_of_the_person_closes_it(db, viewer, lom):
    analyst = viewer(Role.ANALYST)
    grant = give(db, viewer(Role.COORDINATOR_POLICE), lom, analyst, [Section.NAME])
    lom.birth_date, lom.revised_at = date(2011, 1, 1), MONDAY
    db.flush()

    with pytest.raises(NotFoundError):
        open_access(db, analyst, grant.id, at=MONDAY, on=TODAY)


def test_parts_that_are_never_opened_are_refused_before_anybody_is_looked_for(db, viewer, lom):
    refusals = []
    for called in ("Lom", "Nemo"):
        with pytest.raises(RuleError) as refused:
            shatter(db, viewer(Role.PROBATION), called, [Section.CONTACT_NOTES])
        refusals.append((refused.value.field, str(refused.value)))

    assert refusals[0] == refusals[1]


def test_of_whom_only_social_services_know_the_police_are_told_nothing(db, viewer, programme):
    a_person(db, programme, MONDAY, "Gök", name="Ida Öst", compartment="social")

    grant = shatter(db, viewer(Role.OUTREACH), "Gök", [Section.NAME])

    police = viewer(Role.COORDINATOR_POLICE)
    assert notices_for(db, police, at=MONDAY) == ()
    assert len(notices_for(db, viewer(Role.COORDINATOR_MUNICIPAL), at=MONDAY)) == 1
    with pytest.raises(NotFoundError):
        end_access(db, police, grant.id, at=MONDAY)


def test_what_one_side_opened_is_its_own_matter(db, viewer, lom):
    worker, municipal = viewer(Role.OUTREACH), viewer(Role.COORDINATOR_MUNICIPAL)
    grant = give(db, municipal, lom, worker, [Section.CONTACT_NOTES])

    assert access_to_person(db, viewer(Role.COORDINATOR_POLICE), lom.id, at=MONDAY) == ()
    assert len(access_to_person(db, municipal, lom.id, at=MONDAY)) == 1
    with pytest.raises(NotFoundError):
        end_access(db, viewer(Role.COORDINATOR_POLICE), grant.id, at=MONDAY)
