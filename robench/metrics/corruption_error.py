"""Corruption error (CE) and its mean (mCE), plain and against a declared table of a reference network.

Errors are fractions. `errors` is float (cells,), `cells` names the (corruption, severity) of each, in the same order.
A reference table maps a corruption to the reference network's error at severity 1, 2, ..., or to one number, its mean
over severities 1 to 5, and "clean" to its clean error; the sums of CE run over exactly the severities that are
present. Source: arXiv:1903.12261.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from robench.contracts.suite import Table
from robench.errors import InputError

Floats = npt.NDArray[np.float64]
Cells = Sequence[tuple[str, int]]

CLEAN = "clean"
_ALL = {1, 2, 3, 4, 5}


def reference_errors(cells: Cells, table: Table) -> Floats:
    """Return the errors of the reference network on `cells`; a plan can call it before anything is trained.

    Args:
        cells: (corruption, severity) of each cell.
        table: Errors of the reference network, its clean error among them.

    Returns:
        Float (cells,), fractions; where only a mean over severities is known it stands for each: the sums are the same.

    Raises:
        InputError: The table lacks a corruption, a severity or the clean error, or knows of a corruption only the mean
            over severities 1 to 5 and not all five are asked for.

    Example:
        >>> reference_errors([("fog", 2), ("fog", 1)], {"clean": 0.4, "fog": (0.5, 0.7)}).tolist()
        [0.7, 0.5]
    """
    if not table.get(CLEAN):
        raise InputError("baseline_errors: no clean error of the reference network")
    absent = [f"{name} {severity}" for name, severity in cells if not _known(table.get(name, ()), severity)]
    if absent:
        raise InputError(f"baseline_errors: no error of the reference network for {', '.join(absent)}")
    asked = {name: {severity for other, severity in cells if other == name} for name, _ in cells}
    partial = [name for name, severities in asked.items() if isinstance(table[name], float) and severities != _ALL]
    if partial:
        raise InputError(
            f"baseline_errors: of the reference network only the mean over severities 1 to 5 is known for "
            f"{', '.join(partial)}; ask for all five severities"
        )
    return np.array([_error(table[name], severity) for name, severity in cells], dtype=np.float64)


def _known(errors: tuple[float, ...] | float, severity: int) -> bool:
    return severity in _ALL if isinstance(errors, float) else 1 <= severity <= len(errors)


def _error(errors: tuple[float, ...] | float, severity: int) -> float:
    """Return the error at a severity; the mean stands for each where only it is known: the sum over all is the same."""
    return errors if isinstance(errors, float) else errors[severity - 1]


def covering(cells: Cells, table: Table | None) -> Table | None:
    """Return the table where it has any of the corruptions, else None: what it has none of cannot be normalised.

    Example:
        >>> covering([("rain", 1)], {"clean": 0.4, "fog": (0.5, 0.7)}) is None
        True
    """
    return None if table is None or not any(name in table for name, _ in cells) else table


def covered(cells: Cells, table: Table | None) -> list[int]:
    """Return the places of the cells that CE is taken over: those of corruptions in the table, all without one.

    The published mCE leaves the extra corruptions out, which its table does not have. Where the table has none of
    them these are all cells, and `reference_errors` names what is absent.

    Example:
        >>> covered([("spatter", 1), ("fog", 1)], {"clean": 0.4, "fog": (0.5, 0.7)})
        [1]
    """
    places = [place for place, (name, _) in enumerate(cells) if table is None or name in table]
    return places or list(range(len(cells)))


def by_corruption(values: npt.ArrayLike, cells: Cells) -> dict[str, Floats]:
    """Split float (cells,) into one array (severities,) for each corruption, in order of first appearance.

    Raises:
        InputError: There is no cell, not one value for each, or a cell occurs twice.

    Example:
        >>> parts = by_corruption([0.1, 0.3, 0.2], [("fog", 1), ("snow", 1), ("fog", 2)])
        >>> {name: values.tolist() for name, values in parts.items()}
        {'fog': [0.1, 0.2], 'snow': [0.3]}
    """
    column = np.asarray(values, dtype=np.float64)
    if column.shape != (len(cells),) or not cells:
        raise InputError(f"cells: {len(cells)} names for values of shape {column.shape}")
    if len(set(cells)) != len(cells):
        raise InputError("cells: a corruption and severity occurs twice")
    places: dict[str, list[int]] = {}
    for place, (name, _) in enumerate(cells):
        places.setdefault(name, []).append(place)
    return {name: column[indices] for name, indices in places.items()}


def corruption_errors(errors: npt.ArrayLike, cells: Cells, table: Table | None = None) -> dict[str, float]:
    """CE of each corruption: sum of errors over sum of the reference's errors; without a table the mean error.

    It is a ratio of sums over severities, not a mean of ratios (arXiv:1903.12261).

    Args:
        errors: Float (cells,), fractions.
        cells: (corruption, severity) of each.
        table: Errors of the reference network.

    Returns:
        Corruption -> CE; with a table 1.0 is as good as the reference.

    Raises:
        InputError: As `by_corruption` and `reference_errors`, or the reference network makes no error.

    Example:
        0.6 / 0.9, where the mean of ratios is 0.65:

        >>> cells = [("fog", 1), ("fog", 2)]
        >>> round(corruption_errors([0.2, 0.4], cells, {"clean": 0.1, "fog": (0.4, 0.5)})["fog"], 4)
        0.6667
    """
    own = by_corruption(errors, cells)
    if table is None:
        return {name: float(values.mean()) for name, values in own.items()}
    return _ratios(own, by_corruption(reference_errors(cells, table), cells))


def relative_corruption_errors(
    errors: npt.ArrayLike, clean_error: float, cells: Cells, table: Table | None = None
) -> dict[str, float]:
    """Relative CE: as CE, of the rise above the clean error instead of the error; negative where errors fall.

    Args:
        errors: Float (cells,), fractions.
        clean_error: Error on the uncorrupted test images, a fraction.
        cells: (corruption, severity) of each.
        table: Errors of the reference network; without one the result is the mean rise.

    Returns:
        Corruption -> relative CE.

    Raises:
        InputError: As `corruption_errors`; also where the reference network loses nothing on a corruption.

    Example:
        A rise of 0.1 + 0.3, the reference's is 0.2 + 0.4:

        >>> cells = [("fog", 1), ("fog", 2)]
        >>> round(relative_corruption_errors([0.3, 0.5], 0.2, cells, {"clean": 0.4, "fog": (0.6, 0.8)})["fog"], 4)
        0.6667
    """
    own = by_corruption(np.asarray(errors, dtype=np.float64) - clean_error, cells)
    if table is None:
        return {name: float(values.mean()) for name, values in own.items()}
    return _ratios(own, by_corruption(reference_errors(cells, table) - _error(table[CLEAN], 1), cells))


def mean_corruption_error(errors: npt.ArrayLike, cells: Cells, table: Table | None = None) -> float:
    """mCE: mean of CE over corruptions, each corruption with equal weight; arguments as in `corruption_errors`.

    Example:
        ResNet-50 against AlexNet: the published CE are 79.77 and 71.43 %.

        >>> table = {"clean": 0.4348, "gaussian_noise": 0.886428, "contrast": 0.853204}
        >>> cells = [(name, severity) for name in ("gaussian_noise", "contrast") for severity in range(1, 6)]
        >>> round(mean_corruption_error([0.7071] * 5 + [0.6094] * 5, cells, table), 4)
        0.756
    """
    return float(np.mean(list(corruption_errors(errors, cells, table).values())))


def relative_mean_corruption_error(
    errors: npt.ArrayLike, clean_error: float, cells: Cells, table: Table | None = None
) -> float:
    """Relative mCE: mean of relative CE over corruptions; arguments as in `relative_corruption_errors`.

    Example:
        The reference network itself:

        >>> cells, table = [("fog", 1), ("fog", 2)], {"clean": 0.4, "fog": (0.5, 0.7)}
        >>> relative_mean_corruption_error([0.5, 0.7], 0.4, cells, table)
        1.0
    """
    return float(np.mean(list(relative_corruption_errors(errors, clean_error, cells, table).values())))


def _ratios(own: dict[str, Floats], reference: dict[str, Floats]) -> dict[str, float]:
    sums = {name: float(values.sum()) for name, values in reference.items()}
    flat = [name for name, total in sums.items() if total <= 0]
    if flat:
        raise InputError(f"baseline_errors: the reference network loses nothing on {', '.join(flat)}")
    return {name: float(values.sum()) / sums[name] for name, values in own.items()}
