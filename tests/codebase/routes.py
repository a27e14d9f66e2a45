"""Every address the application answers, read from its own tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from gvi.settings import Settings
from gvi.store.engine import make_engine
from gvi.web.app import create_app


@dataclass(frozen=True)
class Address:
    """One method of one path, with the function that answers and all it depends on."""

    method: str
    path: str
    answers: Callable[..., Any]
    depends: tuple[Callable[..., Any], ...]
    """What the function itself names, in its order."""
    depends_deeply: tuple[Callable[..., Any], ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def permissions(self) -> list[str]:
        return [each.permission for each in self.depends_deeply if hasattr(each, "permission")]


def _app() -> FastAPI:
    settings = Settings(database_url="sqlite://", environment="demo")
    return create_app(settings, engine=make_engine(settings.database_url))


def addresses() -> list[Address]:
    app = _app()
    return [
        Address(
            method=method,
            path=context.path,
            answers=context.original_route.endpoint,
            depends=tuple(each.call for each in context.original_route.dependant.dependencies),
            depends_deeply=tuple(_deep(context.original_route.dependant)),
        )
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in sorted(context.methods)
    ]


def others() -> list[str]:
    """Paths that are no functions of ours: files and the description of the API."""
    app = _app()
    routes = [context.original_route for context in iter_route_contexts(app.routes)]
    return [route.path for route in routes if not isinstance(route, APIRoute)]


def _deep(dependant: Any) -> Iterator[Callable[..., Any]]:
    for each in dependant.dependencies:
        yield each.call
        yield from _deep(each)
