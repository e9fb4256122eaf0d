"""A board as CSV: one line a row, accuracies, errors and differences as fractions."""

import csv
import io
from collections.abc import Callable

from robench.board import Board, Row

Value = str | int | float | None


def _of_difference(name: str) -> Callable[[Row], Value]:
    def value(row: Row) -> Value:
        found: Value = getattr(row.difference, name) if row.difference else None
        return found

    return value


_BOARD: dict[str, Callable[[Board], Value]] = {
    "suite": lambda board: board.suite,
    "setting": lambda board: board.setting,
    "source": lambda board: board.source,
    "epochs": lambda board: board.epochs,
    "train_limit": lambda board: board.train_limit,
    "test_limit": lambda board: board.test_limit,
    "endpoint": lambda board: board.endpoint,
    "baseline": lambda board: board.baseline,
    "mce_name": lambda board: board.mce_name,
}
_ROW: dict[str, Callable[[Row], Value]] = {
    "model": lambda row: row.model_label,
    "method": lambda row: row.label,
    "sparsity_fraction": lambda row: row.sparsity,
    "n": lambda row: row.n,
    "n_planned": lambda row: row.planned,
    "preliminary": lambda row: str(row.preliminary).lower(),
    "rank": lambda row: row.rank,
    "rank_low": lambda row: row.rank_interval[0],
    "rank_high": lambda row: row.rank_interval[1],
    "group": lambda row: row.group,
    "clean_accuracy_mean_fraction": lambda row: row.clean_accuracy.mean,
    "clean_accuracy_sd_fraction": lambda row: row.clean_accuracy.sd,
    "robust_accuracy_mean_fraction": lambda row: row.robust_accuracy.mean,
    "robust_accuracy_sd_fraction": lambda row: row.robust_accuracy.sd,
    "mce_fraction": lambda row: row.mce,
    "relative_mce_fraction": lambda row: row.relative_mce,
    "relative_robustness_fraction": lambda row: row.relative_robustness,
    "compared_with": _of_difference("baseline"),
    "difference_mean_fraction": _of_difference("mean"),
    "difference_low_fraction": _of_difference("low"),
    "difference_high_fraction": _of_difference("high"),
    "p": _of_difference("p"),
    "p_adjusted": _of_difference("p_adjusted"),
    "detectable_fraction": _of_difference("detectable"),
    "flops_train_ratio": lambda row: row.flops_train_ratio,
    "flops_inference_ratio": lambda row: row.flops_inference_ratio,
    "parameters": lambda row: row.parameters,
    "nonzero": lambda row: row.nonzero,
    "ids": lambda row: " ".join(row.ids),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def render(board: Board) -> str:
    """Return a header and a line for each row; empty where a value does not exist.

    Text that a spreadsheet would take for a formula is given a leading apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_BOARD, *_ROW])
    shared = [_safe(value(board)) for value in _BOARD.values()]
    writer.writerows([*shared, *(_safe(value(row)) for value in _ROW.values())] for row in board.rows)
    return out.getvalue().removesuffix("\n")


def _safe(value: Value) -> Value:
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value
