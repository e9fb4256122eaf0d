"""A board as a GitHub table."""

import re

from robench.board.board import Board
from robench.report.columns import columns, title
from robench.text import printable

_LONGEST_FOOTER = 4000
_SPECIAL = re.compile(r"[\\`*|\[\]~$]|(?<!\w)_|_(?!\w)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def render(board: Board) -> str:
    """Return a heading, the table with every column, and the footers as a list."""
    shown = columns(board)
    lines = [f"### {escape(title(board))}", ""]
    if board.rows:
        lines.append(_line([column.title.replace("\n", " ") for column in shown]))
        lines.append(_line([":--" if column.text else "--:" for column in shown], plain=True))
        lines += [_line([column.cell(row).strip() for column in shown]) for row in board.rows]
        lines.append("")
    lines += [f"- {escape(printable(footer, _LONGEST_FOOTER))}" for footer in board.footers]
    return "\n".join(lines)


def escape(text: str) -> str:
    """Make Markdown and HTML show `text` as it is."""
    marked = _SPECIAL.sub(lambda match: f"\\{match.group()}", text)
    return "".join(_ENTITIES.get(letter, letter) for letter in marked)


def _line(cells: list[str], plain: bool = False) -> str:
    return f"| {' | '.join(cells if plain else map(escape, cells))} |"
