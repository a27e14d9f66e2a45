"""Random small towns in which everything that can go together does."""

from datetime import date

from hypothesis import strategies as st

from gvi.domain.grading import Certainty
from gvi.domain.group import RelationKind
from gvi.domain.incident import DOING_ROLES, VICTIM_ROLES, Gmi, InvolvementRole
from gvi.domain.membership import MembershipRole
from gvi.domain.policy import EXAMPLE_HARM
from gvi.domain.tie import TieKind
from tests.network.facts import days_ago, some_facts

PEOPLE = range(1, 8)
GROUPS = range(1, 4)
INCIDENTS = range(1, 7)
CERTAINTY = st.sampled_from([str(c) for c in Certainty])
PERSON = st.sampled_from(PEOPLE)
GROUP = st.sampled_from(GROUPS)
BIRTHS = st.sampled_from([None, date(1999, 5, 1), date(2008, 3, 2), date(2008, 3, 3)])
"""Unknown, adult, 18 on the day of the facts, 18 the day after."""
KINDS = st.sampled_from([*EXAMPLE_HARM, "bus_theft"])
AGES = st.one_of(st.floats(-30, 1500), st.sampled_from([0.0, 365.0, 1095.75, 1095.76]))
GMI = st.sampled_from([str(g) for g in Gmi])
ROLE = st.one_of(
    st.sampled_from([str(r) for r in sorted(DOING_ROLES | VICTIM_ROLES)]),
    st.sampled_from([str(r) for r in InvolvementRole]),
)


def rows(*columns, unique_by=None, fewest=0, most=14):
    return st.lists(st.tuples(*columns), min_size=fewest, max_size=most, unique_by=unique_by)


@st.composite
def towns(draw):
    """Rows for `some_facts`, as keywords, so that a test can change them before it asks."""
    incidents = draw(st.sets(st.sampled_from(INCIDENTS), min_size=2))
    return {
        "people": {p: draw(BIRTHS) for p in draw(st.sets(PERSON, min_size=4))},
        "groups": draw(st.sets(GROUP)),
        "memberships": draw(
            rows(
                PERSON,
                GROUP,
                st.sampled_from([str(r) for r in MembershipRole]),
                CERTAINTY,
                unique_by=lambda m: m[:2],
            )
        ),
        "ties": draw(
            rows(
                PERSON,
                PERSON,
                st.sampled_from([str(k) for k in TieKind]),
                st.floats(0.01, 5),
                CERTAINTY,
                fewest=3,
            )
        ),
        "relations": draw(
            rows(GROUP, GROUP, st.sampled_from([str(r) for r in RelationKind]), most=5)
        ),
        "incidents": [(i, days_ago(draw(AGES)), draw(KINDS), draw(GMI)) for i in sorted(incidents)],
        "involvements": draw(
            rows(
                st.sampled_from(INCIDENTS),
                PERSON,
                ROLE,
                CERTAINTY,
                unique_by=lambda v: v[:3],
                fewest=8,
                most=25,
            )
        ),
    }


def random_facts():
    return towns().map(lambda town: some_facts(**town))
