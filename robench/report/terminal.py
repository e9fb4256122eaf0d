"""A board as a table for a terminal."""

import io
import os
import shutil
import sys
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from robench.board import Board, Row
from robench.report.columns import Column, columns, printable, title

_WIDTH = 100
_NARROWEST_NAME = 8
_LONGEST_FOOTER = 4000


def render(board: Board, *, width: int | None = None, color: bool | None = None) -> str:
    """Return the table and its footers, no line wider than `width` columns, at least 20.

    Where it does not fit, columns go in a fixed order, the least important first; names fold. `width` None is the
    terminal's, 100 where there is none; `color` None is colour on a terminal unless NO_COLOR is set. Colour repeats
    what sign and star say.
    """
    if width is None:
        width = shutil.get_terminal_size((_WIDTH, 24)).columns
    if color is None:
        color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    console = Console(
        file=io.StringIO(),
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
            console.print(_fitted(board, console))
        for footer in board.footers:
            console.print(Text(printable(footer, _LONGEST_FOOTER), style="dim"))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _fitted(board: Board, console: Console) -> Table:
    """Drop whole columns, soonest first, until the table fits."""
    kept = columns(board)
    while True:
        table = _table(board, kept)
        wide = console.measure(table, options=console.options.update(width=10_000)).maximum
        gone = min((column.goes for column in kept if column.goes), default=0)
        if wide <= console.width or not gone:
            return table
        kept = [column for column in kept if column.goes != gone]


def _table(board: Board, kept: list[Column]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for column in kept:
        side: Literal["left", "right"] = "left" if column.text else "right"
        least = _NARROWEST_NAME if column.text else None
        table.add_column(Text(column.title), justify=side, no_wrap=not column.text, overflow="fold", min_width=least)
    for row in board.rows:
        style = _style(row, board.higher_is_better)
        table.add_row(*(Text(column.cell(row)) for column in kept), style=style)
    return table


def _style(row: Row, higher_is_better: bool) -> str:
    if row.difference is None or not row.difference.significant:
        return ""
    return "green" if (row.difference.mean > 0) == higher_is_better else "red"
