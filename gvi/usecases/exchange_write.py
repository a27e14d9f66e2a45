"""Carrying out an import's plan: whole tables at a time, with the values before a change kept."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, literal, select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.exchange import (
    BLANK_MEANS,
    GROUPS,
    LAYOUTS,
    PERSONS,
    FileLayout,
    free_name,
)
from gvi.domain.naming import drawn_code_names, has_number, without_number
from gvi.domain.person import adult_born_by
from gvi.domain.review import Reviewed, is_young, latest_review
from gvi.exchange.plan import Creation, FilePlan, Plan, Update
from gvi.store.models import Base, Identity, Person, StatusChange, revisions_of
from gvi.store.names import index_names
from gvi.store.queries.exchange import MODELS, StoredFiles, column_of, table_of
from gvi.store.sealing import bound, numbered
from gvi.store.types import ALWAYS, Instant

AT_ONCE = 5_000
"""Rows handed to the database in one go: enough to be fast, few enough to stay small."""
IDS_AT_ONCE = 500
REASON = "Import"
_OWN_WAY = frozenset({"recorded_at", "compartment", "source"})
_JUDGED = ("status", "gmi")

T = TypeVar("T")


@dataclass
class Touched:
    """What an import created or changed, for the audit log: noun → ids."""

    ids: dict[str, set[int]] = field(default_factory=dict)

    def add(self, noun: str, thing_id: int) -> None:
        """Note one thing."""
        self.ids.setdefault(noun, set()).add(thing_id)


def carry_out(
    db: Session, viewer: Viewer, plan: Plan, stored: StoredFiles, *, at: datetime
) -> Touched:
    """Create and change everything the plan says, in the caller's transaction."""
    ids = {
        name: {str(key[0]): row.id for key, row in rows.items()}
        for name, rows in stored.rows.items()
    }
    writer = _Writer(db, viewer, at, ids)
    for each in plan.files:
        writer.write(each)
    return writer.touched


