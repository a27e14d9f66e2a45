import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from gvi.domain.access import Role
from gvi.domain.clearance import ClearanceKind
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.removal import Removable, Side
from gvi.exchange.reading import SourceFile
from gvi.store.asked import Asked
from gvi.store.audit_check import first_bad_entry
from gvi.store.bundle import TRAILS, belongings, people_columns
from gvi.store.models import (
    AccessGrant,
    AccessNotice,
    AccessSection,
    AuditEntry,
    Base,
    Clearance,
    ClientAssignment,
    Consent,
    Contact,
    Disclosure,
    DisclosureLine,
    DisclosureRequest,
    Identity,
    Membership,
    Person,
    PersonAlias,
    Removal,
    RiskCheck,
    RiskDecision,
    StatusChange,
    SupportCase,
)
from gvi.store.queries.disclosure import received
from gvi.store.queries.extract import NAME_MASKED, held_about
from gvi.store.queries.person_card import person_head
from gvi.store.queries.removal import removals
from gvi.usecases.exchange import import_files
from gvi.usecases.removal import let_in_again, part_to_remove, remove, restore
from gvi.usecases.retention import run_retention
from tests.conftest import MONDAY, ZONE
from tests.factories import (
    a_call_in,
    a_client,
    a_consent,
    a_delivery,
    a_disclosure,
    a_group,
    a_membership,
    a_notification,
    a_person,
    a_request,
    a_supervision,
    a_tie,
    an_access,
    an_incident,
    an_invitee,
    an_involvement,
)

OWN_LOGS = {"audit_entries", "audit_subjects", "removals"}
A_MONTH = timedelta(days=30)


def dump(db):
    """Give every row of every table but the logs, as the database holds it."""
    return {
        table.name: sorted(map(repr, db.execute(select(table)).all()))
        for table in Base.metadata.sorted_tables
        if table.name not in OWN_LOGS
    }


@pytest.fixture
def lom(db, programme, viewer):
    """Somebody of whom there is everything, beside somebody else; gives the person."""
    person = a_person(db, programme, MONDAY, "Lom", external_id="p-1", name="Viktor Älgmark")
    other = a_person(db, programme, MONDAY, "Siska", external_id="p-2", name="Noel Bäck")
    db.add(PersonAlias(person_id=person.id, alias="Vicke"))
    group = a_group(db, programme, MONDAY)
    membership = a_membership(db, MONDAY, person, group)
    db.add(_change(programme, "membership", membership.id))
    a_membership(db, MONDAY, other, group)
    a_tie(db, MONDAY, other, person)
    a_supervision(db, MONDAY, person)
    incident = an_incident(db, programme, MONDAY - timedelta(days=9))
    an_involvement(db, incident, person)
    an_involvement(db, incident, other, "victim")
    call_in = a_call_in(db, programme, MONDAY - timedelta(days=3))
    an_invitee(db, call_in, person)
    an_invitee(db, call_in, other)
    a_delivery(db, person, MONDAY, call_in_id=call_in.id)
    a_notification(db, person, MONDAY, incident_id=incident.id)
    db.add(_colour(person, viewer(Role.COORDINATOR_POLICE)))
    membership.role, membership.revised_at = "core", MONDAY
    db.flush()
    return person


def _change(programme, thing, thing_id):
    return StatusChange(
        programme_id=programme, thing=thing, thing_id=thing_id, new="current", changed_at=MONDAY
    )


def _colour(person, viewer):
    return RiskDecision(
        programme_id=person.programme_id,
        person_id=person.id,
        colour="red",
        reason="seen with a weapon",
        decided_by_id=viewer.user_id,
        decided_at=MONDAY,
        expires_on=date(2026, 4, 1),
    )


def helped(db, person, viewer):
    """Let outreach work with a person: an assignment, and a case with a contact."""
    worker = viewer(Role.OUTREACH).user_id
    a_client(db, MONDAY, person, worker)
    case = SupportCase(
        programme_id=person.programme_id,
        person_id=person.id,
        owner_id=worker,
        status="active",
        opened_at=MONDAY,
        contact_interval_days=7,
        note="wants to finish school",
    )
    db.add(case)
    db.flush()
    db.add(
        Contact(
            support_case_id=case.id,
            contacted_at=MONDAY,
            mode="in_person",
            outcome="reached",
            note="cried",
            recorded_at=MONDAY,
            recorded_by_id=worker,
        )
    )
    db.flush()
    return case


