"""The smallest change that moves a person out of the top of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from gvi.network.leave_out import LeftOut
from gvi.network.records_behind import RecordsBehind, Standing

WORK = 1_000_000
"""Numbers that may be computed for each try: some hundredths of a second in a town."""
FEWEST_TRIED = 40
"""Records that are tried one by one however large the network is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Records without which a person is no longer among the first `top`.

    `records` is how many; a person's part in an incident is one, whatever roles it names. `rank` is
    the rank without them, None where the person is then not listed. `proved` says that no fewer of
    the records behind the score would do; otherwise fewer may, and nobody has looked.
    """

    left_out: LeftOut
    records: int
    rank: int | None
    proved: bool


def smallest_change(behind: RecordsBehind, *, top: int) -> Change | None:
    """Find the fewest records whose absence moves a person out of the first `top` of a list.

    Tried are the records behind the score (`RecordsBehind.records`): each by itself, every pair,
    then the ones that matter most, more and more of them. Where there are too many (in a town more
    than some 40 records for pairs), those that matter most are tried, and what may not be smallest
    is not called proved. None for somebody who is not among the first `top`, or whom no records
    behind the score move out.
    """
    if behind.rank > top:
        return None
    every = behind.records()
    records = every[: max(FEWEST_TRIED, WORK // behind.cost)]
    is_complete = len(records) == len(every)
    alone = list(behind.standings(records))
    order = sorted(range(len(records)), key=lambda at: _effect(alone[at]))
    records, alone = [records[at] for at in order], [alone[at] for at in order]
    if alone and _is_out(alone[0], top):
        return Change(left_out=records[0], records=1, rank=alone[0].rank, proved=True)
    some = records[: _most_in_pairs(WORK // behind.cost)]
    pairs = list(combinations(some, 2))
    found = _first_out(behind, pairs, top)
    if found is not None:
        return _change(*found, proved=is_complete)
    all_pairs = is_complete and len(some) == len(records)
    return _many(behind, records, top, all_pairs_fail=all_pairs)


def _many(
    behind: RecordsBehind, records: Sequence[LeftOut], top: int, *, all_pairs_fail: bool
) -> Change | None:
    """Take the records that matter most, more and more, then put back what is not needed."""
    more = [tuple(records[:size]) for size in range(3, len(records) + 1)]
    found = _first_out(behind, more, top)
    fewer = found
    while fewer is not None:
        found = fewer
        choice = found[0]
        fewer = _first_out(behind, list(combinations(choice, len(choice) - 1))[::-1], top)
    if found is None:
        return None
    return _change(*found, proved=all_pairs_fail and len(found[0]) == 3)


def _first_out(
    behind: RecordsBehind, choices: Sequence[tuple[LeftOut, ...]], top: int
) -> tuple[tuple[LeftOut, ...], Standing] | None:
    standings = behind.standings(map(LeftOut.all_of, choices))
    for choice, standing in zip(choices, standings, strict=True):
        if _is_out(standing, top):
            return choice, standing
    return None


def _change(choice: tuple[LeftOut, ...], standing: Standing, *, proved: bool) -> Change:
    return Change(
        left_out=LeftOut.all_of(choice), records=len(choice), rank=standing.rank, proved=proved
    )


def _effect(standing: Standing) -> tuple[float, float]:
    """Order by how far the rank falls, then by how far the score does."""
    return (-(standing.rank or float("inf")), standing.score)


def _is_out(standing: Standing, top: int) -> bool:
    return standing.rank is None or standing.rank > top


def _most_in_pairs(columns: int) -> int:
    """Give how many records have at most so many pairs."""
    return int((1 + (1 + 8 * columns) ** 0.5) / 2)
