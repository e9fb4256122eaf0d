"""What all figures share: colours that colour-blind readers tell apart, safe text, files that repeat byte for byte."""

import math
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
from robench.board import Row, Spread
from robench.text import printable

FORMATS = ("svg", "png")
COLUMN_INCHES = 3.6
_LONGEST = 28
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


def new(columns: int, rows: int = 1, *, width: float = COLUMN_INCHES, height: float = 2.8) -> tuple[Figure, list[Axes]]:
    """Return a figure with a grid of axes, `width` x `height` inches each, and the axes row by row."""
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    return figure, [axis for row in axes for axis in row]


def share_legend(figure: Figure, columns: int = 6) -> None:
    """Put one legend below all panels, each label once; inside a panel it would hide data."""
    handles: dict[str, Artist] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=columns, fontsize=7)


def name(text: str) -> str:
    """Return outside text as one short printable line; `settings` lets no `$` start a formula."""
    return printable(text, _LONGEST)


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
        with atomic.replacing(path) as temporary:
            figure.savefig(temporary, format=kind, dpi=_DOTS_PER_INCH, metadata=metadata[kind])
        paths.append(path)
    return paths
