"""Methods that prune, against schedules worked out by hand and selections by full sorts."""

import numpy as np
import pytest
import torch

from robench.errors import InputError
from robench.sparse.flops import TrainingCost, count_layers, weigh
from robench_methods.acdc import ACDC
from robench_methods.gmp import GMP
from robench_methods.granet import GraNet
from robench_methods.mest import MEST
from robench_methods.snip import SNIP
from robench_methods.static import Static
from tests.helpers.own_loop import Run, network

SIZES = {"0.weight": 216, "3.weight": 864, "6.weight": 1080}


def flat(run):
    return np.concatenate([weight.detach().numpy().ravel() for weight in run.weights().values()])


def masks(run):
    return np.concatenate([mask.numpy().ravel() for mask in run.method.masks.values()])


def top(scores, count):
    chosen = np.zeros(len(scores), dtype=bool)
    chosen[scores.argsort(kind="stable")[len(scores) - count :]] = True
    return chosen


def test_snip_keeps_the_most_sensitive_weights_of_the_first_batch():
    run = Run(SNIP(sparsity=0.8))
    before = flat(run)
    run.backward()
    grads = np.concatenate([weight.grad.numpy().ravel() for weight in run.weights().values()])
    assert run.method.before_step(0) is False
    kept = top(np.abs(before * grads), 216 + 864 + 1080 - 172 - 691 - 864)
    assert np.array_equal(masks(run), kept)
    assert np.array_equal(flat(run), np.where(kept, before, 0))
    run.method.after_step(0)
    run.step = 1
    assert np.array_equal(masks(run.advance(20)), kept)


def test_snip_is_counted_as_one_dense_step():
    run = Run(SNIP(sparsity=0.8), total=10)
    layers = count_layers(run.model, (3, 8, 8))
    dense, cost = TrainingCost(layers), TrainingCost(layers)
    for step in range(10):
        dense.add(Static(sparsity=0.0), step, 4)
        cost.add(run.method, step, 4)
        run.advance()
    sparse = TrainingCost(layers)
    sparse.add(run.method, 9, 4)
    assert cost.total == pytest.approx(dense.total / 10 + 9 * sparse.total)


def test_an_emptied_layer_is_an_error():
    model = network()
    with torch.no_grad():
        model[3].weight.mul_(1e-6)
    with pytest.raises(InputError, match=r"sparsity: 0\.9 leaves no weight in \d\.weight at step 0"):
        Run(SNIP(sparsity=0.9), model=model).advance()
    options = {"sparsity": 0.9, "scope": "global", "distribution": "erk", "start_fraction": 0.0, "stop_fraction": 0.0}
    with pytest.raises(InputError, match=r"leaves no weight in 3\.weight"):
        Run(GMP(**options), model=model).advance()


def test_gmp_follows_the_cubic_schedule_per_layer():
    method = GMP(sparsity=0.9, update_interval=10, start_fraction=0.2, stop_fraction=0.8)
    run = Run(method, total=100)
    final = {"3.weight": 864 - 777, "6.weight": 108}
    for step in range(100):
        old, magnitude = {k: m.clone() for k, m in method.masks.items()}, None
        run.backward()
        method.before_step(step)
        run.optimizer.step()
        magnitude = {k: w.detach().abs().clone() for k, w in run.weights().items()}
        method.after_step(step)
        run.step += 1
        update = 20 if step < 30 else 80 if step >= 80 else step // 10 * 10
        for name, mask in method.masks.items():
            surplus = SIZES[name] - final[name]
            assert int(mask.sum()) == final[name] + int(np.ceil(surplus * (1 - (update - 20) / 60) ** 3))
            assert not (mask & ~old[name]).any()
            gone = old[name] & ~mask
            if gone.any():
                assert magnitude[name][gone].max() <= magnitude[name][mask].min()
    assert method.updates == 6


def test_gmp_over_all_layers_is_one_sort():
    run = Run(GMP(sparsity=0.9, scope="global", distribution="erk", update_interval=1000, stop_fraction=0.5), total=20)
    run.advance(10).backward()
    run.method.before_step(10)
    run.optimizer.step()
    before = np.abs(flat(run))
    run.method.after_step(10)
    assert np.array_equal(masks(run), top(before, 22 + 87 + 108))


