"""Reports: boards as text for people and as data for programs."""

from collections.abc import Callable

from robench.report import csv, json, latex, markdown, terminal
from robench.report.view import USUAL, View

__all__ = ["REPORTS", "USUAL", "View"]

REPORTS: dict[str, Callable[..., str]] = {
    "table": terminal.render,
    "markdown": markdown.render,
    "latex": latex.render,
    "csv": csv.render,
    "json": json.render,
}
"""Format -> function of boards and a `View`."""
