"""Deciding the fate of every row.

Files as records and the database as stored rows go in, a plan comes out. Nothing here reads or
writes anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from gvi.domain.exchange import (
    INCIDENTS,
    INVOLVEMENTS,
    MEMBERSHIPS,
    PERSONS,
    Column,
    FileLayout,
    Key,
    StoredRow,
    tidy,
)
from gvi.domain.period import Period
from gvi.domain.text import N_, NP_
from gvi.exchange.cells import DID_YOU_MEAN, say
from gvi.exchange.plan import Creation, FilePlan, Plan, Rules, Stored, Update
from gvi.exchange.problem import Problem
from gvi.exchange.records import Record, Records

UNKNOWN_ID = N_("This id is neither in %(file)s nor in the database.")
ADD_IT = N_("Add it to %(file)s, or correct the id.")
ITS_ROW_REJECTED = N_("Its own row in %(file)s, row %(row)s, was rejected.")
MEND_FIRST = N_("Mend that row first.")
IS_WITHDRAWN = N_("This was withdrawn here by hand; a file does not bring it back.")
ENTER_ANEW = N_("If it is true after all, enter it by hand; otherwise take the row away.")
BY_HAND = N_("Changed here by hand: stored is “%(stored)s”, the file says “%(given)s”.")
SETTLE = N_("Put what is true into the file, or correct the record by hand, then import again.")
ID_TAKEN = N_("This id cannot be used here.")
OTHER_ID = N_("Give another id.")
WAS_REMOVED = N_("This was removed here on %(day)s; a file does not bring it back.")
DECIDE_FIRST = N_("Take the row away; a coordinator may put it back, or let it in again.")
SEALED = N_("The record of this person is not for your role to change; the row was left alone.")
IS_MINOR = N_("This person is under 18: only involvements in incidents are recorded here.")
OTHER_TRACK = N_("Take the row away; worry belongs in the support and concern track.")
OVERLAPS = N_("Row %(first)s has this person in that group for the same time already.")
OVERLAPS_STORED = N_("This person is stored as in that group for the same time already.")
END_FIRST = N_("Let the earlier membership end (valid_to) when the later one begins.")
SECRECY = N_("A file does not move a record into another secrecy; stored is “%(stored)s”.")
TAKE_AWAY = N_("Take the value away.")
NOT_YOUR_SECRECY = N_("Your role may not write records of that secrecy.")
UNKNOWN_KIND = N_("This kind is not in the harm table: it weighs 0 in every score.")
IN_FUTURE = N_("This lies in the future.")
CHECK_YEAR = N_("Check the year.")
NOT_BORN = N_("This birth date lies in the future.")
NEW_PEOPLE = NP_(
    "An unknown id became a new person: %(ids)s.",
    "Unknown ids became new persons, %(num)s in all: %(ids)s.",
)

MOST_IDS_SAID = 10
_OF_PEOPLE_ONLY = ("membership", "tie", "supervision")


def plan_import(
    found: Sequence[Records], stored: Stored, rules: Rules, notes: Sequence[Problem] = ()
) -> Plan:
    """Decide the fate of every row; `found` in the order of the format."""
    planner = _Planner(stored, rules)
    return Plan([planner.decide(records) for records in found], notes)


class _Planner:
    """Walks through the files and remembers what later rows may refer to."""

    def __init__(self, stored: Stored, rules: Rules) -> None:
        self._stored, self._rules = stored, rules
        self._known: dict[str, dict[str, bool]] = {
            name: {str(key[0]): not row.is_withdrawn for key, row in rows.items() if len(key) == 1}
            for name, rows in stored.rows.items()
        }
        """File → id → whether it still holds."""
        self._rejected: dict[str, dict[str, int]] = {}
        self._minors = self._stored_minors()
        self._occurred = self._stored_incidents()
        self._kinds_said: set[str] = set()

    def _stored_minors(self) -> set[str]:
        people = self._stored.rows.get(PERSONS.name, {}).items()
        return {str(key[0]) for key, row in people if self._is_minor(row.values)}

    def _stored_incidents(self) -> dict[str, datetime]:
        place = INCIDENTS.places["occurred_at"]
        rows = self._stored.rows.get(INCIDENTS.name, {}).items()
        times = ((str(key[0]), row.values[place]) for key, row in rows)
        return {key: at for key, at in times if isinstance(at, datetime)}

    def decide(self, found: Records) -> FilePlan:
        """Decide about one file, whose references point to files decided before."""
        plan = FilePlan(found, unchanged=found.repeated)
        rows = self._stored.rows.get(found.layout.name, {})
        if found.is_implied:
            found.records = [record for record in found.records if self._is_new(record)]
        periods = _Periods(found, rows) if found.layout is MEMBERSHIPS else None
        for record in found.records:
            self._decide_row(plan, record, rows.get(record.key), periods)
        if found.layout.has_ids:
            self._rejected[found.layout.name] = found.rejected_ids
        if found.is_implied and plan.created:
            found.problems.append(_new_people(found, plan))
        return plan

    def _is_new(self, record: Record) -> bool:
        person = str(record.key[0])
        taken = self._stored.taken_ids.get(PERSONS.name, ())
        return person not in self._known.get(PERSONS.name, {}) and person not in taken

    def _decide_row(
        self, plan: FilePlan, record: Record, stored: StoredRow | None, periods: "_Periods | None"
    ) -> None:
        found, layout = plan.found, plan.layout
        values, changes = _filled(record, stored), _changes(layout, record, stored)
        problems = list(self._problems(found, record, stored, changes))
        if periods is not None and not any(problem.rejects for problem in problems):
            problems += periods.clash(found, record, values)
        found.problems += problems
        if any(problem.rejects for problem in problems):
            found.rejected.add(record.row)
            if layout.has_ids:
                found.rejected_ids[str(record.key[0])] = record.row
            return
        self._remember(layout, record, values)
        recorded_at = self._recorded_at(layout, values)
        if stored is None:
            plan.created.append(Creation(record.key, values, recorded_at))
        elif stored.is_sealed or not changes:
            plan.unchanged += 1
        else:
            plan.updated.append(Update(stored, values, recorded_at))

    def _remember(self, layout: FileLayout, record: Record, values: Sequence[object]) -> None:
        if not layout.has_ids:
            return
        key = str(record.key[0])
        self._known.setdefault(layout.name, {})[key] = True
        if layout is INCIDENTS:
            occurred = values[layout.places["occurred_at"]]
            if isinstance(occurred, datetime):
                self._occurred[key] = occurred
        elif layout is PERSONS and self._is_minor(values):
            self._minors.add(key)

    def _is_minor(self, person: Sequence[object]) -> bool:
        """Tell whether a person is a child of whom the viewer may know involvements only."""
        limit, born = self._rules.adult_born_by, person[PERSONS.places["birth_date"]]
        return limit is not None and isinstance(born, date) and born > limit

    def _recorded_at(self, layout: FileLayout, values: Sequence[object]) -> datetime | None:
        """Say when a row counts as recorded: as it says, else when it occurred, else always."""
        given = values[layout.places["recorded_at"]]
        if given is None and layout.dated_by:
            given = values[layout.places[layout.dated_by]]
        if given is None and layout is INVOLVEMENTS:
            given = self._occurred.get(str(values[layout.places["incident"]]))
        return given if isinstance(given, datetime) else None

    # What speaks against a row

    def _problems(
        self,
        found: Records,
        record: Record,
        stored: StoredRow | None,
        changes: Sequence[Column],
    ) -> Iterator[Problem]:
        layout = found.layout
        for place, column in layout.references:
            yield from self._reference(found, record, column, str(record.values[place]))
        secrecy = record.values[layout.places["compartment"]]
        if secrecy is not None and secrecy not in self._rules.compartments[layout.name]:
            yield _problem(found, record, "compartment", NOT_YOUR_SECRECY, TAKE_AWAY)
        if stored is None and layout.has_ids:
            removed = self._rules.kept_out.get(layout.name, {}).get(str(record.key[0]))
            if removed is not None:
                yield _problem(found, record, "id", WAS_REMOVED, DECIDE_FIRST, day=removed)
            elif record.key[0] in self._stored.taken_ids.get(layout.name, ()):
                yield _problem(found, record, "id", ID_TAKEN, OTHER_ID)
        elif stored is not None:
            yield from self._against_stored(found, record, stored, changes)
        yield from self._worth_knowing(found, record)

    def _reference(
        self, found: Records, record: Record, column: Column, given: str
    ) -> Iterator[Problem]:
        file = column.refers_to
        holds = self._known.get(file, {}).get(given)
        if holds:
            if given in self._minors and found.layout.noun in _OF_PEOPLE_ONLY:
                yield _problem(found, record, column.name, IS_MINOR, OTHER_TRACK)
            return
        if holds is not None:
            yield _problem(found, record, column.name, IS_WITHDRAWN, ENTER_ANEW)
            return
        row = self._rejected.get(file, {}).get(given)
        if row is not None:
            yield _problem(
                found, record, column.name, ITS_ROW_REJECTED, MEND_FIRST, file=file, row=row
            )
            return
        near = self._rules.nearest(given, self._known.get(file, {}))
        advice = DID_YOU_MEAN if near else ADD_IT
        yield _problem(found, record, column.name, UNKNOWN_ID, advice, file=file, nearest=near)

    def _against_stored(
        self, found: Records, record: Record, stored: StoredRow, changes: Sequence[Column]
    ) -> Iterator[Problem]:
        key_column = found.layout.key[0]
        if stored.is_withdrawn:
            yield _problem(found, record, key_column, IS_WITHDRAWN, ENTER_ANEW)
            return
        if stored.is_sealed:
            yield replace(_problem(found, record, key_column, SEALED), rejects=False)
            return
        for column in changes:
            is_secrecy = column.name == "compartment"
            if not stored.is_by_hand and not is_secrecy:
                continue
            place = found.layout.places[column.name]
            shown = say(stored.values[place], column, self._rules.zone)
            given = say(record.values[place], column, self._rules.zone)
            reason, advice = (SECRECY, TAKE_AWAY) if is_secrecy else (BY_HAND, SETTLE)
            clash = _problem(
                found, record, column.name, reason, advice, stored=shown or "–", given=given
            )
            yield replace(clash, people=self._people(found.layout, record, stored))

    def _people(self, layout: FileLayout, record: Record, stored: StoredRow) -> tuple[int, ...]:
        """Give the stored people a row is about, for the log of who was shown."""
        if layout is PERSONS:
            return (stored.id,)
        rows = self._stored.rows.get(PERSONS.name, {})
        named = [
            rows.get((record.values[place],))
            for place, column in layout.references
            if column.refers_to == PERSONS.name
        ]
        return tuple(person.id for person in named if person is not None)

    def _worth_knowing(self, found: Records, record: Record) -> Iterator[Problem]:
        layout, at = found.layout, self._rules.at
        for name in ("occurred_at", "recorded_at"):
            place = layout.places.get(name)
            given = record.values[place] if place is not None else None
            if isinstance(given, datetime) and given > at:
                yield replace(_problem(found, record, name, IN_FUTURE, CHECK_YEAR), rejects=False)
        if layout is INCIDENTS:
            kind = str(record.values[layout.places["kind"]])
            if kind not in self._rules.known_kinds and kind not in self._kinds_said:
                self._kinds_said.add(kind)
                near = self._rules.nearest(kind, self._rules.known_kinds)
                advice = DID_YOU_MEAN if near else ""
                note = _problem(found, record, "kind", UNKNOWN_KIND, advice, nearest=near)
                yield replace(note, rejects=False)
        if layout is PERSONS:
            born = record.values[layout.places["birth_date"]]
            if isinstance(born, date) and born > at.astimezone(self._rules.zone).date():
                yield _problem(found, record, "birth_date", NOT_BORN, CHECK_YEAR)


class _Periods:
    """When each person of a file is in which group, to find two memberships at the same time."""

    def __init__(self, found: Records, stored: Mapping[Key, StoredRow]) -> None:
        said = {record.key for record in found.records}
        pairs = {key[:2] for key in said}
        replaced = {stored[key].id for key in said if key in stored}
        self._held: dict[Key, list[tuple[Period, int | None]]] = {}
        """(person, group) → periods, with the row that says so; None is stored."""
        for key, row in stored.items():
            if key[:2] in pairs and row.id not in replaced and not row.is_withdrawn:
                self._held.setdefault(key[:2], []).append((_period(row.values), None))

    def clash(self, found: Records, record: Record, values: Sequence[object]) -> Iterator[Problem]:
        """Report the first membership that holds at the same time; else remember this one."""
        period = _period(values)
        held = self._held.setdefault(record.key[:2], [])
        for other, row in held:
            if period.overlaps(other):
                reason = OVERLAPS_STORED if row is None else OVERLAPS
                yield _problem(found, record, "valid_from", reason, END_FIRST, first=row)
                return
        held.append((period, record.row))


_SINCE, _UNTIL = MEMBERSHIPS.places["valid_from"], MEMBERSHIPS.places["valid_to"]


def _period(values: Sequence[object]) -> Period:
    since, until = values[_SINCE], values[_UNTIL]
    return Period(
        since if isinstance(since, datetime) else None,
        until if isinstance(until, datetime) else None,
    )


def _filled(record: Record, stored: StoredRow | None) -> tuple[object, ...]:
    """Give a row's values; a blank cell leaves what is stored."""
    if stored is None:
        return record.values
    pairs = zip(record.values, stored.values, strict=True)
    return tuple([old if new is None else new for new, old in pairs])


