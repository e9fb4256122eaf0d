"""The laws of `Method`, for every method that is installed as part of robench."""

import copy
import inspect
import json
from importlib.metadata import entry_points
from typing import get_type_hints

import pytest
import torch
from torch import nn

from robench.contracts import Method
from robench.contracts.role import Role
from robench.sparse.distributions import nonzeros
from robench.sparse.masked import Masked
from robench.sparse.masks import maskable
from robench.sparse.rewiring import Rewiring
from tests.helpers.own_loop import OPTIMIZERS, Run, network, same
from tests.helpers.thoroughly import thoroughly

CLASSES = {e.name: e.load() for e in entry_points(group="robench.methods") if e.dist.name == "robench"}
MASKED = sorted(name for name, cls in CLASSES.items() if issubclass(cls, Masked))
STRUCTURED = ("nm-rigl", "srigl")
REWIRING = sorted(name for name, cls in CLASSES.items() if issubclass(cls, Rewiring))
VARIANTS = [(name, {}) for name in REWIRING] + [
    ("mest", {"growth": "gradient"}),
    ("mest", {"gradient_weight": 0.0}),
    ("mest", {"soft_bound": 0.5}),
    ("set", {"drop": "magnitude"}),
    ("granet", {"growth": "random", "initial_sparsity": 0.2}),
    ("gmp", {"scope": "global"}),
    ("acdc", {"scope": "layer"}),
    ("snip", {"scope": "layer"}),
    ("srigl", {"ablation_threshold": 0.95}),
]


def build(name, **options):
    cls = CLASSES[name]
    quick = {"update_interval": 5, "stop_fraction": 0.9}
    quick = {key: value for key, value in quick.items() if key in inspect.signature(cls).parameters}
    method = cls(**quick, **options)
    if method.follows is not None:
        with torch.random.fork_rng():
            left = Run(CLASSES["static"](sparsity=method.sparsity, distribution=method.distribution))
        method.inherit(left.method.masks, left.model.state_dict())
    return method


def holds_its_schedule(method, step, start):
    counts = {key: int(mask.sum()) for key, mask in method.masks.items()}
    declared = method.active_at(step)
    return counts == start if declared is None else sum(counts.values()) == declared


def test_built_in_methods():
    assert {"dense", "static", "set", "rigl", "mest", "snip", "granet", "snfs", "dsr", "gmp", "acdc"} <= set(CLASSES)


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


@pytest.mark.parametrize(
    ("name", "options", "optimizer"),
    [(*variant, "adamw") for variant in VARIANTS] + [(name, {}, one) for name in REWIRING for one in OPTIMIZERS],
)
def test_counts_hold_and_inactive_is_exactly_zero(name, options, optimizer):
    run = Run(build(name, sparsity=0.75, **options), optimizer=optimizer, total=16)
    before = run.counts()
    assert run.inactive_is_zero()
    for step in range(run.total):
        run.advance()
        assert holds_its_schedule(run.method, step, before)
        assert run.inactive_is_zero()
    assert run.method.updates == sum(run.method.updates_at(step) for step in range(run.total)) > 0


@pytest.mark.parametrize(
    ("name", "options"),
    thoroughly([*((name, {}) for name in REWIRING), ("mest", {"soft_bound": 0.5})], always=[("rigl", {}), ("dsr", {})]),
)
def test_a_thousand_updates(name, options):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 12))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)
    often = {"update_interval": 1, "stop_fraction": 1.0, "start_fraction": 0.0, "phase_fraction": 0.001}
    parameters = inspect.signature(CLASSES[name]).parameters
    method = CLASSES[name](sparsity=0.5, **{k: v for k, v in often.items() if k in parameters}, **options)
    method.start(model, optimizer, total_steps=1002, seed=0)
    before = {key: int(mask.sum()) for key, mask in method.masks.items()}
    images = torch.randn(3, 8)
    for step in range(1002):
        optimizer.zero_grad()
        model(images).square().mean().backward()
        if method.before_step(step):
            optimizer.step()
        method.after_step(step)
        assert holds_its_schedule(method, step, before)
    assert method.updates >= 1000 or CLASSES[name].role is Role.STATIC


@pytest.mark.parametrize("distribution", ["uniform", "er", "erk"])
@pytest.mark.parametrize("name", [name for name in MASKED if name not in STRUCTURED])
def test_every_distribution_ends_at_its_total(name, distribution):
    run = Run(build(name, distribution=distribution, sparsity=0.6))
    shapes = {key: weight.shape for key, weight in maskable(run.model).items()}
    assert sum(run.advance(40).counts().values()) == sum(nonzeros(distribution, shapes, 0.6).values())


@pytest.mark.parametrize("name", REWIRING)
def test_masks_change_only_with_updates_and_rest_after_the_stop(name):
    run = Run(build(name), total=60)
    for _ in range(run.total):
        masks, updates = {k: m.clone() for k, m in run.method.masks.items()}, run.method.updates
        run.advance()
        changed = not all(torch.equal(mask, masks[k]) for k, mask in run.method.masks.items())
        assert not changed or run.method.updates != updates
        assert run.method.updates - updates == int(run.method.updates_at(run.step - 1))


@pytest.mark.parametrize("name", CLASSES)
def test_no_global_randomness(name):
    run = Run(build(name))
    torch.manual_seed(123)
    before = torch.random.get_rng_state()
    run.advance(20)
    build(name).start(run.model, run.optimizer, total_steps=9, seed=1)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("stop", thoroughly([1, 5, 6, 21], always=[6]))
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
    inherited = build(name).follows is not None
    assert all(torch.equal(one[key], other[key]) == inherited for key in one if not one[key].all())


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
    run = Run(build(name, **({} if name == "dense" else {"sparsity": 0.75})))
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
