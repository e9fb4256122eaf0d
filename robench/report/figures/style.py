"""What all figures share: colours that colour-blind readers tell apart, safe text, files that repeat byte for byte."""

import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import special

from robench import atomic
from robench.board.board import Board, Row, Spread
from robench.text import printable

FORMATS = ("svg", "png")
COLUMN_INCHES, ALONE_INCHES = 3.6, 5.2
_LONGEST = 28
_INCHES_A_HANDLE, _INCHES_A_LETTER, _INCHES_A_LINE = 0.55, 0.056, 0.16
_DOTS_PER_INCH = 200
_BASELINE = "#000000"
# Okabe and Ito 2008, without black (the baseline) and yellow (too pale on white).
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p")
_DASHES = ("-", "--", "-.", ":")
_SETTINGS: Any = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "legend.frameon": False,
    "lines.markersize": 4.5,
    "svg.hashsalt": "robench",
    "svg.fonttype": "none",
    "text.parse_math": False,
}


class Look(NamedTuple):
    """How one method is drawn everywhere; colour, marker and dash each tell it apart alone for the first few."""

    color: str
    marker: str
    linestyle: str


def looks(labels: Sequence[str], baseline: str) -> dict[str, Look]:
    """Give each label its look, by name, so that it keeps it over the figures of a board; the baseline is black."""
    others = sorted(set(labels) - {baseline})
    chosen = {
        label: Look(_COLOURS[i % len(_COLOURS)], _MARKERS[i % len(_MARKERS)], _DASHES[i % len(_DASHES)])
        for i, label in enumerate(others)
    }
    return {**chosen, baseline: Look(_BASELINE, "*", "-")}


def settings() -> AbstractContextManager[None]:
    """Return the context in which every figure is made and saved."""
    return matplotlib.rc_context(_SETTINGS)


def new(columns: int, rows: int = 1, *, width: float | None = None, height: float = 2.8) -> tuple[Figure, list[Axes]]:
    """Return a figure with a grid of axes, `width` x `height` inches each, and the axes row by row.

    Without `width` it is that of a column of text, and one panel alone is wider.
    """
    width = width or max(COLUMN_INCHES, ALONE_INCHES / columns)
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    return figure, [axis for row in axes for axis in row]


def share_legend(figure: Figure) -> None:
    """Put one legend below all panels, each label once and no wider than they; inside a panel it would hide data."""
    handles: dict[str, Artist] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    widest = _INCHES_A_HANDLE + _INCHES_A_LETTER * max(map(len, handles))
    columns = max(1, min(len(handles), int(figure.get_figwidth() / widest)))
    _heighten(figure, math.ceil(len(handles) / columns))
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=columns, fontsize=7)


def caption(figure: Figure, board: Board, what: str) -> None:
    """Write above all panels what the board is and `what` is drawn."""
    head = f"{name(board.suite)}, corruptions {board.source}, setting {name(board.setting)}"
    width = int(figure.get_figwidth() / _INCHES_A_LETTER)
    lines = [*textwrap.wrap(head, width), *textwrap.wrap(what, width)]
    _heighten(figure, len(lines))
    figure.suptitle("\n".join(lines), fontsize=7)


def _heighten(figure: Figure, lines: int) -> None:
    """Make room for lines of small text, so that panels keep their height."""
    figure.set_figheight(figure.get_figheight() + _INCHES_A_LINE * lines)


def intervals(board: Board) -> str:
    """Say what the bars are, and over how many networks."""
    counts = sorted({row.n for row in board.rows})
    n = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
    return f"mean and {100 * (1 - board.alpha):g}% t interval over n = {n} networks"


def name(text: str, longest: int = _LONGEST) -> str:
    """Return outside text as one short printable line; `settings` lets no `$` start a formula."""
    return printable(text, longest)


def half_interval(spread: Spread, n: int, alpha: float) -> float:
    """Return half the width of the 1 - alpha t-interval of a mean over n networks; 0 below two."""
    if spread.sd is None or n < 2:
        return 0.0
    return float(special.stdtrit(n - 1, 1 - alpha / 2)) * spread.sd / math.sqrt(n)


def by_method(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    """Group rows by method with its options, each by rising sparsity."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.label, row.sparsity)):
        groups.setdefault(row.label, []).append(row)
    return groups


def save(figure: Figure, stem: Path) -> list[Path]:
    """Write `stem` as SVG and PNG, each whole or not at all; the same figure gives the same bytes."""
    metadata = {"svg": {"Date": None}, "png": {"Software": None}}
    paths = []
    for kind in FORMATS:
        path = stem.with_name(f"{stem.name}.{kind}")
        content = io.BytesIO()
        figure.savefig(content, format=kind, dpi=_DOTS_PER_INCH, metadata=metadata[kind])
        atomic.write_named("figures", path, content.getvalue())
        paths.append(path)
    return paths
