"""Training FLOPs against the formulas of RigL, with a method that only says what it is asked."""

import math

import pytest
import torch
from torch import nn

from robench.errors import InputError
from robench.sparse.distributions import nonzeros
from robench.sparse.flops import LayerCost, TrainingCost, count_layers, flops
from tests.helpers.networks import imagenet_resnet50, shapes

LAYERS = {"0.weight": LayerCost(100, 0), "1.weight": LayerCost(50, 0), "attention": LayerCost(25, 0)}


class Script:
    """Masks that the test sets; a dense gradient at every `period`-th step."""

    def __init__(self, masks, period=math.inf):
        self.masks, self.updates, self.period = masks, 0, period

    def dense_gradient(self, step):
        return step % self.period == self.period - 1


def mask(nonzero, size=100):
    return (torch.arange(size) < nonzero).view(1, size)


def test_dense_step_is_three_forwards():
    cost = TrainingCost(LAYERS)
    cost.add(Script({}), 0, samples=7)
    assert cost.total == cost.full_total == 3 * 350 * 7
    assert cost.ratio == 1


def test_layers_are_weighed_by_density():
    cost = TrainingCost(LAYERS)
    cost.add(Script({"0.weight": mask(25)}), 0, samples=2)
    assert cost.total == 2 * 3 * (50 + 100 + 50)


def test_masks_count_again_after_an_update():
    method, cost = Script({"0.weight": mask(25)}), TrainingCost(LAYERS)
    cost.add(method, 0, samples=1)
    method.masks, method.updates = {"0.weight": mask(50)}, 1
    cost.add(method, 1, samples=1)
    assert cost.total == 3 * 200 + 3 * 250


@pytest.mark.parametrize("sparsity", [0.8, 0.9])
def test_rigl_formula_over_one_cycle(sparsity):
    model = imagenet_resnet50()
    size = shapes(model)
    counts = nonzeros("erk", size, sparsity)
    masks = {n: k / size[n].numel() for n, k in counts.items()}
    cost, method = TrainingCost(count_layers(model, (3, 224, 224))), Script(masks, period=101)
    for step in range(101):
        cost.add(method, step, samples=4096)
    ratio = flops(model, (3, 224, 224), masks) / flops(model, (3, 224, 224))
    assert cost.ratio == pytest.approx((3 * ratio * 100 + 2 * ratio + 1) / 101 / 3, rel=1e-9)
    assert cost.ratio == pytest.approx({0.8: 0.4149, 0.9: 0.2433}[sparsity], abs=1e-4)


def test_state_continues_to_the_same_number():
    whole, half, rest = (TrainingCost(LAYERS) for _ in range(3))
    method = Script({"0.weight": mask(33)}, period=5)
    for step in range(20):
        whole.add(method, step, samples=3)
        (half if step < 9 else rest).add(method, step, samples=3)
        if step == 8:
            rest.load_state_dict(half.state_dict())
    assert rest.total == whole.total
    assert rest.full_total == whole.full_total


def test_before_the_first_step():
    assert math.isnan(TrainingCost(count_layers(nn.Linear(2, 2), (2,))).ratio)


def test_foreign_state_is_refused():
    with pytest.raises(InputError, match="total"):
        TrainingCost(LAYERS).load_state_dict({})
