"""One update of each method beside its authors' formulas, over random layers: where they differ, and by how much.

The formulas stand in `tests.helpers.official_updates`, with the repository each describes. Weights, gradients, momentum
and masks are given; no optimiser step is made, so what the update does is all that happens.
"""

import math
from dataclasses import fields

import numpy as np
import pytest
import torch
from torch import nn

import robench
from robench.sparse.distributions import densities, nonzeros
from tests.helpers import official_updates as official
from tests.helpers.official_updates import Layer

CASES = range(8)
TOTAL, INTERVAL = 1000, 100
SHAPES = [(24, 18), (12, 8, 3, 3), (30, 40), (20, 10, 3)]


def network():
    """Four layers of these shapes; none of the tests runs a forward pass."""
    return nn.ModuleList([nn.Linear(18, 24), nn.Conv2d(8, 12, 3), nn.Linear(40, 30), nn.Conv1d(10, 20, 3)])


class Update:
    """The state before an update at `step`, random by `case`, the update made, and what is there after it."""

    def __init__(self, case, name, step=INTERVAL, **options):
        rng = np.random.default_rng(case)
        self.sparsity = options.setdefault("sparsity", [0.1, 0.3, 0.5, 0.8, 0.9][case % 5])
        alpha = options.get("drop_fraction", float(rng.uniform(0.1, 0.9)))
        self.method = robench.method(name, **self._known(name, options, alpha))
        self.model = network()
        optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1, momentum=0.9)
        self.method.start(self.model, optimizer, total_steps=TOTAL, seed=case)
        self.state = optimizer.state
        self.weights = {key: self.model.get_parameter(key) for key in self.method.masks}
        self.fill(rng)
        self.alpha, self.step = alpha, step
        self.run(step)

    @staticmethod
    def _known(name, options, alpha):
        declared = {field.name for field in fields(robench.method(name))}
        ours = {"update_interval": INTERVAL, "drop_fraction": alpha, **options}
        return {key: value for key, value in ours.items() if key in {*declared, "preset"}}

    def fill(self, rng):
        with torch.no_grad():
            for key, weight in self.weights.items():
                mask = self.method.masks[key]
                draw = [torch.from_numpy(rng.standard_normal(weight.shape, dtype=np.float32)) for _ in range(3)]
                weight.copy_(draw[0] * mask)
                weight.grad = draw[1]
                self.state[weight]["momentum_buffer"] = draw[2] * mask

    def run(self, step):
        self.before = self.layers()
        self.stepped = self.method.before_step(step)
        if self.stepped:
            for weight in self.weights.values():
                weight.grad = None
        self.method.after_step(step)
        self.after = self.layers()

    def layers(self):
        found = []
        for key, weight in self.weights.items():
            gradient = weight.grad if weight.grad is not None else torch.zeros_like(weight)
            parts = [weight.detach(), gradient, self.method.masks[key], self.state[weight]["momentum_buffer"]]
            found.append(Layer(*(part.clone().numpy() for part in parts)))
        return found

    @property
    def pairs(self):
        return list(zip(self.before, self.after, strict=True))

    def cosine(self, alpha=None, stop=750):
        return (alpha or self.alpha) / 2 * (1 + math.cos(math.pi * self.step / stop))


@pytest.mark.parametrize("case", CASES)
def test_rigl_is_that_of_its_repository_bit_for_bit(case):
    update = Update(case, "rigl", step=INTERVAL * (1 + case % 3))
    assert not update.stepped
    for old, new in update.pairs:
        _, mask, weight, momentum = official.rigl_repository(old, update.cosine(), np.abs(old.grad))
        assert np.array_equal(new.mask, mask)
        assert np.array_equal(new.weight, weight)
        assert np.array_equal(new.momentum, momentum)


@pytest.mark.parametrize("case", CASES)
def test_itop_drops_the_ceiling_so_at_most_a_pair_differs(case):
    update = Update(case, "rigl", drop_fraction=0.5, stop_fraction=1.0)
    for old, new in update.pairs:
        _, mask = official.itop(old, update.cosine(0.5, TOTAL))
        if not old.mask.all():
            assert mask.sum() == new.mask.sum()
            assert (mask != new.mask).sum() <= 2


