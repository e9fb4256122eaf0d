"""Methods that move weights between layers, against an update in NumPy."""

import numpy as np
import pytest
import torch

from robench.errors import InputError
from robench_methods.dsr import DSR
from robench_methods.snfs import SNFS
from tests.helpers.own_loop import Run


def parts(run):
    return {name: mask.clone().numpy() for name, mask in run.method.masks.items()}


def step_without_update(run):
    """Do the optimiser step of an iteration and return weights and dense gradients just before the update."""
    run.backward()
    grads = {name: weight.grad.clone().numpy() for name, weight in run.weights().items()}
    run.method.before_step(run.step)
    run.optimizer.step()
    return {name: weight.detach().clone().numpy() for name, weight in run.weights().items()}, grads


def test_snfs_grows_by_dense_momentum_in_proportion_to_its_mean():
    run = Run(SNFS(sparsity=0.7, update_interval=6, momentum=0.8, drop_fraction=0.4), total=40)
    momentum = {name: np.zeros(weight.shape) for name, weight in run.weights().items()}
    for step in range(7):
        old = parts(run)
        weights, grads = step_without_update(run)
        momentum = {name: 0.8 * value + grads[name] for name, value in momentum.items()}
        run.method.after_step(step)
        run.step += 1
    dropped = {name: int(int(old[name].sum()) * run.method.fraction_at(6)) for name in old}
    means = {name: np.abs(momentum[name])[old[name]].mean() for name in old}
    quota = {name: sum(dropped.values()) * means[name] / sum(means.values()) for name in old}
    for name, mask in parts(run).items():
        kept = np.where(old[name], np.abs(weights[name]), np.inf).ravel().argsort()[dropped[name] :]
        expected = np.zeros(mask.size, dtype=bool)
        expected[[place for place in kept if old[name].ravel()[place]]] = True
        grown = int(mask.sum() - expected.sum())
        assert abs(grown - quota[name]) < 1
        scores = np.where(expected, -1, np.abs(momentum[name]).ravel())
        floor = np.sort(scores)[::-1][grown - 1]
        assert (scores[mask.ravel() & ~expected] >= floor * (1 - 1e-5)).all()
        assert not (expected & ~mask.ravel()).any()
    assert sum(run.counts().values()) == run.method.active_at(6)


def test_snfs_moves_weights_between_layers_and_changes_masks():
    run = Run(SNFS(sparsity=0.7, update_interval=3), total=60)
    before, masks = run.counts(), parts(run)
    run.advance(60)
    assert run.counts() != before
    assert sum(run.counts().values()) == sum(before.values())
    assert all((mask & ~masks[name]).any() for name, mask in parts(run).items())


def test_snfs_leaves_out_gradients_that_are_not_finite():
    run = Run(SNFS(sparsity=0.7), total=40).advance(3)
    before = {k: v.clone() for k, v in run.method.state_dict().items() if k.startswith("momentum")}
    run.backward()
    run.model[3].weight.grad[0] = float("nan")
    run.method.before_step(3)
    assert all(torch.equal(value, before[key]) for key, value in run.method.state_dict().items() if key in before)


def test_snfs_costs_a_dense_gradient_every_step():
    run = Run(SNFS(sparsity=0.7), total=20)
    assert all(run.method.dense_gradient(step) for step in range(20))
    assert not any(Run(DSR(), total=20).method.dense_gradient(step) for step in range(20))


def test_dsr_drops_below_the_threshold_and_shares_by_survivors():
    run = Run(DSR(sparsity=0.6, update_interval=3, initial_threshold=0.02), total=40).advance(3)
    old = parts(run)
    weights, _ = step_without_update(run)
    run.method.after_step(3)
    below = {name: old[name] & (np.abs(weights[name]) < 0.02) for name in old}
    total = sum(int(part.sum()) for part in below.values())
    survivors = {name: int((old[name] & ~below[name]).sum()) for name in old}
    assert total > 0
    for name, mask in parts(run).items():
        grown = mask & ~(old[name] & ~below[name])
        assert not (grown & old[name]).any()
        assert abs(grown.sum() - total * survivors[name] / sum(survivors.values())) < 1
        assert not run.weights()[name].detach().numpy()[grown].any()
    assert sum(run.counts().values()) == run.method.active_at(3)


@pytest.mark.parametrize(("threshold", "expected"), [(1e-9, 2e-9), (0.5, 0.25)])
def test_dsr_adapts_its_threshold(threshold, expected):
    run = Run(DSR(sparsity=0.5, update_interval=3, initial_threshold=threshold), total=40).advance(4)
    assert run.method.state_dict()["threshold"] == expected


def test_dsr_never_drops_more_than_there_are_places():
    run = Run(DSR(sparsity=0.1, distribution="er", update_interval=3, initial_threshold=0.1), total=40)
    free = sum(int((~mask).sum()) for mask in run.method.masks.values())
    run.advance(3)
    old = parts(run)
    run.advance()
    assert sum(int((mask & ~old[name]).sum()) for name, mask in parts(run).items()) == free
    assert sum(run.counts().values()) == run.method.active_at(3)


@pytest.mark.parametrize("method", [SNFS, DSR])
def test_state_of_another_method_is_refused(method):
    state = {k: v for k, v in Run(method()).method.state_dict().items() if not k.startswith(("momentum", "threshold"))}
    with pytest.raises(InputError, match="is missing; it is not the state of"):
        Run(method()).method.load_state_dict(state)
