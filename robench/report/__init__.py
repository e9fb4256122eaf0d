"""Reports: boards as text for people and as data for programs."""

from collections.abc import Callable, Sequence

from robench.board.board import Board
from robench.report import csv, json, latex, markdown, terminal

__all__ = ["REPORTS"]


def _each(render: Callable[[Board], str]) -> Callable[[Sequence[Board]], str]:
    return lambda boards: "\n\n".join(map(render, boards))


REPORTS: dict[str, Callable[[Sequence[Board]], str]] = {
    "table": _each(terminal.render),
    "markdown": _each(markdown.render),
    "latex": latex.render,
    "csv": csv.render,
    "json": json.render,
}
