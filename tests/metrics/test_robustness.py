import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from robench.errors import InputError
from robench.metrics.robustness import accuracy, cell_errors, relative_robustness, robust_accuracy, summarize
from tests.helpers.alexnet import CELLS, CLEAN_ERROR, COLUMN, TABLE

GRID = [("fog", 1), ("fog", 2), ("snow", 1)]


def bits(errors, images):
    wrong = np.round(np.atleast_1d(errors) * images).astype(int)
    return np.arange(images) >= wrong[:, None]


def test_alexnet_from_its_bits_is_exactly_one():
    images = 50_000  # every published error is a whole number of these
    clean = bits(CLEAN_ERROR, images)[0]
    metrics = summarize(clean, bits(COLUMN, images), CELLS, TABLE)
    assert metrics.mce == 1.0
    # 0.4348 has one rounding fewer than 1 - accuracy, hence not bit for bit
    assert metrics.relative_mce == pytest.approx(1.0, abs=1e-12)
    assert [cell.error for cell in metrics.cells] == COLUMN


def test_a_hand_computed_example():
    clean = np.array([True, True, True, False])
    correct = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0]], dtype=bool)
    metrics = summarize(clean, correct, GRID, None)
    assert metrics.clean_accuracy == 0.75
    assert metrics.robust_accuracy == pytest.approx((0.375 + 0.75) / 2)
    assert metrics.mce == pytest.approx((0.625 + 0.25) / 2)
    assert metrics.relative_mce == pytest.approx((0.625 + 0.25) / 2 - 0.25)
    assert metrics.relative_robustness == pytest.approx(0.5625 / 0.75)
    assert [(cell.corruption, cell.severity, cell.error) for cell in metrics.cells] == [
        ("fog", 1, 0.5),
        ("fog", 2, 0.75),
        ("snow", 1, 0.25),
    ]


def test_against_a_table_of_its_own_suite():
    table = {"fog": (0.5, 0.5), "snow": (0.5,), "clean": (0.25,)}
    correct = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0]], dtype=bool)
    metrics = summarize(np.array([True, True, True, True]), correct, GRID, table)
    assert metrics.mce == pytest.approx((1.25 / 1.0 + 0.25 / 0.5) / 2)
    assert metrics.relative_mce == pytest.approx((1.25 / 0.5 + 0.25 / 0.25) / 2)


@given(arrays(bool, (3, 16)), arrays(bool, 16))
def test_metrics_hold_together(correct, clean):
    metrics = summarize(clean, correct, GRID, None)
    assert metrics.robust_accuracy + metrics.mce == pytest.approx(1)
    assert metrics.relative_mce == pytest.approx(metrics.mce - (1 - metrics.clean_accuracy))
    assert min(1 - cell_errors(correct)) - 1e-12 <= metrics.robust_accuracy <= max(1 - cell_errors(correct)) + 1e-12
    assert (metrics.relative_robustness is None) == (not clean.any())


@given(arrays(bool, (3, 16)), st.permutations(range(16)))
def test_the_order_of_images_does_not_matter(correct, order):
    assert np.array_equal(cell_errors(correct), cell_errors(correct[:, order]))


def test_relative_robustness_is_undefined_without_clean_accuracy():
    assert relative_robustness(0.3, 0.0) is None
    assert relative_robustness(0.45, 0.9) == pytest.approx(0.5)


def test_robust_accuracy_weighs_corruptions_equally():
    assert robust_accuracy([0.0, 0.0, 1.0], GRID) == pytest.approx(0.5)


@pytest.mark.parametrize("correct", [np.zeros(3), np.zeros((0,), bool), np.zeros((2, 2), bool)])
def test_what_is_not_one_bit_an_image_is_refused(correct):
    with pytest.raises(InputError, match=r"want bool \(images,\)"):
        accuracy(correct)


@pytest.mark.parametrize("correct", [np.zeros((3, 4)), np.zeros((3, 0), bool), np.zeros(4, bool)])
def test_cells_that_are_not_bits_are_refused(correct):
    with pytest.raises(InputError, match=r"want bool \(cells, images\)"):
        cell_errors(correct)


def test_clean_and_corrupted_images_must_be_as_many():
    with pytest.raises(InputError, match=r"want \(3, 5\)"):
        summarize(np.ones(5, bool), np.ones((3, 4), bool), GRID, None)
