"""Exploration: on which corruptions a row differs from its baseline row. To look at, not to claim."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from robench.board.board import Board, Row
from robench.board.endpoints import errors_of
from robench.runs.result import Result
from robench.schema import Frozen
from robench.stats.per_corruption import LABEL, corruption_grid


class RowPerCorruption(Frozen):
    """A row minus its baseline row: accuracy on each corruption, mean over severities and networks, a fraction.

    p: two-sided Welch over networks, Benjamini-Yekutieli-adjusted over all lines of the grid, None where it could not
    be tested. ahead: corruptions on which the row is more accurate.
    """

    method: str
    sparsity: float
    baseline: str
    differences: tuple[float, ...]
    p: tuple[float | None, ...]
    ahead: int


class PerCorruption(Frozen):
    """The lines of one model of a board; `tests` is the size of the family."""

    label: str = LABEL
    suite: str
    setting: str
    source: str
    model: str
    alpha: float
    corruptions: tuple[str, ...]
    lines: tuple[RowPerCorruption, ...]
    tests: int


def per_corruption(boards: Iterable[Board], results: Iterable[Result]) -> list[PerCorruption]:
    """A grid for each model of each board that has a comparison; `results` are those that the boards were built from.

    Accuracy is compared, whatever the endpoint of the board.
    """
    known = {result.id: result for result in results}
    found = [_grid(board, model, known) for board in boards for model in board.models]
    return [grid for grid in found if grid.lines]


def _grid(board: Board, model: str, known: dict[str, Result]) -> PerCorruption:
    rows = [(row, board.control(row)) for row in board.rows if row.model_label == model]
    compared = [(row, control) for row, control in rows if control]
    pairs = [(_accuracies(row, known), _accuracies(control, known)) for row, control in compared]
    found = corruption_grid(pairs)
    return PerCorruption(
        suite=board.suite,
        setting=board.setting,
        source=board.source,
        model=model,
        alpha=board.alpha,
        corruptions=board.corruptions,
        lines=tuple(
            RowPerCorruption(
                method=row.label,
                sparsity=row.sparsity,
                baseline=control.label,
                differences=tuple(gap.tolist()),
                p=tuple(None if np.isnan(value) else float(value) for value in values),
                ahead=int(np.count_nonzero(gap > 0)),
            )
            for (row, control), gap, values in zip(compared, found.difference, found.p, strict=True)
        ),
        tests=int(np.count_nonzero(~np.isnan(found.p))),
    )


def _accuracies(row: Row, known: dict[str, Result]) -> npt.NDArray[np.float64]:
    """Accuracy by network and corruption, mean over severities, float (networks, corruptions)."""
    accuracies: npt.NDArray[np.float64] = 1 - errors_of(known[run_id] for run_id in row.ids).mean(axis=2)
    return accuracies
