"""The union of masks over time, against the union itself."""

from itertools import pairwise

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from robench.sparse.exploration import Explored


@given(st.integers(1, 70), st.lists(st.integers(0, 2**32), min_size=1, max_size=6))
def test_union_of_masks_whatever_their_numbers(size, seeds):
    masks = [torch.rand(size, generator=torch.Generator().manual_seed(seed)) < (seed % 10) / 9 for seed in seeds]
    explored, union = Explored(masks[0]), masks[0].clone()
    for old, new in pairwise(masks):
        explored.move(old, new)
        union |= new
        assert explored.count(new) == int(union.sum())
        assert np.array_equal(explored.packed(new).numpy(), np.packbits(union.numpy()))
        again = Explored(new)
        again.load(explored.packed(new), new)
        assert again.count(new) == explored.count(new)


def test_a_bit_for_each_inactive_weight():
    mask = torch.arange(80_000) % 10 == 0
    assert Explored(mask)._bits.nbytes == 72_000 / 8
