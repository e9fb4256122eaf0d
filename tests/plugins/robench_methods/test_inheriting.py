"""Replay and dense-to-static: whose masks, whose weights."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

import robench
from robench.contracts import Factory
from robench.errors import InputError
from tests.helpers.own_loop import OPTIMIZERS, Run, network

MASKS = {"0.weight": torch.arange(216).view(8, 3, 3, 3) % 5 == 0, "6.weight": torch.arange(1080).view(10, 108) % 2 == 0}


def following(name, masks, weights=None, **options):
    method = robench.method(name, **options)
    method.inherit(masks, weights or network().state_dict())
    return method


@pytest.mark.parametrize("name", ["replay", "dense-to-static"])
def test_training_is_under_the_masks_that_were_left(name):
    run = Run(following(name, MASKS, of="rigl"))
    for _ in range(6):
        assert all(torch.equal(run.method.masks[key], mask) for key, mask in MASKS.items())
        assert run.inactive_is_zero()
        run.advance()
    assert run.method.masks.keys() == MASKS.keys()
    assert run.method.updates == 0


def test_what_was_left_is_copied():
    masks = {key: mask.clone() for key, mask in MASKS.items()}
    run = Run(following("replay", masks))
    masks["0.weight"].fill_(True)
    assert torch.equal(run.method.masks["0.weight"], MASKS["0.weight"])


@pytest.mark.parametrize("distribution", ["uniform", "erk"])
def test_dense_to_static_keeps_the_largest_final_weights(distribution):
    torch.manual_seed(4)
    weights = {
        key: torch.randn_like(value) for key, value in network().state_dict().items() if value.is_floating_point()
    }
    run = Run(following("dense-to-static", {}, weights, sparsity=0.75, distribution=distribution))
    static = Run(robench.method("static", sparsity=0.75, distribution=distribution))
    assert run.counts() == static.counts()
    for name, mask in run.method.masks.items():
        magnitudes = np.abs(weights[name].numpy()).ravel()
        expected = np.zeros(magnitudes.size, dtype=bool)
        expected[
            np.argpartition(magnitudes, magnitudes.size - run.counts()[name])[magnitudes.size - run.counts()[name] :]
        ] = True
        assert np.array_equal(mask.numpy().ravel(), expected)


def test_equal_magnitudes_still_give_the_exact_count():
    weights = {key: torch.ones_like(value) for key, value in network().state_dict().items()}
    run = Run(following("dense-to-static", {}, weights, sparsity=0.6))
    assert run.counts() == Run(robench.method("static", sparsity=0.6)).counts()


def built(name):
    torch.manual_seed(7)
    factory = Factory(partial(nn.Linear, 20, 30), (20, 1, 1))
    return robench.method(name).build(factory).weight


def test_replay_starts_from_weights_the_mask_never_saw_and_the_lottery_from_the_original_ones():
    torch.manual_seed(7)
    first, second = nn.Linear(20, 30).weight, nn.Linear(20, 30).weight
    assert torch.equal(built("dense-to-static"), first)
    assert torch.equal(built("replay"), second)
    assert abs(np.corrcoef(first.detach().ravel(), second.detach().ravel())[0, 1]) < 0.2


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ({}, "the run of 'rigl' left no masks"),
        ({"0.weight": torch.ones(2, 2, dtype=torch.bool)}, "the mask of 0.weight, (2, 2), fits no layer"),
        ({"9.weight": torch.ones(2, 2, dtype=torch.bool)}, "the mask of 9.weight, (2, 2), fits no layer"),
    ],
)
def test_what_does_not_fit_is_named(masks, message):
    with pytest.raises(InputError) as caught:
        Run(following("replay", masks))
    assert message in str(caught.value)


def test_a_loop_that_hands_nothing_over_is_told_what_to_call():
    model = network()
    with pytest.raises(InputError, match=r"nothing is inherited from 'rigl'; call inherit\(\) before start\(\)"):
        robench.method("replay").start(model, OPTIMIZERS["sgd"](model.parameters()), total_steps=1, seed=0)
