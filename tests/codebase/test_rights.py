"""Every address is visited as every role on the invented town: nothing leaks to where it must not.

The town's free texts carry a marker word for the compartment they stand in, and every note of an
outreach worker is given the number of its client here. Ids are put into the addresses whether the
role was ever shown them or not, as somebody would who tries.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, text

from gvi.domain.access import Role, Viewer
from gvi.settings import Settings
from gvi.store.engine import make_engine, reading, transaction
from gvi.store.migrate import upgrade
from gvi.store.models import (
    Base,
    ClientAssignment,
    Contact,
    Identity,
    Involvement,
    Person,
    Programme,
    SupportCase,
    User,
)
from gvi.usecases.demo.load import load
from gvi.web.app import create_app
from tests.client import address_of
from tests.codebase.routes import addresses
from tests.conftest import MONDAY, ZONE, ready_engine

pytestmark = pytest.mark.slow

MAY_READ = {
    "mk-police": {Role.COORDINATOR_POLICE, Role.ANALYST},
    "mk-social": {Role.OUTREACH, Role.OUTREACH_LEAD},
    "mk-probation": {Role.PROBATION},
    "mk-child": {Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.OUTREACH_LEAD},
}
MUST_READ = {
    Role.COORDINATOR_POLICE: "mk-police",
    Role.OUTREACH: "mk-social",
    Role.PROBATION: "mk-probation",
}
MAY_RANK = {Role.COORDINATOR_POLICE, Role.ANALYST}
LOGS = {
    *("audit_entries", "audit_subjects", "user_sessions", "familiar_places"),
    # what is exported or printed is kept
    *("list_snapshots", "list_snapshot_entries", "list_snapshot_uses"),
}
TABLES = {
    "person": "persons",
    "group": "groups",
    "incident": "incidents",
    "snapshot": "list_snapshots",
    "involvement": "involvements",
    "call_in": "call_ins",
    "invitee": "invitees",
    "notification": "custom_notifications",
    "round": "rounds",
    "action": "actions",
    "case": "support_cases",
    "call": "inbound_calls",
    "offer": "support_offers",
    "need": "needs",
    "contact": "contacts",
    "attempt": "notification_attempts",
    "membership": "memberships",
    "tie": "ties",
    "supervision": "supervisions",
    "relation": "group_relations",
    "user": "users",
    "draft": "import_drafts",
    "passkey": "passkeys",
    "token": "api_tokens",
    "entry": "audit_entries",
    "kept": "kept_forms",
    "paper": "papers",
    "speaker": "speakers",
    "apart": "kept_apart",
    "record": "memberships",
    "removal": "removals",
    "extension": "review_extensions",
    "grant": "access_grants",
    "disclosure": "disclosures",
    "consent": "consents",
    "request": "disclosure_requests",
}
WORDS = {
    "thing": ("person", "membership", "support_case"),
    "kind": ("membership", "person", "tie"),
    "to": ("cleared", "withdrawn"),
    "version": ("1", "2"),
    "language": ("sv", "nb"),
}
ACTS = (
    "/new",
    "/edit",
    "/end",
    "/withdraw",
    "/move",
    "/cancel",
    "/drop",
    "/owner",
    "/close",
    "}/{to}",
)
"""Pages that only ask before an act: two ids of each are enough."""
LINK = re.compile(r'href="(/[^"#]*\?[^"#]*)"')


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The invented town, each support note marked with its client's number."""
    url = f"sqlite:///{tmp_path_factory.mktemp('town') / 'gvi.db'}"
    bare = make_engine(url)
    upgrade(bare)
    bare.dispose()
    engine = ready_engine(url)
    with transaction(engine) as db:
        programme = Programme(code="default", display_name="", created_at=MONDAY)
        db.add(programme)
        db.flush()
        operator = Viewer(programme_id=programme.id, user_id=None, role=None, name="op")
        load(db, operator, at=MONDAY, zone=ZONE)
    with transaction(engine) as db:
        clients = {case.id: case for case in db.execute(select(SupportCase)).scalars()}
        for case in clients.values():
            case.note += f" client-{case.person_id}-"
        for contact in db.execute(select(Contact)).scalars():
            contact.note += f" client-{clients[contact.support_case_id].person_id}-"
    yield engine
    engine.dispose()


@dataclass(frozen=True)
class Answer:
    address: str
    status: int
    body: str


def visit_everything(engine: Engine, role: Role) -> list[Answer]:
    settings = Settings(database_url=str(engine.url), environment="demo")
    app = create_app(settings, engine=engine, clock=lambda: MONDAY)
    client = TestClient(app, raise_server_exceptions=False)
    with reading(engine) as db:
        username = db.execute(
            select(User.username).where(User.role == role.value).order_by(User.id).limit(1)
        ).scalar_one()
    client.post("/log-in/invented", data={"username": username}, follow_redirects=False)
    urls = list(dict.fromkeys([*_to_read(engine), *_searches(engine)]))
    answers = [_get(client, url) for url in urls]
    answers += [_get(client, url) for url in _further(answers) if url not in urls]
    return [*answers, *_exports(client)]


def _get(client: TestClient, url: str) -> Answer:
    answer = client.get(address_of(client, url))
    return Answer(url, answer.status_code, answer.text)


