"""Masking apart from rewiring."""

from inspect import signature
from typing import final

import pytest
import torch
from torch import nn

from robench.errors import InputError
from robench.sparse.masked import KEEPS_ZERO, Masked
from tests.helpers.own_loop import OPTIMIZERS, Run, batch, network


@final
class Fixed(Masked):
    updates = 0


def start(model, **options):
    method = Fixed(**options)
    method.start(model, torch.optim.SGD(model.parameters(), momentum=0.9), total_steps=10, seed=0)
    return method


def test_nothing_to_mask():
    with pytest.raises(InputError, match="Sequential has no weight that can be masked"):
        start(nn.Sequential(nn.LayerNorm(3)))


def test_impossible_sparsity():
    with pytest.raises(InputError, match="outside"):
        start(network(), sparsity=1.5)


def test_active_weights_are_not_touched():
    plain, sparse = network(), network()
    for name, mask in start(sparse).masks.items():
        assert torch.equal(sparse.get_parameter(name), plain.get_parameter(name) * mask)


def test_state_from_before_the_start_is_cleared():
    model = network()
    optimizer = torch.optim.AdamW(model.parameters())
    images, labels = batch(0)
    nn.functional.cross_entropy(model(images), labels).backward()
    optimizer.step()
    method = Fixed(sparsity=0.7)
    method.start(model, optimizer, total_steps=10, seed=0)
    for name, mask in method.masks.items():
        state = optimizer.state[model.get_parameter(name)]
        assert not state["exp_avg"][~mask].any()
        assert state["exp_avg"][mask].any()


def test_tied_weights_are_masked_once():
    model = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 6))
    model[2].weight = model[0].weight
    assert {name: int(mask.sum()) for name, mask in start(model).masks.items()} == {"0.weight": 18}


def test_attention_projection_is_masked():
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    masks = start(layer, sparsity=0.5).masks
    assert 0 < int(masks["self_attn.in_proj_weight"].sum()) < 8 * 24
    assert not layer.self_attn.in_proj_weight[~masks["self_attn.in_proj_weight"]].any()


def test_a_weight_without_gradient_is_passed_over():
    run = Run(Fixed())
    run.backward()
    run.model[0].weight.grad = None
    assert run.method.before_step(0)


def test_optimizers_that_keep_zero_are_the_proven_ones():
    proven = {type(make(network().parameters())) for make in OPTIMIZERS.values()}
    assert proven >= KEEPS_ZERO


IMPLEMENTATIONS = [
    (cls, flag)
    for cls in sorted(KEEPS_ZERO, key=lambda cls: cls.__name__)
    for flag in ("foreach", "fused", "maximize")
    if flag in signature(cls).parameters
]


@pytest.mark.parametrize(("cls", "flag"), IMPLEMENTATIONS)
def test_kept_zero_under_every_implementation(cls, flag):
    model = network()
    optimizer = cls(model.parameters(), lr=1e-2, weight_decay=0.1, **{flag: True})
    method = Fixed(sparsity=0.7)
    method.start(model, optimizer, total_steps=10, seed=0)
    for step in range(5):
        images, labels = batch(step)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        method.before_step(step)
        optimizer.step()
    for name, mask in method.masks.items():
        weight = model.get_parameter(name)
        assert not weight[~mask].any()
        assert not any(v[~mask].any() for v in optimizer.state[weight].values() if v.shape == weight.shape)


def test_masked_weights_load_into_a_plain_model():
    run = Run(Fixed(sparsity=0.7)).advance(5)
    plain = network()
    plain.load_state_dict(run.model.state_dict())
    images, _ = batch(0)
    assert torch.equal(plain.eval()(images), run.model.eval()(images))


def test_persistent_memory_is_a_byte_a_weight():
    run = Run(Fixed())
    assert sum(m.numel() * m.element_size() for m in run.method.masks.values()) == sum(
        weight.numel() for weight in run.weights().values()
    )


def test_state_of_another_model_is_refused():
    state = start(network()).state_dict()
    with pytest.raises(InputError, match="masks are not those of this model"):
        start(nn.Linear(3, 3)).load_state_dict(state)
