"""The network of a run: built from its spec, its weights drawn from the stream of its seed."""

from functools import partial

import torch
from torch import nn

from robench import registry, rng
from robench.contracts import Dataset, Factory, Method, Model
from robench.runs.spec import RunSpec
from robench.sparse.flops import count_layers, weigh


def build(spec: RunSpec, plugin: Model, dataset: Dataset, method: Method) -> nn.Module:
    """Build the model with weights drawn from stream(seed, "init"); the global generator is put back."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(rng.entropy(spec.seed, "init") & (2**63 - 1))
        model = method.build(factory(spec, plugin, dataset))
    if spec.training.channels_last:
        model = model.to(memory_format=torch.channels_last)
    return model


def factory(spec: RunSpec, plugin: Model, dataset: Dataset) -> Factory:
    """Return what builds the model that the spec names."""
    variant = spec.model.name.partition("/")[2]
    options = {**spec.model.options, **({"variant": variant} if variant else {})}
    inputs = dataset.inputs
    build = partial(plugin.build, len(dataset.label_names), inputs.channels, inputs.image_size, **options)
    widths = plugin.widths(**options) if plugin.widths else None
    return Factory(build, inputs.shape, widths)


def dense_flops(spec: RunSpec, dataset: Dataset) -> float:
    """Return the inference FLOPs that ratios are taken to: those of the model that the spec names, dense."""
    make = factory(spec, registry.load("model", spec.model.name), dataset)
    with torch.random.fork_rng(devices=[]):
        return weigh(count_layers(make(), make.input_size), {})
