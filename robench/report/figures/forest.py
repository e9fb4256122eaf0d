"""Forest plot: one line a comparison, its difference, interval, and what would still count as no worse."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from robench.report.figures import style

_INCHES_A_LINE = 0.19
_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "0.45"


class Estimate(NamedTuple):
    """A difference in points from the row `control` with its interval, None below two networks.

    Lines of one `group` stand together under its name; a line is a `label` in a group, with a mark for each control.
    """

    control: str
    group: str
    label: str
    mean: float
    low: float | None
    high: float | None
    significant: bool


Line = tuple[str, str]


def forest(estimates: Sequence[Estimate], margin: float, what: str, higher_is_better: bool = True) -> Figure:
    """Draw a panel for each control and a line for each row compared, from the top down; a gap where there is none.

    `what` names the axis: the difference, its direction and unit. Filled marks are significant, blue where better and
    orange where worse; `margin` (points) is a dotted line.
    """
    lines = list(dict.fromkeys((estimate.group, estimate.label) for estimate in estimates))
    controls = list(dict.fromkeys(estimate.control for estimate in estimates))
    heights, names = _places(lines)
    size = 1.2 + _INCHES_A_LINE * (len(lines) + len(names))
    figure, panels = style.new(len(controls), width=max(2.3, 6.4 / len(controls)), height=size)
    for axes, control in zip(panels, controls, strict=True):
        mine = {(found.group, found.label): found for found in estimates if found.control == control}
        _draw(axes, mine, heights, higher_is_better)
        axes.axvline(0, color="black", linewidth=0.8)
        axes.axvline(-margin if higher_is_better else margin, color="black", linewidth=0.8, linestyle=":")
        axes.set(title=f"minus {style.name(control)}", ylim=(max(heights.values()) + 0.7, -0.7))
        axes.set_yticks([])
    panels[0].set_yticks(
        [*heights.values(), *names.values()],
        [*(style.name(label) for _, label in heights), *(style.name(name, 40) for name in names)],
    )
    for text in panels[0].get_yticklabels()[len(heights) :]:
        text.set_fontweight("bold")
    panels[0].tick_params(axis="y", length=0)
    figure.legend(
        handles=_legend(margin),
        loc="outside lower center",
        ncols=4 if len(controls) > 1 else 2,
        fontsize=7,
        title=what,
        title_fontsize=8,
    )
    return figure


def _places(lines: Sequence[Line]) -> tuple[dict[Line, float], dict[str, float]]:
    """Heights of the lines and of the names of their groups, which stand above them unless empty; 0 is the top."""
    heights: dict[Line, float] = {}
    names: dict[str, float] = {}
    at = 0
    for group in dict.fromkeys(group for group, _ in lines):
        if group:
            names[group] = at
            at += 1
        for line in lines:
            if line[0] == group:
                heights[line] = at
                at += 1
    return heights, names


def _draw(axes: Axes, found: Mapping[Line, Estimate], heights: Mapping[Line, float], higher_is_better: bool) -> None:
    for line, height in heights.items():
        if line not in found:
            continue
        one = found[line]
        better = (one.mean > 0) == higher_is_better
        color = _GREY if not one.significant else _BLUE if better else _ORANGE
        if one.low is not None and one.high is not None:
            axes.plot([one.low, one.high], [height, height], color=color, linewidth=1)
        face = color if one.significant else "white"
        axes.plot(one.mean, height, marker="s", color=color, markerfacecolor=face, linestyle="none")


def _legend(margin: float) -> list[Line2D]:
    marks = (
        ("significantly better", _BLUE, _BLUE),
        ("significantly worse", _ORANGE, _ORANGE),
        ("open", _GREY, "white"),
    )
    made = [
        Line2D([], [], marker="s", color=color, markerfacecolor=face, linestyle="none", label=label)
        for label, color, face in marks
    ]
    line = Line2D([], [], color="black", linewidth=0.8, linestyle=":", label=f"margin {margin:g}: worse by this much")
    return [*made, line]
