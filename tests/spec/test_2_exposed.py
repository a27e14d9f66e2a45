"""How the exposed list is computed: who is in danger. It leads to protection and support only.

exposed = hurt + near + far + conflict. Columns: person, score, hurt, near, far, conflict.
"""

from tests.spec.town import driving, exposed, table


def test_hurt_is_harm_by_role_and_certainty_whether_or_not_a_group_did_it():
    assert exposed("""
        people: Alm
                Bok
                Ek
        incidents: i shooting_with_injury 0 known_not
        roles: i Alm victim
               i Bok intended_victim
               i Ek suspect
    """) == table("""
        Alm  60  60  0 0 0
        Bok  42  42  0 0 0
    """)


def test_being_hurt_raises_nobodys_driving():
    assert (
        driving("""
        people: Alm
                Bok
        ties: Alm Bok friend
        incidents: i shooting_with_injury 0
        roles: i Alm victim
    """)
        == []
    )


def test_harm_is_felt_by_family_too_and_two_steps_away():
    """Bok is family, Ek a friend of Bok's who has two ties; rivals feel nothing."""
    assert exposed("""
        people: Alm
                Bok
                Ek
                Lind
        ties: Alm Bok family
              Bok Ek friend
              Alm Lind rival
        incidents: i homicide 0
        roles: i Alm victim
    """) == table("""
        Alm  100  100   0   0    0
        Bok   50    0  50   0    0
        Ek    12.5  0   0  12.5  0
    """)


def test_conflict_is_a_quarter_of_what_opposing_groups_did_by_role_in_ones_own():
    """Lotsen did 100. Alm leads Granit (3 of 4 shares), Bok has the rest; Kajen is only tense."""
    assert exposed("""
        people: Alm
                Bok
                Ek
                Ask
        groups: Granit
                Lotsen
                Kajen
        members: Alm Granit leader
                 Bok Granit
                 Ek Kajen
                 Ask Lotsen
        relations: Granit Lotsen open_conflict
                   Lotsen Granit tension
                   Lotsen Kajen tension
                   Granit Kajen alliance
        incidents: i homicide 0
        roles: i Ask convicted
    """) == table("""
        Alm  18.75  0 0 0  18.75
        Ek    7.5   0 0 0   7.5
        Bok   6.25  0 0 0   6.25
    """)


def test_people_under_18_are_not_listed():
    assert (
        exposed("""
        people: Alm 2010-01-01
        incidents: i homicide 0
        roles: i Alm victim
    """)
        == []
    )
