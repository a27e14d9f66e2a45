"""What each ground covers and demands; the walls hold whatever is asked."""

from datetime import date

import pytest

from gvi.domain.access import POLICY, Role
from gvi.domain.disclosure import (
    DECIDERS,
    GROUNDS,
    SIDES,
    Condition,
    Ground,
    Party,
    check_age,
    check_conditions,
    check_way,
    grounds_between,
    never_copied,
    parts_of,
)
from gvi.domain.errors import RuleError
from gvi.domain.section import Section

FOUR = (
    Condition.RISK_OF_CRIME,
    Condition.HELPS_PREVENT,
    Condition.NOT_UNSUITABLE,
    Condition.NO_PAST_CRIME,
)
WEIGHED = "The danger to others weighs more than the secrecy."


def test_the_paragraph_on_the_young_has_its_four_conditions_and_goes_to_the_police_only():
    rule = GROUNDS[Ground.YOUNG_AT_RISK]

    assert rule.conditions == FOUR
    assert rule.ways == {(Party.SOCIAL, Party.POLICE)}
    assert (rule.law, rule.basis) == ("OSL 10 kap. 18 a §", "prop. 2011/12:171")


@pytest.mark.parametrize("left_out", FOUR)
def test_one_condition_that_is_not_met_is_enough_to_refuse(left_out):
    found = [each for each in FOUR if each is not left_out]
    with pytest.raises(RuleError) as refused:
        check_conditions(Ground.YOUNG_AT_RISK, found, "")

    assert refused.value.field == "conditions"
    check_conditions(Ground.YOUNG_AT_RISK, FOUR, "")


def test_the_day_before_the_21st_birthday_is_the_last():
    born = date(2005, 3, 2)
    check_age(Ground.YOUNG_AT_RISK, born, date(2026, 3, 1), "")
    with pytest.raises(RuleError, match="under 21"):
        check_age(Ground.YOUNG_AT_RISK, born, date(2026, 3, 2), "looks much younger than that")


def test_an_unknown_birth_date_needs_a_statement_of_why_the_person_is_young_enough():
    with pytest.raises(RuleError) as refused:
        check_age(Ground.YOUNG_AT_RISK, None, date(2026, 3, 2), "young")

    assert refused.value.field == "age_statement"
    check_age(Ground.YOUNG_AT_RISK, None, date(2026, 3, 2), "Is in the second year of school.")


def test_a_report_about_a_child_is_about_somebody_under_18():
    check_age(Ground.CHILD_AT_RISK, date(2008, 3, 3), date(2026, 3, 2), "")
    with pytest.raises(RuleError, match="under 18"):
        check_age(Ground.CHILD_AT_RISK, date(2008, 3, 2), date(2026, 3, 2), "")


@pytest.mark.parametrize("ground", [Ground.BALANCE, Ground.DUTY, Ground.DANGER])
def test_these_grounds_demand_a_weighing(ground):
    met = GROUNDS[ground].conditions
    with pytest.raises(RuleError) as refused:
        check_conditions(ground, met, "Needed.")

    assert refused.value.field == "weighing"
    check_conditions(ground, met, WEIGHED)


@pytest.mark.parametrize(
    ("ground", "giver", "to"),
    [
        (Ground.YOUNG_AT_RISK, Party.POLICE, Party.SOCIAL),
        (Ground.YOUNG_AT_RISK, Party.SOCIAL, Party.PROBATION),
        (Ground.BALANCE, Party.SOCIAL, Party.POLICE),
        (Ground.DUTY, Party.POLICE, Party.SOCIAL),
        (Ground.CONSENT, Party.SOCIAL, Party.SOCIAL),
    ],
)
def test_a_ground_covers_its_own_ways_only(ground, giver, to):
    assert ground not in grounds_between(giver, to)
    with pytest.raises(RuleError) as refused:
        check_way(ground, giver, to)

    assert refused.value.field == "ground"


@pytest.mark.parametrize("side", [Party.POLICE, Party.SOCIAL, Party.PROBATION])
def test_notes_of_contacts_are_copied_by_nobody(side):
    assert Section.CONTACT_NOTES in never_copied(side)
    assert set(parts_of(side)) | set(never_copied(side)) == set(Section)


def test_every_ground_cites_its_law_and_what_the_reading_rests_on():
    assert set(GROUNDS) == set(Ground)
    for rule in GROUNDS.values():
        assert rule.law
        assert rule.basis
        assert rule.conditions
        assert all(giver is not to for giver, to in rule.ways)


def test_deciders_and_the_table_of_rights_agree():
    named = {role for roles in DECIDERS.values() for role in roles}
    assert named == set(POLICY["disclosure:decide"])
    assert set(SIDES) == set(POLICY["disclosure:receive"])
    for side, roles in DECIDERS.items():
        assert all(SIDES[role] is side for role in roles)
    assert Role.AUDITOR not in POLICY["disclosure:write"]