@dataclass
class _Writer:
    db: Session
    viewer: Viewer
    at: datetime
    ids: dict[str, dict[str, int]]
    """File → id in the file → row id; complete for a file once it is written."""
    touched: Touched = field(default_factory=Touched)

    def write(self, plan: FilePlan) -> None:
        """Write one file's rows; what they refer to is written already."""
        layout = plan.layout
        self._create(layout, plan.created)
        if layout.has_ids and plan.created:
            self._learn_ids(layout)
            for creation in plan.created:
                self.touched.add(layout.noun, self.ids[layout.name][str(creation.key[0])])
        if layout is PERSONS:
            self._name_people(plan)
        self._change(layout, plan.updated)

    # New facts

    def _create(self, layout: FileLayout, created: Sequence[Creation]) -> None:
        table, code_names = table_of(layout), self._code_names(layout, created)
        for some in _batches(created, AT_ONCE):
            rows = [self._new_row(layout, creation) for creation in some]
            for row in rows:
                row["review_due_on"] = self._review_day(layout, row)
            for row in rows if layout is PERSONS else ():
                row["code_name"] = next(code_names)
            self.db.execute(insert(table), numbered(self.db, table, rows))

    def _new_row(self, layout: FileLayout, creation: Creation) -> dict[str, Any]:
        given = creation.values
        recorded_at = creation.recorded_at or ALWAYS
        return {
            **self._columns(layout, given),
            "programme_id": self.viewer.programme_id,
            "compartment": given[layout.places["compartment"]] or layout.compartment,
            "recorded_at": recorded_at,
            "recorded_assumed": given[layout.places["recorded_at"]] is None,
            "entered_at": self.at,
            "revised_at": recorded_at,
            "recorded_by_id": self.viewer.user_id,
            "revised_by_id": self.viewer.user_id,
        }

    def _review_day(self, layout: FileLayout, row: Mapping[str, Any]) -> date:
        """Give the day on which a new row is looked at: sooner where it is about a child."""
        on = self.at.date()
        if layout is PERSONS:
            young = is_young((row["birth_date"],), on)
        else:
            named = {row.get(name) for name in ("person_id", "person_a_id", "person_b_id")}
            young = not named.isdisjoint(self._children)
        return latest_review(Reviewed(layout.noun), on, young=young)

    @cached_property
    def _children(self) -> set[int]:
        """Everybody under 18; read once people are written."""
        born = Person.birth_date > adult_born_by(self.at.date())
        ours = Person.programme_id == self.viewer.programme_id
        return set(self.db.execute(select(Person.id).where(ours, born)).scalars())

    def _columns(self, layout: FileLayout, given: Sequence[object]) -> dict[str, Any]:
        """Give the database columns of a row; blank cells get what blank means."""
        blanks = BLANK_MEANS.get(layout.name, {})
        row: dict[str, Any] = {"source": given[layout.places["source"]] or ""}
        for column, value in zip(layout.columns, given, strict=True):
            name = column.name
            if name in _OWN_WAY or (layout is PERSONS and name == "name"):
                continue
            if column.refers_to:
                thing_id = self.ids[column.refers_to][str(value)]
                row[column_of(layout, name)] = thing_id
                self.touched.add(LAYOUTS[column.refers_to].noun, thing_id)
            elif layout is GROUPS and name == "name":
                row[name] = value or given[0]
            else:
                row[column_of(layout, name)] = blanks.get(name) if value is None else value
        return row

    def _code_names(self, layout: FileLayout, created: Sequence[Creation]) -> Iterator[str]:
        """Give each new person's code name: the id of the file, unless somebody has it.

        An id that looks like a drawn name gets another number whether or not it is taken, but for
        the operator, who sees everybody.
        """
        if layout is not PERSONS or not created:
            return
        held = self.db.execute(
            select(Person.code_name).where(Person.programme_id == self.viewer.programme_id)
        ).scalars()
        taken = {name.casefold() for name in held}
        for creation in created:
            name = str(creation.key[0])
            if has_number(name) and self.viewer.role is not None:
                drawn = drawn_code_names(without_number(name), secrets.randbelow)
                name = next(each for each in drawn if each.casefold() not in taken)
            name = free_name(name, taken, fold=str.casefold)
            taken.add(name.casefold())
            yield name

    def _learn_ids(self, layout: FileLayout) -> None:
        table = table_of(layout)
        rows = self.db.execute(
            select(table.c.external_id, table.c.id).where(
                table.c.programme_id == self.viewer.programme_id, table.c.external_id.is_not(None)
            )
        )
        known = self.ids.setdefault(layout.name, {})
        for external_id, thing_id in rows:
            known.setdefault(external_id, thing_id)

    def _name_people(self, plan: FilePlan) -> None:
        """Keep names apart from the persons, as identities."""
        called, ids = PERSONS.places["name"], self.ids[PERSONS.name]
        new = [(ids[str(each.key[0])], each.values[called]) for each in plan.created]
        changed: list[tuple[int, object]] = []
        for each in plan.updated:
            before, after = each.stored.values[called], each.values[called]
            if before != after:
                (new if before is None else changed).append((each.stored.id, after))
        names = Base.metadata.tables[Identity.__tablename__]
        given = [(key, str(name)) for key, name in new if name is not None]
        for some in _batches(given, AT_ONCE):
            rows = [bound(names, {"person_id": key, "name": name}) for key, name in some]
            self.db.execute(insert(names), rows)
        other = [(key, str(name)) for key, name in changed]
        for some in _batches(other, AT_ONCE):
            rows = [bound(names, {"whose": key, "name": name}, key) for key, name in some]
            self.db.execute(update(names).where(names.c.person_id == bindparam("whose")), rows)
        for some in _batches(given + other, AT_ONCE):
            index_names(self.db, self.viewer.programme_id, some)

    # Changed facts

    def _change(self, layout: FileLayout, updated: Sequence[Update]) -> None:
        for each in updated if layout.has_ids else ():
            self.touched.add(layout.noun, each.stored.id)
        changed = [each for each in updated if not _only_name_differs(layout, each)]
        self._keep_before(layout, [each.stored.id for each in changed])
        table = table_of(layout)
        for some in _batches(changed, AT_ONCE):
            rows = [bound(table, self._changed_row(layout, each), each.stored.id) for each in some]
            self.db.execute(update(table).where(table.c.id == bindparam("which")), rows)
        self._note_judgements(layout, changed)

    def _changed_row(self, layout: FileLayout, change: Update) -> dict[str, Any]:
        columns = self._columns(layout, change.values)
        fixed = {"external_id", *(column_of(layout, each.name) for _, each in layout.references)}
        return {
            **{name: value for name, value in columns.items() if name not in fixed},
            "which": change.stored.id,
            "recorded_at": change.recorded_at or ALWAYS,
            "recorded_assumed": change.values[layout.places["recorded_at"]] is None,
            "revised_at": self.at,
            "revised_by_id": self.viewer.user_id,
        }

    def _keep_before(self, layout: FileLayout, ids: Sequence[int]) -> None:
        """Copy the values before a change, so that earlier days still show them."""
        table, old = table_of(layout), revisions_of(MODELS[layout.name])
        names = [column.name for column in table.columns]
        for some in _batches(ids, IDS_AT_ONCE):
            before = select(*table.columns, literal(self.at, Instant())).where(table.c.id.in_(some))
            self.db.execute(insert(old).from_select([*names, "superseded_at"], before))

    def _note_judgements(self, layout: FileLayout, changed: Sequence[Update]) -> None:
        """Date and sign every change of a status."""
        rows = [
            {
                "programme_id": self.viewer.programme_id,
                "thing": layout.noun,
                "thing_id": each.stored.id,
                "field": name,
                "old": each.stored.values[layout.places[name]],
                "new": each.values[layout.places[name]],
                "changed_at": self.at,
                "changed_by_id": self.viewer.user_id,
                "reason": REASON,
            }
            for name in _JUDGED
            if name in layout.places
            for each in changed
            if each.stored.values[layout.places[name]] != each.values[layout.places[name]]
        ]
        notes = Base.metadata.tables[StatusChange.__tablename__]
        for some in _batches(rows, AT_ONCE):
            self.db.execute(insert(notes), numbered(self.db, notes, some))


def _batches(things: Sequence[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(things), size):
        yield list(things[start : start + size])


def _only_name_differs(layout: FileLayout, change: Update) -> bool:
    if layout is not PERSONS:
        return False
    called = PERSONS.places["name"]
    pairs = enumerate(zip(change.stored.values, change.values, strict=True))
    return all(before == after for place, (before, after) in pairs if place != called)