def _remove(db, who, thing, thing_id):
    return remove(db, who, thing, thing_id, reason="asked for it", at=MONDAY)


def test_every_table_that_names_a_person_is_walked():
    named = {t.name for t in Base.metadata.sorted_tables if people_columns_of(t)}

    assert {"memberships", "ties", "invitees", "support_cases", "actions"} <= named
    assert "person_id" not in {
        column.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if not column.foreign_keys and not table.name.endswith("_revisions")
    }, "a pointer to a person without a foreign key would be left behind"


def people_columns_of(table):
    return people_columns(table) if not table.name.endswith("_revisions") else []


def test_nothing_of_a_removed_person_is_left_but_the_sealed_bundle(db, viewer, lom):
    before, lom_id = dump(db), lom.id

    _remove(db, viewer(Role.COORDINATOR_POLICE), Removable.PERSON, lom_id)

    assert db.get(Person, lom_id) is None
    left = belongings(db, "persons", lom_id)
    assert left.sides == {}
    gone = {name for name, rows in dump(db).items() if len(rows) < len(before[name])}
    assert {
        "persons",
        "identities",
        "person_aliases",
        "memberships",
        "memberships_revisions",
        "status_changes",
        "ties",
        "supervisions",
        "involvements",
        "invitees",
        "message_deliveries",
        "custom_notifications",
        "risk_decisions",
    } <= gone
    assert "incidents" not in gone
    said = repr(dump(db))
    assert {"status_changes", "due_changes", "changed_values", "review_extensions"} == set(TRAILS)
    assert "Viktor" not in said
    assert "Lom" not in said


def test_put_back_the_database_is_as_it_was(db, viewer, lom):
    police = viewer(Role.COORDINATOR_POLICE)
    before = dump(db)

    removal = _remove(db, police, Removable.PERSON, lom.id)
    assert dump(db) != before
    restore(db, police, removal.id, at=MONDAY + timedelta(days=29))

    assert dump(db) == before
    assert db.execute(select(func.count()).select_from(Removal)).scalar() == 0
    kinds = list(db.execute(select(AuditEntry.kind)).scalars())
    assert kinds == ["person:removed", "person:put_back"]
    assert first_bad_entry(db) is None


def test_what_was_taken_out_before_visits_had_risk_checks_comes_back_with_one(db, viewer, lom):
    """Until migration 0030 a visit held a text of what was checked first."""
    police = viewer(Role.COORDINATOR_POLICE)
    removal = _remove(db, police, Removable.PERSON, lom.id)
    held = json.loads(removal.bundle)
    (visit, *_) = held["rows"]["custom_notifications"]
    visit["risk_check"] = "Asked his mother"
    removal.bundle = json.dumps(held)
    db.flush()

    restore(db, police, removal.id, at=MONDAY)

    check = db.scalars(select(RiskCheck)).one()
    assert (check.custom_notification_id, check.outcome) == (visit["id"], "noted")
    assert check.reason == "Asked his mother"


def test_two_people_tied_to_one_another_come_back_in_any_order(db, viewer, lom):
    police = viewer(Role.COORDINATOR_POLICE)
    siska = db.execute(select(Person).where(Person.code_name == "Siska")).scalar_one()
    before = dump(db)

    first = _remove(db, police, Removable.PERSON, lom.id)
    second = _remove(db, police, Removable.PERSON, siska.id)
    restore(db, police, first.id, at=MONDAY)
    assert dump(db) != before
    restore(db, police, second.id, at=MONDAY)

    assert dump(db) == before


@pytest.mark.parametrize(
    "thing", [Removable.INCIDENT, Removable.MEMBERSHIP, Removable.TIE, Removable.GROUP]
)
def test_other_things_go_and_come_back_the_same_way(db, viewer, lom, thing):
    police = viewer(Role.COORDINATOR_POLICE)
    table = Base.metadata.tables[f"{thing.value}s"]
    thing_id = db.execute(select(table.c.id).order_by(table.c.id)).scalars().first()
    before = dump(db)

    removal = _remove(db, police, thing, thing_id)
    assert belongings(db, table.name, thing_id).sides == {}
    assert db.get(Person, lom.id) is not None
    restore(db, police, removal.id, at=MONDAY)

    assert dump(db) == before


