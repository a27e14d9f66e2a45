"""What an import would do: the fate of every row, decided before anything is written.

The same plan is shown by a dry run and carried out by an import, so that the two cannot differ.
How it comes about is in `gvi.exchange.decide`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gvi.domain.exchange import FileLayout, Key, StoredRow
from gvi.exchange.problem import FileCount, Problem, Report
from gvi.exchange.records import Records


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds, as far as the viewer may know it."""

    rows: Mapping[str, Mapping[Key, StoredRow]]
    """File → natural key → row. A row corrected by hand stands under its former key too."""
    taken_ids: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Ids that stand for something the viewer may not see, and so cannot be given again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What else decides about a row."""

    at: datetime
    zone: ZoneInfo
    known_kinds: Collection[str]
    """Incident kinds of the harm table."""
    adult_born_by: date | None
    """For viewers who may know only the involvements of children: the last adult birth date."""
    compartments: Mapping[str, Collection[str]]
    """File → the secrecies the viewer may write its rows under."""
    nearest: Callable[[str, Collection[str]], str]
    """Gives the id that a misspelt one most resembles, or nothing."""
    kept_out: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    """File → id that was removed here → on which day."""


@dataclass(frozen=True, slots=True)
class Creation:
    """A row that becomes a new fact."""

    key: Key
    values: tuple[object, ...]
    recorded_at: datetime | None
    """When it counts as recorded; None is always."""


@dataclass(frozen=True, slots=True)
class Update:
    """A row that changes a stored fact: the values after, blanks of the file filled from before."""

    stored: StoredRow
    values: tuple[object, ...]
    recorded_at: datetime | None


@dataclass
class FilePlan:
    """The fate of one file's rows."""

    found: Records
    created: list[Creation] = field(default_factory=list)
    updated: list[Update] = field(default_factory=list)
    unchanged: int = 0

    @property
    def layout(self) -> FileLayout:
        """Which file of the format it is."""
        return self.found.layout

    def count(self, *, is_refused: bool) -> FileCount:
        """Say how the rows fared; nothing is created or updated where the whole was refused."""
        return FileCount(
            name=self.found.file,
            rows=self.found.rows,
            created=0 if is_refused else len(self.created),
            updated=0 if is_refused else len(self.updated),
            unchanged=self.unchanged,
            rejected=len(self.found.rejected),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """The fate of all rows, file by file."""

    files: Sequence[FilePlan]
    notes: Sequence[Problem] = ()
    """What was found before any row was read: files of other names."""

    @property
    def problems(self) -> list[Problem]:
        """Everything that was found, in the order of files and rows."""
        in_order = [
            problem
            for each in self.files
            for problem in sorted(each.found.problems, key=lambda problem: problem.row)
        ]
        return [*self.notes, *in_order]

    def report(self, *, dry_run: bool, skip_rejected: bool) -> Report:
        """Sum it up; rejected rows refuse the whole unless they are to be left out."""
        problems = self.problems
        is_refused = not skip_rejected and any(problem.rejects for problem in problems)
        counted = [each for each in self.files if not each.found.is_implied]
        return Report(
            dry_run=dry_run,
            is_refused=is_refused,
            files=[each.count(is_refused=is_refused) for each in counted],
            problems=problems,
        )
