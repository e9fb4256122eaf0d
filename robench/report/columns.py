"""Columns of a board for people: what each says of a row, in percent and percentage points, as plain text."""

from collections.abc import Callable
from dataclasses import dataclass

from robench.board import Board, Row, Spread

_LONGEST_NAME = 60
_NOTHING = "–"


@dataclass(frozen=True)
class Column:
    """Title (lines), text of a row, and how soon the column goes where there is no room: 1 first, 0 never."""

    title: str
    cell: Callable[[Row], str]
    goes: int = 0
    text: bool = False


def columns(board: Board) -> list[Column]:
    """Every column, in order. Those that name the row, the endpoint and the difference always stay."""
    several, plain = len(board.models) > 1, board.endpoint in ("clean_accuracy", "robust_accuracy")
    chosen = [
        Column("rank", _rank),
        Column("method", lambda row: printable(row.label), text=True),
        *([Column("model", lambda row: printable(row.model_label), text=True)] if several else []),
        Column("sparse\n%", lambda row: f"{100 * row.sparsity:g}"),
        Column("n", _n, goes=6),
        Column("clean\naccuracy %", lambda row: _spread(row.clean_accuracy), goes=0 if _is(board, "clean") else 5),
        Column("robust\naccuracy %", lambda row: _spread(row.robust_accuracy), goes=0 if _is(board, "robust") else 7),
        *([] if plain else [Column(board.endpoint.replace("_", "\n") + " %", lambda row: _spread(row.score))]),
        Column(f"difference [{100 * board.protocol.interval:g}%]\nin points", _difference),
        Column("p\nadj.", lambda row: _p(row, board.protocol.test_from), goes=8),
        Column("MDE\npoints", _detectable, goes=3),
        Column("mCE\n%", lambda row: f"{100 * row.mce:.1f}", goes=1),
        Column("relative\nrobustn. %", _relative, goes=1),
        Column("FLOPs\ntrain", lambda row: f"{row.flops_train_ratio:.3f}", goes=4),
        Column("FLOPs\ninfer", lambda row: f"{row.flops_inference_ratio:.3f}", goes=2),
    ]
    return chosen


def printable(text: str, longest: int = _LONGEST_NAME) -> str:
    """One line without control, format or other invisible characters (shown as escapes), cut at `longest`."""
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text[: longest + 1]
    )
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def title(board: Board) -> str:
    """Name the board in one line."""
    model = f" · {printable(board.models[0])}" if len(board.models) == 1 else ""
    epochs = f"{board.epochs} epoch{'s' * (board.epochs != 1)}"
    return f"{printable(board.suite)}{model} · {epochs} · corruptions {board.source} · setting {board.setting}"


def _is(board: Board, start: str) -> bool:
    return board.endpoint == f"{start}_accuracy"


def _rank(row: Row) -> str:
    low, high = row.rank_interval
    return f"{low if low == high else f'{low}–{high}'} {row.group}"


def _n(row: Row) -> str:
    planned = f"/{row.planned}" if row.planned > row.n else ""
    return f"{row.n}{planned}{'†' * row.preliminary}"


def _spread(value: Spread) -> str:
    return f"{100 * value.mean:.2f}" + ("" if value.sd is None else f"±{100 * value.sd:.2f}")


def _difference(row: Row) -> str:
    if row.difference is None:
        return _NOTHING
    d = row.difference
    interval = "" if d.low is None or d.high is None else f" [{100 * d.low:+.2f}, {100 * d.high:+.2f}]"
    return f"{100 * d.mean:+.2f}{interval}{'*' if d.significant else ' '}"


def _p(row: Row, least: int) -> str:
    if row.difference is None or (row.difference.p_adjusted is None and row.difference.low is None and row.n >= least):
        return _NOTHING
    p = row.difference.p_adjusted
    if p is None:
        return f"n<{least}"
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def _detectable(row: Row) -> str:
    if row.difference is None or row.difference.detectable is None:
        return _NOTHING
    return f"{100 * row.difference.detectable:.2f}"


def _relative(row: Row) -> str:
    return _NOTHING if row.relative_robustness is None else f"{100 * row.relative_robustness:.1f}"
