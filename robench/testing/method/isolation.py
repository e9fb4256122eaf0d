"""What a method leaves alone in the loop around it."""

import random
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from robench.contracts import Method
from robench.sparse.masks import maskable
from robench.testing.check import check, ensure
from robench.testing.method.network import batch, gradients
from robench.testing.method.trial import OPTIMIZERS, STEPS, Trial, construct, difference, network, takes


@check(11)
def layers(cls: type[Method], **options: Any) -> str:
    """Masked are weights of linear layers, convolutions and attention projections: no norm, bias, embedding, token."""
    trial = Trial(cls, options)
    allowed = set(maskable(trial.model)) | {"depthwise.weight"}
    for name, mask in trial.method.masks.items():
        ensure(name in allowed, f"{name} is masked")
        weight = trial.model.get_parameter(name)
        ensure(mask.dtype == torch.bool, f"the mask of {name} is {mask.dtype}, not bool")
        ensure(mask.shape == weight.shape, f"the mask of {name} is {tuple(mask.shape)}, not {tuple(weight.shape)}")
    return ", ".join(trial.method.masks) or "nothing is masked"


@check(14)
def storage(cls: type[Method], **options: Any) -> str:
    """Parameters keep identity, storage, memory format, requires_grad and hooks: compiled and shared views live on."""

    def prepare(model: nn.Module) -> None:
        model.to(memory_format=torch.channels_last)
        head = model.get_parameter("head.weight")
        head.register_hook(lambda gradient: calls.append(1))  # type: ignore[no-untyped-call]  # torch leaves it untyped
        before.update(_identity(model))

    calls: list[int] = []
    before: dict[str, Any] = {}
    trial = Trial(cls, options, prepare=prepare).advance(STEPS)
    for name, facts in _identity(trial.model).items():
        ensure(facts == before.get(name), f"{name} is another tensor or lies elsewhere than before start()")
    ensure(len(calls) == STEPS, f"a gradient hook of the user was called {len(calls)} times in {STEPS} steps")
    return f"{len(before)} parameters where they were"


@check(14)
def optimizer(cls: type[Method], **options: Any) -> str:
    """The optimiser is used, not patched: its attributes stay its own, and schedulers made after `start` work."""
    method = construct(cls, options)
    model = network(method)
    chosen = OPTIMIZERS["SGD"](model.parameters())
    known = set(vars(chosen))
    weights = [id(weight) for group in chosen.param_groups for weight in group["params"]]
    method.start(model, chosen, total_steps=STEPS, seed=0)
    ensure(set(vars(chosen)) == known, f"start() sets attributes of it: {sorted(set(vars(chosen)) - known)}")
    held = [id(weight) for group in chosen.param_groups for weight in group["params"]]
    ensure(held == weights, "start() changes which parameters it holds")
    scheduler = LambdaLR(chosen, lambda step: 0.5**step)
    taken = 0
    for step in range(4):
        images, labels = batch(step)
        chosen.zero_grad()
        gradients(model, images, labels)
        if method.before_step(step):
            chosen.step()
            scheduler.step()
            taken += 1
        method.after_step(step)
    rate = chosen.param_groups[0]["lr"]
    ensure(abs(rate - 0.1 / 2**taken) < 1e-9, f"after {taken} halvings of 0.1 the learning rate is {rate}")
    return f"{len(weights)} parameters, learning rate {rate:g} after {taken} halvings of 0.1"


@check(12)
def bystanders(cls: type[Method], **options: Any) -> str:
    """Neither `start` nor the hooks touch buffers, as those of BatchNorm, or parameters that are not masked."""
    method = construct(cls, options)
    fresh = network(method)
    trial = Trial(cls, options)
    _untouched(trial, _bystanders(fresh, trial), "start")
    while trial.step < STEPS:
        trial.backward()
        held = _bystanders(trial.model, trial)
        stepped = trial.method.before_step(trial.step)
        _untouched(trial, held, f"step {trial.step}, before_step")
        if stepped:
            trial.optimizer.step()
        held = _bystanders(trial.model, trial)
        trial.method.after_step(trial.step)
        _untouched(trial, held, f"step {trial.step}, after_step")
        trial.step += 1
    return f"{len(held)} tensors left alone"


@check(15)
def export(cls: type[Method], **options: Any) -> str:
    """The trained model is a plain one: its state dict fits a new network, which then gives the same outputs."""
    trial = Trial(cls, options).advance(STEPS)
    plain = network(construct(cls, options))
    names, state = plain.state_dict().keys(), trial.model.state_dict()
    ensure(state.keys() == names, f"entries of its state dict are renamed: {sorted(state.keys() ^ names)[:2]}")
    plain.load_state_dict(state)
    images, _ = batch(0)
    same = torch.equal(plain.eval()(images), trial.model.eval()(images))
    ensure(same, "a plain network with the same state dict gives other outputs")
    return f"{len(state)} entries"


@check(13)
def zero_sparsity(cls: type[Method], **options: Any) -> str:
    """At sparsity 0 the steps that are taken are those of dense training, bit for bit."""
    if not takes(cls, "sparsity"):
        return "has no option sparsity"
    trial = Trial(cls, {**options, "sparsity": 0.0})
    model = network(construct(cls, {**options, "sparsity": 0.0}))
    plain = OPTIMIZERS["SGD"](model.parameters())
    for step in range(STEPS):
        torch.manual_seed(step)
        images, labels = batch(step)
        plain.zero_grad()
        loss = gradients(model, images, labels)
        trial.backward()
        ensure(trial.loss == loss, f"step {step}: the loss is {trial.loss}, in dense training {loss}")
        if trial.finish():
            plain.step()
    return f"{STEPS} losses equal"


@check(13, 19)
def global_random(cls: type[Method], **options: Any) -> str:
    """No global random state of torch, NumPy or Python is used: the data order is the same for every method."""
    before = _random_states()
    trial = Trial(cls, options)
    _unmoved(before, "start")
    for _ in range(STEPS):
        trial.backward()
        before = _random_states()
        trial.finish()
        _unmoved(before, f"step {trial.step - 1}")
    return "unmoved"


def _identity(model: nn.Module) -> dict[str, Any]:
    return {
        name: (id(weight), weight.data_ptr(), weight.stride(), weight.requires_grad)
        for name, weight in model.named_parameters()
    }


def _bystanders(model: nn.Module, trial: Trial) -> dict[str, Tensor]:
    """Return copies of all tensors of the model that the trial's method does not mask."""
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {name: value.detach().clone() for name, value in tensors.items() if name not in trial.method.masks}


def _untouched(trial: Trial, held: dict[str, Tensor], where: str) -> None:
    now = _bystanders(trial.model, trial)
    changed = difference(held, {name: now[name] for name in held if name in now})
    ensure(changed is None, f"{where} changes {changed}, which is not masked")


def _random_states() -> tuple[Tensor, Any, Any]:
    return torch.random.get_rng_state(), np.random.get_state(legacy=False), random.getstate()


def _unmoved(before: tuple[Tensor, Any, Any], where: str) -> None:
    now = _random_states()
    ensure(torch.equal(before[0], now[0]), f"{where} draws from torch's global generator")
    ensure(str(before[1]) == str(now[1]), f"{where} draws from NumPy's global generator")
    ensure(before[2] == now[2], f"{where} draws from Python's global generator")
