"""Critical-difference diagram: mean ranks over blocks, bars over methods that are not separable (Demšar 2006)."""

import textwrap
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from robench.report.figures import style

_STEP = 0.35


def critical_difference(ranks: Mapping[str, float], cliques: Sequence[Sequence[str]], test: str) -> Figure:
    """Draw mean `ranks` (1 is best, on the left) and a bar over each clique of two or more; `test` goes below."""
    order = sorted(ranks, key=lambda label: (ranks[label], label))
    bars = [clique for clique in cliques if len(clique) > 1]
    half = (len(order) + 1) // 2
    depth = _STEP * (len(bars) + half + 1)
    figure, (axes,) = style.new(1, width=6.5, height=0.9 + 0.75 * depth)
    axes.set(xlim=(0.8, len(order) + 0.2), ylim=(-depth, 0))
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.spines["top"].set_visible(True)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xticks(range(1, len(order) + 1))
    axes.set_yticks([])
    axes.set_xlabel("mean rank over blocks (suite, model); 1 is best")
    for level, clique in enumerate(bars, 1):
        ends = sorted(ranks[label] for label in clique)
        axes.plot([ends[0] - 0.03, ends[-1] + 0.03], [-_STEP * level] * 2, color="black", linewidth=2.5)
    for place, label in enumerate(order):
        level = len(bars) + 1 + (place if place < half else len(order) - 1 - place)
        _leader(axes, ranks[label], -_STEP * level, style.name(label), left=place < half, count=len(order))
    axes.text(0.5, -0.04, textwrap.fill(test, 90), transform=axes.transAxes, ha="center", va="top", fontsize=7)
    return figure


def _leader(axes: Axes, rank: float, height: float, label: str, *, left: bool, count: int) -> None:
    """Lead from the axis down to the height of the label and out to its side."""
    end = 0.8 if left else count + 0.2
    axes.plot([rank, rank, end], [0, height, height], color="0.4", linewidth=0.8)
    axes.text(end, height, f" {label} {rank:.2f} ", ha="right" if left else "left", va="center", fontsize=8)