def test_a_support_case_is_removed_by_the_municipality_only(db, viewer, lom):
    case, before = helped(db, lom, viewer), dump(db)

    with pytest.raises(NotFoundError):
        _remove(db, viewer(Role.COORDINATOR_POLICE), Removable.SUPPORT_CASE, case.id)
    removal = _remove(db, viewer(Role.COORDINATOR_MUNICIPAL), Removable.SUPPORT_CASE, case.id)
    assert db.execute(select(Contact.id)).first() is None
    restore(db, viewer(Role.COORDINATOR_MUNICIPAL), removal.id, at=MONDAY)

    assert dump(db) == before


# Two sides


@pytest.mark.parametrize("secrecy", ["police", "shared"])
def test_the_police_take_their_side_and_social_services_keep_theirs(db, viewer, lom, secrecy):
    lom.compartment = secrecy
    case, before = helped(db, lom, viewer), None
    db.flush()
    before = dump(db)
    police, municipal = viewer(Role.COORDINATOR_POLICE), viewer(Role.COORDINATOR_MUNICIPAL)

    removal = _remove(db, police, Removable.PERSON, lom.id)

    kept = db.execute(select(Person).where(Person.id == lom.id)).scalar_one()
    assert (kept.compartment, kept.external_id, kept.source) == ("social", None, "")
    assert db.get(Identity, lom.id).name == "Viktor Älgmark"
    assert db.get(SupportCase, case.id) is not None
    found = belongings(db, "persons", lom.id)
    assert not found.any_of(Side.POLICE, marked_only=True)
    with pytest.raises(NotFoundError):
        part_to_remove(db, police, Removable.PERSON, lom.id, at=MONDAY)
    assert [row.id for row in removals(db, police)] == [removal.id]
    assert removals(db, municipal) == ()
    restore(db, police, removal.id, at=MONDAY)
    assert dump(db) == before


@pytest.mark.parametrize("first_back", [0, 1], ids=["police first", "municipality first"])
def test_both_sides_remove_and_both_put_back(db, viewer, lom, first_back):
    helped(db, lom, viewer)
    before, lom_id = dump(db), lom.id
    sides = [viewer(Role.COORDINATOR_POLICE), viewer(Role.COORDINATOR_MUNICIPAL)]

    held = [_remove(db, side, Removable.PERSON, lom_id) for side in sides]
    assert belongings(db, "persons", lom_id).sides == {}
    order = [first_back, 1 - first_back]
    for place in order:
        restore(db, sides[place], held[place].id, at=MONDAY)

    assert dump(db) == before


def test_the_municipality_takes_support_and_the_police_keep_the_person(db, viewer, lom):
    helped(db, lom, viewer)
    before = dump(db)
    municipal = viewer(Role.COORDINATOR_MUNICIPAL)

    removal = _remove(db, municipal, Removable.PERSON, lom.id)

    assert db.get(Person, lom.id).compartment == "police"
    assert db.execute(select(SupportCase.id)).first() is None
    assert db.execute(select(Membership.id).where(Membership.person_id == lom.id)).first()
    restore(db, municipal, removal.id, at=MONDAY)
    assert dump(db) == before


def test_whom_only_social_services_entered_never_passes_to_the_police(db, viewer, programme):
    """A colour or an invitation stands under no secrecy: it is no sign that the police know."""
    person = a_person(db, programme, MONDAY, "Lom", compartment="social", name="Viktor Älgmark")
    db.add(_colour(person, viewer(Role.COORDINATOR_MUNICIPAL)))
    helped(db, person, viewer)
    person_id = person.id

    _remove(db, viewer(Role.COORDINATOR_MUNICIPAL), Removable.PERSON, person_id)

    assert db.get(Person, person_id) is None


def test_a_name_from_social_services_does_not_stay_with_the_police(db, viewer, programme):
    person = a_person(db, programme, MONDAY, "Lom", compartment="social", name="Viktor Älgmark")
    helped(db, person, viewer)
    an_involvement(db, an_incident(db, programme, MONDAY), person)
    before = dump(db)
    municipal = viewer(Role.COORDINATOR_MUNICIPAL)

    removal = _remove(db, municipal, Removable.PERSON, person.id)

    assert db.get(Person, person.id).compartment == "police"
    assert db.get(Identity, person.id) is None
    restore(db, municipal, removal.id, at=MONDAY)
    assert dump(db) == before


