"""Plain text: lines of cells under each other, and sentences folded at the width of a page."""

import textwrap
from collections.abc import Sequence

from rich.cells import cell_len

_WIDTH = 100


def aligned(rows: Sequence[Sequence[str]], words: int) -> list[str]:
    """Return the rows with columns aligned, the first `words` columns to the left and the others to the right."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_cell(row, place, widths, words) for place in range(len(widths))).rstrip() for row in rows]


def folded(text: str) -> list[str]:
    """Break a sentence into lines of at most 100 columns."""
    return textwrap.wrap(text, _WIDTH, break_long_words=True, break_on_hyphens=False)


def _cell(row: Sequence[str], place: int, widths: Sequence[int], words: int) -> str:
    blank = " " * (widths[place] - cell_len(row[place]))
    return row[place] + blank if place < words else blank + row[place]
