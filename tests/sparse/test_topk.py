import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from robench.sparse.topk import largest, rewire

LEVELS = st.sampled_from([-float("inf"), -1.0, 0.0, 0.5, 1.0, float("inf")])


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@st.composite
def layers(draw):
    size = draw(st.integers(2, 40))
    scores = [torch.tensor(draw(st.lists(LEVELS, min_size=size, max_size=size))) for _ in range(2)]
    active = torch.tensor(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    return active, *scores, draw(st.integers(0, int(active.sum())))


@given(layers())
def test_largest_against_a_full_sort(layer):
    candidates, scores, _, count = layer
    chosen = largest(scores, candidates, count, generator())
    assert int(chosen.sum()) == count
    assert not (chosen & ~candidates).any()
    expected = np.sort(scores[candidates].numpy())[::-1][:count]
    assert np.array_equal(np.sort(scores[chosen].numpy())[::-1], expected)


@given(layers(), st.booleans())
def test_drop_and_grow_algebra(layer, dropped_may_regrow):
    active, drop, grow, count = layer
    new = rewire(active, drop, grow, count, dropped_may_regrow=dropped_may_regrow, generator=generator())
    dropped, grown = active & ~new.kept, new.active & ~new.kept
    assert new.active.sum() == active.sum()
    assert not (new.kept & ~active).any()
    assert dropped.sum() == grown.sum()
    if dropped_may_regrow:
        assert int(dropped.sum()) == count
    else:
        assert int(dropped.sum()) == min(count, int((~active).sum()))
        assert not (grown & active).any()
    if dropped.any() and new.kept.any():
        assert drop[dropped].max() <= drop[new.kept].min()


def test_ties_are_drawn_evenly_and_reproducibly():
    scores, candidates = torch.zeros(10), torch.ones(10, dtype=torch.bool)
    hits = sum(largest(scores, candidates, 3, generator(seed)).int() for seed in range(2000))
    assert (hits - 600).abs().max() < 5 * (2000 * 0.3 * 0.7) ** 0.5
    assert torch.equal(largest(scores, candidates, 3, generator(5)), largest(scores, candidates, 3, generator(5)))


def test_the_choice_does_not_depend_on_the_number_of_threads():
    scores = torch.randn(200_000, generator=generator()).mul(8).round()
    candidates = torch.rand(200_000, generator=generator()) < 0.7
    before, chosen = torch.get_num_threads(), []
    for threads in (1, 4):
        torch.set_num_threads(threads)
        chosen.append(largest(scores, candidates, 30_000, generator()))
    torch.set_num_threads(before)
    assert torch.equal(*chosen)


def test_half_precision_scores():
    scores = torch.randn(5000, generator=generator()).to(torch.bfloat16)
    assert int(largest(scores, torch.ones(5000, dtype=torch.bool), 777, generator()).sum()) == 777
