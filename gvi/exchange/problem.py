"""What is wrong in a file, where, and what to do about it; and how many rows met which fate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

HEADER_ROW = 1
_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding, by file, row and column as a spreadsheet shows them (the header is row 1).

    `reason` and `suggestion` are English sentences marked with `N_`; `params` fill both. A finding
    that does not reject its row is something to know, not something to mend first.
    """

    file: str
    row: int
    column: str = ""
    value: str = ""
    reason: str
    reasons: str = ""
    """The form of `reason` for several, where it is about a number: `params["num"]`."""
    suggestion: str = ""
    params: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    rejects: bool = True
    people: tuple[int, ...] = ()
    """Stored people of whom the finding tells something that is not in the file."""

    def said(self, sentence: str) -> str:
        """Say the reason or the suggestion in English, its places filled."""
        if sentence == self.reason and self.reasons and self.params["num"] != 1:
            sentence = self.reasons
        return sentence % self.params if self.params else sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCount:
    """How the rows of one file fared."""

    name: str
    rows: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an import did, or would do."""

    dry_run: bool
    is_refused: bool
    """Rejected rows refused the whole; nothing is created or updated then."""
    files: Sequence[FileCount]
    problems: Sequence[Problem]

    @property
    def rejecting(self) -> list[Problem]:
        """The problems that keep rows out."""
        return [problem for problem in self.problems if problem.rejects]

    @property
    def notes(self) -> list[Problem]:
        """What was found and does no harm."""
        return [problem for problem in self.problems if not problem.rejects]

    def document(self) -> dict[str, object]:
        """Give the machine-readable form of design §9."""
        return {
            "dry_run": self.dry_run,
            "files": [
                {
                    "name": count.name,
                    "rows": count.rows,
                    "created": count.created,
                    "updated": count.updated,
                    "unchanged": count.unchanged,
                    "rejected": count.rejected,
                }
                for count in self.files
            ],
            "problems": [
                {
                    "file": problem.file,
                    "row": problem.row,
                    "column": problem.column,
                    "value": problem.value,
                    "reason": problem.said(problem.reason),
                    "suggestion": problem.said(problem.suggestion),
                }
                for problem in self.problems
            ],
        }
