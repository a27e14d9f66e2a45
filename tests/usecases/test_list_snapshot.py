"""Kept lists: made again later they are the same, whatever was written since, or say why not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.list_snapshot import Cause, ListAct, Verdict, digest_of, inputs_of
from gvi.domain.policy import ScoringPolicy, constants_of
from gvi.domain.removal import Removable
from gvi.domain.risk import RiskColour
from gvi.network.changed_records import How
from gvi.store.engine import make_engine, transaction
from gvi.store.facts import facts
from gvi.store.migrate import downgrade, upgrade
from gvi.store.models import Incident, Involvement, ListSnapshot, ListSnapshotEntry, Tie
from gvi.store.queries.list_snapshot import lists_behind, snapshot, snapshot_entries, snapshots
from gvi.store.queries.record_days import days_of_memberships, days_of_ties
from gvi.store.wall import EVERYTHING, walled
from gvi.usecases.facts import correct, withdraw
from gvi.usecases.list_comparison import compare
from gvi.usecases.list_snapshot import keep_list, verify
from gvi.usecases.policy import approve, draft, propose
from gvi.usecases.ranking import driving
from gvi.usecases.removal import remove, restore
from gvi.usecases.retention import run_retention
from gvi.usecases.risk import decide_colour
from tests.conftest import MONDAY, SECRET_KEY, ZONE, ready_engine
from tests.factories import (
    a_group,
    a_membership,
    a_person,
    a_relation,
    a_tie,
    an_incident,
    an_involvement,
)

DAY = timedelta(days=1)
WEEK = 7 * DAY


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def town(police, db, programme):
    """Three people of one group, two of them in incidents."""
    people = [a_person(db, programme, MONDAY, name) for name in ("Lom", "Mes", "Tärna")]
    group = a_group(db, programme, MONDAY)
    for person in people:
        a_membership(db, MONDAY, person, group)
    a_tie(db, MONDAY, people[0], people[2])
    for days, person, kind in ((40, 0, "homicide"), (20, 1, "stabbing"), (10, 1, "threat")):
        incident = an_incident(db, programme, MONDAY - days * DAY, kind)
        an_involvement(db, incident, people[person], "convicted")
    return people


def kept(db, viewer, *, at=MONDAY, as_of=None, score="driving", act=ListAct.KEPT):
    return keep_list(
        db,
        viewer,
        score,
        act=act,
        reason="The board's Monday meeting.",
        as_of=as_of or at,
        at=at,
        zone=ZONE,
    ).id


def verdict(db, viewer, number):
    found = verify(db, viewer, number, zone=ZONE)
    assert found.verdict is not Verdict.DIFFERS, found.difference % found.params
    return found.verdict


def test_a_kept_list_holds_what_the_list_showed_and_no_name(db, town, police):
    _, found = driving(db, police, MONDAY, ZONE)

    number = kept(db, police)

    row = snapshot(db, police, number)
    assert (row.policy_version, row.people, row.left) == (1, 2, 2)
    assert row.role == "coordinator_police"
    assert row.compartments == {"police", "shared"}
    entries = snapshot_entries(db, police, number)
    assert [e.person_id for e in entries] == [e.person_id for e in found.entries]
    for entry, listed in zip(entries, found.entries, strict=True):
        assert entry.units == round(listed.score * 1e9)
        assert sum(entry.parts.values()) == entry.units
        assert 1 <= entry.low <= entry.high <= 3
    columns = set(ListSnapshotEntry.__table__.c.keys())
    assert columns == {"snapshot_id", "person_id", "rank", "units", "parts", "low", "high"}


def test_who_is_known_by_now_to_have_been_a_child_is_shown_on_no_kept_list(db, town, police):
    number = kept(db, police)
    correct(town[0], police, "person:write", at=MONDAY + DAY, birth_date=date(2010, 1, 1))
    db.flush()

    row = snapshot(db, police, number)

    assert (row.people, row.left) == (2, 1)
    assert [e.person_id for e in snapshot_entries(db, police, number)] == [town[1].id]
    assert verdict(db, police, number) is Verdict.SAME


def test_a_list_is_kept_with_a_reason_and_never_of_a_day_to_come(db, town, police, viewer):
    given = {"act": ListAct.KEPT, "at": MONDAY, "zone": ZONE}
    with pytest.raises(RuleError):
        keep_list(db, police, "driving", reason=" ", as_of=MONDAY, **given)
    with pytest.raises(RuleError):
        keep_list(db, police, "driving", reason="Why not.", as_of=MONDAY + DAY, **given)
    with pytest.raises(NotAllowedError):
        keep_list(db, viewer(Role.OUTREACH), "driving", reason="Why not.", as_of=MONDAY, **given)


def test_the_same_facts_have_the_same_digest_on_both_databases(db, town, police):
    known = facts(db, police, MONDAY, ZONE)
    assert digest_of(inputs_of(known)) == (
        "bf3f25adf0c669f7e982e4b4e6527cc5e4213cbb7776035cf8d064f471a15109"
    )


def _import_late(db, programme, town, police, at):
    """What a file brings says it was known long before."""
    early = {"recorded_at": MONDAY - 300 * DAY, "entered_at": at, "revised_at": MONDAY - 300 * DAY}
    incident = an_incident(db, programme, MONDAY - 301 * DAY, "homicide", **early)
    an_involvement(db, incident, town[2], "convicted", **early)
    a_tie(db, MONDAY, town[1], town[2], **early)


def _by_hand(db, programme, town, police, at):
    incident = an_incident(db, programme, at, "explosion")
    an_involvement(db, incident, town[0], "suspect")


def _correct(db, programme, town, police, at):
    for incident in db.execute(select(Incident)).scalars():
        correct(incident, police, "incident:write", at=at, kind="robbery")
    correct(town[0], police, "person:write", at=at, birth_date=at.date())
    db.flush()


def _withdraw(db, programme, town, police, at):
    for model in (Involvement, Tie):
        row = db.execute(
            select(model).where(model.withdrawn_at.is_(None)).limit(1)
        ).scalar_one_or_none()
        if row is not None:
            withdraw(row, police, at=at, reason="Mistaken.")
    db.flush()


def _new_policy(db, programme, town, police, at):
    analyst = replace(police, role=Role.ANALYST, user_id=police.user_id + 1)
    constants = constants_of(ScoringPolicy())
    constants["near"] = 0.9
    version = draft(db, analyst, constants, source="A study.", reason="Better.", at=at).version
    propose(db, analyst, version, at=at)
    approve(db, police, version, at=at, zone=ZONE)


WRITES = (_import_late, _by_hand, _correct, _withdraw, _new_policy)


@pytest.mark.parametrize("write", WRITES)
def test_made_again_it_is_the_same_after_any_later_write(db, programme, town, police, write):
    numbers = [kept(db, police, as_of=at) for at in (MONDAY, MONDAY - 15 * DAY)]
    numbers += [kept(db, police, score="exposed")]

    write(db, programme, town, police, MONDAY + DAY)

    assert [verdict(db, police, number) for number in numbers] == [Verdict.SAME] * 3


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(order=st.lists(st.sampled_from(WRITES[:4]), min_size=2, max_size=4))
def test_any_writes_in_any_order_leave_every_kept_list_the_same(db, programme, town, police, order):
    with db.begin_nested() as savepoint:
        numbers = []
        for place, write in enumerate(order):
            at = MONDAY + (2 * place) * DAY
            numbers += [kept(db, police, at=at), kept(db, police, at=at, as_of=at - 30 * DAY)]
            write(db, programme, town, police, at + DAY)
        found = {verdict(db, police, number) for number in numbers}
        savepoint.rollback()
    db.expire_all()
    assert found == {Verdict.SAME}


def test_after_an_erasure_it_says_how_many_facts_are_gone_and_the_person_is_gone_from_it(
    db, town, police, operator
):
    number = kept(db, police)

    removal = remove(
        db, police, Removable.PERSON, town[0].id, reason="Mistaken identity.", at=MONDAY + DAY
    )

    # The person, the membership, the tie, the part in the incident.
    assert verify(db, police, number, zone=ZONE).erased == 4
    row = snapshot(db, police, number)
    assert (row.people, row.left, row.gone) == (2, 1, 1)
    assert [e.code_name for e in snapshot_entries(db, police, number)] == ["Mes"]
    restore(db, police, removal.id, at=MONDAY + 2 * DAY)
    assert verdict(db, police, number) is Verdict.SAME

    remove(db, police, Removable.PERSON, town[0].id, reason="Mistaken.", at=MONDAY + DAY)
    run_retention(db, operator, at=MONDAY + 40 * DAY, zone=ZONE)
    assert verify(db, police, number, zone=ZONE).verdict is Verdict.ERASED
    left = select(func.count()).select_from(ListSnapshotEntry)
    assert db.execute(left).scalar_one() == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE list_snapshot_entries SET units = units + 5 WHERE rank = 1", "score at rank 1"),
        ("UPDATE list_snapshot_entries SET rank = 9 WHERE rank = 2", "Rank 9 is rank 2"),
        ("UPDATE list_snapshot_entries SET high = 9 WHERE rank = 2", "interval at rank 2 is 1–9"),
        ("DELETE FROM list_snapshot_entries WHERE rank = 2", "holds 1 people, made again 2"),
        ("UPDATE list_snapshots SET digest = 'another'", "digest"),
        ("UPDATE incidents SET kind = 'threat'", "table incidents are others"),
        ("UPDATE list_snapshots SET compartments = 'police'", "other rights"),
    ],
)
def test_what_was_changed_behind_its_back_is_told(db, town, police, statement, said):
    number = kept(db, police)
    db.execute(text(statement))
    db.expire_all()

    found = verify(db, police, number, zone=ZONE)

    assert found.verdict is Verdict.DIFFERS
    assert said in found.difference % found.params


def test_nobody_reads_a_list_made_from_more_than_they_see(db, town, police, operator, viewer):
    theirs = kept(db, operator)
    own = kept(db, viewer(Role.ANALYST))

    assert [row.id for row in snapshots(db, police)] == [own]
    assert [row.id for row in snapshots(db, operator)] == [own, theirs]
    for ask in (snapshot, lambda *given: verify(*given, zone=ZONE)):
        with pytest.raises(NotFoundError):
            ask(db, police, theirs)
    with pytest.raises(NotAllowedError):
        snapshots(db, viewer(Role.COORDINATOR_MUNICIPAL))
    assert verdict(db, police, own) is Verdict.SAME
    assert verdict(db, operator, own) is Verdict.SAME


def test_a_person_who_became_nothing_for_the_reader_is_not_on_it(db, town, police):
    number = kept(db, police)
    db.execute(text("UPDATE persons SET compartment = 'social' WHERE code_name = 'Lom'"))
    db.expire_all()

    assert [e.code_name for e in snapshot_entries(db, police, number)] == ["Mes"]
    assert snapshot(db, police, number).gone == 1


def changes(db, viewer, first, second):
    found = compare(db, viewer, first, second, zone=ZONE)
    names = {person: entry.code_name for person, entry in found.entries.items()}
    return found, {names[each.move.person_id]: each for each in found.people}


def test_the_same_list_of_a_day_is_used_again_and_not_kept_twice(
    db, programme, town, police, viewer
):
    first = kept(db, police)
    entries = db.execute(select(func.count()).select_from(ListSnapshotEntry)).scalar_one()
    again = kept(db, police, at=MONDAY + timedelta(hours=3), act=ListAct.PRINTED)

    assert again == first
    assert db.execute(select(func.count()).select_from(ListSnapshotEntry)).scalar_one() == entries
    uses = snapshot(db, police, first).uses
    assert [(use.act, use.at) for use in uses] == [
        (ListAct.KEPT, MONDAY),
        (ListAct.PRINTED, MONDAY + timedelta(hours=3)),
    ]
    assert uses[1].reason == "The board's Monday meeting."
    assert uses[1].by == police.name
    others = [
        kept(db, police, score="exposed"),
        kept(db, viewer(Role.ANALYST)),
        kept(db, police, at=MONDAY + DAY),
        kept(db, police, at=MONDAY + DAY, as_of=MONDAY - DAY),
    ]
    _by_hand(db, programme, town, police, MONDAY + DAY)
    others.append(kept(db, police, at=MONDAY + DAY + timedelta(hours=1)))
    assert len({first, *others}) == 6


def decide(db, viewer, person, *, at=MONDAY):
    given = {"reason": "Threats heard.", "expires_on": date(2026, 3, 23)}
    return decide_colour(db, viewer, person.id, colour=RiskColour.RED, at=at, zone=ZONE, **given)


def test_a_decided_colour_keeps_the_lists_the_person_stands_on(db, programme, town, police):
    lom, mes, _ = town
    unranked = decide(db, police, a_person(db, programme, MONDAY, "Ek"))
    assert db.execute(select(func.count()).select_from(ListSnapshot)).scalar_one() == 0

    first = decide(db, police, mes)
    second = decide(db, police, lom, at=MONDAY + timedelta(hours=2))

    found = lists_behind(db, police, [unranked.id, first.id, second.id])
    assert found.keys() == {first.id, second.id}
    [(number, score)] = found[first.id]
    assert score == "driving"
    assert found[second.id] == ((number, score),)
    assert verdict(db, police, number) is Verdict.SAME
    uses = snapshot(db, police, number).uses
    assert [(use.act, use.person_id, use.by) for use in uses] == [
        (ListAct.DECIDED, mes.id, police.name),
        (ListAct.DECIDED, lom.id, police.name),
    ]


def test_a_colour_of_somebody_on_both_lists_rests_on_both(db, programme, town, police):
    shooting = an_incident(db, programme, MONDAY - DAY, "shooting_at_person")
    an_involvement(db, shooting, town[1], "victim")

    decision = decide(db, police, town[1])

    lists = lists_behind(db, police, [decision.id])[decision.id]
    assert [score for _, score in lists] == ["driving", "exposed"]


def test_who_sees_no_scores_keeps_no_list_and_is_told_of_none(db, town, police, viewer):
    municipal = viewer(Role.COORDINATOR_MUNICIPAL)
    theirs = decide(db, municipal, town[1])
    assert db.execute(select(func.count()).select_from(ListSnapshot)).scalar_one() == 0

    ours = decide(db, police, town[1], at=MONDAY + timedelta(hours=1))

    assert lists_behind(db, police, [theirs.id, ours.id]).keys() == {ours.id}
    assert lists_behind(db, viewer(Role.ANALYST), [ours.id]).keys() == {ours.id}
    for role in (Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.AUDITOR):
        assert lists_behind(db, viewer(role), [theirs.id, ours.id]) == {}


def test_a_decision_goes_with_its_person_and_the_list_stays(db, town, police):
    decision, person = decide(db, police, town[0]).id, town[0].id
    [(number, _)] = lists_behind(db, police, [decision])[decision]

    removal = remove(db, police, Removable.PERSON, person, reason="Mistaken.", at=MONDAY + DAY)

    assert lists_behind(db, police, [decision]) == {}
    [use] = snapshot(db, police, number).uses
    assert (use.act, use.person_id) == (ListAct.DECIDED, None)
    restore(db, police, removal.id, at=MONDAY + 2 * DAY)
    assert snapshot(db, police, number).uses[0].person_id == person


def test_lists_kept_before_printing_kept_them_are_as_they_were(
    engine, owner_url, programme, police, operator
):
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Lom")
        an_involvement(db, an_incident(db, programme, MONDAY, "homicide"), person, "convicted")
        first = kept(db, police)
        second = kept(db, police, at=MONDAY + DAY, act=ListAct.PRINTED)
        kept(db, police, at=MONDAY + DAY, act=ListAct.EXPORTED)
        decide(db, police, person, at=MONDAY + 2 * DAY)
    owner = make_engine(owner_url)

    downgrade(owner, "0017_list_snapshots", secret_key=SECRET_KEY)
    with pytest.raises(IntegrityError), walled(owner, EVERYTHING).begin() as connection:
        connection.execute(text("UPDATE list_snapshots SET act = 'printed'"))
    upgrade(owner, secret_key=SECRET_KEY)
    owner.dispose()

    again = ready_engine(owner_url)
    with transaction(again) as db:
        rows = snapshots(db, operator)
        assert [(row.id, [(use.act, use.reason) for use in row.uses]) for row in rows] == [
            (second, [(ListAct.EXPORTED, "The board's Monday meeting.")]),
            (first, [(ListAct.KEPT, "The board's Monday meeting.")]),
        ]
    again.dispose()


def test_what_changed_between_two_lists_has_causes_that_add_up(db, programme, town, police):
    first = kept(db, police)
    incident = an_incident(db, programme, MONDAY + 2 * DAY, "shooting_at_person")
    an_involvement(db, incident, town[2], "convicted")
    stabbing = db.execute(select(Incident).where(Incident.kind == "stabbing")).scalar_one()
    correct(stabbing, police, "incident:write", at=MONDAY + DAY, kind="robbery")
    db.flush()
    second = kept(db, police, at=MONDAY + WEEK)

    found, people = changes(db, police, first, second)

    assert people["Tärna"].move.before is None
    assert people["Tärna"].incidents == (incident.id,)
    assert people["Tärna"].causes[Cause.INCIDENTS] > 0
    assert people["Mes"].causes[Cause.CORRECTED] < 0
    assert people["Lom"].causes[Cause.TIME] < 0
    for each in found.people:
        assert sum(each.causes.values()) == pytest.approx(each.move.change, abs=1e-6)


def test_each_kind_of_change_is_a_cause_of_its_own(db, programme, town, police):
    numbers = [kept(db, police)]

    def then(write):
        at = MONDAY + len(numbers) * WEEK
        write(at - DAY)
        numbers.append(kept(db, police, at=at))
        return changes(db, police, numbers[-2], numbers[-1])[1]

    tied = then(lambda at: a_tie(db, at, town[0], town[1], recorded_at=at, entered_at=at))
    assert tied["Lom"].causes[Cause.TIES] > 0
    other = a_group(db, programme, MONDAY, "Fors")
    joined = then(lambda at: a_membership(db, at, town[0], other, recorded_at=at, entered_at=at))
    assert Cause.GROUPS in joined["Mes"].causes
    policy = then(lambda at: _new_policy(db, programme, town, police, at))
    assert policy["Lom"].causes[Cause.POLICY] > 0
    erased = then(
        lambda at: remove(db, police, Removable.PERSON, town[1].id, reason="Mistaken.", at=at)
    )
    assert set(erased) == {"Lom"}
    assert erased["Lom"].causes[Cause.ERASED] < 0


def test_ties_and_memberships_behind_a_change_are_named_with_what_became_of_them(
    db, programme, town, police
):
    lom, mes, _ = town
    old_tie = db.execute(select(Tie)).scalar_one()
    first = kept(db, police)
    at = MONDAY + WEEK
    tie = a_tie(db, at - DAY, lom, mes, recorded_at=at - DAY, entered_at=at - DAY)
    correct(old_tie, police, "tie:write", at=at - DAY, valid_to=at - DAY)
    other = a_group(db, programme, MONDAY, "Fors")
    a_membership(db, at - DAY, mes, other, recorded_at=at - DAY, entered_at=at - DAY)
    a_membership(db, at - DAY, lom, other, recorded_at=at - DAY, entered_at=at - DAY)
    db.flush()
    second = kept(db, police, at=at)

    _, people = changes(db, police, first, second)

    assert [(each.tie, each.how) for each in people["Lom"].ties] == [
        (tie.id, How.ADDED),
        (old_tie.id, How.ENDED),
    ]
    assert [(each.person, each.group, each.how) for each in people["Mes"].memberships] == [
        (mes.id, other.id, How.ADDED),
        (lom.id, other.id, How.ADDED),
    ]
    assert [each.tie for each in people["Mes"].ties] == [tie.id, old_tie.id]
    days = days_of_ties(db, police, {tie.id, old_tie.id})
    assert (days[tie.id].added, days[old_tie.id].ended) == (at - DAY, at - DAY)
    joined = days_of_memberships(db, police, {mes.id})
    assert joined[mes.id, other.id].added == at - DAY
    correct(tie, police, "tie:write", at=at + DAY, strength=0.2)
    db.flush()
    third = kept(db, police, at=at + 2 * DAY)
    _, people = changes(db, police, second, third)
    assert [(each.tie, each.how) for each in people["Lom"].ties] == [(tie.id, How.CHANGED)]
    assert days_of_ties(db, police, {tie.id})[tie.id].changed == at + DAY


def test_the_earlier_list_is_of_the_earlier_moment_whichever_was_kept_first(db, town, police):
    now, then = kept(db, police), kept(db, police, as_of=MONDAY - 10 * DAY)

    for pair in ((now, then), (then, now)):
        found = compare(db, police, *pair, zone=ZONE)
        assert (found.before.id, found.after.id) == (then, now)


def test_lists_of_two_scores_are_not_compared(db, programme, town, police):
    enemy = a_group(db, programme, MONDAY, "Fors")
    a_relation(db, MONDAY, db.get(type(enemy), 1), enemy)
    first, second = kept(db, police), kept(db, police, score="exposed")
    with pytest.raises(RuleError, match="two different scores"):
        compare(db, police, first, second, zone=ZONE)
