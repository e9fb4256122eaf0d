"""Columns of a board for people: what each says of a row, in percent and percentage points, as plain text."""

from collections.abc import Callable
from dataclasses import dataclass

from robench.board.board import Board, Row, Spread
from robench.board.endpoints import endpoint
from robench.contracts import Metric
from robench.text import printable

_NOTHING = "–"


@dataclass(frozen=True)
class Column:
    """Title (lines), text of a row, and how soon the column goes where there is no room: 1 first, 0 never.

    `text` marks words rather than numbers, `endpoint` the column that rows are ranked by.
    """

    title: str
    cell: Callable[[Row], str]
    goes: int = 0
    text: bool = False
    endpoint: bool = False


def columns(board: Board) -> list[Column]:
    """Every column, in order. Those that name the row, the endpoint and the difference always stay."""
    several, metric = len(board.models) > 1, endpoint(board.endpoint)
    chosen = [
        Column("rank", _rank),
        Column("method", lambda row: printable(row.label), text=True),
        *([Column("model", lambda row: printable(row.model_label), text=True)] if several else []),
        Column("sparse\n%", lambda row: f"{100 * row.sparsity:g}"),
        Column("n", _n, goes=8),
        *_accuracies(metric),
        Column(
            f"difference [{100 * board.protocol.interval:g}%]\nin {metric.difference_unit}",
            lambda row: _difference(row, metric.factor),
        ),
        Column("p\nadj.", lambda row: _p(row, board.protocol.test_from), goes=10),
        Column("MDE", lambda row: _detectable(row, metric.factor), goes=6),
        Column("Hedges\ng", _hedges, goes=1),
        Column("ranks\nresampled", lambda row: _span(row.rank_interval), goes=2),
        Column("P\nbest", lambda row: _NOTHING if row.p_best is None else f"{row.p_best:.2f}", goes=2),
        Column("ranks,\none out", lambda row: _span(row.leave_one_out), goes=1),
        Column("mCE\n%", lambda row: f"{100 * row.mce:.1f}", goes=3),
        Column("relative\nrobustn. %", _relative, goes=3),
        Column("FLOPs\ntrain", lambda row: f"{row.flops_train_ratio:.3f}", goes=5),
        Column("FLOPs\ninfer", lambda row: f"{row.flops_inference_ratio:.3f}", goes=4),
    ]
    return chosen


def estimate(mean: float, low: float | None, high: float | None, factor: int) -> str:
    """A difference with its interval where there is one, each times `factor`: 100 makes points of fractions."""
    interval = "" if low is None or high is None else f" [{factor * low:+.2f}, {factor * high:+.2f}]"
    return f"{factor * mean:+.2f}{interval}"


def probability(p: float) -> str:
    """Three digits, or that it is smaller."""
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def title(board: Board) -> str:
    """Name the board in one line."""
    model = f" · {printable(board.models[0])}" if len(board.models) == 1 else ""
    epochs = f"{board.epochs} epoch{'s' * (board.epochs != 1)}"
    return f"{printable(board.suite)}{model} · {epochs} · corruptions {board.source} · setting {board.setting}"


def _accuracies(metric: Metric) -> list[Column]:
    """Clean and robust accuracy, one of them marked where rows are ranked by it, else the endpoint beside them."""
    always: dict[str, tuple[int, Callable[[Row], Spread]]] = {
        "clean_accuracy": (7, lambda row: row.clean_accuracy),
        "robust_accuracy": (9, lambda row: row.robust_accuracy),
    }
    found = [
        Column(
            f"{name.replace('_', chr(10))} %",
            _shown(value, 100),
            0 if name == metric.name else goes,
            False,
            name == metric.name,
        )
        for name, (goes, value) in always.items()
    ]
    if metric.name in always:
        return found
    unit = "%" if metric.percent else metric.unit
    own = Column(
        f"{printable(metric.name).replace('_', chr(10))} {unit}",
        _shown(lambda row: row.score, metric.factor),
        endpoint=True,
    )
    return [*found, own]


def _shown(value: Callable[[Row], Spread], factor: int) -> Callable[[Row], str]:
    return lambda row: _spread(value(row), factor)


def _rank(row: Row) -> str:
    return f"{_span(row.rank_range)} {row.group}"


def _span(ranks: tuple[int, int] | None) -> str:
    if ranks is None:
        return _NOTHING
    low, high = ranks
    return f"{low}" if low == high else f"{low}–{high}"


def _n(row: Row) -> str:
    planned = f"/{row.planned}" if row.planned > row.n else ""
    return f"{row.n}{planned}{'†' * row.preliminary}"


def _spread(value: Spread, factor: int) -> str:
    return f"{factor * value.mean:.2f}" + ("" if value.sd is None else f"±{factor * value.sd:.2f}")


def _difference(row: Row, factor: int) -> str:
    if row.difference is None:
        return _NOTHING
    d = row.difference
    return f"{estimate(d.mean, d.low, d.high, factor)}{'*' if d.significant else ' '}{'≥' if d.noninferior else ' '}"


def _p(row: Row, least: int) -> str:
    if row.difference is None or (row.difference.p_adjusted is None and row.difference.low is None and row.n >= least):
        return _NOTHING
    p = row.difference.p_adjusted
    if p is None:
        return f"n<{least}"
    return probability(p)


def _detectable(row: Row, factor: int) -> str:
    if row.difference is None or row.difference.detectable is None:
        return _NOTHING
    return f"{factor * row.difference.detectable:.2f}"


def _hedges(row: Row) -> str:
    if row.difference is None or row.difference.hedges_g is None:
        return _NOTHING
    return f"{row.difference.hedges_g:+.1f}"


def _relative(row: Row) -> str:
    return _NOTHING if row.relative_robustness is None else f"{100 * row.relative_robustness:.1f}"