@pytest.mark.parametrize(
    "preset", [{"drop": "magnitude"}, {"preset": "cifar"}, {"preset": "imagenet"}, {"preset": "itop"}]
)
@pytest.mark.parametrize("case", CASES)
def test_set_of_the_rigl_repository_keeps_what_it_draws_again(case, preset):
    update, again = Update(case, "set", **preset), 0
    for old, new in update.pairs:
        if old.mask.all():
            continue
        fraction = update.method.fraction_at(INTERVAL)
        kept, mask, _, _ = official.rigl_repository(old, fraction, np.ones(old.weight.shape))
        assert not (kept & ~new.mask).any()
        assert new.mask.sum() == mask.sum()
        both = old.mask & new.mask
        assert np.array_equal(new.weight, old.weight * both)
        assert np.array_equal(new.momentum, old.momentum * both)
        assert abs(int(official.itop(old, fraction)[0].sum()) - int(kept.sum())) <= 1
        again += int((both & ~kept).sum())
    assert again > 0


@pytest.mark.parametrize("case", CASES)
def test_set_by_sign_is_that_of_keras_but_for_two_positions_and_restarts(case):
    update = Update(case, "set", step=INTERVAL)
    restarted = 0
    for old, new in update.pairs:
        if old.mask.all():
            continue
        kept = official.set_keras(old.weight, update.cosine())
        assert new.mask.sum() == old.mask.sum()
        survivors = new.mask & (new.weight != 0)
        assert (kept != survivors).sum() <= 2
        assert np.array_equal(new.weight, old.weight * survivors)
        assert np.array_equal(new.momentum, old.momentum * survivors)
        restarted += int((old.mask & new.mask & ~survivors).sum())
    assert restarted > 0


@pytest.mark.parametrize("weight_of_gradient", [0.0, 0.01])
@pytest.mark.parametrize("case", CASES)
def test_mest_keeps_what_the_official_percentile_keeps(case, weight_of_gradient):
    update = Update(case, "mest", drop_fraction=0.2, gradient_weight=weight_of_gradient)
    for old, new in update.pairs:
        if old.mask.all():
            continue
        density = (old.mask.sum() - int(0.2 * old.mask.sum())) / old.mask.size
        kept = official.mest(old, density, weight_of_gradient)
        assert np.array_equal(new.mask & (new.weight != 0), kept)
        assert np.array_equal(new.weight, old.weight * kept)
        assert not new.momentum[~kept].any()  # the official code lets it live on
        assert new.mask.sum() == old.mask.sum()