def test_the_municipality_cannot_remove_whom_it_has_nothing_about(db, viewer, lom):
    for judged in db.scalars(select(Clearance).where(Clearance.kind == ClearanceKind.SECRECY)):
        db.delete(judged)
    db.flush()

    with pytest.raises(RuleError):
        _remove(db, viewer(Role.COORDINATOR_MUNICIPAL), Removable.PERSON, lom.id)


@pytest.mark.parametrize(
    "role", [r for r in Role if r not in {Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL}]
)
def test_others_remove_nothing_and_put_nothing_back(db, viewer, lom, role):
    number = lom.id
    with pytest.raises(NotAllowedError):
        _remove(db, viewer(role), Removable.PERSON, number)

    removal = _remove(db, viewer(Role.COORDINATOR_POLICE), Removable.PERSON, number)

    with pytest.raises(NotAllowedError):
        _remove(db, viewer(role), Removable.PERSON, number)
    with pytest.raises(NotAllowedError):
        restore(db, viewer(role), removal.id, at=MONDAY)


def test_a_reason_is_needed(db, viewer, lom):
    with pytest.raises(RuleError) as refused:
        remove(db, viewer(Role.COORDINATOR_POLICE), Removable.PERSON, lom.id, reason=" ", at=MONDAY)
    assert refused.value.field == "reason"


def test_a_number_is_never_given_twice(db, viewer, lom, programme):
    """Else the log would name a new person under the number of one who is gone."""
    police, last = viewer(Role.COORDINATOR_POLICE), None
    siska = db.execute(select(Person).where(Person.code_name == "Siska")).scalar_one()
    last = siska.id

    removal = _remove(db, police, Removable.PERSON, last)
    assert a_person(db, programme, MONDAY, "Siska", external_id="p-9").id > last
    restore(db, police, removal.id, at=MONDAY)

    assert db.get(Person, last).code_name == "Siska 2"


# What left a secrecy, and who was let into one

TODAY = date(2026, 3, 2)
P, M, F = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL, Role.PROBATION
O = Role.OUTREACH  # noqa: E741
GIVERS = {"police": (P, "social", M), "social": (M, "probation", F), "probation": (F, "police", P)}


def disclosed(db, person, viewer, but=""):
    """Let each side disclose, be asked and record a consent; gives the disclosures by side."""
    made = {}
    for side, (giver, party, to) in GIVERS.items():
        if side == but:
            continue
        by = viewer(giver).user_id
        consent = a_consent(db, MONDAY, person, side, party, document=f"consent to {side}")
        request = a_request(db, MONDAY, person, side, party, owner_id=by)
        made[side] = a_disclosure(
            db,
            MONDAY,
            person,
            side,
            party,
            by=by,
            to=viewer(to).user_id,
            frozen=f'{{"text": "words of {side}"}}',
            ground="consent",
            consent_id=consent.id,
            request_id=request.id,
        ).id
    return made


def let_in(db, person, viewer):
    """Open parts to others: the police's, social services', both sides', everybody's."""
    by = {role: viewer(role).user_id for role in (P, M, F, O)}
    return {
        "police": an_access(db, MONDAY, person, by[P], by[O], "groups", "name").id,
        "probation": an_access(db, MONDAY, person, by[P], by[O], "supervision").id,
        "social": an_access(db, MONDAY, person, by[M], by[F], "offers", "risk").id,
        "by social": an_access(db, MONDAY, person, by[M], by[F], "name").id,
        "both": an_access(
            db, MONDAY, person, by[F], by[F], "groups", "offers", "name", kind="break_glass"
        ).id,
        "all": an_access(db, MONDAY, person, by[F], by[F], "name", kind="break_glass").id,
    }


def _held(db, model, name):
    return set(db.execute(select(model.__table__.c[name])).scalars())


def _rows(db, who, person):
    parts = held_about(db, who, person.id, at=MONDAY, on=TODAY)
    return {part.table: part.rows for part in parts}


