"""How often the tests of a board err: simulated on boards of equal methods that scatter as the real networks do.

Model (`robench.stats.variance_components`): normal, every row of one law; the boards pass through the very functions
that a real board passes through.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from robench.errors import InputError
from robench.stats.effect import detectable_difference
from robench.stats.equivalence import noninferiority
from robench.stats.multiplicity import holm
from robench.stats.ranking import standings
from robench.stats.variance_components import Components
from robench.stats.welch import TEST_FROM, Floats, two_sided, welch

_BOARDS_AT_ONCE = 50


@dataclass(frozen=True)
class Calibration:
    """Shares of simulated boards, nominally `alpha` each, but power nominally 0.8 at `difference`.

    Attributes:
        boards: Number of boards.
        alpha: Level of the tests.
        networks: Of each row, the baseline's first.
        comparison: One Welch test against the baseline significant (share of comparisons).
        familywise: Any of these significant on a board after Holm.
        standings: Any two rows ranked apart.
        noninferior: A row worse by exactly the margin passes for non-inferior.
        noninferior_power: An equal one does.
        difference: Unit of the values.
        power: One Welch test finds `difference`.
        cells: t-test over the mean errors of cells, which is no valid test, for contrast; None with fewer than two
            cells.
    """

    boards: int
    alpha: float
    networks: tuple[int, ...]
    comparison: float
    familywise: float
    standings: float
    noninferior: float
    noninferior_power: float
    difference: float
    power: float
    cells: float | None

    @property
    def error(self) -> float:
        """Half-width of the 95 % interval of a share near alpha: what the number of boards leaves open."""
        return 1.96 * math.sqrt(self.alpha * (1 - self.alpha) / self.boards)


def calibrate(
    components: Components,
    networks: Sequence[int],
    generator: np.random.Generator,
    margin: float,
    difference: float | None = None,
    alpha: float = 0.05,
    boards: int = 2000,
) -> Calibration:
    """Simulate boards of rows and test them.

    Args:
        components: How the networks scatter.
        networks: Of each row, at least 3, the first the baseline.
        generator: For the draws.
        margin: For non-inferiority, in the unit of the components.
        difference: For power, in that unit; by default what a test on two rows of the baseline's size finds with power
            0.8.
        alpha: Level of the tests.
        boards: How many are simulated.

    Raises:
        InputError: Fewer than two rows, fewer than 3 networks in one, or components of no spread: there is nothing to
            test then.

    Example:
        With 3 networks a row of standard deviation 1 the difference is 3.07 (`detectable_difference`):

        >>> one = Components(seed=1, interaction=0, cell=0, corruptions=1, severities=1, degrees=4)
        >>> found = calibrate(one, [3, 3], np.random.default_rng(0), margin=1, boards=2)
        >>> round(found.difference, 2), found.cells
        (3.07, None)
    """
    if len(networks) < 2 or min(networks) < TEST_FROM or not components.endpoint > 0:
        raise InputError(
            f"networks: cannot calibrate {list(networks)} with a standard deviation of {components.endpoint:g}; "
            f"two rows of at least {TEST_FROM} networks that differ"
        )
    chosen = difference if difference is not None else _detectable(components.endpoint, networks[0], alpha)
    outcomes: list[list[float]] = []
    for start in range(0, boards, _BOARDS_AT_ONCE):
        rows = simulate(components, networks, generator, min(_BOARDS_AT_ONCE, boards - start))
        outcomes += [_outcome(list(board), margin, chosen, alpha) for board in zip(*rows, strict=True)]
    return _summary(np.mean(outcomes, axis=0), networks, components, chosen, alpha, boards)


def simulate(
    components: Components, networks: Sequence[int], generator: np.random.Generator, boards: int
) -> list[Floats]:
    """Values without any true difference: for each row float (boards, networks, corruptions, severities), mean 0.

    Args:
        components: How the networks scatter.
        networks: Of each row.
        generator: For the draws.
        boards: How many are simulated.

    Example:
        The seed alone moves all cells of a network together:

        >>> one = Components(seed=1, interaction=0, cell=0, corruptions=15, severities=5, degrees=4)
        >>> (row,) = simulate(one, [3], np.random.default_rng(0), boards=2)
        >>> row.shape, bool((row == row[:, :, :1, :1]).all())
        ((2, 3, 15, 5), True)
    """
    rows = []
    for k in networks:
        shape = (boards, k, components.corruptions, components.severities)
        seed = generator.normal(0, components.seed, (*shape[:2], 1, 1))
        interaction = generator.normal(0, components.interaction, (*shape[:3], 1))
        rows.append(seed + interaction + generator.normal(0, components.cell, shape))
    return rows


def _summary(
    shares: Floats, networks: Sequence[int], components: Components, difference: float, alpha: float, boards: int
) -> Calibration:
    comparison, familywise, standing, noninferior, noninferior_power, power, cells = map(float, shares)
    return Calibration(
        boards=boards,
        alpha=alpha,
        networks=tuple(networks),
        comparison=comparison,
        familywise=familywise,
        standings=standing,
        noninferior=noninferior,
        noninferior_power=noninferior_power,
        difference=difference,
        power=power,
        cells=cells if components.corruptions * components.severities > 1 else None,
    )


def _outcome(board: list[Floats], margin: float, difference: float, alpha: float) -> list[float]:
    """What the tests say of one board, rows (networks, corruptions, severities), in the order of Calibration."""
    scores = [row.mean(axis=(1, 2)) for row in board]
    control, others = scores[0], scores[1:]
    p = np.array([_p(row, control) for row in others])
    worse = [_noninferior(row - margin, control, margin, alpha) for row in others]
    equal = [_noninferior(row, control, margin, alpha) for row in others]
    return [
        float(np.mean(p <= alpha)),
        float(holm(p).min() <= alpha),
        float(any(standing.rank > 1 for standing in standings(scores, alpha))),
        float(np.mean(worse)),
        float(np.mean(equal)),
        float(_p(others[0] + difference, control) <= alpha),
        float(_over_cells(board[1], board[0]) <= alpha),
    ]


def _p(treated: npt.ArrayLike, control: npt.ArrayLike) -> float:
    test = welch(treated, control)
    return 1.0 if test is None or test.p is None else test.p


def _noninferior(treated: npt.ArrayLike, control: npt.ArrayLike, margin: float, alpha: float) -> bool:
    test = noninferiority(treated, control, margin)
    return test is not None and test.p is not None and test.p <= alpha


def _over_cells(treated: Floats, control: Floats) -> float:
    """p of a paired t-test over cells, networks averaged: it takes cells for independent, and they are not."""
    gap = (treated.mean(axis=0) - control.mean(axis=0)).ravel()
    if gap.size < 2:
        return 1.0
    return float(two_sided(gap.mean() / (gap.std(ddof=1) / math.sqrt(gap.size)), gap.size - 1))


def _detectable(sd: float, networks: int, alpha: float) -> float:
    values = np.linspace(-1, 1, networks)
    values *= sd / values.std(ddof=1)
    found = detectable_difference(values, values, alpha)
    if found is None:
        raise InputError(f"networks: no detectable difference for {networks} networks of standard deviation {sd:g}")
    return found
