"""Columns of a board for people: what each says of a row, in percent and percentage points, as plain text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from robench.board.board import Board, Row, Spread
from robench.board.endpoints import endpoint
from robench.contracts import Metric
from robench.report import names
from robench.text import printable

_NOTHING = "–"
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Column:
    """Name as in `--columns`, title (lines), text of a row, and how soon the column goes where there is no room.

    `goes`: 1 first, 0 never; `instead` is a narrower column that takes its place then. `text` marks words rather than
    numbers, `endpoint` the column that rows are ranked by. `usual`: whether it stands there unasked.
    """

    name: str
    title: str
    cell: Callable[[Row], str]
    goes: int = 0
    text: bool = False
    endpoint: bool = False
    usual: bool = True
    instead: "Column | None" = None


def columns(board: Board, chosen: Sequence[str] | None = None) -> list[Column]:
    """Return the columns of these names, else the usual ones, in order; InputError for a name that is none."""
    every = _every(board)
    if chosen is None:
        return [column for column in every if column.usual]
    found = {column.name: replace(column, goes=0) for column in every}
    return [found[name] for name in names.checked(chosen)]


def _every(board: Board) -> list[Column]:
    """Every column, in order. Those that name the row, the endpoint and the difference always stay."""
    metric, several = endpoint(board.endpoint), len(board.models) > 1
    return [
        Column("rank", "rank", _rank),
        Column("method", "method", lambda row: printable(row.label, _LONGEST_NAME), text=True),
        Column("model", "model", lambda row: printable(row.model_label, _LONGEST_NAME), text=True, usual=several),
        Column("sparsity", "sparse\n%", lambda row: f"{100 * row.sparsity:.10g}"),
        Column("n", "n", _n, goes=12),
        *_accuracies(metric),
        Column(
            "difference",
            f"difference [{100 * board.protocol.interval:g}%]\nin {metric.difference_unit}",
            lambda row: _difference(row, metric.factor),
        ),
        Column("p", "p\nadj.", lambda row: _p(row, board.protocol.test_from), goes=6),
        Column("mde", "MDE", lambda row: _detectable(row, metric.factor), goes=3),
        Column("hedges_g", "Hedges\ng", _hedges, goes=1),
        Column("ranks_resampled", "ranks\nresampled", lambda row: _span(row.rank_interval), goes=2),
        Column("p_best", "P\nbest", lambda row: _NOTHING if row.p_best is None else f"{row.p_best:.2f}", goes=2),
        Column("ranks_one_out", "ranks,\none out", lambda row: _span(row.leave_one_out), goes=1),
        Column("mce", "mCE\n%", lambda row: f"{100 * row.mce:.1f}", goes=10),
        Column("relative_mce", "rel.\nmCE %", lambda row: f"{100 * row.relative_mce:.1f}", usual=False),
        Column("relative_robustness", "rel.\nrob.%", _relative, goes=9),
        Column("flops_train", "FLOPs\ntrain", lambda row: f"{row.flops_train_ratio:.3f}", goes=11),
        Column("flops_inference", "FLOPs\ninfer", lambda row: f"{row.flops_inference_ratio:.3f}", goes=4),
        Column("parameters", "parameters", lambda row: f"{row.parameters}", usual=False),
        Column("nonzero", "nonzero", lambda row: f"{row.nonzero}", usual=False),
        Column("ids", "ids", lambda row: " ".join(row.ids), text=True, usual=False),
    ]


def fitted(shown: Sequence[Column], too_wide: Callable[[Sequence[Column]], bool]) -> list[Column]:
    """Let columns go, soonest first, until they fit; all of one turn together."""
    kept = list(shown)
    while too_wide(kept):
        turn = min((column.goes for column in kept if column.goes), default=0)
        if not turn:
            break
        places = ([column.instead] if column.goes == turn else [column] for column in kept)
        kept = [column for place in places for column in place if column]
    return kept


def gone(board: Board, kept: Iterable[Column]) -> list[str]:
    """Return the names of the usual columns that are not there."""
    there = {column.name for column in kept}
    return [column.name for column in columns(board) if column.name not in there]


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
    """Clean and robust accuracy, one of them marked where rows are ranked by it, and the endpoint."""
    short = Column("clean_accuracy", "clean\nacc. %", lambda row: f"{100 * row.clean_accuracy.mean:.2f}", goes=8)
    always = {
        "clean_accuracy": Column(
            "clean_accuracy", "clean\naccuracy %", _shown(lambda row: row.clean_accuracy, 100), 7, instead=short
        ),
        "robust_accuracy": Column(
            "robust_accuracy", "robust\naccuracy %", _shown(lambda row: row.robust_accuracy, 100), 5
        ),
    }
    unit = "%" if metric.percent else metric.unit
    title = f"{printable(metric.name).replace('_', chr(10))} {unit}"
    own = Column("endpoint", title, _shown(lambda row: row.score, metric.factor), endpoint=True)
    if metric.name in always:
        always[metric.name] = replace(always[metric.name], goes=0, endpoint=True, instead=None)
        own = replace(own, usual=False)
    return [*always.values(), own]


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
