"""How the driving list is computed: who takes part in violence, and through whom more of it runs.

driving = own + near + far + group, in harm units. Columns: person, score, own, near, far, group.
"""

from tests.spec.town import driving, table


def test_own_is_harm_times_role_times_certainty():
    """A homicide weighs 100; a suspect 0.7 of it, an accomplice half, somebody present a tenth."""
    assert driving("""
        people: Alm
                Bok
                Ek
                Lind
        incidents: i1 homicide 0
                   i2 homicide 0
                   i3 homicide 0
                   i4 homicide 0
        roles: i1 Alm convicted
               i2 Bok suspect probable
               i3 Ek accomplice possible
               i4 Lind present
    """) == table("""
        Alm   100  100  0 0 0
        Bok    42   42  0 0 0
        Ek     15   15  0 0 0
        Lind   10   10  0 0 0
    """)


def test_harm_loses_half_its_weight_in_a_year():
    """365 days halve it, 730 quarter it; what lies ahead counts for nothing."""
    assert driving("""
        people: Alm
                Bok
                Ek
        incidents: last_year homicide 365
                   before_that homicide 730
                   tomorrow homicide -1
        roles: last_year Alm convicted
               before_that Bok convicted
               tomorrow Ek convicted
    """) == table("""
        Alm  50  50  0 0 0
        Bok  25  25  0 0 0
    """)


def test_of_several_roles_in_one_incident_the_heaviest_counts():
    """Who is convicted was a suspect too, and a victim may be a suspect; nothing adds up."""
    assert driving("""
        people: Alm
        incidents: i homicide 0
        roles: i Alm suspect confirmed
               i Alm convicted probable
               i Alm present
               i Alm victim
    """) == table("""
        Alm  70  70  0 0 0
    """)


def test_arrests_and_stops_weigh_nothing_nor_does_being_a_victim():
    assert (
        driving("""
        people: Alm
                Bok
                Ek
                Lind
        incidents: i homicide 0
        roles: i Alm arrested
               i Bok stopped
               i Ek victim
               i Lind witness
    """)
        == []
    )


def test_only_what_is_known_not_to_be_group_violence_is_left_out():
    """Unknown is not "no"."""
    assert driving("""
        people: Alm
                Bok
                Ek
        incidents: i1 homicide 0 known_not
                   i2 homicide 0 unknown
                   i3 homicide 0 likely
        roles: i1 Alm convicted
               i2 Bok convicted
               i3 Ek suspect
    """) == table("""
        Bok  100  100  0 0 0
        Ek    70   70  0 0 0
    """)


def test_near_is_half_of_what_the_directly_tied_did_by_the_strength_of_the_tie():
    """A friend held possible carries 0.3 of Bok's 100, and half of that counts: 15."""
    assert driving("""
        people: Alm
                Bok
        ties: Alm Bok friend 1 possible
        incidents: i1 threat 0
                   i2 homicide 0
        roles: i1 Alm convicted
               i2 Bok convicted
    """) == table("""
        Bok  100.75  100   0.75  0  0
        Alm   20       5  15     0  0
    """)


def test_one_kind_of_tie_counts_once_and_different_kinds_add_up():
    """Friends on two records, the stronger 0.6, and online friends 0.3: together 0.9."""
    assert driving("""
        people: Alm
                Bok
        ties: Alm Bok friend 1 probable
              Bok Alm friend 1 possible
              Alm Bok online 1 possible
        incidents: i1 threat 0
                   i2 homicide 0
        roles: i1 Alm convicted
               i2 Bok convicted
    """) == table("""
        Bok  102.25  100   2.25  0  0
        Alm   50       5  45     0  0
    """)


def test_a_recorded_co_offending_tie_or_the_shared_incidents_count_whichever_is_more():
    """Together in a threat, both suspects held possible: 0.3; on record: 1 · 0.6."""
    assert driving("""
        people: Alm
                Bok
        ties: Alm Bok co_offending 1 probable
        incidents: i1 weapon 0
                   i2 homicide 0
                   i3 threat 0
        roles: i1 Alm suspect possible
               i1 Bok suspect possible
               i2 Bok convicted
               i3 Alm convicted
    """) == table("""
        Bok  101.5  100   1.5  0  0
        Alm   35      5  30    0  0
    """)


