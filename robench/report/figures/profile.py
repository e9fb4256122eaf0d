"""Where the robustness of a row lies: over severities, and over corruptions beside the baseline."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import FillStyleType
from numpy.typing import NDArray

from robench.board.board import Board, Row
from robench.report.figures import style

_FILLINGS: tuple[FillStyleType, ...] = ("full", "none", "left", "bottom", "right", "top")


def severity_curves(board: Board) -> Figure:
    """Accuracy at each severity, mean over corruptions and networks, and below it minus that of the baseline row.

    One column a model; severity 0 is clean. Rows that are compared with no baseline are in the upper panel only.
    """
    models = board.models
    figure, panels = style.new(len(models), 2, height=2.2)
    looks = style.looks([row.label for row in board.rows], board.baseline)
    for column, model in enumerate(models):
        upper, lower = panels[column], panels[len(models) + column]
        rows = [row for row in board.rows if row.model_label == model]
        for row in sorted(rows, key=lambda row: (row.label, row.sparsity)):
            curve, control, look = _curve(row, board.severities), board.control(row), looks[row.label]
            fill = _fill(row, rows)
            _plot(upper, curve, row, look, fill)
            if control is not None:
                _plot(lower, curve - _curve(control, board.severities), row, look, fill)
        for axes in (upper, lower):
            axes.set_xticks(range(len(board.severities) + 1), ["clean", *map(str, board.severities)])
        upper.set(title=style.name(model), ylabel="accuracy [%]")
        lower.set(xlabel="severity", ylabel=f"minus {style.name(board.baseline)} [points]")
        lower.axhline(0, color="black", linewidth=0.8)
    style.caption(figure, board, "mean over corruptions and networks; number: sparsity [%], told by the filling")
    style.share_legend(figure)
    return figure


def heat_map(board: Board, frequency: Mapping[str, float]) -> Figure:
    """One panel a model: accuracy of each row minus that of its baseline row, by corruption, in points.

    Corruptions stand by rising `frequency` (mean spatial frequency of the change, cycles a pixel); those without one
    stand last. Rows that are compared with no baseline are left out.
    """
    order = sorted(board.corruptions, key=lambda name: (name not in frequency, frequency.get(name, 0.0), name))
    panels = {model: _gains(board, model, order) for model in board.models}
    most = max((len(gains) for gains in panels.values()), default=1)
    wide = max(6.4, 1.8 + 0.33 * len(order))
    figure, axes = style.new(1, len(panels), width=wide, height=1.9 + 0.24 * most)
    for panel, (model, gains) in zip(axes, panels.items(), strict=True):
        _draw(panel, gains, [_named(name, frequency) for name in order])
        panel.set_title(style.name(model))
    axes[-1].set_xlabel("corruption and mean spatial frequency of its change [cycles a pixel], low to high")
    gain = f"accuracy minus that of {style.name(board.baseline)} [points], mean over severities and networks"
    style.caption(figure, board, f"{gain}; orange better, violet worse, not tested")
    return figure


def _curve(row: Row, severities: Sequence[int]) -> NDArray[np.float64]:
    """Return accuracies in percent, clean first."""
    errors = [np.mean([cell.mean for cell in row.cells if cell.severity == severity]) for severity in severities]
    return 100 * np.array([row.clean_accuracy.mean, *(1 - np.array(errors))])


def _fill(row: Row, rows: Sequence[Row]) -> FillStyleType:
    """Return how the marks of a row are filled: each sparsity of a method in another way."""
    shares = sorted({other.sparsity for other in rows if other.label == row.label})
    return _FILLINGS[shares.index(row.sparsity) % len(_FILLINGS)]


def _plot(axes: Axes, curve: NDArray[np.float64], row: Row, look: style.Look, fill: FillStyleType) -> None:
    sparsity = f" {100 * row.sparsity:g}" if row.sparsity else ""
    axes.plot(
        curve,
        color=look.color,
        marker=look.marker,
        fillstyle=fill,
        markerfacecoloralt="white",
        linestyle=look.linestyle,
        linewidth=1,
        label=f"{style.name(row.label)}{sparsity}",
    )


def _gains(board: Board, model: str, order: Sequence[str]) -> dict[str, list[float]]:
    rows = [row for row in board.rows if row.model_label == model]
    gains = {}
    for row in sorted(rows, key=lambda row: (row.label, row.sparsity)):
        control = board.control(row)
        if control is not None:
            errors, others = _by_corruption(row), _by_corruption(control)
            gains[f"{row.label} {100 * row.sparsity:g}%"] = [100 * (others[name] - errors[name]) for name in order]
    return gains


def _by_corruption(row: Row) -> dict[str, float]:
    errors: dict[str, list[float]] = {}
    for cell in row.cells:
        errors.setdefault(cell.corruption, []).append(cell.mean)
    return {name: float(np.mean(values)) for name, values in errors.items()}


def _named(corruption: str, frequency: Mapping[str, float]) -> str:
    known = f" {frequency[corruption]:.2f}" if corruption in frequency else " (unknown)"
    return style.name(corruption) + known


def _draw(axes: Axes, gains: Mapping[str, Sequence[float]], names: Sequence[str]) -> None:
    if not gains:
        axes.text(0.5, 0.5, "no row is compared with a baseline", ha="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    values = np.array(list(gains.values()))
    bound = max(float(np.abs(values).max()), 1e-9)
    axes.imshow(values, cmap="PuOr_r", vmin=-bound, vmax=bound, aspect="auto")
    for (y, x), value in np.ndenumerate(values):
        dark = abs(value) > 0.65 * bound
        axes.text(
            x,
            y,
            f"{round(value, 1) + 0.0:+.1f}",
            ha="center",
            va="center",
            fontsize=5.5,
            color="white" if dark else "black",
        )
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(gains)), [style.name(label, 32) for label in gains])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
