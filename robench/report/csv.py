"""Boards as CSV: one line a row, accuracies, errors and differences as fractions."""

import csv
import io
from collections.abc import Sequence

from robench.board.board import BOARD, ROW, Board, Value, flat_rows

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def render(boards: Sequence[Board]) -> str:
    """Return a header and a line for each row of every board; empty where a value does not exist.

    Text that a spreadsheet would take for a formula is given a leading apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*BOARD, *ROW])
    writer.writerows([_safe(value) for value in line.values()] for board in boards for line in flat_rows(board))
    return out.getvalue().removesuffix("\n")


def _safe(value: Value) -> Value:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value
