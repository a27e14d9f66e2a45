"""What every API operation may answer besides its result, for the OpenAPI document."""

from typing import Any

from pydantic import BaseModel, Field


class Fault(BaseModel):
    """One thing that is wrong with a request, and where it stands."""

    detail: str
    pointer: str | None = Field(None, description="JSON pointer into the body.")
    parameter: str | None = Field(None, description="The query, path or header parameter.")


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Fault] = Field([], description="What is wrong, field by field, where known.")


def _answer(description: str, **headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": description,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
    if headers:
        answer["headers"] = {
            name.replace("_", "-"): {"description": text, "schema": {"type": "string"}}
            for name, text in headers.items()
        }
    return answer


Answers = dict[int | str, dict[str, Any]]

REFUSALS: Answers = {
    401: _answer("Nobody is logged in, and no token in force is shown.", WWW_Authenticate="Bearer"),
    403: _answer("The role does not hold the right, or the token does not cover it."),
    422: _answer("A parameter or the body cannot be understood, or a rule refuses it."),
}
MISSING: Answers = {404: _answer("There is no such thing, or not for this viewer.")}
CHANGES: Answers = MISSING | {
    409: _answer("Somebody was faster, or it clashes with what is stored. Nothing was saved."),
}
GUARDED: Answers = {
    412: _answer("The record was changed since it was read: read it again."),
    428: _answer("If-Match is missing: read the record and send its ETag."),
}
TAGGED: Answers = {
    200: {
        "description": "The record.",
        "headers": {
            "ETag": {
                "description": "The version, for If-Match of a change.",
                "schema": {"type": "string"},
            }
        },
    }
}
MADE: Answers = {
    201: {
        "description": "It was made.",
        "headers": {
            "ETag": TAGGED[200]["headers"]["ETag"],
            "Location": {
                "description": "The address of the new record.",
                "schema": {"type": "string"},
            },
        },
    }
}
