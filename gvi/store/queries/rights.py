"""The viewer's rights as SQL: every query starts from one of these clauses."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from gvi.domain.access import Scope, Viewer, grant
from gvi.domain.errors import NotAllowedError
from gvi.domain.text import N_
from gvi.store.models import ClientAssignment, User

Columns = ReadOnlyColumnCollection[str, Any]
AnyColumn = ColumnElement[Any] | InstrumentedAttribute[Any]


def asker(viewer: Viewer) -> Viewer:
    """Give the viewer as far as rights go, to remember by what was asked for them.

    Writing a question costs more than asking it: questions about which nothing but the viewer
    decides are written once (`lru_cache`), with places left open for ids and instants.
    """
    return replace(viewer, name="", language="", source="")


def visible(
    columns: Columns,
    viewer: Viewer,
    permission: str,
    *,
    person: AnyColumn | None = None,
    owner: AnyColumn | None = None,
) -> ColumnElement[bool]:
    """Give the WHERE clause that leaves only the rows a viewer may see under a permission.

    `columns` are the columns of the table, or of `known(...)`, being read: its programme and
    compartment are always applied where it has them. `person` is the column that names whose row
    it is (a row without one is nobody's own); `owner` a user column that also makes a row one's
    own. Raises NotAllowedError where the table names no right at all.
    """
    held = grant(viewer, permission)
    if held is None:
        raise NotAllowedError(N_("Your role does not give access to this."))
    clauses: list[ColumnElement[bool]] = []
    if "programme_id" in columns:
        clauses.append(columns["programme_id"] == viewer.programme_id)
    if "compartment" in columns and len(held.compartments) < _ALL_COMPARTMENTS:
        clauses.append(columns["compartment"].in_(sorted(held.compartments)))
    if held.scope is not Scope.ALL:
        clauses.append(_own(viewer, held.scope, person, owner))
    return and_(true(), *clauses)


_ALL_COMPARTMENTS = 5


def _own(
    viewer: Viewer,
    scope: Scope,
    person: AnyColumn | None,
    owner: AnyColumn | None,
) -> ColumnElement[bool]:
    users = select(User.id).where(User.programme_id == viewer.programme_id)
    by_team = scope is Scope.TEAM and viewer.team != ""
    users = users.where(User.team == viewer.team if by_team else User.id == viewer.user_id)
    ways: list[ColumnElement[bool]] = []
    if person is not None:
        ways.append(person.in_(clients_of(viewer, scope)))
    if owner is not None:
        ways.append(owner.in_(users))
    return or_(*ways) if ways else false()


def clients_of(viewer: Viewer, scope: Scope) -> Any:
    """Select the person ids of the viewer's own clients, or of the viewer's whole team's."""
    people = select(ClientAssignment.person_id).where(
        ClientAssignment.programme_id == viewer.programme_id,
        ClientAssignment.ended_at.is_(None),
    )
    if scope is Scope.TEAM and viewer.team:
        team = select(User.id).where(
            User.programme_id == viewer.programme_id, User.team == viewer.team
        )
        return people.where(ClientAssignment.user_id.in_(team))
    return people.where(ClientAssignment.user_id == viewer.user_id)
