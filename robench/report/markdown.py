"""A board as a GitHub table."""

import re
from collections.abc import Sequence

from robench.board.board import Board
from robench.report.columns import columns, title
from robench.report.legend import notes_of
from robench.report.view import USUAL, View, once
from robench.text import printable

_LONGEST_FOOTER = 4000
_SPECIAL = re.compile(r"[\\`*|\[\]~$]|(?<!\w)_|_(?!\w)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def render(boards: Sequence[Board], view: View = USUAL) -> str:
    """Return a heading and a table for each board, and the notes as lists: those that all have once, below the last."""
    notes = [
        notes_of(board, view.notes or "all", [one.name for one in columns(board, view.columns)]) for board in boards
    ]
    own, common = once(notes)
    parts = [_board(board, view, rest) for board, rest in zip(boards, own, strict=True)]
    return "\n\n".join([*parts, "\n".join(map(_note, common))] if common else parts)


def _board(board: Board, view: View, notes: Sequence[str]) -> str:
    shown = columns(board, view.columns)
    lines = [f"### {escape(title(board))}", ""]
    if board.rows:
        lines.append(_line([column.title.replace("\n", " ") for column in shown]))
        lines.append(_line([":--" if column.text else "--:" for column in shown], plain=True))
        lines += [_line([column.cell(row).strip() for column in shown]) for row in board.rows]
        lines.append("")
    return "\n".join([*lines, *map(_note, notes)]).rstrip("\n")


def _note(note: str) -> str:
    return f"- {escape(printable(note, _LONGEST_FOOTER))}"


def escape(text: str) -> str:
    """Make Markdown and HTML show `text` as it is."""
    marked = _SPECIAL.sub(lambda match: f"\\{match.group()}", text)
    return "".join(_ENTITIES.get(letter, letter) for letter in marked)


def _line(cells: list[str], plain: bool = False) -> str:
    return f"| {' | '.join(cells if plain else map(escape, cells))} |"
