"""A board as flat lines, one a row: what CSV and data frames hold. Accuracies, errors, differences are fractions."""

from collections.abc import Callable

from robench.board import Board, Row

Value = str | int | float | bool | None


def lines(board: Board) -> list[dict[str, Value]]:
    """Return the columns of each row by name, in one order; None where a value does not exist."""
    shared = {name: value(board) for name, value in BOARD.items()}
    return [{**shared, **{name: value(row) for name, value in ROW.items()}} for row in board.rows]


def _of_difference(name: str) -> Callable[[Row], Value]:
    def value(row: Row) -> Value:
        found: Value = getattr(row.difference, name) if row.difference else None
        return found

    return value


BOARD: dict[str, Callable[[Board], Value]] = {
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
ROW: dict[str, Callable[[Row], Value]] = {
    "model": lambda row: row.model_label,
    "method": lambda row: row.label,
    "role": lambda row: row.role and str(row.role),
    "sparsity_fraction": lambda row: row.sparsity,
    "n": lambda row: row.n,
    "n_planned": lambda row: row.planned,
    "preliminary": lambda row: row.preliminary,
    "rank": lambda row: row.rank,
    "rank_low": lambda row: row.rank_range[0],
    "rank_high": lambda row: row.rank_range[1],
    "group": lambda row: row.group,
    "rank_resampled_low": lambda row: row.rank_interval and row.rank_interval[0],
    "rank_resampled_high": lambda row: row.rank_interval and row.rank_interval[1],
    "p_best": lambda row: row.p_best,
    "rank_one_out_low": lambda row: row.leave_one_out and row.leave_one_out[0],
    "rank_one_out_high": lambda row: row.leave_one_out and row.leave_one_out[1],
    "endpoint_mean_fraction": lambda row: row.score.mean,
    "endpoint_sd_fraction": lambda row: row.score.sd,
    "clean_accuracy_mean_fraction": lambda row: row.clean_accuracy.mean,
    "clean_accuracy_sd_fraction": lambda row: row.clean_accuracy.sd,
    "robust_accuracy_mean_fraction": lambda row: row.robust_accuracy.mean,
    "robust_accuracy_sd_fraction": lambda row: row.robust_accuracy.sd,
    "mce_fraction": lambda row: row.mce,
    "relative_mce_fraction": lambda row: row.relative_mce,
    "relative_robustness_fraction": lambda row: row.relative_robustness,
    "compared_with": _of_difference("baseline"),
    "compared_with_sparsity_fraction": _of_difference("baseline_sparsity"),
    "difference_mean_fraction": _of_difference("mean"),
    "difference_low_fraction": _of_difference("low"),
    "difference_high_fraction": _of_difference("high"),
    "p": _of_difference("p"),
    "p_adjusted": _of_difference("p_adjusted"),
    "significant": _of_difference("significant"),
    "p_noninferior": _of_difference("p_noninferior"),
    "p_noninferior_adjusted": _of_difference("p_noninferior_adjusted"),
    "noninferior": _of_difference("noninferior"),
    "p_equivalent": _of_difference("p_equivalent"),
    "p_equivalent_adjusted": _of_difference("p_equivalent_adjusted"),
    "equivalent": _of_difference("equivalent"),
    "detectable_fraction": _of_difference("detectable"),
    "hedges_g": _of_difference("hedges_g"),
    "flops_train_ratio": lambda row: row.flops_train_ratio,
    "flops_inference_ratio": lambda row: row.flops_inference_ratio,
    "parameters": lambda row: row.parameters,
    "nonzero": lambda row: row.nonzero,
    "ids": lambda row: " ".join(row.ids),
}
