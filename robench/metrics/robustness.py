"""Accuracy and robustness of one trained network, from one correctness bit for each image.

- clean accuracy: share of the uncorrupted test images classified correctly (top 1);
- error of a cell: share of the images wrong under one corruption at one severity;
- robust accuracy: mean over corruptions of the mean over severities of 1 - error;
- mCE, relative mCE: `robench.metrics.corruption_error`, over the corruptions that the reference table has;
- relative robustness: robust accuracy / clean accuracy.

All are fractions; mCE and relative mCE are ratios to the reference network where the suite declares one.
"""

import numpy as np
import numpy.typing as npt

from robench.contracts.suite import Table
from robench.errors import InputError
from robench.metrics.corruption_error import (
    Cells,
    Floats,
    by_corruption,
    covered,
    covering,
    mean_corruption_error,
    relative_mean_corruption_error,
)
from robench.runs.record import Cell, Metrics, mce_name

__all__ = ["accuracy", "cell_errors", "mce_name", "relative_robustness", "robust_accuracy", "summarize"]

Bits = npt.NDArray[np.bool_]


def accuracy(correct: Bits) -> float:
    """Share of True in bool (images,).

    Raises:
        InputError: Another type or shape, or no image.

    Example:
        >>> accuracy(np.array([True, True, True, False]))
        0.75
    """
    if correct.dtype != np.bool_ or correct.ndim != 1 or not correct.size:
        raise InputError(f"correct: want bool (images,), got {correct.dtype} {correct.shape}")
    return float(np.count_nonzero(correct) / correct.size)


def cell_errors(correct: Bits) -> Floats:
    """Error of each cell, float (cells,), from bool (cells, images).

    Raises:
        InputError: Another type or shape, or nothing in it.

    Example:
        >>> cell_errors(np.array([[True, True, True, False], [True, False, False, False]])).tolist()
        [0.25, 0.75]
    """
    if correct.dtype != np.bool_ or correct.ndim != 2 or not correct.size:
        raise InputError(f"correct: want bool (cells, images), got {correct.dtype} {correct.shape}")
    wrong = correct.shape[1] - np.count_nonzero(correct, axis=1)
    return np.asarray(wrong / correct.shape[1], dtype=np.float64)


def robust_accuracy(errors: npt.ArrayLike, cells: Cells) -> float:
    """Mean over corruptions of the mean over severities of 1 - error; errors float (cells,).

    Raises:
        InputError: As `by_corruption`.

    Example:
        Corruptions weigh the same, whatever the number of their severities: the mean of 0.75 and 0.25.

        >>> robust_accuracy([0.125, 0.375, 0.75], [("fog", 1), ("fog", 2), ("snow", 1)])
        0.5
    """
    means = [1.0 - float(values.mean()) for values in by_corruption(errors, cells).values()]
    return float(np.mean(means))


def relative_robustness(robust: float, clean: float) -> float | None:
    """Robust accuracy as a share of clean accuracy; None where clean accuracy is 0. It can exceed 1.

    Example:
        >>> relative_robustness(0.375, 0.75)
        0.5
    """
    return robust / clean if clean > 0 else None


def summarize(clean: Bits, correct: Bits, cells: Cells, baseline_errors: Table | None) -> Metrics:
    """Every metric of one network.

    Args:
        clean: Correctness on the uncorrupted test images, bool (images,).
        correct: Correctness on the same images in each cell, bool (cells, images).
        cells: (corruption, severity) of each row of `correct`.
        baseline_errors: Errors of the suite's reference network, None where it declares none. Where they have none of
            the corruptions mCE is not normalised.

    Raises:
        InputError: Other shapes, repeated cells or gaps in the reference table.

    Example:
        Three of four images are right, under fog two at severity 1 and one at severity 2:

        >>> clean = np.array([True, True, True, False])
        >>> correct = np.array([[True, True, False, False], [True, False, False, False]])
        >>> found = summarize(clean, correct, [("fog", 1), ("fog", 2)], None)
        >>> found.clean_accuracy, found.robust_accuracy, found.relative_robustness, found.mce, found.relative_mce
        (0.75, 0.375, 0.5, 0.625, 0.375)
    """
    if correct.shape != (len(cells), clean.size):
        raise InputError(f"correct: want ({len(cells)}, {clean.size}), got {correct.shape}")
    errors, clean_accuracy = cell_errors(correct), accuracy(clean)
    robust = robust_accuracy(errors, cells)
    table = covering(cells, baseline_errors)
    places = covered(cells, table)
    judged, judged_cells = errors[places], [cells[place] for place in places]
    return Metrics(
        clean_accuracy=clean_accuracy,
        robust_accuracy=robust,
        mce=mean_corruption_error(judged, judged_cells, table),
        relative_mce=relative_mean_corruption_error(judged, 1.0 - clean_accuracy, judged_cells, table),
        relative_robustness=relative_robustness(robust, clean_accuracy),
        cells=tuple(
            Cell(corruption=name, severity=severity, error=float(error))
            for (name, severity), error in zip(cells, errors, strict=True)
        ),
    )