@pytest.mark.parametrize(
    ("options", "total", "pruned", "restored"),
    [
        ({}, 100, [10, 20, 30, 40, 50, 60, 70, 85], [15, 25, 35, 45, 55, 65, 75]),
        ({"start_fraction": 0.05, "phase_fraction": 0.1}, 200, [10, 50, 90, 130, 170], [30, 70, 110, 150]),
    ],
)
def test_acdc_phases_are_those_of_the_official_configurations(options, total, pruned, restored):
    run = Run(ACDC(sparsity=0.9, **options), total=total)
    assert run.method.switches()[::2] == pruned
    assert run.method.switches()[1::2] == restored
    for step in range(total):
        run.advance()
        sparse = sum(one <= step for one in pruned) > sum(one <= step for one in restored)
        assert sum(run.counts().values()) == (22 + 87 + 108 if sparse else sum(SIZES.values()))
    assert run.method.updates == len(pruned) + len(restored)


def test_acdc_restores_at_zero_and_clears_the_optimiser():
    run = Run(ACDC(sparsity=0.9, start_fraction=0.1, phase_fraction=0.1), total=40).advance(8)
    old = {name: mask.clone() for name, mask in run.method.masks.items()}
    assert run.state("0.weight")[0].any()
    run.advance()
    assert all(mask.all() for mask in run.method.masks.values())
    assert not any(weight[~old[name]].any() for name, weight in run.weights().items())
    assert not any(s["momentum_buffer"].any() for s in run.optimizer.state.values())


def test_granet_prunes_over_all_layers_and_regenerates_within_each():
    options = {"sparsity": 0.8, "initial_sparsity": 0.3, "update_interval": 5, "distribution": "er"}
    run = Run(GraNet(**options), total=41)
    first = sum(run.counts().values())
    final = 216 + 864 + 1080 - 172 - 691 - 864
    for step in range(41):
        before, old = None, masks(run)
        run.backward()
        run.method.before_step(step)
        run.optimizer.step()
        before = np.abs(flat(run))
        run.method.after_step(step)
        run.step += 1
        share = 0.0 if step >= 20 else (1 - (step // 5 * 5) / 20) ** 3
        assert masks(run).sum() == final + int(np.ceil((first - final) * share))
        if step in (5, 10, 15):
            kept = top(np.where(old, before, -1), int(masks(run).sum()))
            ends = np.cumsum(list(SIZES.values()))[:-1]
            assert [part.sum() for part in np.split(kept, ends)] == list(run.counts().values())
            assert not (np.abs(flat(run)) > 0)[~kept].any()
    assert run.method.updates == 7


@pytest.mark.parametrize("total", [1, 2, 3, 9, 50])
@pytest.mark.parametrize("method", [GraNet, GMP, ACDC, SNIP])
def test_the_end_is_the_target_to_the_weight(method, total):
    run = Run(method(sparsity=0.83, distribution="erk"), total=total).advance(total)
    assert sum(run.counts().values()) == 2160 - int(216 * 0.83) - int(864 * 0.83) - int(1080 * 0.83)
    assert run.inactive_is_zero()


def test_granet_goes_on_pruning_when_regeneration_rests():
    options = {"sparsity": 0.8, "update_interval": 4, "stop_fraction": 0.3, "prune_stop_fraction": 0.6}
    run = Run(GraNet(**options), total=40)
    final = 216 + 864 + 1080 - 172 - 691 - 864
    for step in range(40):
        share = 0.0 if step >= 24 else (1 - step // 4 * 4 / 24) ** 3
        assert run.method.dense_gradient(step) is (step in (4, 8))
        old = masks(run)
        run.advance()
        assert masks(run).sum() == final + int(np.ceil((sum(SIZES.values()) - final) * share))
        assert step < 12 or not (masks(run) & ~old).any()
    assert run.method.updates == 6


@pytest.mark.parametrize("method", [GMP, ACDC])
def test_a_schedule_cannot_end_before_it_starts(method):
    with pytest.raises(InputError, match=r"start_fraction: 0\.9 is above stop_fraction 0\.5"):
        method(start_fraction=0.9, stop_fraction=0.5)


def test_granet_cannot_start_sparser_than_it_ends():
    with pytest.raises(InputError, match=r"initial_sparsity: 0\.5 is above sparsity 0\.3"):
        GraNet(sparsity=0.3, initial_sparsity=0.5)


@pytest.mark.parametrize("method", [GraNet(sparsity=0.8, update_interval=4), MEST(sparsity=0.8, soft_bound=0.5)])
def test_costs_follow_the_masks_of_each_step(method):
    run = Run(method, total=30)
    layers = count_layers(run.model, (3, 8, 8))
    cost, expected = TrainingCost(layers), 0.0
    for step in range(30):
        sparse, full = weigh(layers, method.masks), weigh(layers, {})
        expected += 4 * (2 * sparse + full if method.dense_gradient(step) else 3 * sparse)
        cost.add(method, step, 4)
        run.advance()
    assert cost.total == pytest.approx(expected, rel=1e-6)
