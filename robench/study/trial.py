"""A trial: one run built and started as the worker will, and one step of it on a tiny batch of noise."""

import torch
from lightning_fabric import Fabric
from torch import nn

from robench import registry
from robench.contracts import Dataset, Method, Model
from robench.errors import FOREIGN, InputError, PluginError, RobenchError, first_line
from robench.runs.spec import RunSpec
from robench.sparse.coverage import examine, quietly
from robench.study.methods import followed
from robench.training import network, optimizers
from robench.training.batches import preparation
from robench.training.fabric import fabric_of
from robench.training.threads import threads

_IMAGES = 2
"""As few as batch normalisation can train on."""


def try_out(spec: RunSpec, device: str) -> list[str]:
    """Try one run; return the names of the modules that the loss does not reach.

    Raises InputError or PluginError in one line for a model that cannot be built, started, counted, trained or
    evaluated, or that does not give one finite float32 logit a class.
    """
    dataset: Dataset = registry.load("dataset", spec.dataset)
    try:
        with threads(spec.threads):
            with quietly():
                model, optimizer, method = _started(spec, dataset)
            examine(model, method.masks, dataset.inputs.shape)
            _check_state(model)
            with torch.random.fork_rng(devices=_cuda(device)):
                return _stepped(spec, dataset, model, optimizer, fabric_of(device, spec.training.precision))
    except RobenchError as error:
        raise InputError(f"{spec.model.name} with {spec.method.name}: {error}") from None
    except FOREIGN as error:
        what = f"{spec.model.name} with {spec.method.name} on {dataset.inputs} images"
        raise PluginError(f"{what}: {first_line(error)}") from error


def _started(spec: RunSpec, dataset: Dataset) -> tuple[nn.Module, torch.optim.Optimizer, Method]:
    """Build and start one run; one that follows another inherits what that one has at its start."""
    plugin: Model = registry.load("model", spec.model.name)
    method = registry.method(spec.method.name, **spec.method.options)
    if (source := followed(spec)) is not None:
        left, _, leaver = _started(spec.model_copy(update={"method": source}), dataset)
        method.inherit(leaver.masks, left.state_dict())
    model = network.build(spec, plugin, dataset, method)
    optimizer = optimizers.build(model, spec.training)
    method.start(model, optimizer, total_steps=1, seed=spec.seed)
    return model, optimizer, method


def _check_state(model: nn.Module) -> None:
    for name, value in model.state_dict().items():
        if not isinstance(value, torch.Tensor):
            raise InputError(f"its state {name!r} is {type(value).__name__}; only tensors can be saved")


def _stepped(
    spec: RunSpec, dataset: Dataset, model: nn.Module, optimizer: torch.optim.Optimizer, fabric: Fabric
) -> list[str]:
    """Go forward and back as in training, then forward as in evaluation."""
    net, _ = fabric.setup(model, optimizer)
    images, labels = _noise(spec, dataset, fabric.device)
    classes = len(dataset.label_names)
    inputs, targets = preparation(spec.training, dataset, seed=spec.seed)(images, labels, 0)
    logits = _checked(net(inputs), (len(images), classes), "in training")
    fabric.backward(nn.CrossEntropyLoss(label_smoothing=spec.training.label_smoothing)(logits, targets))
    net.eval()
    with torch.inference_mode():
        _checked(net(inputs), (len(images), classes), "in evaluation")
    parts = [
        name.rpartition(".")[0] or name for name, p in model.named_parameters() if p.requires_grad and p.grad is None
    ]
    return list(dict.fromkeys(parts))


def _noise(spec: RunSpec, dataset: Dataset, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    count = min(_IMAGES, spec.training.batch_size, spec.train_limit or _IMAGES, dataset.sizes["train"])
    images = torch.randint(256, (count, *dataset.inputs.shape), dtype=torch.uint8)
    labels = torch.full((count,), len(dataset.label_names) - 1)
    return images.to(device), labels.to(device)


def _checked(logits: object, shape: tuple[int, int], when: str) -> torch.Tensor:
    """Return what a model gave; InputError where it is not one float32 logit for each image and class."""
    expected = f"float32 {shape}, one logit for each image and class, expected"
    if not isinstance(logits, torch.Tensor):
        raise InputError(f"its output {when} is a {type(logits).__name__}; {expected}")
    if tuple(logits.shape) != shape or logits.dtype != torch.float32:
        kind = str(logits.dtype).removeprefix("torch.")
        raise InputError(f"its output {when} is {kind} {tuple(logits.shape)}; {expected}")
    if not bool(logits.isfinite().all()):
        raise InputError(f"its output {when} is not finite at the first step, on noise")
    return logits


def _cuda(device: str) -> list[torch.device]:
    return [torch.device(device)] if device.startswith("cuda") else []
