"""Disclosing: only what was chosen leaves, on a ground, by a named decider, until it ends."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.disclosure import (
    GROUNDS,
    Condition,
    Ground,
    LineField,
    Party,
    Purpose,
    RequestStatus,
)
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.section import Section
from gvi.store.asked import Asked
from gvi.store.models import (
    AuditEntry,
    Contact,
    DisclosureRequest,
    Group,
    Incident,
    SupportCase,
)
from gvi.store.queries.disclosable import disclosable
from gvi.store.queries.disclosure import (
    disclosed_to_me,
    disclosures,
    frozen_lines,
    received,
)
from gvi.store.queries.disclosure_request import requests
from gvi.store.queries.due import everything_due
from gvi.usecases.consent import record_consent, withdraw_consent
from gvi.usecases.disclosure import (
    decide,
    decline,
    disclose,
    withdraw_disclosure,
)
from gvi.usecases.disclosure_draft import Draft, OwnWords, Recipient
from gvi.usecases.disclosure_request import log_request, refuse_request
from tests.conftest import MONDAY, ZONE
from tests.factories import (
    a_client,
    a_group,
    a_membership,
    a_person,
    an_incident,
    an_involvement,
)

TODAY = date(2026, 3, 2)
WORDS = "Moves between two addresses and is sought by older boys."
WEIGHED = "The risk of violence weighs more than the secrecy here."
REASON = "It turned out to be about another person."
NOTE = "Said that he sleeps at his aunt's since the shots on Friday night."


@pytest.fixture
def boy(db, viewer, programme):
    """Nineteen years old, a client of outreach."""
    person = a_person(
        db, programme, MONDAY, "Mes", name="Viktor Älgmark", birth_date=date(2006, 6, 1)
    )
    a_client(db, MONDAY, person, viewer(Role.OUTREACH).user_id)
    return person


@pytest.fixture
def lom(db, programme):
    person = a_person(db, programme, MONDAY, "Lom")
    a_membership(db, MONDAY, person, a_group(db, programme, MONDAY, "Granit"), role="leader")
    an_involvement(db, an_incident(db, programme, MONDAY), person)
    return person


def a_draft(viewer, giver=Role.COORDINATOR_MUNICIPAL, to=Role.COORDINATOR_POLICE, **given):
    parties = {
        Role.COORDINATOR_POLICE: Party.POLICE,
        Role.PROBATION: Party.PROBATION,
        Role.COORDINATOR_MUNICIPAL: Party.SOCIAL,
    }
    ground = given.pop("ground", Ground.YOUNG_AT_RISK)
    base = {
        "ground": ground,
        "recipient": Recipient(party=parties[to], user_id=viewer(to).user_id),
        "purpose": Purpose.PREVENT_VIOLENCE,
        "conditions": GROUNDS[ground].conditions,
        "weighing": WEIGHED,
        "decider_id": viewer(giver).user_id,
        "expires_on": date(2026, 3, 16),
        "words": OwnWords(facts=WORDS),
    }
    return Draft(**(base | given))


def make(db, viewer, person, giver=Role.COORDINATOR_MUNICIPAL, at=MONDAY, **given):
    draft = a_draft(viewer, **({"giver": giver} | given))
    return disclose(db, viewer(giver), person.id, draft, at=at, zone=ZONE)


def read(db, viewer, made, at=MONDAY):
    row = received(db, viewer, made.id, at=at, day=at.astimezone(ZONE).date())
    return [each.line.text for each in frozen_lines(db, row.id)]


def keys(db, viewer, person, section):
    part = disclosable(db, viewer, person.id, Asked.of(None, now=MONDAY, zone=ZONE))[section]
    return tuple(each.key for each in part.lines)


def test_the_recipient_reads_it_until_its_last_day_and_nobody_else_does(db, viewer, boy):
    made = make(db, viewer, boy)
    police = viewer(Role.COORDINATOR_POLICE)

    assert read(db, police, made) == [WORDS]
    assert read(db, police, made, MONDAY + timedelta(days=14, hours=15)) == [WORDS]
    with pytest.raises(NotFoundError):
        read(db, police, made, MONDAY + timedelta(days=14, hours=16))
    with pytest.raises(NotFoundError):
        read(db, viewer(Role.ANALYST), made)
    with pytest.raises(NotAllowedError):
        read(db, viewer(Role.AUDITOR), made)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"conditions": (Condition.RISK_OF_CRIME,)}, "conditions"),
        ({"words": OwnWords()}, "lines"),
        ({"expires_on": TODAY}, "expires_on"),
        ({"expires_on": date(2026, 6, 2)}, "expires_on"),
        ({"ground": Ground.BALANCE}, "ground"),
        ({"ground": Ground.DUTY, "weighing": "Needed"}, "weighing"),
        ({"chosen": ("no such line",)}, "lines"),
        ({"recipient": Recipient(party=Party.POLICE)}, "recipient"),
        ({"recipient": Recipient(party=Party.POLICE, name="Inspector")}, "recipient"),
        ({"ground": Ground.CONSENT}, "consent"),
    ],
)
def test_what_the_ground_demands_is_demanded(db, viewer, boy, given, field):
    with pytest.raises(RuleError) as refused:
        make(db, viewer, boy, **given)

    assert refused.value.field == field
    assert disclosures(db, viewer(Role.AUDITOR), at=MONDAY, day=TODAY) == ()


def test_at_21_the_paragraph_on_the_young_is_refused_also_on_the_day_of_the_decision(
    db, viewer, programme, boy
):
    old = a_person(db, programme, MONDAY, "Ripa", birth_date=date(2005, 3, 2))
    with pytest.raises(RuleError, match="under 21"):
        make(db, viewer, old)

    almost = a_person(db, programme, MONDAY, "Tofs", birth_date=date(2005, 3, 3))
    a_client(db, MONDAY, almost, viewer(Role.OUTREACH).user_id)
    waiting = make(
        db,
        viewer,
        almost,
        Role.OUTREACH,
        decider_id=viewer(Role.COORDINATOR_MUNICIPAL).user_id,
    )
    with pytest.raises(RuleError, match="under 21"):
        decide(
            db,
            viewer(Role.COORDINATOR_MUNICIPAL),
            waiting.id,
            at=MONDAY + timedelta(days=1),
            zone=ZONE,
        )


def test_an_unknown_birth_date_is_refused_unless_somebody_says_why(db, viewer, programme):
    person = a_person(db, programme, MONDAY, "Alfågel", birth_date=None)
    with pytest.raises(RuleError) as refused:
        make(db, viewer, person)
    assert refused.value.field == "age_statement"

    made = make(db, viewer, person, age_statement="Is in his second year of upper school.")
    assert made.status == "disclosed"


def test_nothing_leaves_before_the_named_decider_says_so(db, viewer, boy):
    lead, police = viewer(Role.OUTREACH_LEAD), viewer(Role.COORDINATOR_POLICE)
    made = make(db, viewer, boy, Role.OUTREACH, decider_id=lead.user_id)

    with pytest.raises(NotFoundError):
        read(db, police, made)
    for other in (Role.COORDINATOR_MUNICIPAL, Role.COORDINATOR_POLICE):
        with pytest.raises(NotFoundError):
            decide(db, viewer(other), made.id, at=MONDAY, zone=ZONE)
    with pytest.raises(NotAllowedError):
        decide(db, viewer(Role.OUTREACH), made.id, at=MONDAY, zone=ZONE)
    decide(db, lead, made.id, at=MONDAY, zone=ZONE)

    assert read(db, police, made) == [WORDS]
    assert (made.written_by_id, made.decided_by_id) == (
        viewer(Role.OUTREACH).user_id,
        lead.user_id,
    )


@pytest.mark.parametrize(
    "decider", [Role.OUTREACH, Role.COORDINATOR_POLICE, Role.ANALYST, Role.AUDITOR]
)
def test_only_some_roles_of_the_own_side_decide(db, viewer, boy, decider):
    with pytest.raises(RuleError) as refused:
        make(db, viewer, boy, Role.OUTREACH, decider_id=viewer(decider).user_id)

    assert refused.value.field == "decider"


def test_a_recipient_belongs_to_the_side_it_goes_to_and_never_decides(db, viewer, boy):
    own = Recipient(party=Party.POLICE, user_id=viewer(Role.OUTREACH_LEAD).user_id)
    with pytest.raises(RuleError) as refused:
        make(db, viewer, boy, recipient=own, decider_id=viewer(Role.OUTREACH_LEAD).user_id)
    assert refused.value.field == "recipient"


def test_a_declined_one_never_leaves_and_says_why(db, viewer, boy):
    lead = viewer(Role.OUTREACH_LEAD)
    made = make(db, viewer, boy, Role.OUTREACH, decider_id=lead.user_id)
    decline(db, lead, made.id, reason=REASON, at=MONDAY)

    with pytest.raises(NotFoundError):
        decide(db, lead, made.id, at=MONDAY, zone=ZONE)
    with pytest.raises(NotFoundError):
        read(db, viewer(Role.COORDINATOR_POLICE), made)
    (row,) = disclosures(db, lead, at=MONDAY, day=TODAY)
    assert (row.state, row.decline_reason) == ("declined", REASON)


def test_only_the_chosen_fields_of_the_chosen_lines_leave(db, viewer, lom, programme):
    a_membership(db, MONDAY, lom, a_group(db, programme, MONDAY, "Skiffer"), role="recruit")
    police, probation = viewer(Role.COORDINATOR_POLICE), viewer(Role.PROBATION)
    part = disclosable(db, police, lom.id, Asked.of(None, now=MONDAY, zone=ZONE))[Section.GROUPS]
    key = next(each.key for each in part.lines if each.line.text == "Granit")

    made = make(
        db,
        viewer,
        lom,
        Role.COORDINATOR_POLICE,
        to=Role.PROBATION,
        ground=Ground.BALANCE,
        chosen=(key,),
        fields={Section.GROUPS: (LineField.WORDS,)},
        words=OwnWords(),
    )

    row = received(db, probation, made.id, at=MONDAY, day=TODAY)
    (line,) = frozen_lines(db, row.id)
    assert line.line.text == "Granit"
    assert (line.line.code, line.line.at) == (None, None)
    assert (line.is_assessment, line.source_class, line.grade) == (True, "own_record", "B2")
    assert row.fields == ("groups.words",)


def test_the_copy_stays_as_it_was_when_the_record_changes(db, viewer, lom):
    police = viewer(Role.COORDINATOR_POLICE)
    made = make(
        db,
        viewer,
        lom,
        Role.COORDINATOR_POLICE,
        to=Role.PROBATION,
        ground=Ground.BALANCE,
        chosen=keys(db, police, lom, Section.INCIDENTS),
        fields={Section.INCIDENTS: (LineField.WHAT,)},
        words=OwnWords(facts="Was near, say two.", assessment="Will answer.", grade="C3"),
    )
    before = frozen_lines(db, made.id)
    db.execute(select(Incident)).scalars().one().kind = "homicide"
    db.flush()

    assert frozen_lines(db, made.id) == before
    assert [(each.part, each.is_assessment, each.grade) for each in before] == [
        ("incidents", False, "B2"),
        ("own_words", False, "C3"),
        ("own_words", True, "C3"),
    ]


def test_a_line_that_changed_since_it_was_chosen_is_chosen_again(db, viewer, lom, programme):
    police = viewer(Role.COORDINATOR_POLICE)
    chosen = keys(db, police, lom, Section.GROUPS)
    db.execute(select(Group)).scalars().one().name = "Granit och Flinta"
    db.flush()

    with pytest.raises(RuleError, match="changed since"):
        make(
            db,
            viewer,
            lom,
            Role.COORDINATOR_POLICE,
            to=Role.PROBATION,
            ground=Ground.BALANCE,
            chosen=chosen,
            fields={Section.GROUPS: (LineField.WORDS,)},
        )


def test_nobody_can_choose_what_they_may_not_read(db, viewer, programme, boy):
    child = a_person(db, programme, MONDAY, "Ärla", name="Elin Ek", birth_date=date(2010, 1, 1))
    protected = a_person(db, programme, MONDAY, "Uv", name="Nils Ask", is_protected=True)
    a_membership(db, MONDAY, child, a_group(db, programme, MONDAY, "Granit"))
    asked = Asked.of(None, now=MONDAY, zone=ZONE)

    def parts(role, person):
        return set(disclosable(db, viewer(role), person.id, asked))

    assert parts(Role.COORDINATOR_POLICE, child) == {Section.INCIDENTS}
    assert Section.NAME not in parts(Role.COORDINATOR_MUNICIPAL, protected)
    assert parts(Role.OUTREACH, boy) == {Section.NAME, Section.RISK, Section.OFFERS}
    assert Section.CONTACT_NOTES not in parts(Role.OUTREACH, boy)
    with pytest.raises(NotFoundError):
        parts(Role.OUTREACH, child)


def test_a_support_note_is_never_disclosed_word_for_word(db, viewer, boy, programme):
    worker = viewer(Role.OUTREACH)
    case = SupportCase(
        programme_id=programme,
        person_id=boy.id,
        owner_id=worker.user_id,
        opened_at=MONDAY,
        contact_interval_days=7,
    )
    db.add(case)
    db.flush()
    db.add(
        Contact(
            support_case_id=case.id,
            contacted_at=MONDAY,
            recorded_at=MONDAY,
            mode="phone",
            outcome="reached",
            note=NOTE,
        )
    )
    db.flush()

    for words in (OwnWords(facts=f"He rang. {NOTE.upper()}"), OwnWords(assessment=NOTE)):
        with pytest.raises(RuleError, match="word for word"):
            make(db, viewer, boy, words=words)
    assert make(db, viewer, boy, words=OwnWords(facts="Sleeps with a relative for now.")).id


def test_a_consent_covers_its_parts_and_its_side_and_hides_all_when_withdrawn(db, viewer, boy):
    giver, police = viewer(Role.COORDINATOR_MUNICIPAL), viewer(Role.COORDINATOR_POLICE)
    consent = record_consent(
        db,
        giver,
        boy.id,
        Party.POLICE,
        ["own_words"],
        given_on=TODAY,
        ends_on=None,
        by_guardian=False,
        document="Form 12",
        at=MONDAY,
        zone=ZONE,
    )
    given = {"ground": Ground.CONSENT, "consent_id": consent.id}
    for wrong in (
        {"to": Role.PROBATION},
        {
            "chosen": keys(db, giver, boy, Section.NAME),
            "fields": {Section.NAME: (LineField.WORDS,)},
        },
    ):
        with pytest.raises(RuleError, match="does not cover"):
            make(db, viewer, boy, **given, **wrong)
    made = make(db, viewer, boy, **given)
    assert read(db, police, made) == [WORDS]

    withdraw_consent(db, giver, consent.id, at=MONDAY)

    with pytest.raises(NotFoundError):
        read(db, police, made)
    assert [row.state for row in disclosed_to_me(db, police, at=MONDAY, day=TODAY)] == ["withdrawn"]
    with pytest.raises(RuleError, match="does not hold"):
        make(db, viewer, boy, **given)


def test_a_consent_of_somebody_under_18_needs_the_guardians(db, viewer, programme):
    child = a_person(db, programme, MONDAY, "Ärla", birth_date=date(2010, 1, 1))
    given = {
        "given_on": TODAY,
        "ends_on": None,
        "document": "",
        "at": MONDAY,
        "zone": ZONE,
    }
    giver = viewer(Role.COORDINATOR_MUNICIPAL)
    with pytest.raises(RuleError) as refused:
        record_consent(db, giver, child.id, Party.POLICE, ["own_words"], by_guardian=False, **given)
    assert refused.value.field == "by_guardian"
    assert record_consent(
        db, giver, child.id, Party.POLICE, ["own_words"], by_guardian=True, **given
    ).id


def test_a_withdrawn_disclosure_is_gone_from_its_recipient_at_once(db, viewer, boy):
    made, police = make(db, viewer, boy), viewer(Role.COORDINATOR_POLICE)
    with pytest.raises(NotFoundError):
        withdraw_disclosure(db, police, made.id, reason=REASON, at=MONDAY)

    withdraw_disclosure(db, viewer(Role.COORDINATOR_MUNICIPAL), made.id, reason=REASON, at=MONDAY)

    with pytest.raises(NotFoundError):
        read(db, police, made)


def a_request(db, viewer, person, **given):
    base = {
        "party": Party.POLICE,
        "asked_by": "Inspector Falk",
        "organisation": "Polisen",
        "asked_for": "Where he lives now",
        "received_at": MONDAY - timedelta(days=1),
        "due_at": MONDAY + timedelta(days=2),
        "owner_id": viewer(Role.COORDINATOR_MUNICIPAL).user_id,
        "at": MONDAY,
    }
    return log_request(db, viewer(Role.COORDINATOR_MUNICIPAL), person.id, **(base | given))


def test_a_request_is_due_for_those_who_answer_it_until_it_is_answered(db, viewer, boy):
    request = a_request(db, viewer, boy)

    def due(role, at=MONDAY):
        rows = everything_due(db, viewer(role), at, ZONE)
        return [row.is_late for row in rows if row.kind == "disclosure_request"]

    assert due(Role.COORDINATOR_MUNICIPAL) == [False]
    assert due(Role.OUTREACH) == [False]  # the client's own worker
    assert due(Role.COORDINATOR_MUNICIPAL, MONDAY + timedelta(days=3)) == [True]
    for role in (Role.COORDINATOR_POLICE, Role.ANALYST, Role.PROBATION):
        assert due(role) == []

    made = make(db, viewer, boy, ground=Ground.DUTY, request_id=request.id)

    assert due(Role.COORDINATOR_MUNICIPAL) == []
    stored = db.get_one(DisclosureRequest, request.id)
    assert (stored.status, made.request_id) == (RequestStatus.ANSWERED, request.id)


def test_a_request_is_refused_with_a_reason_only(db, viewer, boy):
    request, giver = a_request(db, viewer, boy), viewer(Role.COORDINATOR_MUNICIPAL)
    with pytest.raises(RuleError):
        refuse_request(db, giver, request.id, reason="no", at=MONDAY)
    with pytest.raises(NotFoundError):
        refuse_request(db, viewer(Role.COORDINATOR_POLICE), request.id, reason=WEIGHED, at=MONDAY)

    refuse_request(db, giver, request.id, reason=WEIGHED, at=MONDAY)

    (row,) = requests(db, giver, at=MONDAY, day=TODAY)
    assert (row.status, row.refusal_reason, row.is_late) == ("refused", WEIGHED, False)
    with pytest.raises(NotFoundError):
        make(db, viewer, boy, ground=Ground.DUTY, request_id=request.id)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"due_at": MONDAY - timedelta(days=2)}, "due_at"),
        ({"received_at": MONDAY + timedelta(days=1)}, "received_at"),
        ({"party": Party.SOCIAL}, "party"),
        ({"owner": Role.COORDINATOR_POLICE}, "owner"),
    ],
)
def test_a_request_that_makes_no_sense_is_not_logged(db, viewer, boy, given, field):
    if "owner" in given:
        given = {"owner_id": viewer(given["owner"]).user_id}
    with pytest.raises(RuleError) as refused:
        a_request(db, viewer, boy, **given)

    assert refused.value.field == field


def test_the_log_names_ground_and_fields_and_never_the_content(db, viewer, boy):
    make(db, viewer, boy)
    entry = db.execute(
        select(AuditEntry).where(AuditEntry.kind == "disclosure:disclosed")
    ).scalar_one()

    assert (entry.verb, entry.purpose) == ("disclosed", "prevent_violence")
    detail = json.loads(entry.detail)
    assert (detail["ground"], detail["to"]) == ("young_at_risk", "police")
    assert detail["fields"] == ["own_words.facts"]
    everything = " ".join(db.execute(select(AuditEntry.detail + AuditEntry.purpose)).scalars())
    assert WORDS not in everything
    assert WEIGHED not in everything


def test_each_side_sees_its_own_register_and_the_auditor_sees_all(db, viewer, boy, lom):
    make(db, viewer, boy)
    make(
        db,
        viewer,
        lom,
        Role.COORDINATOR_POLICE,
        to=Role.COORDINATOR_MUNICIPAL,
        ground=Ground.BALANCE,
    )

    def sides(role):
        return [row.side for row in disclosures(db, viewer(role), at=MONDAY, day=TODAY)]

    assert sides(Role.COORDINATOR_POLICE) == ["police"]
    assert sides(Role.COORDINATOR_MUNICIPAL) == ["social"]
    assert sides(Role.PROBATION) == []
    assert sorted(sides(Role.AUDITOR)) == ["police", "social"]
    with pytest.raises(NotAllowedError):
        sides(Role.STEERING)
