"""What every API operation may answer besides its result, for the OpenAPI document."""

from typing import Any

from pydantic import BaseModel


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


def _answer(description: str) -> dict[str, Any]:
    schema = {"schema": Problem.model_json_schema()}
    return {"description": description, "content": {"application/problem+json": schema}}


REFUSALS: dict[int | str, dict[str, Any]] = {
    401: _answer("Nobody is logged in."),
    403: _answer("The role does not hold the right."),
    422: _answer("A parameter cannot be understood."),
}
MISSING: dict[int | str, dict[str, Any]] = {
    404: _answer("There is no such thing, or not for this viewer.")
}
