"""A good row for each table that the invented town leaves empty, for the rules to be tried on."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gvi.store.models import (
    AnomalyReview,
    ApiToken,
    ApiWrite,
    AttendanceChance,
    AuditWatch,
    Base,
    CalendarFeed,
    CallIn,
    CallInSession,
    Clearance,
    Consent,
    ContactDraft,
    Disclosure,
    DisclosureLine,
    DisclosureRequest,
    DueChange,
    EveningNote,
    Group,
    ImportDraft,
    Incident,
    Invitee,
    KeptApart,
    KeptForm,
    LetterText,
    ListSnapshot,
    ListSnapshotEntry,
    ListSnapshotUse,
    Paper,
    Passkey,
    PasskeyChallenge,
    Person,
    PersonAlias,
    ProviderLink,
    RecoveryCode,
    RiskDecision,
    RiskDecisionList,
    Round,
    RoundGroup,
    SeatPlace,
    SeatRoom,
    SentForm,
    SignOn,
    StoredPolicy,
    SupportCase,
    User,
    WrongTries,
)
from gvi.usecases.session import open_session
from tests.conftest import MONDAY

LATER = MONDAY + timedelta(days=1)


def add_what_the_town_lacks(db: Session, programme: int) -> None:
    users = db.execute(select(User).order_by(User.id).limit(3)).scalars().all()
    person = db.execute(select(Person.id).order_by(Person.id).limit(1)).scalar_one()
    case = db.execute(select(SupportCase.id).limit(1)).scalar_one()
    _add_kept_list(db, programme, person)
    begun = db.execute(select(Round.id).limit(1)).scalar_one()
    call_in = db.execute(select(CallIn.id).limit(1)).scalar_one()
    invitee = db.execute(select(Invitee.id).limit(1)).scalar_one()
    db.add_all(
        [
            CallInSession(programme_id=programme, call_in_id=call_in, number=9, starts_at=MONDAY),
            AttendanceChance(
                programme_id=programme,
                call_in_id=call_in,
                person_id=person,
                probability=0.5,
                reason="His sister says he will.",
                set_at=MONDAY,
                set_by_id=users[0].id,
            ),
            Clearance(
                programme_id=programme,
                invitee_id=invitee,
                kind="safety",
                is_cleared=True,
                reason="No threat known.",
                judged_at=MONDAY,
            ),
            Paper(
                programme_id=programme,
                call_in_id=call_in,
                kind="roster",
                version=1,
                language="sv",
                code="K7QMX-2RDAB",
                purpose="The evening.",
                people=1,
                made_at=MONDAY,
                destroyed_at=MONDAY,
                destroyed_by_id=users[0].id,
            ),
            EveningNote(
                programme_id=programme,
                call_in_id=call_in,
                compartment="shared",
                observed="They stood up together.",
                assessed="The message was heard.",
                recorded_at=MONDAY,
            ),
            Paper(
                programme_id=programme,
                round_id=begun,
                kind="visit_letters",
                version=1,
                language="sv",
                code="K7QMX-2RDAC",
                purpose="The round.",
                people=1,
                made_at=MONDAY,
            ),
            RoundGroup(round_id=begun, group_id=db.execute(select(Group.id).limit(1)).scalar_one()),
            *_of_the_seats(programme, call_in, person),
            PersonAlias(person_id=person, alias="Lillen"),
            ContactDraft(user_id=users[0].id, support_case_id=case, fields="{}", saved_at=MONDAY),
            *_left_by_work(programme, users[0].id),
            *_of_the_auditor(programme, users[0].id),
            *_of_log_in(programme, users[0].id),
            _of_the_method(programme, users[0].id),
        ]
    )
    _add_disclosure(db, programme, person, [user.id for user in users])
    open_session(db, users[0], at=MONDAY, source="test")
    for model in (Person, Group, Incident):
        table = model.__table__
        db.execute(update(table).where(table.c.id == 1).values(external_id="one"))


def _of_the_seats(programme: int, call_in: int, person: int) -> tuple[Base, ...]:
    said = {"programme_id": programme, "call_in_id": call_in, "made_at": MONDAY}
    return (
        SeatRoom(programme_id=programme, call_in_id=call_in, rows=2, width=10, changed_at=MONDAY),
        SeatPlace(
            person_id=person,
            session=1,
            move=1,
            seat_row=1,
            seat_number=2,
            by_hand=True,
            setting=0,
            **said,
        ),
        KeptApart(person_a_id=person, person_b_id=person + 1, **said),
    )


def _add_kept_list(db: Session, programme: int, person: int) -> None:
    kept = ListSnapshot(
        programme_id=programme,
        compartment="police",
        score="driving",
        act="kept",
        reason="The board's Monday meeting.",
        known_at=MONDAY,
        made_at=MONDAY,
        role="operator",
        compartments="police",
        policy_version=1,
        seed=1,
        people=1,
        inputs="{}",
        digest="a digest",
    )
    db.add(kept)
    db.flush()
    decision = db.execute(select(RiskDecision.id).order_by(RiskDecision.id).limit(1)).scalar_one()
    db.add_all(
        [
            ListSnapshotEntry(snapshot_id=kept.id, person_id=person, rank=1, units=1, parts="{}"),
            ListSnapshotUse(
                snapshot_id=kept.id, act="printed", reason="The meeting's item 4.", used_at=MONDAY
            ),
            RiskDecisionList(risk_decision_id=decision, snapshot_id=kept.id),
        ]
    )


def _left_by_work(programme: int, user: int) -> tuple[Base, ...]:
    return (
        DueChange(
            programme_id=programme,
            thing="action",
            thing_id=1,
            new_due_at=MONDAY,
            changed_at=MONDAY,
            reason="Travel.",
        ),
        ImportDraft(programme_id=programme, user_id=user, created_at=MONDAY, content=b""),
        ApiToken(
            programme_id=programme,
            user_id=user,
            name="the night's script",
            ending="wxyz",
            token_hash="a hash",
            scopes="people:read",
            created_at=MONDAY,
            expires_at=LATER,
        ),
        LetterText(
            programme_id=programme,
            language="sv",
            version=1,
            heading="Välkommen",
            body="Hej {name}!",
            made_at=MONDAY,
        ),
        CalendarFeed(programme_id=programme, user_id=user, token_hash="a hash", created_at=MONDAY),
        ApiWrite(
            programme_id=programme,
            user_id=user,
            key_hash="a hash",
            request_hash="a hash",
            thing_id=1,
            made_at=MONDAY,
        ),
    )


def _of_the_auditor(programme: int, user: int) -> tuple[Base, ...]:
    return (
        AnomalyReview(
            programme_id=programme,
            anomaly="a rule, a user, a day",
            note="On duty that night.",
            reviewed_at=MONDAY,
            reviewed_by_id=user,
        ),
        AuditWatch(
            programme_id=programme,
            user_id=user,
            kind="area",
            word="Norra",
            added_at=MONDAY,
            added_by_id=user,
        ),
    )


def _of_log_in(programme: int, user: int) -> tuple[Base, ...]:
    return (
        WrongTries(key_hash="a hash", last_failed_at=MONDAY),
        RecoveryCode(programme_id=programme, user_id=user, code_hash="a hash", created_at=MONDAY),
        Passkey(
            programme_id=programme,
            user_id=user,
            name="work phone",
            credential_id=b"one",
            public_key=b"",
            sign_count=0,
            created_at=MONDAY,
        ),
        PasskeyChallenge(challenge=b"one", bound_to="a hash", expires_at=LATER),
        KeptForm(
            programme_id=programme, user_id=user, path="/people", sealed=b"", expires_at=LATER
        ),
        SentForm(programme_id=programme, user_id=user, key_hash="a hash", sent_at=MONDAY),
        ProviderLink(
            programme_id=programme,
            user_id=user,
            issuer="https://log-in.example.se",
            subject="somebody",
            linked_at=MONDAY,
        ),
        SignOn(
            state_hash="a hash",
            browser_hash="a hash",
            purpose="enter",
            source="test",
            begun_at=MONDAY,
            expires_at=LATER,
        ),
    )


def _of_the_method(programme: int, user: int) -> StoredPolicy:
    return StoredPolicy(
        programme_id=programme,
        version=2,
        source="A study.",
        constants="{}",
        reason="Our own numbers.",
        drafted_by_id=user,
        drafted_at=MONDAY,
    )


def _add_disclosure(db: Session, programme: int, person: int, users: Sequence[int]) -> None:
    """Add a request, and what was disclosed upon it with the person's consent."""
    recipient, writer, decider = users
    sides = {"programme_id": programme, "person_id": person, "side": "social", "party": "police"}
    consent = Consent(**sides, parts="groups", given_on=MONDAY.date(), recorded_at=MONDAY)
    request = DisclosureRequest(
        **sides,
        asked_by="Åsa",
        organisation="The police",
        asked_for="Who they are seen with.",
        received_at=MONDAY,
        due_at=LATER,
        owner_id=writer,
    )
    db.add_all((consent, request))
    db.flush()
    disclosure = Disclosure(
        **sides,
        ground="consent",
        purpose="answer_request",
        fields="groups.words",
        consent_id=consent.id,
        request_id=request.id,
        recipient_id=recipient,
        written_by_id=writer,
        written_at=MONDAY,
        expires_at=LATER,
        decider_id=decider,
    )
    db.add(disclosure)
    db.flush()
    line = DisclosureLine(
        programme_id=programme,
        disclosure_id=disclosure.id,
        position=1,
        part="groups",
        is_assessment=False,
        source_class="own_record",
        frozen="{}",
    )
    db.add(line)
