"""The laws of `Method`, for every method that is installed as part of robench."""

import copy
import inspect
import json
from importlib.metadata import entry_points
from typing import get_type_hints

import pytest
import torch
from loop import OPTIMIZERS, Run, network, same
from torch import nn

from robench.contracts import Method
from robench.sparse.distributions import nonzeros
from robench.sparse.dynamic import DynamicSparse
from robench.sparse.masked import Masked
from robench.sparse.masks import maskable

CLASSES = {e.name: e.load() for e in entry_points(group="robench.methods") if e.dist.name == "robench"}
MASKED = sorted(name for name, cls in CLASSES.items() if issubclass(cls, Masked))
DYNAMIC = sorted(name for name, cls in CLASSES.items() if issubclass(cls, DynamicSparse))
VARIANTS = [(name, {}) for name in DYNAMIC] + [("mest", {"growth": "gradient"}), ("mest", {"gradient_weight": 0.0})]


def build(name, **options):
    cls = CLASSES[name]
    quick = {"update_interval": 5, "stop_fraction": 0.9} if issubclass(cls, DynamicSparse) else {}
    return cls(**quick, **options)


def test_built_in_methods():
    assert {"dense", "static", "set", "rigl", "mest"} <= set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_options_are_visible_and_have_defaults(name):
    cls = CLASSES[name]
    assert issubclass(cls, Method)
    assert inspect.getdoc(cls).splitlines()[0].endswith(".")
    hints = get_type_hints(cls, include_extras=True)
    for option in inspect.signature(cls).parameters.values():
        assert option.kind is option.KEYWORD_ONLY
        assert option.default is not option.empty
        assert not isinstance(hints[option.name], str)


@pytest.mark.parametrize("name", CLASSES)
def test_methods_are_siblings(name):
    assert not any(issubclass(CLASSES[name], other) for other in CLASSES.values() if other is not CLASSES[name])


@pytest.mark.parametrize(("name", "options"), VARIANTS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_counts_hold_and_inactive_is_exactly_zero(name, options, optimizer):
    run = Run(build(name, sparsity=0.6, **options), optimizer=optimizer, total=16)
    before = run.counts()
    assert run.inactive_is_zero()
    for _ in range(run.total):
        run.advance()
        assert run.counts() == before
        assert run.inactive_is_zero()
    assert run.method.updates == 2


@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_a_thousand_updates(name, options):
    torch.manual_seed(0)
    model = nn.Linear(6, 9)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    method = CLASSES[name](sparsity=0.5, update_interval=1, stop_fraction=1.0, **options)
    method.start(model, optimizer, total_steps=1002, seed=0)
    before = {key: int(mask.sum()) for key, mask in method.masks.items()}
    images = torch.randn(3, 6)
    for step in range(1002):
        optimizer.zero_grad()
        model(images).square().sum().backward()
        if method.before_step(step):
            optimizer.step()
        method.after_step(step)
        assert before == {key: int(mask.sum()) for key, mask in method.masks.items()}
    assert method.updates == 1000


@pytest.mark.parametrize("distribution", ["uniform", "er", "erk"])
@pytest.mark.parametrize("name", MASKED)
def test_every_distribution_holds_its_counts(name, distribution):
    run = Run(build(name, distribution=distribution, sparsity=0.8))
    shapes = {key: weight.shape for key, weight in maskable(run.model).items()}
    assert run.advance(12).counts() == nonzeros(distribution, shapes, 0.8)


@pytest.mark.parametrize("name", DYNAMIC)
def test_masks_change_only_with_updates_and_rest_after_the_stop(name):
    run = Run(build(name), total=60)
    for _ in range(run.total):
        masks, updates = {k: m.clone() for k, m in run.method.masks.items()}, run.method.updates
        run.advance()
        changed = not all(torch.equal(mask, masks[k]) for k, mask in run.method.masks.items())
        assert changed == (run.method.updates != updates)
        assert run.method.updates - updates == int(run.method.updates_at(run.step - 1))
    assert run.method.updates == 10


@pytest.mark.parametrize("name", CLASSES)
def test_no_global_randomness(name):
    run = Run(build(name))
    torch.manual_seed(123)
    before = torch.random.get_rng_state()
    run.advance(20)
    build(name).start(run.model, run.optimizer, total_steps=9, seed=1)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("stop", [1, 5, 6, 21])
@pytest.mark.parametrize("name", CLASSES)
def test_resume_continues_bit_for_bit(name, stop):
    whole = Run(build(name), optimizer="adamw").advance(40)
    half = Run(build(name), optimizer="adamw").advance(stop)
    weights, optimizer = copy.deepcopy((half.model.state_dict(), half.optimizer.state_dict()))
    state = half.method.state_dict()
    tensors = {key: value for key, value in state.items() if torch.is_tensor(value)}
    assert all(value.is_contiguous() for value in tensors.values())
    json.dumps({key: value for key, value in state.items() if key not in tensors})
    saved = {key: value.clone() for key, value in tensors.items()}
    half.advance(10)
    assert all(torch.equal(value, saved[key]) for key, value in tensors.items())
    rest = Run(build(name), optimizer="adamw")
    rest.model.load_state_dict(weights)
    rest.optimizer.load_state_dict(optimizer)
    rest.method.load_state_dict(state)
    rest.step = stop
    assert same(rest.advance(40 - stop), whole)


@pytest.mark.parametrize("name", CLASSES)
def test_same_seed_same_run_and_other_seed_other_masks(name):
    assert same(Run(build(name)).advance(20), Run(build(name)).advance(20))
    one, other = (Run(build(name), seed=seed).method.masks for seed in (0, 1))
    assert all(not torch.equal(one[key], other[key]) for key in one if not one[key].all())


def test_static_at_sparsity_zero_is_dense_training():
    dense, static = Run(build("dense")), Run(build("static", sparsity=0.0))
    for _ in range(30):
        assert dense.advance().loss.item() == static.advance().loss.item()
    assert all(torch.equal(p, q) for p, q in zip(dense.model.parameters(), static.model.parameters(), strict=True))


@pytest.mark.parametrize("name", MASKED)
def test_storage_names_and_memory_format_stay(name):
    model = network().to(memory_format=torch.channels_last)
    before = {k: (p.data_ptr(), p.stride(), id(p), p.requires_grad) for k, p in model.named_parameters()}
    run = Run(build(name), model=model).advance(20)
    assert before == {k: (p.data_ptr(), p.stride(), id(p), p.requires_grad) for k, p in model.named_parameters()}
    assert run.inactive_is_zero()


@pytest.mark.parametrize("name", MASKED)
def test_memory_format_does_not_change_the_masks(name):
    last = Run(build(name), model=network().to(memory_format=torch.channels_last))
    assert all(torch.equal(m, last.method.masks[k]) for k, m in Run(build(name)).method.masks.items())


@pytest.mark.parametrize("name", CLASSES)
def test_exploration_rate(name):
    run = Run(build(name, **({} if name == "dense" else {"sparsity": 0.7})))
    masks = run.method.masks
    union = {key: mask.clone() for key, mask in masks.items()}
    for _ in range(40):
        run.advance()
        union = {key: mask | masks[key] for key, mask in union.items()}
    total = sum(mask.numel() for mask in union.values())
    assert run.method.exploration_rate == (sum(int(m.sum()) for m in union.values()) / total if total else 1.0)


@pytest.mark.parametrize("name", CLASSES)
def test_before_start_there_is_nothing(name):
    assert not build(name).masks
    assert build(name).updates == 0
