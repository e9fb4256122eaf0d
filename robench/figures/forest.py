"""Forest plot: one line a comparison, its difference, interval, and what would still count as no worse."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from robench.figures import style

_INCHES_A_LINE = 0.2
_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "0.45"


class Estimate(NamedTuple):
    """A difference in points with its interval, None below two networks; lines of one `group` stand together."""

    group: str
    label: str
    mean: float
    low: float | None
    high: float | None
    significant: bool


def forest(estimates: Sequence[Estimate], margin: float, what: str) -> Figure:
    """Draw `estimates` from the top down; filled marks are significant, `margin` (points) is a dotted line.

    `what` names the axis: the difference, its direction and unit.
    """
    lines = _lines(estimates)
    figure, (axes,) = style.new(1, width=7.2, height=1.1 + _INCHES_A_LINE * len(lines))
    ticks, names = [], []
    for height, line in enumerate(lines):
        if isinstance(line, str):
            axes.text(0.01, height, line, transform=axes.get_yaxis_transform(), fontsize=7, weight="bold", va="center")
            continue
        color = _GREY if not line.significant else _BLUE if line.mean > 0 else _ORANGE
        if line.low is not None and line.high is not None:
            axes.plot([line.low, line.high], [height, height], color=color, linewidth=1)
        face = color if line.significant else "white"
        axes.plot(line.mean, height, marker="s", color=color, markerfacecolor=face, linestyle="none")
        ticks.append(height)
        names.append(style.name(line.label))
    axes.axvline(0, color="black", linewidth=0.8)
    axes.axvline(-margin, color="black", linewidth=0.8, linestyle=":", label=f"margin {margin:g}: no worse right of it")
    axes.set_yticks(ticks, names)
    axes.set_ylim(len(lines) - 0.4, -0.8)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(what)
    axes.legend(fontsize=6, loc="upper left", bbox_to_anchor=(0, -0.12))
    return figure


def _lines(estimates: Sequence[Estimate]) -> list[Estimate | str]:
    """Put the name of each group above its estimates."""
    lines: list[Estimate | str] = []
    for i, estimate in enumerate(estimates):
        if i == 0 or estimate.group != estimates[i - 1].group:
            lines.append(style.name(estimate.group))
        lines.append(estimate)
    return lines
