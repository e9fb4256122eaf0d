"""Choosing within rows, against a sort of each row."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from robench.sparse.structure import blocks, grown_in_each, kept_of_each, largest_of_each, unblocked


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@st.composite
def tables(draw):
    rows, width = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    levels = st.sampled_from([-float("inf"), -1.0, 0.0, 0.5, 2.0, float("inf")])
    values = draw(st.lists(levels, min_size=rows * width, max_size=rows * width))
    return torch.tensor(values).view(rows, width), draw(st.integers(0, width))


@given(tables())
def test_largest_of_each_against_a_sort(case):
    scores, count = case
    chosen = largest_of_each(scores, count, generator())
    assert (chosen.sum(dim=1) == count).all()
    for row, mask in zip(scores, chosen, strict=True):
        assert np.array_equal(np.sort(row[mask].numpy()), np.sort(row.numpy())[len(row) - count :])


def test_ties_are_drawn_evenly():
    chosen = largest_of_each(torch.zeros(100_000, 4), 2, generator())
    assert (chosen.float().mean(dim=0) - 0.5).abs().max() < 0.01


def test_kept_ones_stay_and_the_rest_is_filled():
    kept = torch.tensor([[True, False, False, False], [False, False, False, False]])
    scores = torch.tensor([[0.0, 1.0, 3.0, 2.0], [9.0, 8.0, 7.0, 6.0]])
    assert grown_in_each(kept, scores, 2, generator()).tolist() == [[1, 0, 1, 0], [1, 1, 0, 0]]


def test_an_overfull_row_keeps_its_largest():
    mask = torch.tensor([[True, True, True, False], [True, False, False, False]])
    scores = torch.tensor([[5.0, 1.0, 3.0, 9.0], [1.0, 2.0, 3.0, 4.0]])
    assert kept_of_each(mask, scores, 2, generator()).tolist() == [[1, 0, 1, 0], [1, 0, 0, 0]]


def test_many_rows_are_chosen_part_by_part():
    rng = generator()
    scores = torch.rand(3000, 200, generator=rng)
    kept = torch.rand(3000, 200, generator=rng) < 0.1
    kept &= kept.cumsum(dim=1) <= 20
    chosen = grown_in_each(kept, scores, 30, rng)
    assert (chosen.sum(dim=1) == 30).all()
    assert not (kept & ~chosen).any()
    floor = scores.masked_fill(~(chosen & ~kept), 2.0).amin(dim=1)
    assert (scores.masked_fill(chosen, -1.0).amax(dim=1) <= floor).all()


@pytest.mark.parametrize("shape", [(3, 8), (2, 8, 3), (5, 4, 3, 3)])
def test_a_block_holds_consecutive_inputs(shape):
    weight = torch.arange(torch.Size(shape).numel())
    table = blocks(weight, torch.Size(shape), 4)
    assert torch.equal(unblocked(table, torch.Size(shape)), weight)
    first = weight.view(shape)[(0, slice(0, 4), *[0] * (len(shape) - 2))]
    assert torch.equal(table[0], first)
