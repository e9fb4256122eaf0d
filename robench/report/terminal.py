"""A board as a table for a terminal."""

import io
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from robench.board.board import Board, Row
from robench.report.columns import Column, columns, fitted, gone, title
from robench.report.legend import notes_of
from robench.report.view import USUAL, View, once
from robench.text import printable

_WIDTH = 100
_NARROWEST_NAME = 8
_ROOMY_NAME = 14
_GAP = 2
_LONGEST_FOOTER = 4000


def render(boards: Sequence[Board], view: View = USUAL, *, width: int | None = None, color: bool | None = None) -> str:
    """Return the tables and what is said below them, no line wider than `width` columns, at least 20.

    Where a table does not fit, columns go in a fixed order, the least important first, and are named; names of rows
    fold. Columns that were asked for stay, and make the lines as wide as they are. What all boards have to say is said
    once, below the last. Lines are drawn in ASCII where standard output has an encoding without others. `width` None is
    the terminal's, 100 where there is none; `color` None is colour on a terminal unless NO_COLOR is set. Colour repeats
    what sign and star say.
    """
    if width is None:
        width = shutil.get_terminal_size((_WIDTH, 24)).columns
    width = max(width, 20)
    console = _console(width, color)
    tables = [_fitted(board, view, width) if board.rows else [] for board in boards]
    own, common = once([_notes(board, view, kept) for board, kept in zip(boards, tables, strict=True)])
    with console.capture() as captured:
        for place, (board, kept) in enumerate(zip(boards, tables, strict=True)):
            if place:
                console.print()
            console.print(Text(title(board), style="bold"))
            if kept:
                room = max(width, _least(kept)) if view.columns else width
                console.width = room
                console.print(_table(board, kept, room))
                console.width = width
            _say(console, own[place])
        if common:
            console.print()
            _say(console, common)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _console(width: int, color: bool | None) -> Console:
    if color is None:
        color = sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Console(
        file=io.TextIOWrapper(io.BytesIO(), encoding=getattr(sys.stdout, "encoding", None) or "utf-8"),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )


def _say(console: Console, notes: Sequence[str]) -> None:
    for note in notes:
        console.print(Text(printable(note, _LONGEST_FOOTER), style="dim"))


def _notes(board: Board, view: View, kept: "list[_Shown]") -> list[str]:
    """Return the notes of a board; last, which columns are not shown and how to see the rest."""
    how = view.notes or "legend"
    notes = notes_of(board, how, [shown.column.name for shown in kept])
    if how == "brief" or not board.rows:
        return notes
    hidden = [] if view.columns else gone(board, (shown.column for shown in kept))
    ways = [f"--columns shows {', '.join(hidden)}"] if hidden else []
    ways += ["--notes says how all was made and tested"] if how == "legend" else []
    return [*notes, f"robench leaderboard: {'; '.join(ways)}."] if ways else notes


@dataclass(frozen=True)
class _Shown:
    """A column with the text of its cells and the terminal columns that the widest line takes."""

    column: Column
    cells: list[str]
    width: int


def _fitted(board: Board, view: View, width: int) -> list[_Shown]:
    """Drop whole columns, soonest first, until the table fits."""
    fit = fitted(columns(board, view.columns), lambda kept: _least([_shown(column, board) for column in kept]) > width)
    return [_shown(column, board) for column in fit]


def _least(kept: Sequence[_Shown]) -> int:
    """Terminal columns that a table takes where long names fold."""
    widths = [min(shown.width, _ROOMY_NAME) if shown.column.text else shown.width for shown in kept]
    return sum(widths) + _GAP * (len(kept) - 1)


def _shown(column: Column, board: Board) -> _Shown:
    cells = [column.cell(row) for row in board.rows]
    widest = max(map(cell_len, [*column.title.split("\n"), *cells]))
    return _Shown(column, cells, max(widest, _NARROWEST_NAME) if column.text else widest)


def _table(board: Board, kept: list[_Shown], width: int) -> Table:
    """Fix the widths, which rich would take long to find; names share what the numbers leave, and fold."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    names = [shown.width for shown in kept if shown.column.text]
    left = width - _GAP * (len(kept) - 1) - sum(shown.width for shown in kept if not shown.column.text)
    share = max(left // len(names), _NARROWEST_NAME) if sum(names) > left and names else max(names, default=0)
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