@pytest.mark.parametrize(("role", "own"), [(P, {"police"}), (M, {"social"})])
def test_an_extract_tells_only_what_its_own_side_disclosed(db, viewer, lom, role, own):
    helped(db, lom, viewer)
    disclosed(db, lom, viewer)
    let_in(db, lom, viewer)

    told = _rows(db, viewer(role), lom)

    for table in ("disclosures", "disclosure_requests", "consents"):
        assert {row["side"] for row in told[table]} == own, table
    words = {f'{{"text": "words of {side}"}}' for side in own}
    assert {row["frozen"] for row in told["disclosure_lines"]} == words
    opened = [row["section"] for row in told["access_sections"]]
    both = ["name", "name"]
    if role is P:
        assert sorted(opened) == sorted(["groups", "name", "supervision", "groups", *both])
    else:
        assert sorted(opened) == sorted(["offers", "risk", "name", "offers", *both])
    assert len(told["access_grants"]) == len(told["access_notices"]) == 4


@pytest.mark.parametrize(
    ("role", "secrecy"),
    [(P, "police"), (P, "shared"), (M, "police"), (M, "shared"), (M, "social")],
)
def test_a_side_that_removes_takes_what_it_disclosed_and_no_more(db, viewer, lom, role, secrecy):
    helped(db, lom, viewer)
    lom.compartment = secrecy
    made, grants = disclosed(db, lom, viewer), let_in(db, lom, viewer)
    before = dump(db)
    gone = {"police"} if role is P else {"social"}

    part = part_to_remove(db, viewer(role), Removable.PERSON, lom.id, at=MONDAY)
    removal = _remove(db, viewer(role), Removable.PERSON, lom.id)

    assert not part.is_whole
    for table in ("disclosures", "disclosure_lines", "disclosure_requests", "consents"):
        assert part.counts[table] == len(gone), table
    assert part.counts["access_grants"] == 2
    for model in (Disclosure, DisclosureRequest, Consent):
        assert _held(db, model, "side") == set(GIVERS) - gone, model
    assert _held(db, DisclosureLine, "disclosure_id") == {
        made[side] for side in GIVERS if side not in gone
    }
    left = {"social", "by social"} if role is P else {"police", "probation"}
    kept = {grants[each] for each in left | {"both", "all"}}
    assert _held(db, AccessGrant, "id") == _held(db, AccessNotice, "grant_id") == kept
    sections = select(AccessSection.section).where(AccessSection.grant_id == grants["both"])
    own = "offers" if role is P else "groups"
    assert set(db.execute(sections).scalars()) == {own, "name"}
    restore(db, viewer(role), removal.id, at=MONDAY)
    assert dump(db) == before


@pytest.mark.parametrize("way", [(P, "police", M), (M, "social", F)])
def test_what_the_removing_side_disclosed_is_read_no_more(db, viewer, lom, way):
    role, side, reader = way
    helped(db, lom, viewer)
    lom.compartment = "shared"
    number = disclosed(db, lom, viewer)[side]
    assert received(db, viewer(reader), number, at=MONDAY, day=TODAY).id == number

    _remove(db, viewer(role), Removable.PERSON, lom.id)

    with pytest.raises(NotFoundError):
        received(db, viewer(reader), number, at=MONDAY, day=TODAY)


@pytest.mark.parametrize("order", [(P, M), (M, P)], ids=["police first", "municipality first"])
def test_when_both_sides_have_removed_probations_register_is_left_and_nothing_else(
    db, viewer, lom, operator, order
):
    helped(db, lom, viewer)
    lom.compartment = "shared"
    disclosed(db, lom, viewer)
    let_in(db, lom, viewer)
    before, number = dump(db), lom.id

    held = [_remove(db, viewer(role), Removable.PERSON, number) for role in order]

    left = belongings(db, "persons", number).sides
    assert {table for table, _ in left} <= {
        "persons",
        "identities",
        "person_aliases",
        "name_tokens",
        "disclosures",
        "disclosure_lines",
        "disclosure_requests",
        "consents",
        *("access_grants", "access_sections", "access_notices"),
    }
    assert _held(db, Disclosure, "side") == {"probation"}
    assert db.get_one(Person, number).compartment == "probation"
    with pytest.raises(NotFoundError):
        part_to_remove(db, viewer(P), Removable.PERSON, number, at=MONDAY)
    assert part_to_remove(db, operator, Removable.PERSON, number, at=MONDAY).is_whole
    for role, removal in reversed(list(zip(order, held, strict=True))):
        restore(db, viewer(role), removal.id, at=MONDAY)
    assert dump(db) == before


