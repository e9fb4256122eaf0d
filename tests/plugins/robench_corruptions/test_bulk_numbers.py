"""Numbers drawn in bulk against NumPy's own, which they are to be one by one, with the generator left in its state."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench_corruptions.kernels.normal import filled, normals
from robench_corruptions.kernels.poisson import poissons

GENERATORS = st.sampled_from([np.random.MT19937, np.random.SFC64])
SEEDS = st.integers(0, 2**32 - 1)
PHOTONS = (500, 250, 100, 75, 60, 50, 30, 25, 15, 12, 5, 3)
"""All of the three presets."""
COUNTS = st.one_of(st.integers(1, 700), st.sampled_from([3072, 3267, 8192, 20000]))


def _twins(generator: type, seed: int) -> tuple[np.random.RandomState, np.random.RandomState]:
    return np.random.RandomState(generator(seed)), np.random.RandomState(generator(seed))


@given(GENERATORS, SEEDS, COUNTS, st.integers(0, 3))
def test_normals_are_numpys(generator: type, seed: int, count: int, before: int) -> None:
    """Odd counts too, and a source that holds the second number of a pair."""
    ours, numpys = _twins(generator, seed)
    np.testing.assert_array_equal(ours.standard_normal(before), numpys.standard_normal(before))
    result = normals(iter([ours, ours, ours]), (3, count))
    np.testing.assert_array_equal(result, numpys.normal(0, 1, (3, count)))
    assert ours.standard_normal() == numpys.standard_normal()
    assert ours.random_sample() == numpys.random_sample()


@given(GENERATORS, SEEDS, st.integers(1, 700))
def test_other_numbers_may_be_drawn_between_two_rows(generator: type, seed: int, count: int) -> None:
    ours, numpys = _twins(generator, seed)
    rows = np.empty((2, count))
    between = [source.uniform(-1, 1) for source in filled(rows, iter([ours, ours]))]
    for row, number in zip(rows, between, strict=True):
        np.testing.assert_array_equal(row, numpys.normal(0, 1, count))
        assert number == numpys.uniform(-1, 1)


@given(GENERATORS, SEEDS, COUNTS, st.sampled_from(PHOTONS), st.sampled_from([(0, 0), (0, 1), (0, 255), (200, 255)]))
def test_poissons_are_numpys(generator: type, seed: int, count: int, photons: int, levels: tuple[int, int]) -> None:
    """Black images, which take no number, both methods, and both in one image."""
    ours, numpys = _twins(generator, seed)
    images = np.random.default_rng(seed).integers(levels[0], levels[1] + 1, count, dtype=np.uint8)
    seen = np.arange(photons + 1).astype(np.uint8)
    result = np.empty_like(images)
    poissons(images, photons, seen, ours, result)
    counts = numpys.poisson(images / 255.0 * photons)
    np.testing.assert_array_equal(result, np.minimum(counts, photons).astype(np.uint8))
    assert ours.random_sample() == numpys.random_sample()


@pytest.mark.parametrize("photons", [30, 500])
def test_rare_numbers_far_from_the_mean_are_numpys(photons: int) -> None:
    """A million numbers of means around 10 and above: the slow side of the rejection has thousands."""
    ours, numpys = _twins(np.random.SFC64, 1)
    images = np.random.default_rng(0).integers(80, 256, 1_000_000, dtype=np.uint8)
    result = np.empty_like(images)
    poissons(images, photons, np.arange(photons + 1).astype(np.uint8), ours, result)
    counts = numpys.poisson(images / 255.0 * photons)
    np.testing.assert_array_equal(result, np.minimum(counts, photons).astype(np.uint8))
