"""A plain edge list: two or three columns (a, b, strength) under any heading, or none.

Each line is a tie of kind `associate`, confirmed. Both directions and repeats count once; ids that
nobody has become persons. Everything that was made of the file is reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gvi.domain.exchange import PERSONS, TIES, FileLayout
from gvi.domain.grading import Certainty
from gvi.domain.text import N_, NP_
from gvi.domain.tie import TieKind
from gvi.exchange.cells import CellError, read_name, read_strength, say_number
from gvi.exchange.problem import Problem
from gvi.exchange.reading import Sheet, foreign, readable
from gvi.exchange.records import FILL_IN, MISSING_VALUE, SAME_PERSON, TWO_IDS, Record, Records

WIDTHS = (2, 3)
_HEADINGS = frozenset(
    {"a", "b", "from", "to", "från", "till", "source", "target", "src", "dst", "tail", "head"}
    | {f"{noun}{mark}" for noun in ("id", "node", "person", "name") for mark in ("", 1, 2)}
    | {f"{noun}_{mark}" for noun in ("id", "node", "person", "name") for mark in ("a", "b", 1, 2)}
)

HAS_HEADER = N_("This is an edge list; its first row was read as headings.")
HAS_NO_HEADER = N_("This is an edge list without headings; its first row was read as a tie.")
TAKEN_AS_TIES = N_("Each line became a tie of kind associate, confirmed.")
COUNTED_ONCE = NP_(
    "%(num)s line repeats a tie, in the same or the other direction; each tie counts once.",
    "%(num)s lines repeat a tie, in the same or the other direction; each tie counts once.",
)
STRONGEST = N_("This tie stands with different strengths; the largest, %(strength)s, was taken.")
WIDTH = N_("A line of an edge list has two or three cells: a, b and perhaps the strength.")
ONE_TIE = N_("Give each tie one line, or name the file as one of the exchange format.")


@dataclass(frozen=True, slots=True)
class EdgeList:
    """The ties of an edge list, and everybody who stands in it."""

    ties: Records
    people: Records
    has_header: bool


@dataclass(slots=True)
class _Tie:
    row: int
    a: str
    b: str
    strengths: list[float] = field(default_factory=list)
    repeats: int = 0


def looks_like_edges(sheet: Sheet) -> bool:
    """Tell whether a file of an unknown name has the width of an edge list."""
    return len(sheet.rows[0][1]) in WIDTHS


def read_edges(sheet: Sheet) -> EdgeList:
    """Read an edge list as ties and persons of the exchange format."""
    has_header = _has_header(sheet)
    lines = sheet.rows[1:] if has_header else sheet.rows
    ties = Records(layout=TIES, file=sheet.name, rows=len(lines))
    _note(ties, sheet.rows[0][0], HAS_HEADER if has_header else HAS_NO_HEADER, TAKEN_AS_TIES)
    headings = [readable(text).strip() for text in sheet.rows[0][1]] if has_header else []
    names = headings + ["a", "b", "strength"][len(headings) :]
    found: dict[tuple[str, str], _Tie] = {}
    people: dict[str, int] = {}
    for row, cells in lines:
        edge = _edge(ties, row, cells, names)
        if edge is not None:
            people.setdefault(edge.a, row)
            people.setdefault(edge.b, row)
            _join(found, edge)
    _finish(ties, list(found.values()), names[2])
    everybody = [_record(PERSONS, row, id=each) for each, row in people.items()]
    people_said = Records(layout=PERSONS, file=sheet.name, records=everybody, is_implied=True)
    return EdgeList(ties, people_said, has_header)


def _has_header(sheet: Sheet) -> bool:
    """Judge the first row: known headings, a word where numbers stand, or a row unlike the rest."""
    first, rest = sheet.rows[0][1], [cells for _, cells in sheet.rows[1:]]
    if len(first) > 2 and first[2].strip() and not _has_digit(first[2]):
        return True
    heads = [cell.strip().casefold() for cell in first[:2]]
    ids = {cell.strip().casefold() for cells in rest for cell in cells[:2]}
    if ids.intersection(heads):
        return False
    if all(head in _HEADINGS for head in heads):
        return True
    return bool(ids) and all(map(_has_digit, ids)) and not any(map(_has_digit, heads))


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _edge(ties: Records, row: int, cells: Sequence[str], names: Sequence[str]) -> _Tie | None:
    """Read one line; gives None and says why where it is no tie."""
    texts = [cell.strip() for cell in cells]
    while len(texts) > min(WIDTHS) and not texts[-1]:
        texts.pop()
    if len(texts) not in WIDTHS:
        _reject(ties, row, "", ",".join(texts), CellError(WIDTH, ONE_TIE))
        return None
    values: list[str | float] = []
    for number, text in enumerate(texts):
        try:
            values.append(_cell(text, number))
        except CellError as error:
            _reject(ties, row, names[number], readable(text), error)
            return None
    a, b = str(values[0]), str(values[1])
    if a == b:
        _reject(ties, row, names[1], b, CellError(SAME_PERSON, TWO_IDS))
        return None
    return _Tie(row, a, b, [float(value) for value in values[2:]])


def _cell(text: str, number: int) -> str | float:
    if strange := foreign(text):
        raise CellError(*strange)
    if not text:
        raise CellError(MISSING_VALUE, FILL_IN)
    return read_strength(text) if number == 2 else read_name(text)


def _reject(ties: Records, row: int, column: str, value: str, error: CellError) -> None:
    ties.reject(
        Problem(
            file=ties.file,
            row=row,
            column=column,
            value=value,
            reason=error.reason,
            suggestion=error.suggestion,
            params=error.params,
        )
    )


def _join(found: dict[tuple[str, str], _Tie], edge: _Tie) -> None:
    kept = found.setdefault((min(edge.a, edge.b), max(edge.a, edge.b)), edge)
    if kept is not edge:
        kept.repeats += 1
        kept.strengths += edge.strengths


def _finish(ties: Records, edges: Sequence[_Tie], strength_column: str) -> None:
    """Turn lines into ties, and say what was counted once and which strength was taken."""
    ties.repeated = sum(edge.repeats for edge in edges)
    if ties.repeated:
        first = next(edge.row for edge in edges if edge.repeats)
        one, many = COUNTED_ONCE
        _note(ties, first, one, reasons=many, num=ties.repeated)
    for edge in edges:
        strength = max(edge.strengths, default=None)
        if strength is not None and min(edge.strengths) < strength:
            shown = say_number(strength)
            _note(ties, edge.row, STRONGEST, column=strength_column, strength=shown)
        ties.records.append(
            _record(
                TIES,
                edge.row,
                person_a=edge.a,
                person_b=edge.b,
                kind=TieKind.ASSOCIATE.value,
                certainty=Certainty.CONFIRMED.value,
                strength=strength,
            )
        )


def _record(layout: FileLayout, row: int, **cells: object) -> Record:
    values = tuple(cells.get(column.name) for column in layout.columns)
    return Record(row, layout.key_of(values), values)


def _note(
    ties: Records,
    row: int,
    reason: str,
    suggestion: str = "",
    *,
    reasons: str = "",
    column: str = "",
    **params: object,
) -> None:
    ties.problems.append(
        Problem(
            file=ties.file,
            row=row,
            column=column,
            reason=reason,
            reasons=reasons,
            suggestion=suggestion,
            params=params,
            rejects=False,
        )
    )
