"""Boards as CSV: one line a row, accuracies, errors and differences as fractions."""

import csv
import io
from collections.abc import Sequence

from robench.board.board import BOARD, ROW, Board, Value, flat_rows
from robench.report.names import COLUMNS, checked
from robench.report.view import USUAL, View

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def render(boards: Sequence[Board], view: View = USUAL) -> str:
    """Return a header and a line for each row of every board; empty where a value does not exist.

    Columns that were asked for are those that `names.COLUMNS` has for each name, all others are left out.

    Text that a spreadsheet would take for a formula is given a leading apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    every = [*BOARD, *ROW]
    shown = every if view.columns is None else [field for name in checked(view.columns) for field in COLUMNS[name]]
    writer.writerow(shown)
    writer.writerows([_safe(line[name]) for name in shown] for board in boards for line in flat_rows(board))
    return out.getvalue().removesuffix("\n")


def _safe(value: Value) -> Value:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value