def test_incidents_together_tie_for_three_years():
    assert driving("""
        people: Alm
                Bok
                Ek
                Lind
        incidents: i1 weapon 1095.75
                   i2 weapon 1095.76
                   i3 homicide 0
                   i4 homicide 0
                   i5 threat 0
                   i6 threat 0
        roles: i1 Alm convicted
               i1 Bok convicted
               i2 Ek convicted
               i2 Lind convicted
               i3 Alm convicted
               i4 Ek convicted
               i5 Bok convicted
               i6 Lind convicted
    """) == table("""
        Alm   100.3121  100  0.3121  0  0
        Ek    100       100  0       0  0
        Bok    11.2411    5  6.2411  0  0
        Lind    5         5  0       0  0
    """)


def test_strong_ties_share_what_there_is_and_create_nothing():
    """Bok's ties add up to 4, so each carries a quarter of Bok's 100; half of that is near."""
    assert driving("""
        people: Alm
                Ek
                Bok
        ties: Bok Alm friend 1
              Bok Ek friend 3
        incidents: i1 threat 0
                   i2 homicide 0
                   i3 threat 0
        roles: i1 Alm convicted
               i2 Bok convicted
               i3 Ek convicted
    """)[1:] == table("""
        Ek   43.4375   5  37.5  0.9375  0
        Alm  17.8125   5  12.5  0.3125  0
    """)


def test_an_incident_ties_everybody_who_took_part_but_a_large_one_no_more_than_a_small_one():
    """Three doers: each pair is tied by ½; two of them: by 1."""
    assert driving("""
        people: Alm
                Bok
                Ek
        incidents: i homicide 0
        roles: i Alm convicted
               i Bok convicted
               i Ek convicted
    """) == table("""
        Alm  162.5  100  50  12.5  0
        Bok  162.5  100  50  12.5  0
        Ek   162.5  100  50  12.5  0
    """)


def test_family_and_household_carry_no_violence_nor_do_rivals():
    assert driving("""
        people: Alm
                Bok
                Ek
                Lind
        ties: Alm Bok family
              Alm Ek household
              Alm Lind rival
        incidents: i1 homicide 0
                   i2 threat 0
        roles: i1 Bok convicted
               i2 Alm convicted
    """) == table("""
        Bok  100  100  0 0 0
        Alm    5    5  0 0 0
    """)


def test_far_is_a_quarter_of_what_is_two_steps_away():
    """Ek's homicide reaches Alm through Bok: halved on the way, since Bok has two ties."""
    assert driving("""
        people: Alm
                Bok
                Ek
        ties: Alm Bok friend
              Bok Ek friend
        incidents: i1 threat 0
                   i2 homicide 0
        roles: i1 Alm convicted
               i2 Ek convicted
    """) == table("""
        Ek   100.625  100  0  0.625  0
        Alm   17.5      5  0  12.5   0
    """)


def test_group_is_a_quarter_of_what_the_others_did_shared_by_role():
    """Alm leads (3 of 5 shares), Bok and Ek are members (1 each): a quarter of the others' harm."""
    assert driving("""
        people: Alm
                Bok
                Ek
        groups: Granit
        members: Alm Granit leader
                 Bok Granit member
                 Ek Granit
        incidents: i1 threat 0
                   i2 homicide 0
        roles: i1 Alm convicted
               i2 Bok convicted
    """) == table("""
        Bok  100.25  100  0  0   0.25
        Alm   20       5  0  0  15
    """)


def test_a_group_of_one_and_a_former_membership_add_nothing():
    assert driving("""
        people: Alm
                Bok
                Ek
        groups: Granit
                Lotsen
        members: Alm Granit leader
                 Bok Lotsen former
                 Ek Lotsen
        incidents: i1 homicide 0
                   i2 robbery 0
                   i3 threat 0
        roles: i1 Alm convicted
               i2 Bok convicted
               i3 Ek convicted
    """) == table("""
        Alm  100  100  0 0 0
        Bok   10   10  0 0 0
        Ek     5    5  0 0 0
    """)


def test_people_under_18_are_not_listed_but_count_for_others():
    """Bok turns 18 the day after the list is made; what runs through Bok still counts for Alm."""
    assert driving("""
        people: Alm
                Bok 2008-03-03
        ties: Alm Bok friend
        incidents: i1 threat 0
                   i2 homicide 0
        roles: i1 Alm convicted
               i2 Bok convicted
    """) == table("""
        Alm  55  5  50  0  0
    """)


def test_of_equals_the_code_name_decides():
    """Score, then own, then code name; here in the order people are written."""
    assert driving("""
        people: Zinn
                Alm
        incidents: i threat 0
                   j threat 0
        roles: i Alm convicted
               j Zinn convicted
    """) == table("""
        Zinn  5  5  0 0 0
        Alm   5  5  0 0 0
    """)