def _to_read(engine: Engine) -> Iterator[str]:
    """Give every address that is read, with ids of all sorts, now and as known a week ago."""
    ids = _ids(engine)
    week_ago = (MONDAY - timedelta(days=7)).date().isoformat()
    for address in addresses():
        if address.method != "GET":
            continue
        places = re.findall(r"{(\w+?)(?:_id)?}", address.path)
        tried = max((len(ids[place]) for place in places), default=1)
        is_act = address.path.endswith(ACTS)
        for number in range(min(tried, 2) if is_act else tried):
            path = address.path
            for place in places:
                value = ids[place][number % len(ids[place])]
                path = re.sub(rf"{{{place}(_id)?}}", str(value), path)
            yield path
            if number == 0 and not is_act:
                yield f"{path}?as_of={week_ago}"


def _ids(engine: Engine) -> dict[str, list[object]]:
    """Give ids to try: the ends of each table, and people and cases of every sort."""
    ids: dict[str, list[object]] = {name: list(words) for name, words in WORDS.items()}
    with reading(engine) as db:
        for name, table in TABLES.items():
            found = list(db.execute(text(f"SELECT id FROM {table} ORDER BY id")).scalars())
            ids[name] = [found[0], found[len(found) // 2], found[-1]] if found else [1]
        people = [
            *db.execute(select(Involvement.person_id).order_by(Involvement.id).limit(1)).scalars(),
            *db.execute(
                select(Person.id).where(Person.birth_date > MONDAY.date().replace(year=2009))
            )
            .scalars()
            .all()[:2],
        ]
        for role in (Role.OUTREACH, Role.PROBATION):
            people += db.execute(
                select(ClientAssignment.person_id)
                .join(User, User.id == ClientAssignment.user_id)
                .where(User.role == role.value)
                .order_by(User.id, ClientAssignment.id)
                .limit(2)
            ).scalars()
        ids["person"] += people
        ids["case"] += db.execute(
            select(SupportCase.id).where(SupportCase.person_id.in_(people))
        ).scalars()
        child = select(SupportCase.id).where(SupportCase.compartment == "child").limit(2)
        ids["case"] += db.execute(child).scalars()
    return {name: list(dict.fromkeys(values)) for name, values in ids.items()}


def _searches(engine: Engine) -> Iterator[str]:
    with reading(engine) as db:
        name = db.execute(select(Identity.name).order_by(Identity.person_id).limit(1)).scalar_one()
    # Not the whole marker: the page says again what was searched for.
    for word in (*(marker[:-1] for marker in MAY_READ), name, name[:3]):
        for address in ("/search", "/people", "/incidents", "/support", "/notifications", "/due"):
            yield f"{address}?q={word}"


def _further(answers: list[Answer]) -> list[str]:
    """Give the addresses with a question that the pages lead to, a few of each sort."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for answer in answers:
        for link in LINK.findall(answer.body):
            url = link.replace("&amp;", "&")
            parts = urlsplit(url)
            if parts.path.endswith("/plan"):  # seconds each, and the same page as without
                continue
            asked = tuple(sorted(pair.split("=")[0] for pair in parts.query.split("&")))
            sort = re.sub(r"/\d+", "/0", parts.path), asked
            same = found.setdefault(sort, [])
            if url not in same and len(same) < 2:
                same.append(url)
    return [url for same in found.values() for url in same]


def _exports(client: TestClient) -> list[Answer]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/rights").text)
    assert token
    given = {"csrf_token": token[1], "purpose": "trying what comes out"}
    answers = []
    for address in addresses():
        if address.method == "POST" and address.path.endswith("/export"):
            answer = client.post(address.path, data=given)
            answers.append(Answer(str(address), answer.status_code, answer.text))
    return answers


def everything_stored(engine: Engine) -> dict[str, int]:
    with reading(engine) as db:
        return {
            table.name: hash(tuple(map(tuple, db.execute(select(table)))))
            for table in Base.metadata.sorted_tables
            if table.name not in LOGS
        }


def clients_of(engine: Engine, role: Role) -> set[str]:
    """Give the numbers of the people whose notes the first user of a role may read."""
    with reading(engine) as db:
        user = db.execute(
            select(User.id, User.team).where(User.role == role.value).order_by(User.id).limit(1)
        ).one()
        own = User.id == user.id if role is Role.OUTREACH else User.team == user.team
        assigned = select(ClientAssignment.person_id).join(
            User, User.id == ClientAssignment.user_id
        )
        rows = db.execute(assigned.where(own, ClientAssignment.ended_at.is_(None)))
        return {str(person) for person in rows.scalars()}


@pytest.mark.parametrize("role", Role)
def test_nothing_leaks_to_a_role_that_may_not_know_it(town, role):
    before = everything_stored(town)
    answers = visit_everything(town, role)

    assert [a.address for a in answers if a.status >= 500] == []
    assert len([a for a in answers if a.status == 200]) >= 3
    for marker, readers in MAY_READ.items():
        said = {a.address for a in answers if marker in a.body}
        assert role in readers or said == set(), marker
    # Else the lines above could not fail.
    assert any(MUST_READ.get(role, "") in a.body for a in answers)
    if role not in MAY_RANK:
        ranked = {a.address for a in answers if "data-score" in a.body or '"rank"' in a.body}
        assert ranked == set()
    noted = {number for a in answers for number in re.findall(r"client-(\d+)-", a.body)}
    may_note = role in {Role.OUTREACH, Role.OUTREACH_LEAD}
    assert noted <= (clients_of(town, role) if may_note else set())
    assert everything_stored(town) == before
