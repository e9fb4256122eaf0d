"""Reports: a board as text for people and as data for programs."""

from collections.abc import Callable

from robench.board import Board
from robench.report import csv, json, markdown, terminal

__all__ = ["ONE_BOARD", "REPORTS"]

REPORTS: dict[str, Callable[[Board], str]] = {
    "table": terminal.render,
    "markdown": markdown.render,
    "csv": csv.render,
    "json": json.render,
}
ONE_BOARD = frozenset({"csv", "json"})
"""Formats whose document holds one board and no more."""
