"""Everything that can fail is made to fail here, before the first epoch of the first run."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from robench import registry
from robench.board.endpoints import endpoint
from robench.contracts import Dataset, Method, Model
from robench.contracts.role import Role
from robench.data.sets import corrupted
from robench.data.sets.request import Request
from robench.download.disk import require_space
from robench.errors import FOREIGN, InputError, PluginError, RobenchError
from robench.metrics.corruption_error import covered, covering, reference_errors
from robench.progress import Report, preparing
from robench.runs.spec import RunSpec
from robench.sparse.coverage import examine, quietly
from robench.sparse.masks import maskable
from robench.study.methods import followed
from robench.training import network, optimizers

_UNFINISHED = 8
"""Checkpoints hold weights and up to three tensors of optimiser state, and for a moment lie there twice."""


def check(specs: Sequence[RunSpec], data: Path, store: Path, report: Report, *, jobs: int) -> None:
    """Build every model with every method once, get and verify the data, look at the disk; starts no training.

    Raises InputError, PluginError or DataError in one line. Writes nothing but data that is fetched.
    """
    pairs = {_pair(spec): spec for spec in specs}
    sizes: dict[str, int] = {}
    lines: dict[str, None] = {}
    for pair, spec in pairs.items():
        sizes[pair], line = _tried(spec)
        lines |= {f"{spec.model.name}: {line}": None} if line else {}
    for line in lines:
        report(preparing(line, 0, 0))
    needed = sum(sizes[_pair(spec)] for spec in specs) + jobs * _UNFINISHED * max(sizes.values())
    require_space(store, "store:", needed)
    for spec in _by_suite(specs):
        request = Request.of_run(spec, data)
        endpoint(request.suite.protocol.endpoint)
        if (table := covering(spec.cells, request.suite.baseline_errors)) is not None:
            reference_errors([spec.cells[place] for place in covered(spec.cells, table)], table)
        corrupted.check(request, report)


def outside_masks(specs: Sequence[RunSpec]) -> list[str]:
    """Return a line for each model of which much would stand outside the masks of the methods, which start nothing."""
    lines = []
    for spec in {(spec.dataset, str(spec.model)): spec for spec in specs if _masks(spec)}.values():
        dataset: Dataset = registry.load("dataset", spec.dataset)
        with torch.random.fork_rng(devices=[]):
            model = network.factory(spec, registry.load("model", spec.model.name), dataset)()
        if line := examine(model, maskable(model), dataset.inputs.shape):
            lines.append(f"{spec.model.name}: {line}")
    return lines


def _masks(spec: RunSpec) -> bool:
    return registry.load("method", spec.method.name).role in (Role.STATIC, Role.DYNAMIC, Role.PRUNING)


def prepare(specs: Sequence[RunSpec], data: Path, report: Report) -> None:
    """Make the corrupted images that the runs need and that no cache holds."""
    for spec in _by_suite(specs):
        corrupted.open_cells(Request.of_run(spec, data), report)


def _pair(spec: RunSpec) -> str:
    return f"{spec.dataset} {spec.model} {spec.method}"


def _by_suite(specs: Sequence[RunSpec]) -> list[RunSpec]:
    return list({(spec.suite, spec.corruptions, spec.severities, spec.test_limit): spec for spec in specs}.values())


def _tried(spec: RunSpec) -> tuple[int, str | None]:
    """Build and start one run as the worker will; return the bytes of its weights and buffers, and what is not masked.

    A mask that does nothing is refused.
    """
    dataset: Dataset = registry.load("dataset", spec.dataset)
    try:
        with quietly():
            model, method = _started(spec, dataset)
        line = examine(model, method.masks, dataset.inputs.shape)
    except RobenchError as error:
        raise InputError(f"{spec.model.name} with {spec.method.name}: {error}") from None
    except FOREIGN as error:
        what = f"{spec.model.name} with {spec.method.name} on {dataset.inputs} images"
        raise PluginError(f"{what}: {type(error).__name__}: {error}") from error
    return sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values()), line


def _started(spec: RunSpec, dataset: Dataset) -> tuple[nn.Module, Method]:
    """Build and start one run; one that follows another inherits what that one has at its start."""
    plugin: Model = registry.load("model", spec.model.name)
    method = registry.method(spec.method.name, **spec.method.options)
    if (source := followed(spec)) is not None:
        left, leaver = _started(spec.model_copy(update={"method": source}), dataset)
        method.inherit(leaver.masks, left.state_dict())
    model = network.build(spec, plugin, dataset, method)
    method.start(model, optimizers.build(model, spec.training), total_steps=1, seed=spec.seed)
    return model, method
