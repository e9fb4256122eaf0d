"""What a method leaves alone in the loop around it."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from robench.contracts import Method
from robench.sparse.masks import maskable
from robench.testing.check import check, ensure
from robench.testing.method.network import batch, gradients
from robench.testing.method.recording import Moment, record
from robench.testing.method.trial import OPTIMIZERS, STEPS, Trial, construct, difference, network, takes


@check(11)
def layers(cls: type[Method], **options: Any) -> str:
    """Masked, by bool tensors, are all weights of linear layers, convolutions and attention projections, none else.

    No norm, bias, embedding, token. The first may be left out, as `distribution="uniform"` does, and depthwise
    convolutions be masked; a method that leaves others dense declares `leaves_dense`.
    """
    run = record(cls, options)
    weights, masks = list(maskable(run.trial.model)), run.trial.method.masks
    for name, mask in masks.items():
        ensure(name in {*weights, "depthwise.weight"}, f"{name} is masked")
        weight = run.trial.model.get_parameter(name)
        ensure(mask.dtype == torch.bool, f"the mask of {name} is {mask.dtype}, not bool")
        ensure(mask.shape == weight.shape, f"the mask of {name} is {tuple(mask.shape)}, not {tuple(weight.shape)}")
    dense = [name for name in weights[1:] if name not in masks]
    ensure(not masks or not dense or cls.leaves_dense, f"{dense[:1]} is not masked; leaves_dense is not declared")
    return ", ".join(masks) or "nothing is masked"


@check(14)
def storage(cls: type[Method], **options: Any) -> str:
    """Parameters, gradients and masks stay where they are, and keep memory format, requires_grad and hooks.

    Compiled code, shared views and what a user took of `masks` live on.
    """

    def prepare(model: nn.Module) -> None:
        model.to(memory_format=torch.channels_last)
        head = model.get_parameter("head.weight")
        head.register_hook(lambda gradient: calls.append(1))  # type: ignore[no-untyped-call]  # torch leaves it untyped
        before.update(_identity(model))

    calls: list[int] = []
    before: dict[str, Any] = {}
    trial = Trial(cls, options, prepare=prepare)
    masks = {name: (id(mask), mask.data_ptr()) for name, mask in trial.method.masks.items()}
    while trial.step < STEPS:
        trial.backward()
        held = _gradients(trial.model)
        trial.finish()
        moved = difference(held, _gradients(trial.model))
        ensure(moved is None, f"step {trial.step - 1}: the gradient of {moved} is another tensor, or lies elsewhere")
    for name, facts in _identity(trial.model).items():
        ensure(facts == before.get(name), f"{name} is another tensor or lies elsewhere than before start()")
    ensure(len(calls) == STEPS, f"a gradient hook of the user was called {len(calls)} times in {STEPS} steps")
    for name, mask in trial.method.masks.items():
        same = masks.get(name) == (id(mask), mask.data_ptr())
        ensure(same, f"the mask of {name} is another tensor than after start(); rewire it in place")
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
    run = record(cls, options)
    _untouched(run.fresh, run.start.tensors, run.start, "start")
    for step in run.steps:
        _untouched(step.ready.tensors, step.hooked.tensors, step.hooked, f"step {step.number}, before_step")
        _untouched(step.optimised.tensors, step.after.tensors, step.after, f"step {step.number}, after_step")
    return f"{len(run.fresh.keys() - run.start.masks.keys())} tensors left alone"


@check(15)
def export(cls: type[Method], **options: Any) -> str:
    """The trained model is a plain one: its state dict fits a new network, which then gives the same outputs."""
    trial = record(cls, options).trial
    plain = network(construct(cls, options))
    names, state = plain.state_dict().keys(), trial.model.state_dict()
    ensure(state.keys() == names, f"entries of its state dict are renamed: {sorted(state.keys() ^ names)[:2]}")
    plain.load_state_dict(state)
    images, _ = batch(0)
    same = torch.equal(plain.eval()(images), trial.model.eval()(images))
    trial.model.train()
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
    run = record(cls, options)
    ensure(run.start_drew is None, f"start draws from {run.start_drew}'s global generator")
    for step in run.steps:
        ensure(step.drew is None, f"step {step.number} draws from {step.drew}'s global generator")
    return "unmoved"


def _identity(model: nn.Module) -> dict[str, Any]:
    return {
        name: (id(weight), weight.data_ptr(), weight.stride(), weight.requires_grad)
        for name, weight in model.named_parameters()
    }


def _gradients(model: nn.Module) -> dict[str, Any]:
    return {
        name: (id(weight.grad), weight.grad.data_ptr())
        for name, weight in model.named_parameters()
        if weight.grad is not None
    }


def _untouched(before: dict[str, Tensor], now: dict[str, Tensor], moment: Moment, where: str) -> None:
    free = [name for name in before if name in now and name not in moment.masks]
    changed = difference({name: before[name] for name in free}, {name: now[name] for name in free})
    ensure(changed is None, f"{where} changes {changed}, which is not masked")