@pytest.mark.parametrize("order", [(P, M), (M, P)], ids=["police first", "municipality first"])
def test_who_in_probation_works_with_the_person_stays_with_probations_register(
    db, viewer, lom, order
):
    helped(db, lom, viewer)
    lom.compartment = "shared"
    disclosed(db, lom, viewer)
    officer = a_client(db, MONDAY, lom, viewer(F).user_id)
    before, number, row = dump(db), lom.id, officer.id

    held = [_remove(db, viewer(order[0]), Removable.PERSON, number)]
    assert db.get(ClientAssignment, row) is not None
    assert [_opens(db, viewer(role), number) for role in (P, F)] == [order[0] is M, True]
    held.append(_remove(db, viewer(order[1]), Removable.PERSON, number))

    # The table of rights lets the municipality know of everybody, whatever their secrecy.
    assert [_opens(db, viewer(role), number) for role in (P, M, F)] == [False, True, True]
    assert _held(db, ClientAssignment, "id") == {row}
    for role, removal in reversed(list(zip(order, held, strict=True))):
        restore(db, viewer(role), removal.id, at=MONDAY)
    assert dump(db) == before


def _opens(db, who, number):
    try:
        person_head(db, who, number, Asked.of(None, now=MONDAY, zone=ZONE))
    except NotFoundError:
        return False
    return True


def test_without_a_register_probations_worker_goes_with_the_police_side(db, viewer, lom):
    helped(db, lom, viewer)
    lom.compartment = "shared"
    a_client(db, MONDAY, lom, viewer(F).user_id)

    _remove(db, viewer(P), Removable.PERSON, lom.id)

    workers = db.execute(select(ClientAssignment.user_id)).scalars().all()
    assert viewer(F).user_id not in workers
    assert viewer(O).user_id in workers


def test_whom_only_social_services_and_probations_register_hold_never_passes_to_the_police(
    db, viewer, programme
):
    vit = a_person(db, programme, MONDAY, "Vit", compartment="social", name="Ada Vit")
    helped(db, vit, viewer)
    a_client(db, MONDAY, vit, viewer(F).user_id)
    consent = a_consent(db, MONDAY, vit, "probation", "social", document="consent")
    assert consent.side == "probation"

    _remove(db, viewer(M), Removable.PERSON, vit.id)

    assert db.get_one(Person, vit.id).compartment == "probation"
    assert [_opens(db, viewer(role), vit.id) for role in (P, F)] == [False, True]


@pytest.mark.parametrize("order", [(P, M), (M, P)], ids=["police first", "municipality first"])
def test_when_both_sides_have_removed_nothing_of_it_is_left(db, viewer, lom, order):
    helped(db, lom, viewer)
    lom.compartment = "shared"
    disclosed(db, lom, viewer, but="probation")
    let_in(db, lom, viewer)
    before, number = dump(db), lom.id

    held = [_remove(db, viewer(role), Removable.PERSON, number) for role in order]

    assert belongings(db, "persons", number).sides == {}
    for model in (Disclosure, DisclosureLine, DisclosureRequest, Consent, AccessGrant):
        assert db.execute(select(model.__table__)).first() is None, model
    assert db.execute(select(AccessSection.grant_id)).first() is None
    for role, removal in zip(order, held, strict=True):
        restore(db, viewer(role), removal.id, at=MONDAY)
    assert dump(db) == before


def test_a_consent_alone_keeps_a_person_with_its_side_and_an_access_does_not(db, viewer, lom):
    consent = a_consent(db, MONDAY, lom, "social", "police")
    an_access(db, MONDAY, lom, viewer(M).user_id, viewer(O).user_id, "offers")
    police, number = viewer(P), lom.id
    part = part_to_remove(db, police, Removable.PERSON, number, at=MONDAY)
    assert not part.is_whole
    assert {"consents", "access_grants"} & set(part.counts) == set()

    db.delete(consent)
    db.flush()
    part = part_to_remove(db, police, Removable.PERSON, number, at=MONDAY)
    assert part.is_whole
    assert "access_grants" not in part.counts
    assert part.bundle.count("access_grants") == 1
    _remove(db, police, Removable.PERSON, number)

    assert db.execute(select(AccessGrant.id)).first() is None