@pytest.mark.parametrize("case", CASES)
def test_granet_prunes_and_regenerates_as_the_official_code_but_for_three_weights(case):
    update = Update(case, "granet", step=2 * INTERVAL, drop_fraction=0.5)
    sparsity = official.cubic_sparsity(update.sparsity, 2 * INTERVAL, 0, TOTAL // 2)
    pruned, masks = official.granet(update.before, sparsity, update.cosine(0.5, TOTAL))
    ours = update.after
    assert 0 <= sum(int(new.mask.sum()) for new in ours) - sum(int(mask.sum()) for mask in masks) <= 2
    for old, new, left, mask in zip(update.before, ours, pruned, masks, strict=True):
        assert (mask != new.mask).sum() <= 3  # 1 by the strict threshold, a pair by the ceiling
        common = left & mask & new.mask
        assert np.array_equal(new.weight[common], old.weight[common])
        assert np.array_equal(new.momentum[common], old.momentum[common])
        assert (new.weight[new.mask & ~left] != 0).sum() <= 2


@pytest.mark.parametrize("sparsity", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("case", CASES)
def test_snfs_moves_weights_between_layers_as_the_official_code_but_for_roundings(case, sparsity):
    update = Update(case, "snfs", sparsity=sparsity, drop_fraction=0.5, distribution="erk")
    momentum = [value.numpy() for key, value in update.method.state_dict().items() if key.startswith("momentum.")]
    dense = [old._replace(momentum=value) for old, value in zip(update.before, momentum, strict=True)]
    dropped, growth = official.snfs_growth(dense, update.cosine(0.5, TOTAL))
    for layer, new, down, up in zip(dense, update.after, dropped, growth, strict=True):
        assert abs(int(new.mask.sum()) - (int(layer.mask.sum()) - down + up)) <= 2
        kept = official.top(np.abs(layer.weight), int(layer.mask.sum()) - down)
        mask = kept | official.top(np.where(kept, 0, np.abs(layer.momentum)), up)
        assert (mask != new.mask).sum() <= 9


@pytest.mark.parametrize("gamma", [0.0, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("case", CASES)
def test_srigl_ablates_and_rewires_as_the_official_code_at_every_update(case, gamma):
    options = {"ablation_threshold": gamma, "distribution": "erk"}
    update = Update(case, "srigl", sparsity=[0.5, 0.7, 0.8, 0.85][case % 4], stop_fraction=1.0, **options)
    shapes = dict(zip(update.weights, SHAPES, strict=True))
    budgets = nonzeros("erk", shapes, update.sparsity)
    rng, ablated = np.random.default_rng(100 + case), []
    for step in range(INTERVAL, 7 * INTERVAL, INTERVAL):
        if step > INTERVAL:
            update.step = step
            scale = {
                key: np.exp(rng.standard_normal((shape[0], *[1] * (len(shape) - 1)))) for key, shape in shapes.items()
            }
            update.fill(rng)
            with torch.no_grad():
                for key, weight in update.weights.items():
                    weight.mul_(torch.from_numpy(scale[key].astype(np.float32)))
            update.run(step)
        for (name, _), (old, new) in zip(shapes.items(), update.pairs, strict=True):
            last = name == list(shapes)[-1]
            if old.mask.all():
                continue
            mask, alive = official.srigl(old, update.cosine(stop=TOTAL), 0.0 if last else gamma, budgets[name])
            assert np.array_equal(new.mask, mask)
            assert update.method.neurons[name] == alive.sum()
            assert np.array_equal(new.weight, old.weight * mask)
            assert np.array_equal(new.momentum, old.momentum * mask)
            ablated.append(int((~alive).sum()))
    assert (sum(ablated) > 0) == (gamma > 0.3) or gamma == 0.3


@pytest.mark.parametrize("case", CASES)
def test_dsr_prunes_by_the_official_threshold_and_grows_by_survivors(case):
    threshold = float(np.random.default_rng(case).uniform(0.05, 0.6))
    update = Update(
        case,
        "dsr",
        sparsity=[0.6, 0.8, 0.9][case % 3],  # no layer fills up
        drop_fraction=0.14,
        initial_threshold=threshold,
    )
    aim = 0.14 * sum(old.mask.sum() for old in update.before)
    kept, grown, after = official.dsr(update.before, threshold, aim)
    assert update.method.state_dict()["threshold"] == after
    for old, new, stays, count in zip(update.before, update.after, kept, grown, strict=True):
        assert np.array_equal(new.weight, old.weight * stays)
        assert not (new.mask & old.mask & ~stays).any()  # none comes back at once
        assert abs(int(new.mask.sum() - stays.sum()) - count) < 1


@pytest.mark.parametrize("case", CASES)
def test_snip_is_the_official_top_k(case):
    update = Update(case, "snip", step=0)
    size = sum(math.prod(shape) for shape in SHAPES)
    total = sum(int(new.mask.sum()) for new in update.after)
    assert abs(total - round(size * (1 - update.sparsity))) <= len(SHAPES)  # each layer's share is rounded up
    for new, mask in zip(update.after, official.snip(update.before, 1 - total / size), strict=True):
        assert np.array_equal(new.mask, mask)


@pytest.mark.parametrize("case", CASES)
def test_gmp_follows_the_cubic_formula_at_every_update(case):
    update = Update(case, "gmp", step=200, distribution="erk", start_fraction=0.1, stop_fraction=0.7)
    final = nonzeros("erk", dict(zip(update.weights, SHAPES, strict=True)), update.sparsity)
    for step in range(200, 800, INTERVAL):
        if step > 200:
            update.run(step)
        left = (1 - (min(step, 700) - 100) / 600) ** 3
        for name, (old, new) in zip(update.weights, update.pairs, strict=True):
            count = final[name] + math.ceil(left * (old.mask.size - final[name]))
            assert new.mask.sum() == count
            sparsity = official.cubic_sparsity(1 - final[name] / old.mask.size, min(step, 700), 100, 700)
            assert abs(count - old.mask.size * (1 - sparsity)) < 1 + 1e-9
            assert np.array_equal(new.mask, official.top(np.abs(old.weight), count))


@pytest.mark.parametrize(
    ("options", "sparse", "dense"),
    [({}, [*range(10, 80, 10), 85], range(15, 80, 10)), ({"preset": "cifar"}, range(5, 90, 20), range(15, 80, 20))],
)
def test_acdc_phases_begin_at_the_published_epochs(options, sparse, dense):
    """ResNet-50: pruned at 10, 20, ... 85 of 100, restored at 15, ... 75; CIFAR: at 10, 50, ... and 30, ... of 200."""
    method = robench.method("acdc", sparsity=0.5, **options)
    model = network()
    method.start(model, torch.optim.SGD(model.parameters(), lr=0.1), total_steps=100, seed=0)
    full = sum(math.prod(shape) for shape in SHAPES)
    states = [method.active_at(step) == full for step in range(100)]
    turns = {step: states[step] for step in range(1, 100) if states[step] != states[step - 1]}
    assert [step for step, is_dense in turns.items() if not is_dense] == list(sparse)
    assert [step for step, is_dense in turns.items() if is_dense] == list(dense)


def test_dsr_updates_as_often_as_the_official_schedule_on_cifar():
    """Every 100, 200, 400, 800 steps from epochs 0, 25, 80, 140; none from epoch 190 of 200, each of 500 batches."""
    method = robench.method("dsr", sparsity=0.9, preset="cifar")
    model = network()
    method.start(model, torch.optim.SGD(model.parameters(), lr=0.1), total_steps=200 * 500, seed=0)
    period = {epoch: 100 * 2 ** sum(epoch >= start for start in (25, 80, 140)) for epoch in range(190)}
    expected = [step for step in range(1, 190 * 500) if step % period[step // 500] == 0]
    assert [step for step in range(200 * 500) if method.updates_at(step)] == expected


@pytest.mark.parametrize("preset", ["cifar", "cifar-soft"])
def test_mest_updates_every_five_epochs_of_its_scripts(preset):
    assert robench.method("mest", preset=preset).update_interval == 5 * math.ceil(50_000 / 64)


def test_srigl_of_vit_does_not_end_in_dense_rows():
    """The threshold is a share of the fan-in before any ablation: a present one would chase itself."""
    torch.manual_seed(0)
    model = nn.Sequential(*(nn.Linear(96, 96, bias=False) for _ in range(3)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    method = robench.method("srigl", preset="vit", sparsity=0.8, update_interval=1)
    method.start(model, optimizer, total_steps=200, seed=0)
    scale, rng = torch.randn(96, 1).exp(), np.random.default_rng(0)
    with torch.no_grad():
        model[1].weight.mul_(scale)
    for step in range(1, 40):
        for weight in model.parameters():
            weight.grad = torch.from_numpy(rng.standard_normal(weight.shape, dtype=np.float32))
        old = method.masks["1.weight"].clone()
        method.before_step(step)
        method.after_step(step)
        moved = int((old & ~method.masks["1.weight"]).sum()) / int(old.sum())
        assert moved > 0.5 * method.fraction_at(step) or step == 1
        assert method.fan_in("1.weight") < 96


@pytest.mark.parametrize("distribution", ["er", "erk"])
@pytest.mark.parametrize("sparsity", [0.1, 0.3, 0.5, 0.8, 0.9, 0.95, 0.98])
def test_densities_are_those_of_the_rigl_repository(distribution, sparsity):
    rng = np.random.default_rng(int(100 * sparsity))
    for _ in range(10):
        widths = 2 ** rng.integers(3, 9, size=(12, 2))
        shapes = {str(i): (*map(int, pair), *[int(rng.choice([1, 3]))] * 2) for i, pair in enumerate(widths)}
        expected = official.erk_densities(list(shapes.values()), sparsity, kernel=distribution == "erk")
        ours = densities(distribution, shapes, sparsity)
        assert np.abs(np.array(list(ours.values())) - expected).max() < 1e-12
