"""Clearing an invitee: two judgements by two sides, what they open, and what asks again."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, select, text

from gvi.domain.access import Role
from gvi.domain.call_in import CallInStatus, InviteeStatus
from gvi.domain.clearance import ClearanceKind, LookAgain
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.paper import PaperKind
from gvi.domain.removal import Removable
from gvi.store.models import AuditEntry, CallInGroup, Clearance, Invitee, Person, StatusChange
from gvi.store.queries.call_in import call_in_card
from gvi.store.queries.clearance import NOT_JUDGED, clearances
from gvi.store.queries.door import door_list
from gvi.store.queries.extract import held_about
from gvi.store.queries.invitee import invitees
from gvi.usecases.call_in import advance_call_in, postpone_call_in
from gvi.usecases.clearance import judge_invitee
from gvi.usecases.invitee import Proposal, decide_invitee, propose_invitees
from gvi.usecases.removal import remove, restore
from gvi.web.paper import on_paper
from tests import factories as make
from tests.conftest import MONDAY, ZONE

SECRECY, SAFETY = ClearanceKind
START = MONDAY + timedelta(days=30)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def case(db, viewer, programme):
    """Lom of Granit and Mes of Kajen are proposed; who judges, and how Lom then stands."""
    police, municipal = viewer(Role.COORDINATOR_POLICE), viewer(Role.COORDINATOR_MUNICIPAL)
    call_in = make.a_call_in(db, programme, START, status="approved")
    town = {"call_in": call_in}
    for code, group in (("Lom", "Granit"), ("Mes", "Kajen")):
        town[group] = make.a_group(db, programme, MONDAY, group)
        town[code] = make.a_person(db, programme, MONDAY, code)
        make.a_membership(db, MONDAY, town[code], town[group])
        town[f"{code} invited"] = make.an_invitee(
            db, call_in, town[code], status="proposed", group_id=town[group].id
        )
    lom = town["Lom invited"]

    def judge(who, kind, *, yes=True, reason="Asked", at=MONDAY):
        return judge_invitee(db, who, lom.id, kind, is_cleared=yes, reason=reason, at=at, zone=ZONE)

    def stands(who, at=MONDAY):
        rows = invitees(db, who, call_in_card(db, police, call_in.id), at=at, zone=ZONE)
        return clearances(db, who, rows, at=at, zone=ZONE).get(lom.id, NOT_JUDGED)

    return SimpleNamespace(
        police=police,
        municipal=municipal,
        programme=programme,
        town=town,
        lom=lom,
        judge=judge,
        stands=stands,
    )


def test_the_second_yes_clears_and_each_is_signed(case):
    case.judge(case.municipal, SECRECY, reason="All agreed")
    assert case.lom.status == "proposed"
    assert case.stands(case.police).missing == (SAFETY,)

    case.judge(case.police, SAFETY, reason="No threat", at=TUESDAY)

    assert case.lom.status == "cleared"
    cleared = case.stands(case.police)
    assert cleared.missing == ()
    safety = cleared.counting(SAFETY)
    assert (safety.judged_by, safety.judged_at, safety.reason) == (
        "Test coordinator_police",
        TUESDAY,
        "No threat",
    )


def test_each_side_judges_its_own_and_reads_its_own_reasons(case):
    for who, kind in ((case.police, SECRECY), (case.municipal, SAFETY)):
        with pytest.raises(NotAllowedError):
            case.judge(who, kind)
    case.judge(case.municipal, SECRECY, reason="A client of ours")
    case.judge(case.police, SAFETY, reason="Informer")

    for who, own in ((case.police, "Informer"), (case.municipal, "A client of ours")):
        assert sorted(each.reason for each in case.stands(who).judgements) == ["", own]


@pytest.mark.parametrize(
    "role", [Role.ANALYST, Role.PROBATION, Role.OUTREACH, Role.COMMUNITY, Role.STEERING, Role.ADMIN]
)
def test_nobody_else_judges_or_reads_a_reason(db, viewer, case, role):
    case.judge(case.police, SAFETY, reason="Informer")

    for kind in ClearanceKind:
        with pytest.raises((NotAllowedError, NotFoundError)):
            case.judge(viewer(role), kind)
    assert {each.reason for each in case.stands(viewer(role)).judgements} <= {""}


def test_a_no_holds_back_and_takes_a_clearance_away(db, case):
    case.judge(case.municipal, SECRECY)
    case.judge(case.police, SAFETY)

    case.judge(case.police, SAFETY, yes=False, reason="A threat since", at=TUESDAY)

    assert case.lom.status == "proposed"
    cleared = case.stands(case.police, at=TUESDAY)
    assert (cleared.missing, cleared.refused) == ((SAFETY,), (SAFETY,))
    assert [(each.kind, each.counts) for each in cleared.judgements].count((SAFETY, False)) == 1
    trail = db.scalars(select(StatusChange.new).where(StatusChange.thing == "invitee")).all()
    assert trail == ["cleared", "proposed"]
    with pytest.raises(RuleError):
        decide_invitee(
            db, case.police, case.lom.id, to=InviteeStatus.INVITED, at=TUESDAY, zone=ZONE
        )


def test_nobody_is_cleared_by_a_step_alone(db, case):
    with pytest.raises(RuleError):
        decide_invitee(db, case.police, case.lom.id, to=InviteeStatus.CLEARED, at=MONDAY, zone=ZONE)


def test_a_judgement_needs_a_reason(case):
    with pytest.raises(RuleError) as refused:
        case.judge(case.police, SAFETY, reason=" ")

    assert refused.value.field == "reason"


def test_who_was_withdrawn_is_judged_anew(db, case):
    case.judge(case.municipal, SECRECY)
    case.judge(case.police, SAFETY)
    for step in (InviteeStatus.WITHDRAWN, InviteeStatus.PROPOSED):
        decide_invitee(db, case.police, case.lom.id, to=step, at=TUESDAY, zone=ZONE, reason="Away")

    assert case.stands(case.police, at=TUESDAY).missing == (SECRECY, SAFETY)
    case.judge(case.police, SAFETY, at=TUESDAY)
    assert case.lom.status == "proposed"


def test_who_was_excused_and_is_proposed_again_is_judged_anew(db, case):
    call_in = case.town["call_in"]
    db.add(CallInGroup(call_in_id=call_in.id, group_id=case.town["Granit"].id))
    case.judge(case.municipal, SECRECY)
    case.judge(case.police, SAFETY)
    for step in (InviteeStatus.INVITED, InviteeStatus.EXCUSED):
        decide_invitee(db, case.police, case.lom.id, to=step, at=MONDAY, zone=ZONE, reason="Ill")
    assert case.stands(case.police).missing == ()

    proposal = Proposal(session_of={case.lom.person_id: 1})
    propose_invitees(db, case.police, call_in.id, proposal, at=TUESDAY, zone=ZONE)

    assert case.lom.status == "proposed"
    assert case.stands(case.police, at=TUESDAY).missing == (SECRECY, SAFETY)


def test_who_is_invited_already_stays_so_and_is_seen_to_be_held_back(case):
    case.judge(case.municipal, SECRECY)
    case.judge(case.police, SAFETY)
    case.lom.status = "invited"

    case.judge(case.police, SAFETY, yes=False, reason="A threat since", at=TUESDAY)

    assert case.lom.status == "invited"
    assert case.stands(case.police, at=TUESDAY).refused == (SAFETY,)


def test_who_can_no_longer_come_is_not_cleared(db, case):
    make.a_supervision(db, MONDAY, case.town["Lom"], kind="custody")

    with pytest.raises(RuleError, match="in custody"):
        case.judge(case.police, SAFETY)


@pytest.mark.parametrize("status", ["held", "cancelled", "closed"])
def test_nobody_is_judged_once_it_is_over(case, status):
    case.town["call_in"].status = status

    with pytest.raises(RuleError):
        case.judge(case.police, SAFETY)


@pytest.mark.parametrize(
    ("days", "role", "asked"),
    [(1, "suspect", True), (1, "witness", False), (-1, "victim", False)],
    ids=["done since", "only seen", "before the judgement"],
)
def test_violence_since_asks_to_look_at_safety_again(db, case, days, role, asked):
    case.judge(case.police, SAFETY)
    mate = make.a_person(db, case.programme, MONDAY, "Alka")
    make.a_membership(db, MONDAY, mate, case.town["Granit"])
    when = MONDAY + timedelta(days=days)
    make.an_involvement(db, make.an_incident(db, case.programme, when), mate, role)

    found = case.stands(case.police, at=MONDAY + timedelta(days=2))

    assert found.look_again == ((LookAgain.VIOLENCE,) if asked else ())
    later = case.stands(case.police, at=MONDAY + timedelta(days=20))
    assert later.look_again == found.look_again
    case.town["call_in"].status = "held"
    assert case.stands(case.police, at=MONDAY + timedelta(days=20)).look_again == ()


def test_a_new_judgement_settles_what_asked_for_it(db, case):
    case.judge(case.police, SAFETY)
    shooting = make.an_incident(db, case.programme, TUESDAY)
    make.an_involvement(db, shooting, case.town["Lom"], "victim")
    later = TUESDAY + timedelta(hours=2)
    assert case.stands(case.police, at=later).look_again == (LookAgain.VIOLENCE,)

    case.judge(case.police, SAFETY, reason="Spoken to him", at=later)

    assert case.stands(case.police, at=later + timedelta(hours=1)).look_again == ()


@pytest.mark.parametrize("between", ["groups", "people"])
def test_a_conflict_that_became_known_asks_again(db, case, between):
    case.judge(case.police, SAFETY)
    if between == "groups":
        make.a_relation(db, MONDAY, case.town["Granit"], case.town["Kajen"], recorded_at=TUESDAY)
    else:
        make.a_tie(
            db, MONDAY, case.town["Lom"], case.town["Mes"], kind="rival", recorded_at=TUESDAY
        )

    assert case.stands(case.police, at=TUESDAY).look_again == (LookAgain.CONFLICT,)
    case.town["Mes invited"].status = "withdrawn"
    assert case.stands(case.police, at=TUESDAY).look_again == ()


def test_what_asks_again_is_police_matter(db, case):
    case.judge(case.police, SAFETY)
    make.an_involvement(db, make.an_incident(db, case.programme, TUESDAY), case.town["Lom"])

    assert case.stands(case.municipal, at=TUESDAY).look_again == ()


@pytest.mark.parametrize(("days", "asked"), [(6, True), (8, False)])
def test_violence_before_the_judgement_that_became_known_late_asks_for_a_week(
    db, case, days, asked
):
    case.judge(case.police, SAFETY)
    when = MONDAY - timedelta(days=days)
    shooting = make.an_incident(db, case.programme, when)
    make.an_involvement(db, shooting, case.town["Lom"], "suspect", recorded_at=TUESDAY)

    assert bool(case.stands(case.police, at=TUESDAY).look_again) is asked


def test_postponing_keeps_the_judgements_and_asks_to_look_at_safety_again(db, case):
    case.judge(case.municipal, SECRECY)
    case.judge(case.police, SAFETY)

    postpone_call_in(
        db,
        case.police,
        case.town["call_in"].id,
        starts_at=START + timedelta(days=7),
        zone=ZONE,
        reason="No",
        at=TUESDAY,
    )

    found = case.stands(case.police, at=TUESDAY)
    assert (case.lom.status, found.missing) == ("cleared", ())
    assert found.look_again == (LookAgain.POSTPONED,)


def test_a_reason_is_sealed_and_no_reason_is_in_the_log(db, case):
    case.judge(case.police, SAFETY, reason="Informer")

    assert "Informer" not in str(db.execute(text("SELECT reason FROM clearances")).all())
    entry = db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert entry.kind == "clearance:judged"
    assert "Informer" not in str(entry.detail)
    assert db.scalars(select(Clearance.reason)).one() == "Informer"


# Whose a judgement is


def _remove(db, case, who):
    return remove(db, who, Removable.PERSON, case.lom.person_id, reason="Asked", at=TUESDAY)


def test_an_extract_tells_a_sides_own_judgement_only(db, case):
    case.judge(case.municipal, SECRECY, reason="A client of ours")
    case.judge(case.police, SAFETY, reason="Informer")

    for who, own in ((case.police, "Informer"), (case.municipal, "A client of ours")):
        parts = held_about(db, who, case.lom.person_id, at=TUESDAY, on=TUESDAY.date())
        told = next(part.rows for part in parts if part.table == "clearances")
        assert [row["reason"] for row in told] == [own]


@pytest.mark.parametrize("first_back", [0, 1], ids=["police first", "municipality first"])
def test_a_side_that_removes_takes_its_judgement_and_the_invitation_takes_both(
    db, case, first_back
):
    case.judge(case.municipal, SECRECY)
    case.judge(case.police, SAFETY)
    case.town["Lom"].compartment = "shared"
    db.flush()
    person_id = case.lom.person_id

    first = _remove(db, case, case.municipal)
    assert db.scalars(select(Clearance.kind)).all() == [SAFETY]
    second = _remove(db, case, case.police)
    assert db.scalars(select(Clearance.kind)).all() == []
    assert db.get(Person, person_id) is None

    both = [(case.police, second), (case.municipal, first)]
    for who, removal in (both[first_back], both[1 - first_back]):
        restore(db, who, removal.id, at=TUESDAY)
    assert set(db.scalars(select(Clearance.kind))) == {SECRECY, SAFETY}


@pytest.mark.parametrize("is_social_work", [False, True])
def test_an_invitation_the_police_remove_takes_the_secrecy_judgement_along(
    db, case, is_social_work
):
    """By itself a judgement keeps nobody: it stood on the invitation that is gone."""
    case.judge(case.municipal, SECRECY)
    case.town["Lom"].compartment = "shared"
    if is_social_work:
        make.a_client(db, MONDAY, case.town["Lom"], case.municipal.user_id)
    db.flush()
    person_id, mine = case.lom.person_id, Invitee.person_id == case.lom.person_id

    removal = _remove(db, case, case.police)

    assert (db.get(Person, person_id) is not None) is is_social_work
    assert db.scalars(select(Invitee.id).where(mine)).all() == []
    assert db.scalars(select(Clearance.id)).all() == []
    restore(db, case.police, removal.id, at=TUESDAY)
    assert db.scalars(select(Clearance.kind)).all() == [SECRECY]


# A judgement that goes


@pytest.fixture
def cleared(db, case):
    """Lom is cleared by both and known to both sides: the municipality may remove its part."""
    case.judge(case.municipal, SECRECY)
    case.judge(case.police, SAFETY)
    case.town["Lom"].compartment = "shared"
    db.flush()
    return case.lom


def _statuses(db, invitee):
    db.flush()
    mine = (StatusChange.thing == "invitee", StatusChange.thing_id == invitee.id)
    return db.scalars(select(StatusChange.new).where(*mine).order_by(StatusChange.id)).all()


def test_who_loses_a_judgement_by_removal_is_proposed_again_and_cleared_when_it_comes_back(
    db, case, cleared
):
    removal = _remove(db, case, case.municipal)
    assert cleared.status == "proposed"

    restore(db, case.municipal, removal.id, at=TUESDAY)
    assert _statuses(db, cleared) == ["cleared", "proposed", "cleared"]


@pytest.mark.parametrize("meanwhile", ["a no", "withdrawn and proposed again"])
def test_a_judgement_that_was_overtaken_does_not_count_when_it_comes_back(
    db, case, cleared, meanwhile
):
    removal = _remove(db, case, case.municipal)
    if meanwhile == "a no":
        case.judge(case.municipal, SECRECY, yes=False, at=TUESDAY)
    else:
        for to in (InviteeStatus.WITHDRAWN, InviteeStatus.PROPOSED):
            given = {"to": to, "at": TUESDAY, "zone": ZONE, "reason": "Asked"}
            decide_invitee(db, case.police, cleared.id, **given)

    restore(db, case.municipal, removal.id, at=TUESDAY)

    assert cleared.status == "proposed"
    assert SECRECY in case.stands(case.police, at=TUESDAY).missing


def _lose_secrecy(db, invitee):
    """Take the judgement away behind the status, as an older version of the program did."""
    db.execute(delete(Clearance).where(Clearance.kind == SECRECY.value))


@pytest.mark.parametrize(("was", "to"), [("cleared", "invited"), ("invited", "confirmed")])
def test_nobody_is_asked_or_noted_as_coming_by_a_status_without_its_judgements(
    db, case, cleared, was, to
):
    cleared.status = was
    given = {"to": InviteeStatus(to), "at": MONDAY, "zone": ZONE}
    _lose_secrecy(db, cleared)

    with pytest.raises(RuleError, match="not cleared by now"):
        decide_invitee(db, case.police, cleared.id, **given)

    case.judge(case.municipal, SECRECY)
    assert decide_invitee(db, case.police, cleared.id, **given).status == to


@pytest.mark.parametrize("why", ["no judgement", "protected"])
def test_invitations_that_go_out_together_leave_out_who_may_not_be_asked_now(
    db, case, cleared, why
):
    mes = case.town["Mes invited"]
    make.clear(db, mes, case.police, MONDAY, ZONE)
    if why == "protected":
        case.town["Lom"].is_protected = True
    else:
        _lose_secrecy(db, cleared)
        make.cleared(db, mes, case.programme)
    db.flush()

    to = CallInStatus.INVITED
    advance_call_in(db, case.police, mes.call_in_id, to=to, at=MONDAY, zone=ZONE)

    assert (cleared.status, mes.status) == ("cleared", "invited")


@pytest.mark.parametrize("kind", [PaperKind.LETTERS, PaperKind.DOOR_LIST, PaperKind.ROSTER])
def test_who_has_no_present_clearance_stands_on_no_letter_and_at_no_door(db, case, cleared, kind):
    cleared.status = "invited"
    case.town["Mes invited"].status = "withdrawn"

    def named():
        db.flush()
        card = call_in_card(db, case.police, cleared.call_in_id)
        rows = invitees(db, case.police, card, at=MONDAY, zone=ZONE)
        return [row.code_name for row in on_paper(kind, rows)]

    assert named() == ["Lom"]
    _lose_secrecy(db, cleared)
    # The seat waits for the judgement, as that of everybody who is proposed.
    assert named() == (["Lom"] if kind is PaperKind.ROSTER else [])


def test_who_has_no_present_clearance_is_counted_at_the_door_and_stays_ticked_once_ticked(
    db, case, cleared
):
    cleared.status = "invited"
    _lose_secrecy(db, cleared)

    def door():
        card = call_in_card(db, case.police, cleared.call_in_id)
        return door_list(db, case.police, card, at=START, zone=ZONE)

    assert (door().rows, door().kept_out.total()) == ((), 1)
    cleared.status = "attended"
    db.flush()
    assert ([row.name for row in door().rows], door().kept_out.total()) == (["Lom"], 0)
