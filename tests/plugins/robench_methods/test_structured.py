"""Methods with a structure inside a layer: N:M blocks and constant fan-in."""

import numpy as np
import pytest
import torch
from torch import nn

from robench.errors import InputError
from robench_methods.nm_rigl import NMRigL
from robench_methods.srigl import SRigL
from tests.helpers.own_loop import Run


def by_block(mask, block=4):
    """(out, in, *kernel) -> number of active weights of each block, by loops."""
    array = mask.numpy()
    flat = array.reshape(array.shape[0], array.shape[1], -1)
    return [
        int(flat[o, i : i + block, k].sum())
        for o in range(flat.shape[0])
        for i in range(0, flat.shape[1], block)
        for k in range(flat.shape[2])
    ]


@pytest.mark.parametrize(("sparsity", "active"), [(0.5, 2), (0.75, 1), (0.25, 3)])
def test_every_block_holds_n_of_m_at_every_step(sparsity, active):
    run = Run(NMRigL(sparsity=sparsity, update_interval=2, drop_fraction=0.6), total=30)
    assert list(run.method.masks) == ["3.weight", "6.weight"]
    for _ in range(30):
        assert all(set(by_block(mask)) == {active} for mask in run.method.masks.values())
        run.advance()
    assert run.method.updates == 10


def test_nm_update_against_loops_over_blocks():
    run = Run(NMRigL(update_interval=3, drop_fraction=0.8), total=30).advance(3)
    run.backward()
    for number, one in enumerate(run.weights().values()):  # no ties: a dead unit's gradients are all 0
        one.grad.copy_(torch.randn(one.shape, generator=torch.Generator().manual_seed(number)))
    name, old = "6.weight", run.method.masks["6.weight"].clone().numpy()
    weight, grad = (t.detach().clone().numpy() for t in (run.weights()[name], run.weights()[name].grad))
    assert run.method.before_step(3) is False
    count = int(old.sum() * run.method.fraction_at(3))
    dropped = np.where(old, np.abs(weight), np.inf).ravel().argsort()[:count]
    expected = old.copy()
    expected.ravel()[dropped] = False
    for row in range(expected.shape[0]):
        for begin in range(0, expected.shape[1], 4):
            kept, growth = expected[row, begin : begin + 4], np.abs(grad[row, begin : begin + 4])
            order = np.where(kept, -1, growth).argsort()[::-1]
            kept[order[: 2 - kept.sum()]] = True
    assert np.array_equal(run.method.masks[name].numpy(), expected)


@pytest.mark.parametrize("options", [{"sparsity": 0.6}, {"sparsity": 0.3, "block": 2}])
def test_nm_sparsity_must_be_whole(options):
    with pytest.raises(InputError, match=r"sparsity: .* is not allowed: one of 0"):
        NMRigL(**options)


def test_nm_needs_a_layer_that_fits():
    model = nn.Sequential(nn.Linear(4, 6), nn.Linear(6, 3))
    with pytest.raises(InputError, match="no layer has a multiple of 4 input channels"):
        NMRigL().start(model, torch.optim.SGD(model.parameters()), total_steps=10, seed=0)


def fan_ins(mask):
    rows = mask.view(len(mask), -1).sum(dim=1)
    return rows[rows > 0].unique().tolist(), int((rows > 0).sum())


def test_srigl_holds_one_fan_in_a_layer_and_ablates_neurons_but_not_of_the_last_layer():
    method = SRigL(sparsity=0.8, update_interval=2, drop_fraction=0.5, ablation_threshold=0.95, stop_fraction=1.0)
    run = Run(method, total=60)
    budgets = run.counts()
    for _ in range(60):
        run.advance()
        for name, mask in run.method.masks.items():
            values, neurons = fan_ins(mask)
            assert values == [method.fan_in(name)]
            assert neurons == method.neurons[name]
            assert budgets[name] - neurons < int(mask.sum()) <= budgets[name] + len(mask)
    assert method.neurons["6.weight"] == 10
    assert sum(method.neurons.values()) < 8 + 12 + 10


def test_srigl_without_ablation_keeps_neurons_and_counts():
    method = SRigL(sparsity=0.8, update_interval=2, ablation_threshold=0.0)
    run = Run(method, total=40)
    before = run.counts()
    assert run.advance(40).counts() == before
    assert list(method.neurons.values()) == [8, 12, 10]


def test_srigl_needs_an_input_for_every_neuron():
    model = nn.Linear(10, 50)
    with pytest.raises(InputError, match="leaves the 50 neurons of weight no input each"):
        SRigL(sparsity=0.95).start(model, torch.optim.SGD(model.parameters()), total_steps=10, seed=0)
