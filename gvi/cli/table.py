"""Rows as columns of text, for a person at a terminal."""

from collections.abc import Sequence


def printed(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Line up the cells of a table under its header."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *rows)
    ]
    return "\n".join(lines)
