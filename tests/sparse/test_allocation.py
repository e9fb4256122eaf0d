"""Sharing weights among layers, against properties and a sort of everything."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from robench.errors import InputError
from robench.sparse.allocation import pooled, proportional


@st.composite
def layers(draw):
    names = [f"layer{n}" for n in range(draw(st.integers(1, 6)))]
    limits = {name: draw(st.integers(0, 50)) for name in names}
    shares = {name: draw(st.sampled_from([0.0, 0.5, 1.0, 3.0]) | st.floats(0, 1e6)) for name in names}
    return draw(st.integers(0, sum(limits.values()))), shares, limits


@given(layers())
def test_shares_add_up_within_their_limits(case):
    total, shares, limits = case
    given_ = proportional(total, shares, limits)
    assert sum(given_.values()) == total
    assert all(0 <= given_[name] <= limits[name] for name in shares)


@given(layers())
def test_shares_are_proportional_to_a_unit_where_no_limit_binds(case):
    total, shares, _ = case
    given_ = proportional(total, shares, dict.fromkeys(shares, total + 1))
    if sum(shares.values()) > 1e-3:
        assert all(abs(given_[n] - total * shares[n] / sum(shares.values())) < 1 + 1e-6 for n in shares)


def test_what_does_not_fit_goes_to_the_others():
    assert proportional(10, {"a": 8.0, "b": 1.0, "c": 1.0}, {"a": 2, "b": 9, "c": 9}) == {"a": 2, "b": 4, "c": 4}
    assert proportional(3, {"a": 1.0, "b": 0.0}, {"a": 1, "b": 9}) == {"a": 1, "b": 2}
    with pytest.raises(InputError, match="4 weights do not fit into 3 places"):
        proportional(4, {"a": 1.0}, {"a": 3})


def test_pooled_against_a_sort_of_all_scores():
    rng = torch.Generator().manual_seed(0)
    scores = {name: torch.rand(size, generator=rng) for name, size in [("a", 40), ("b", 300), ("c", 7)]}
    order = np.argsort(-torch.cat(list(scores.values())).numpy())[:123]
    expected = {"a": int((order < 40).sum()), "b": int(((order >= 40) & (order < 340)).sum())}
    found = pooled(scores, 123, rng)
    assert {name: found[name] for name in expected} == expected
    assert sum(found.values()) == 123


def test_pooled_draws_ties_evenly():
    hits = np.array(
        [
            list(pooled({"a": torch.ones(30), "b": torch.ones(10)}, 20, torch.Generator().manual_seed(s)).values())
            for s in range(300)
        ]
    )
    assert (hits.sum(axis=1) == 20).all()
    assert abs(hits[:, 0].mean() - 15) < 0.5
