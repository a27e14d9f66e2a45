"""What can be opened beyond the table of rights is narrow, and some of it is never opened."""

import pytest

from gvi.domain.access import POLICY, Role
from gvi.domain.section import SECTIONS, Section, openable

POLICE = (Role.COORDINATOR_POLICE, Role.ANALYST)


@pytest.mark.parametrize("role", [*POLICE, Role.PROBATION])
def test_support_notes_are_never_opened_to_police_analyst_or_probation(role):
    assert Section.CONTACT_NOTES not in openable(role)
    assert Section.CONTACT_NOTES not in openable(role, in_emergency=True)


@pytest.mark.parametrize("role", [Role.COMMUNITY, Role.STEERING, Role.AUDITOR, Role.ADMIN])
def test_roles_without_people_of_their_own_are_given_nobody(role):
    assert openable(role) == []


@pytest.mark.parametrize("role", POLICE)
def test_nothing_of_a_child_is_opened_to_the_police(role):
    assert openable(role, is_child=True) == []
    assert openable(role, is_child=True, in_emergency=True) == []


def test_notes_are_not_opened_in_an_emergency():
    assert Section.CONTACT_NOTES in openable(Role.OUTREACH)
    assert Section.CONTACT_NOTES not in openable(Role.OUTREACH, in_emergency=True)


def test_no_part_holds_a_score():
    assert not {"score", "rank", "network"} & {section.value for section in Section}


@pytest.mark.parametrize("section", Section)
def test_somebody_answers_for_every_part(section):
    givers = [
        role
        for role, held in POLICY["access:give"].items()
        if SECTIONS[section].side in held.compartments
    ]
    assert givers
