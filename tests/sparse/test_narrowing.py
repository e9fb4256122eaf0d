"""Widths that bring a network to a given size."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench.sparse.narrowing import narrow


def chain(widths):
    """Weights of a chain of 3x3 convolutions and biases, 3 channels in and 10 classes out."""
    sizes = [3, *widths, 10]
    return sum(9 * before * after + after for before, after in pairwise(sizes))


@given(st.lists(st.integers(16, 256), min_size=1, max_size=5), st.floats(0.1, 1.0))
def test_it_is_as_near_as_one_step_of_the_lightest_stage(full, share):
    choices = [range(1, width + 1) for width in full]
    target = share * chain(full)
    found = narrow(choices, chain, target)
    assert all(width in options for width, options in zip(found, choices, strict=True))
    steps = [chain([w + (i == stage) for i, w in enumerate(found)]) - chain(found) for stage in range(len(full))]
    assert abs(chain(found) - target) <= max(0.005 * target, min(steps))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_stages_keep_their_proportions(share):
    full = (64, 128, 256, 512)
    found = narrow([range(1, width + 1) for width in full], chain, share * chain(full))
    shares = [width / whole for width, whole in zip(found, full, strict=True)]
    assert max(shares) - min(shares) < 0.05


def test_the_whole_network_is_found_again():
    choices = [range(4, 65, 4), range(8, 129, 8)]
    assert narrow(choices, chain, chain((64, 128))) == (64, 128)


def test_only_allowed_widths_are_taken():
    first, second = narrow([range(3, 193, 3), range(1, 769)], chain, 0.3 * chain((192, 768)))
    assert first % 3 == 0
    assert abs(chain((first, second)) / (0.3 * chain((192, 768))) - 1) < 0.005
