"""One trained network against another on the same images: what their correctness bits say of these two files only.

The unit is the image with all its cells, drawn or flipped together: the same image lies under every corruption.
Nothing follows for the methods that trained the two: another seed gives another network.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from robench.errors import InputError

LABEL = "checkpoint-level: says nothing about the method"

Bits = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CheckpointDifference:
    """Mean accuracy of `treated` minus `control` over cells and images, a fraction, with its interval.

    Attributes:
        difference: In [-1, 1].
        low: Lower end of the 1 - alpha interval, percentile bootstrap over images.
        high: Upper end.
        p: Two-sided sign-flip over images, at least 1 / (draws + 1).
        images: Number of images that it rests on.
        cells: Number of cells.
        label: To be shown wherever the numbers are.
    """

    difference: float
    low: float
    high: float
    p: float
    images: int
    cells: int
    label: str = LABEL


@dataclass(frozen=True)
class McNemar:
    """Images that only `treated` and that only `control` classifies correctly, and the exact two-sided p."""

    only_treated: int
    only_control: int
    p: float
    label: str = LABEL


def compare_checkpoints(
    treated: Bits, control: Bits, generator: np.random.Generator, alpha: float = 0.05, draws: int = 10_000
) -> CheckpointDifference:
    """Compare the correctness bits of two networks on the same images.

    Every cell weighs the same, as in robust accuracy where all corruptions have all severities. Images with one
    difference of right cells are alike, so only their counts are drawn: a bootstrap sample is one multinomial, a
    sign-flip one binomial for each size of difference.

    Args:
        treated: Bool (cells, images).
        control: The same cells and images in the same order.
        generator: For the draws.
        alpha: 1 - the coverage of the interval.
        draws: Bootstrap samples, and sign-flips.

    Raises:
        InputError: The shapes differ or hold nothing.

    Example:
        One is right in both cells of all of 100 images, the other in one cell: no sign-flip comes as far.

        >>> right, half = np.ones((2, 100), bool), np.repeat([[True], [False]], 100, axis=1)
        >>> found = compare_checkpoints(right, half, np.random.default_rng(0), draws=999)
        >>> found.difference, found.low, found.high, found.p
        (0.5, 0.5, 0.5, 0.001)
    """
    cells, images = _shape(treated, control, 2)
    sums = treated.sum(axis=0, dtype=np.int64) - control.sum(axis=0, dtype=np.int64)
    values, counts = np.unique(sums, return_counts=True)
    scale = cells * images
    p = _sign_flip(values, counts, generator, draws)
    samples = generator.multinomial(images, counts / images, size=draws) @ values / scale
    low, high = np.quantile(samples, [alpha / 2, 1 - alpha / 2])
    return CheckpointDifference(
        difference=float(sums.sum() / scale),
        low=float(low),
        high=float(high),
        p=p,
        images=images,
        cells=cells,
    )


def mcnemar(treated: Bits, control: Bits) -> McNemar:
    """Compare clean accuracy on the same images, bool (images,) each: a fair coin over the images where they differ.

    Raises:
        InputError: The shapes differ or hold nothing.

    Example:
        Five images that only one gets right, none that only the other does: 2 of 2**5 cases.

        >>> mcnemar(np.array([True] * 9), np.array([True] * 4 + [False] * 5)).p
        0.0625
    """
    _shape(treated, control, 1)
    gained = int(np.count_nonzero(treated & ~control))
    lost = int(np.count_nonzero(control & ~treated))
    p = 2 * float(special.bdtr(min(gained, lost), gained + lost, 0.5))
    return McNemar(gained, lost, min(1.0, p))


def _sign_flip(values: Integers, counts: Integers, generator: np.random.Generator, draws: int) -> float:
    """Share of random signs of the images' differences whose sum is as far from 0; the observed one is counted in."""
    sizes = np.unique(np.abs(values[values != 0]))
    held = np.array([counts[np.abs(values) == size].sum() for size in sizes], dtype=np.int64)
    plus = generator.binomial(held, 0.5, size=(draws, sizes.size))
    flipped = np.abs((2 * plus - held) @ sizes)
    return float((1 + np.count_nonzero(flipped >= abs(int(values @ counts)))) / (draws + 1))


def _shape(treated: Bits, control: Bits, dimensions: int) -> tuple[int, ...]:
    if treated.shape != control.shape or treated.ndim != dimensions or not treated.size:
        raise InputError(f"bits: shapes {treated.shape} and {control.shape}; two networks on the same cells and images")
    return treated.shape
