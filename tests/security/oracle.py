"""Who may see which record: the table of the design, once more, in the slowest and plainest words.

Nothing of the application is asked: rows are read with bare SQL, and every rule is one sentence of
the design's section 7 or of the matrix it begins from. Where a rule here and one there differ, one
of the two is wrong.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

Row = dict[str, Any]

POLICE = {"police", "shared"}
SOCIAL = {"social", "child", "shared"}
CUSTODIAL = {"police", "probation", "shared"}
POLICE_SIDE = {"coordinator_police", "analyst"}
COORDINATORS = {"coordinator_police", "coordinator_municipal"}
SEES_ALL_PEOPLE = POLICE_SIDE | {"coordinator_municipal"}
WITH_CLIENTS = {"outreach", "outreach_lead", "probation"}
OVER = {"delivered", "partly_family", "not_deliverable", "cancelled"}
UNCOUNTED = {"unfounded", "on_hold"}
WORKS_WITH_CHILDREN = WITH_CLIENTS | {"coordinator_municipal"}

TABLES = (
    *("users", "persons", "groups", "incidents", "memberships", "ties", "involvements"),
    *("group_relations", "supervisions", "support_cases", "contacts", "custom_notifications"),
    *("notification_visitors", "call_ins", "inbound_calls", "actions", "client_assignments"),
    *("access_grants", "identities"),
)


def table_of(kind: str) -> str:
    """Name the table whose rows a kind is about."""
    return "persons" if kind in ("scores", "networks") else kind


class Oracle:
    """The rows of a town, and what each of its users may see of them on a day."""

    def __init__(self, connection: Connection, today: date) -> None:
        """Read every row there is."""
        self.today = today
        self.rows: dict[str, list[Row]] = {
            name: list(map(dict, connection.execute(text(f"SELECT * FROM {name}")).mappings()))
            for name in TABLES
        }
        self.by_id = {
            name: {row["id"]: row for row in rows if "id" in row}
            for name, rows in self.rows.items()
        }
        self.rules: dict[str, Callable[[Row, Row], bool]] = {
            "persons": self.person,
            "groups": self.group,
            "incidents": self.incident,
            "memberships": self.membership,
            "ties": self.tie,
            "involvements": self.involvement,
            "group_relations": self.relation,
            "support_cases": self.case,
            "contacts": self.contact,
            "custom_notifications": self.visit,
            "call_ins": self.call_in,
            "inbound_calls": self.call,
            "actions": self.action,
            "scores": self.score,
            "networks": self.score,
        }

    def sees(self, kind: str, user: Row, record_id: int) -> bool:
        """Say whether a user may see a record; one that is not there is seen by nobody."""
        row = self.by_id[table_of(kind)].get(record_id)
        if row is None or row.get("withdrawn_at"):
            return False
        if row.get("programme_id", user["programme_id"]) != user["programme_id"]:
            return False
        return self.rules[kind](user, row)

    # Whose clients

    def clients(self, user: Row) -> set[int]:
        """Give whose worker a user is; a lead answers for the clients of the whole team."""
        if user["role"] not in WITH_CLIENTS:
            return set()
        mine = {user["id"]}
        if user["role"] == "outreach_lead" and user["team"]:
            mine |= {each["id"] for each in self.rows["users"] if each["team"] == user["team"]}
        return {
            row["person_id"]
            for row in self.rows["client_assignments"]
            if row["user_id"] in mine and row["ended_at"] is None
        }

    def team(self, user: Row) -> set[int]:
        """Give the users whose own records count as one's own."""
        if user["role"] == "outreach_lead" and user["team"]:
            return {each["id"] for each in self.rows["users"] if each["team"] == user["team"]}
        return {user["id"]}

    def is_child(self, person: Row) -> bool:
        born = person["birth_date"] and date.fromisoformat(str(person["birth_date"])[:10])
        day = self.today
        before = born and (day.month, day.day) < (born.month, born.day)
        return bool(born) and day.year - born.year - before < 18

    # People and what is mapped

    def person(self, user: Row, person: Row) -> bool:
        if user["role"] in POLICE_SIDE:
            return person["compartment"] in POLICE
        return user["role"] == "coordinator_municipal" or person["id"] in self.clients(user)

    def whole(self, user: Row, person_id: int) -> bool:
        """Of somebody under 18 the police know the involvements only."""
        person = self.by_id["persons"].get(person_id)
        if person is None or person["withdrawn_at"] or not self.person(user, person):
            return False
        return user["role"] in WORKS_WITH_CHILDREN or not self.is_child(person)

    def named(self, user: Row, person: Row) -> bool:
        """Nobody reads the name of a protected person but those to whom it was opened."""
        return self.whole(user, person["id"]) and not person["is_protected"]

    def score(self, user: Row, person: Row) -> bool:
        """Of somebody under 18 the page says that there is none: `_told` reads that it does."""
        return user["role"] in POLICE_SIDE and self.person(user, person)

    def group(self, user: Row, group: Row) -> bool:
        if user["role"] in SEES_ALL_PEOPLE:
            return True
        if user["role"] != "probation":
            return False
        clients = self.clients(user)
        return any(
            row["group_id"] == group["id"]
            and row["person_id"] in clients
            and row["compartment"] in POLICE
            and not row["withdrawn_at"]
            for row in self.rows["memberships"]
        )

    def membership(self, user: Row, row: Row) -> bool:
        known = user["role"] in POLICE_SIDE and row["compartment"] in POLICE
        return known and self.whole(user, row["person_id"])

    def tie(self, user: Row, row: Row) -> bool:
        known = user["role"] in POLICE_SIDE and row["compartment"] in POLICE
        both = (row["person_a_id"], row["person_b_id"])
        return known and all(self.whole(user, person) for person in both)

    def relation(self, user: Row, row: Row) -> bool:
        return user["role"] in SEES_ALL_PEOPLE and row["compartment"] in POLICE

    # What happened

    def incident(self, user: Row, row: Row) -> bool:
        """Who knows the basics knows them of incidents that count."""
        if user["role"] not in SEES_ALL_PEOPLE | {"probation"} or row["compartment"] not in POLICE:
            return False
        return user["role"] in POLICE_SIDE or row["status"] not in UNCOUNTED

    def involvement(self, user: Row, row: Row) -> bool:
        """A part in an incident is the police's own fact, whoever else knows the person."""
        known = user["role"] in POLICE_SIDE and row["compartment"] in POLICE
        return known and self.sees("incidents", user, row["incident_id"])

    # Messages

    def call_in(self, user: Row, _row: Row) -> bool:
        return user["role"] in SEES_ALL_PEOPLE | {"probation", "community", "steering"}

    def visit(self, user: Row, row: Row) -> bool:
        """Who goes along, and whose client it is, knows time and place until it is done."""
        if user["role"] in SEES_ALL_PEOPLE:
            return self.sees("persons", user, row["person_id"])
        if row["status"] in OVER or user["role"] not in WITH_CLIENTS | {"community"}:
            return False
        goes = any(
            each["custom_notification_id"] == row["id"] and each["user_id"] == user["id"]
            for each in self.rows["notification_visitors"]
        )
        return goes or row["person_id"] in self.clients(user)

    # Support: never police, analyst or probation

    def _support(self, user: Row, row: Row) -> bool:
        if row["compartment"] not in SOCIAL:
            return False
        if user["role"] == "coordinator_municipal":
            return True
        return user["role"] in {"outreach", "outreach_lead"}

    def case(self, user: Row, row: Row) -> bool:
        everybodys = user["role"] == "coordinator_municipal"
        own = row["owner_id"] in self.team(user) or row["person_id"] in self.clients(user)
        return self._support(user, row) and (everybodys or own)

    def contact(self, user: Row, row: Row) -> bool:
        """What was said: the worker and the lead, and nobody else."""
        case = self.by_id["support_cases"].get(row["support_case_id"])
        return bool(case) and self.case(user, case)

    def call(self, user: Row, row: Row) -> bool:
        everybodys = user["role"] == "coordinator_municipal"
        own = row["owner_id"] in self.team(user) or row["person_id"] in self.clients(user)
        return self._support(user, row) and (everybodys or own)

    # Work

    def action(self, user: Row, row: Row) -> bool:
        if user["role"] in COORDINATORS:
            return True
        return user["role"] in WITH_CLIENTS | {"analyst"} and row["owner_id"] == user["id"]
