"""Where in a request of the API something is wrong: a JSON pointer, or the parameter's name."""

from collections.abc import Mapping, Sequence
from typing import Any

_BODY_NAMES: Mapping[str, str] = {
    "call": "call_id",
    "group_a": "group_a_id",
    "group_b": "group_b_id",
    "groups": "group_ids",
    "owner": "owner_id",
    "person": "person_id",
    "person_a": "person_a_id",
    "person_b": "person_b_id",
    "user": "owner_id",
    "visitors": "visitor_ids",
    "when": "attempted_at",
    "when_time": "occurred_at",
}
"""Fields of the pages' forms that are called otherwise in the bodies of the API."""


def fault_of_rule(field: str, detail: str) -> dict[str, str]:
    """Say what a rule refused, by the body's field it is about."""
    if field == "as_of":
        return {"detail": detail, "parameter": field}
    return {"detail": detail, "pointer": f"#/{_BODY_NAMES.get(field, field)}"}


def faults_of(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Say everything that could not be understood, each where it stands."""
    return [_fault(each["loc"], each["msg"]) for each in errors[:100]]


def _fault(where: Sequence[object], detail: str) -> dict[str, str]:
    place, *path = where
    if place != "body":
        return {"detail": detail, "parameter": str(path[0]) if path else str(place)}
    return {"detail": detail, "pointer": "#" + "".join(f"/{_escaped(each)}" for each in path)}


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
