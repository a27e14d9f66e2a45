"""The OpenAPI document: who may ask in which way, what may be answered, with examples."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from gvi.domain.token import scope_for
from gvi.web.api.examples import EXAMPLES
from gvi.web.api.problems import Problem
from gvi.web.api.routing import FORM_TOKEN, unforged

Schema = dict[str, Any]

SCHEMES: Schema = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-gvi",
        "description": "The session of somebody who is logged in; over plain HTTP `gvi_session`.",
    },
    "formToken": {
        "type": "apiKey",
        "in": "header",
        "name": FORM_TOKEN,
        "description": "Beside the cookie, for every write: the token the pages' forms carry.",
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "gvi_…",
        "description": "A token made under My tokens. The scope it needs is named at each address.",
    },
}
ABOUT = (
    "The same rights, rules and log as the pages. Lists come by id with `limit` and `cursor`. "
    "A change sends the ETag of the record as it was read in If-Match. Errors are problem "
    "documents (RFC 9457). docs/api.md shows it with curl."
)


def describe(app: FastAPI) -> Schema:
    """Give the document of an application, made once."""
    if app.openapi_schema:
        return app.openapi_schema
    schema = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    parts = schema.setdefault("components", {})
    models = parts.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    models |= problem.pop("$defs", {}) | {"Problem": problem}
    for name, example in EXAMPLES.items():
        models[name]["examples"] = [example]
    parts["securitySchemes"] = SCHEMES
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in sorted(route.methods or ()):
                _secure(schema["paths"][route.path][method.lower()], route)
    app.openapi_schema = schema
    return schema


def _secure(operation: Schema, route: APIRoute) -> None:
    calls = list(_calls(route.dependant))
    permission = next((each.permission for each in calls if hasattr(each, "permission")), None)
    if permission is None:
        return
    scope = scope_for(permission)
    session: Schema = {"session": [], "formToken": []} if unforged in calls else {"session": []}
    operation["security"] = [session, *([{"bearer": [scope.value]}] if scope else [])]
    operation["x-permission"] = permission
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "If-Match":
            parameter["required"] = True


def _calls(dependant: Any) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)