def _changes(layout: FileLayout, record: Record, stored: StoredRow | None) -> list[Column]:
    """List the columns in which a row says something else than what is stored."""
    if stored is None:
        return []
    pairs = enumerate(zip(record.values, stored.values, strict=True))
    return [
        layout.columns[place]
        for place, (new, old) in pairs
        if new is not None and new != old and not _says_the_same(layout.columns[place], new, old)
    ]


def _says_the_same(column: Column, new: object, old: object) -> bool:
    # An undirected pair may be stored the other way round, a text with spaces a file cannot keep.
    if column.refers_to:
        return True
    return isinstance(new, str) and isinstance(old, str) and tidy(old, column.kind) == new


def _problem(
    found: Records,
    record: Record,
    column: str,
    reason: str,
    suggestion: str = "",
    **params: object,
) -> Problem:
    place = found.layout.places[column]
    return Problem(
        file=found.file,
        row=record.row,
        column=column,
        value=say(record.values[place], found.layout.columns[place], found.zone),
        reason=reason,
        suggestion=suggestion,
        params=params,
    )


def _new_people(found: Records, plan: FilePlan) -> Problem:
    ids = [str(creation.key[0]) for creation in plan.created]
    shown = ", ".join(ids[:MOST_IDS_SAID]) + (" …" if len(ids) > MOST_IDS_SAID else "")
    return Problem(
        file=found.file,
        row=found.records[0].row,
        value=shown,
        reason=NEW_PEOPLE[0],
        reasons=NEW_PEOPLE[1],
        params={"num": len(ids), "ids": shown},
        rejects=False,
    )
