"""A board as a table for a terminal."""

import io
import os
import shutil
import sys
from dataclasses import dataclass
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from robench.board.board import Board, Row
from robench.report.columns import Column, columns, title
from robench.text import printable

_WIDTH = 100
_NARROWEST_NAME = 8
_GAP = 2
_LONGEST_FOOTER = 4000


def render(board: Board, *, width: int | None = None, color: bool | None = None) -> str:
    """Return the table and its footers, no line wider than `width` columns, at least 20.

    Where it does not fit, columns go in a fixed order, the least important first, and are named; names of rows fold.
    Lines are drawn in ASCII where standard output has an encoding without others.
    `width` None is the terminal's, 100 where there is none; `color` None is colour on a terminal unless NO_COLOR is
    set. Colour repeats what sign and star say.
    """
    if width is None:
        width = shutil.get_terminal_size((_WIDTH, 24)).columns
    if color is None:
        color = sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    console = Console(
        file=io.TextIOWrapper(io.BytesIO(), encoding=getattr(sys.stdout, "encoding", None) or "utf-8"),
        width=max(width, 20),
        force_terminal=color,
        color_system="standard" if color else None,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(Text(title(board), style="bold"))
        if board.rows:
            kept = _fitted(board, console.width)
            console.print(_table(board, kept, console.width))
            if gone := _gone(board, kept):
                console.print(Text(gone, style="dim"))
        for footer in board.footers:
            console.print(Text(printable(footer, _LONGEST_FOOTER), style="dim"))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


@dataclass(frozen=True)
class _Shown:
    """A column with the text of its cells and the terminal columns that the widest line takes."""

    column: Column
    cells: list[str]
    width: int


def _fitted(board: Board, width: int) -> list[_Shown]:
    """Drop whole columns, soonest first, until the table fits."""
    kept = [_shown(column, board) for column in columns(board)]
    while sum(shown.width for shown in kept) + _GAP * (len(kept) - 1) > width:
        gone = min((shown.column.goes for shown in kept if shown.column.goes), default=0)
        if not gone:
            break
        kept = [shown for shown in kept if shown.column.goes != gone]
    return kept


def _gone(board: Board, kept: list[_Shown]) -> str:
    """Name the columns for which there was no room."""
    titles = {shown.column.title for shown in kept}
    gone = [column.title.replace("\n", " ") for column in columns(board) if column.title not in titles]
    return f"No room for {'; '.join(gone)}: --format markdown, or a wider terminal." if gone else ""


def _shown(column: Column, board: Board) -> _Shown:
    cells = [column.cell(row) for row in board.rows]
    widest = max(map(cell_len, [*column.title.split("\n"), *cells]))
    return _Shown(column, cells, max(widest, _NARROWEST_NAME) if column.text else widest)


def _table(board: Board, kept: list[_Shown], width: int) -> Table:
    """Fix the widths, which rich would take long to find; names share what the numbers leave, and fold."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    names = [shown.width for shown in kept if shown.column.text]
    left = width - _GAP * (len(kept) - 1) - sum(shown.width for shown in kept if not shown.column.text)
    share = max(left // len(names), _NARROWEST_NAME) if sum(names) > left else max(names)
    for shown in kept:
        text = shown.column.text
        side: Literal["left", "right"] = "left" if text else "right"
        wide = min(shown.width, share) if text else shown.width
        table.add_column(Text(shown.column.title), justify=side, no_wrap=not text, overflow="fold", width=wide)
    for place, row in enumerate(board.rows):
        if place and row.model_label != board.rows[place - 1].model_label:
            table.add_section()
        style = _style(row, board.higher_is_better)
        table.add_row(*(Text(shown.cells[place]) for shown in kept), style=style)
    return table


def _style(row: Row, higher_is_better: bool) -> str:
    if row.difference is None or not row.difference.significant:
        return ""
    return "green" if (row.difference.mean > 0) == higher_is_better else "red"
