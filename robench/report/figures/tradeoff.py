"""Robust accuracy against sparsity, and against what training cost."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from robench.board.board import Board, Row
from robench.report.figures import style


def against_sparsity(board: Board) -> Figure:
    """One panel a model: mean robust accuracy with its 1 - alpha interval; the baseline as a band."""
    figure, panels = style.new(len(board.models))
    looks = style.looks([row.label for row in board.rows], board.baseline)
    for axes, model in zip(panels, board.models, strict=True):
        rows = [row for row in board.rows if row.model_label == model]
        groups = style.by_method(rows)
        for label, group in groups.items():
            if _is_level(group):
                _band(axes, group[0], board.alpha, looks[label])
        lines = {label: group for label, group in groups.items() if not _is_level(group)}
        shares = sorted({100 * row.sparsity for group in lines.values() for row in group})
        step = 0.02 * ((shares[-1] - shares[0]) or 10) if shares else 0
        for place, (label, group) in enumerate(lines.items()):
            _line(axes, group, board.alpha, looks[label], shift=step * (place - (len(lines) - 1) / 2))
        axes.set_xticks(shares)
        axes.set(title=style.name(model), xlabel="sparsity [% of masked weights]", ylabel="robust accuracy [%]")
    style.caption(figure, board, f"{style.intervals(board)}, moved sideways to be seen")
    style.share_legend(figure)
    return figure


def against_flops(board: Board) -> Figure:
    """One panel a model: robust accuracy against training FLOPs, one mark a row, and the Pareto front of the means."""
    figure, panels = style.new(len(board.models))
    looks = style.looks([row.label for row in board.rows], board.baseline)
    for axes, model in zip(panels, board.models, strict=True):
        rows = [row for row in board.rows if row.model_label == model]
        _front(axes, [(row.flops_train_ratio, 100 * row.robust_accuracy.mean) for row in rows])
        for label, group in style.by_method(rows).items():
            _marks(axes, group, board.alpha, looks[label])
        axes.set(
            title=style.name(model),
            xlabel="training FLOPs [ratio to dense training]",
            ylabel="robust accuracy [%]",
        )
    style.caption(figure, board, f"{style.intervals(board)}; Pareto front of the means; number: sparsity [%]")
    style.share_legend(figure)
    return figure


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the places of points (cost, value) that no other point beats in one and reaches in the other."""
    return [
        i
        for i, (cost, value) in enumerate(points)
        if not any(c <= cost and v >= value and (c, v) != (cost, value) for c, v in points)
    ]


def _front(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    """Draw the front as steps up to the dearest point."""
    corners = sorted(points[i] for i in pareto_front(points))
    end = (max(cost for cost, _ in points), corners[-1][1])
    costs, values = zip(*corners, end, strict=True)
    axes.step(costs, values, where="post", color="0.7", linewidth=1, zorder=0, label="Pareto front")


def _is_level(group: Sequence[Row]) -> bool:
    return len(group) == 1 and group[0].sparsity == 0


def _band(axes: Axes, row: Row, alpha: float, look: style.Look) -> None:
    mean, half = row.robust_accuracy.mean, style.half_interval(row.robust_accuracy, row.n, alpha)
    axes.axhspan(100 * (mean - half), 100 * (mean + half), color=look.color, alpha=0.12, linewidth=0)
    axes.axhline(100 * mean, color=look.color, linewidth=1, label=style.name(row.label))


def _line(axes: Axes, group: Sequence[Row], alpha: float, look: style.Look, shift: float) -> None:
    """Points stand `shift` percent from their sparsity, or intervals of different methods would hide each other."""
    axes.errorbar(
        [100 * row.sparsity + shift for row in group],
        [100 * row.robust_accuracy.mean for row in group],
        [100 * style.half_interval(row.robust_accuracy, row.n, alpha) for row in group],
        color=look.color,
        marker=look.marker,
        linestyle=look.linestyle,
        linewidth=1,
        capsize=2,
        label=style.name(group[0].label),
    )


def _marks(axes: Axes, group: Sequence[Row], alpha: float, look: style.Look) -> None:
    axes.errorbar(
        [row.flops_train_ratio for row in group],
        [100 * row.robust_accuracy.mean for row in group],
        [100 * style.half_interval(row.robust_accuracy, row.n, alpha) for row in group],
        color=look.color,
        marker=look.marker,
        linestyle="none",
        elinewidth=0.8,
        capsize=2,
        label=style.name(group[0].label),
    )
    for row in group:
        if row.sparsity:
            axes.annotate(
                f"{100 * row.sparsity:g}",
                (row.flops_train_ratio, 100 * row.robust_accuracy.mean),
                xytext=(4, 3),
                textcoords="offset points",
                fontsize=6,
                color=look.color,
            )
