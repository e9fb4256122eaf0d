"""Where the scatter of trained networks comes from: the seed, the seed on one corruption, the single cell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from robench.errors import InputError


@dataclass(frozen=True)
class Components:
    """Standard deviations in the unit of the values, 0 where the estimate of a variance is negative.

    Attributes:
        seed: Moves all cells of one network together.
        interaction: Moves all severities of one corruption of one network.
        cell: Moves one corruption at one severity of one network.
        corruptions: Number of corruptions of a network.
        severities: Number of severities of a corruption.
        degrees: Of the seed's estimate, networks minus rows.

    Example:
        sqrt(3**2 + 8**2 / 4):

        >>> Components(seed=3, interaction=8, cell=0, corruptions=4, severities=5, degrees=4).endpoint
        5.0
    """

    seed: float
    interaction: float
    cell: float
    corruptions: int
    severities: int
    degrees: int

    @property
    def endpoint(self) -> float:
        """Standard deviation between networks of the mean over all cells."""
        inner = self.interaction**2 / self.corruptions + self.cell**2 / (self.corruptions * self.severities)
        return math.sqrt(self.seed**2 + inner)


def variance_components(rows: Sequence[npt.ArrayLike]) -> Components:
    """Estimate the components from rows of networks.

    Model: value = mean of the row and cell + seed + seed x corruption + cell, the last three independent with mean 0,
    alike in all rows. Images are the same for all networks: their sampling is no component, the claim is about this
    test set. Balanced analysis of variance, mean squares pooled over rows by their degrees of freedom. With one
    severity `cell` cannot be told from `interaction`, with one corruption that not from `seed`: each is 0 then.

    Args:
        rows: Each float (networks, corruptions, severities), in one unit and with one set of cells.

    Raises:
        InputError: Unequal cells, or no row has two networks.

    Example:
        One network is 2 above the other in every cell; the variance of 0 and 2 is 2:

        >>> found = variance_components([[[[5, 7], [6, 8]], [[7, 9], [8, 10]]]])
        >>> round(found.seed**2, 9), found.interaction, found.cell, found.degrees
        (2.0, 0.0, 0.0, 1)
    """
    values = [np.asarray(row, dtype=np.float64) for row in rows]
    shapes = sorted({row.shape[1:] for row in values})
    if len(shapes) != 1 or len(shapes[0]) != 2:
        raise InputError(f"rows: cells of shape {shapes or 'none'}; (networks, corruptions, severities), all alike")
    degrees = sum(row.shape[0] - 1 for row in values)
    if degrees < 1:
        raise InputError("rows: every row has one network; nothing is known of the spread between networks")
    squares = np.sum([_sums_of_squares(row) for row in values], axis=0)
    corruptions, severities = shapes[0]
    seed, interaction, cell = _mean_squares(squares, degrees, corruptions, severities)
    return Components(
        seed=math.sqrt(max(0.0, seed - interaction) / (corruptions * severities)),
        interaction=math.sqrt(max(0.0, interaction - cell) / severities),
        cell=math.sqrt(cell),
        corruptions=corruptions,
        severities=severities,
        degrees=degrees,
    )


def _sums_of_squares(row: npt.NDArray[np.float64]) -> list[float]:
    """Of the seed, of seed x corruption and of the rest, around the mean of each cell."""
    centred = row - row.mean(axis=0)
    by_corruption = centred.mean(axis=2, keepdims=True)
    by_network = centred.mean(axis=(1, 2), keepdims=True)
    parts = (by_network, by_corruption - by_network, centred - by_corruption)
    return [float(np.sum(np.broadcast_to(part, row.shape) ** 2)) for part in parts]


def _mean_squares(
    squares: npt.NDArray[np.float64], degrees: int, corruptions: int, severities: int
) -> tuple[float, float, float]:
    """Mean squares of the three strata; a stratum without degrees of freedom takes no share of the one above."""
    of = (degrees, degrees * (corruptions - 1), degrees * corruptions * (severities - 1))
    seed, interaction, cell = (float(square) / max(freedom, 1) for square, freedom in zip(squares, of, strict=True))
    return seed, interaction, cell
