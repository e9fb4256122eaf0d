"""The union of masks over time, against the union itself."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from robench.sparse.exploration import Compressed, Packed


@pytest.mark.parametrize("kind", [Compressed, Packed])
@given(st.integers(1, 70), st.lists(st.integers(0, 2**32), min_size=1, max_size=6))
def test_union_of_masks_whatever_their_numbers(kind, size, seeds):
    masks = [torch.rand(size, generator=torch.Generator().manual_seed(seed)) < (seed % 10) / 9 for seed in seeds]
    explored, union = kind(masks[0]), masks[0].clone()
    for old, new in pairwise(masks):
        explored.move(old, new)
        union |= new
        assert explored.count(new) == int(union.sum())
        assert np.array_equal(explored.packed(new).numpy(), np.packbits(union.numpy()))
        again = kind(new)
        again.load(explored.packed(new), new)
        assert again.count(new) == explored.count(new)


@pytest.mark.parametrize(("share", "limit"), [(0.0, 0.001), (0.1, 0.07), (0.3, 0.102), (0.5, 0.1126), (1.0, 0.001)])
def test_at_most_a_bit_for_each_inactive_weight_and_less_where_few_or_most_were_active(share, limit):
    size, rng = 1_000_000, torch.Generator().manual_seed(0)
    mask = torch.arange(size) % 10 == 0
    explored = Compressed(mask)
    explored.load(torch.from_numpy(np.packbits((torch.rand(size, generator=rng) < share) | mask)), mask)
    assert len(explored._bits) / size < limit