@pytest.mark.parametrize("role", [P, M])
def test_a_protected_name_is_in_the_extract_of_whoever_holds_access_to_it(db, viewer, lom, role):
    lom.is_protected = True
    helped(db, lom, viewer)
    who = viewer(role)
    side, other = ("police", M) if role is P else ("social", P)
    party = "social" if role is P else "police"
    a_disclosure(
        db,
        MONDAY,
        lom,
        side,
        party,
        by=who.user_id,
        to=viewer(other).user_id,
        frozen='{"text": "Viktor Älgmark"}',
        part="name",
    )
    ended = an_access(db, MONDAY - timedelta(days=2), lom, who.user_id, who.user_id, "name")
    an_access(db, MONDAY, lom, who.user_id, viewer(O).user_id, "name")
    an_access(db, MONDAY, lom, who.user_id, who.user_id, "risk")

    told = _rows(db, who, lom)

    assert ended.ends_at <= MONDAY
    assert {"identities", "person_aliases"} & set(told) == set()
    assert told["disclosure_lines"][0]["frozen"] is NAME_MASKED
    assert not any(word in repr(told) for word in ("Viktor", "Vicke"))
    an_access(db, MONDAY, lom, who.user_id, who.user_id, "name")
    told = _rows(db, who, lom)
    assert told["identities"] == ({"name": "Viktor Älgmark"},)
    assert "Viktor" in told["disclosure_lines"][0]["frozen"]


# Erasure


def test_after_a_month_the_rule_erases_and_the_log_holds_nothing_of_the_person(
    db, viewer, operator, lom
):
    police = viewer(Role.COORDINATOR_POLICE)
    removal = remove(db, police, Removable.PERSON, lom.id, reason="Viktor asked for it", at=MONDAY)
    early = run_retention(db, operator, at=MONDAY + A_MONTH - timedelta(seconds=1), zone=ZONE)
    assert not early.erased

    report = run_retention(db, operator, at=MONDAY + A_MONTH, zone=ZONE)

    assert dict(report.erased) == {"person": 1}
    db.refresh(removal)
    assert (removal.bundle, removal.reason) == (None, "")
    entry = db.execute(select(AuditEntry).where(AuditEntry.verb == "erased")).scalar_one()
    assert entry.subjects == f'{{"removal": [{removal.id}]}}'
    for table in Base.metadata.sorted_tables:
        assert "Viktor" not in repr(db.execute(select(table)).all()), table.name
    with pytest.raises(RuleError):
        restore(db, police, removal.id, at=MONDAY + A_MONTH)
    assert not run_retention(db, operator, at=MONDAY + A_MONTH, zone=ZONE).erased


def test_what_is_due_for_erasure_is_not_put_back(db, viewer, lom):
    police = viewer(Role.COORDINATOR_POLICE)
    removal = _remove(db, police, Removable.PERSON, lom.id)

    with pytest.raises(RuleError):
        restore(db, police, removal.id, at=MONDAY + A_MONTH)


PEOPLE = SourceFile(name="persons.csv", content=b"id,name\np-1,Viktor\n")


@pytest.mark.parametrize("erased", [False, True], ids=["removed", "erased"])
def test_a_file_does_not_bring_somebody_back_unawares(db, viewer, operator, lom, erased):
    police = viewer(Role.COORDINATOR_POLICE)
    removal = _remove(db, police, Removable.PERSON, lom.id)
    at = MONDAY + A_MONTH
    if erased:
        run_retention(db, operator, at=at, zone=ZONE)

    report = import_files(db, police, [PEOPLE], at=at, zone=ZONE).report

    assert report.is_refused
    (problem,) = report.rejecting
    assert problem.said(problem.reason).startswith("This was removed here on 2026-03-02")
    if not erased:
        with pytest.raises(RuleError):
            let_in_again(db, police, removal.id, reason="asked again", at=at)
        return
    let_in_again(db, police, removal.id, reason="a new investigation", at=at)
    assert not import_files(db, police, [PEOPLE], at=at, zone=ZONE).report.is_refused


def test_every_table_of_removable_rows_numbers_them_once_on_sqlite(db):
    if db.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL's sequences never go back.")
    rows = db.execute(text("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
    words = {row.name: row.sql for row in rows}
    reached = {"persons", "incidents", "groups"}
    while True:
        more = {
            table.name
            for table in Base.metadata.sorted_tables
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table.name in reached
        } - reached
        if not more:
            break
        reached |= more
    numbered = {name for name in reached if "id" in Base.metadata.tables[name].primary_key}
    assert len(numbered) > 15
    assert {name for name in numbered if "AUTOINCREMENT" not in words[name]} == set()
