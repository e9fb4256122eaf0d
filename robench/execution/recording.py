"""What goes into the record of a run beside its metrics: where it was made, what it cost, what its masks did."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from robench import environment, registry
from robench.contracts import Dataset, Suite
from robench.data.images import identity
from robench.errors import InputError
from robench.execution.settings import Settings
from robench.metrics import robustness
from robench.metrics.corruption_error import covering
from robench.runs.record import Cost, PluginNote, SuiteNote, Topology
from robench.runs.spec import RunSpec
from robench.sparse.flops import TrainingCost, count_parameters, density_by_layer, weigh
from robench.training.trainer import Trained


def cost(trained: Trained, seconds_evaluate: float, peak_memory_bytes: int) -> Cost:
    """Return the cost of a trained network, from its masks."""
    masks = trained.method.masks
    count = count_parameters(trained.model, masks)
    inference, full = weigh(trained.layers, masks), trained.cost.full
    return Cost(
        parameters=count.total,
        nonzero=count.nonzero,
        density=count.maskable_nonzero / count.maskable if count.maskable else 1.0,
        density_all=count.nonzero / count.total if count.total else 1.0,
        density_by_layer=density_by_layer(trained.model, masks),
        flops_inference=inference,
        flops_inference_ratio=inference / full if full else 1.0,
        flops_train=trained.cost.total,
        flops_train_ratio=trained.cost.ratio,
        formula=TrainingCost.formula,
        not_counted=trained.not_counted,
        seconds_train=trained.seconds,
        seconds_evaluate=seconds_evaluate,
        peak_memory_bytes=peak_memory_bytes,
    )


def topology(trained: Trained) -> Topology:
    """Return what the masks did; where none ever changed, what is active is all that was explored."""
    count = count_parameters(trained.model, trained.method.masks)
    share = count.maskable_nonzero / count.maskable if count.maskable else 1.0
    explored = getattr(trained.method, "exploration_rate", share)
    return Topology(updates=trained.method.updates, nonzero=count.maskable_nonzero, exploration_rate=explored)


def images_at(dataset: str, data: Path) -> str | None:
    """Return what tells apart the images of a dataset that lie below `data`, None where they are not whole."""
    try:
        return identity(registry.load("dataset", dataset), data)
    except InputError:
        return None


def common(spec: RunSpec, settings: Settings) -> dict[str, Any]:
    """Return the fields of a record that do not depend on how the run ended."""
    suite: Suite = registry.load("suite", spec.suite)
    dataset: Dataset = registry.load("dataset", spec.dataset)
    hardware = {
        "device": settings.device,
        "device_name": environment.device_name(settings.device),
        "threads": torch.get_num_threads(),
    }
    return {
        "id": spec.id,
        "spec": spec,
        "suite": SuiteNote(
            **asdict(suite.protocol),
            mce_name=robustness.mce_name(covering(spec.cells, suite.baseline_errors)),
            dataset_digest=images_at(spec.dataset, settings.data) or dataset.digest,
            added_corruptions=tuple(name for name in spec.corruptions if name not in (*suite.standard, *suite.extra)),
        ),
        "environment": {**environment.describe(), **hardware},
        "plugins": {name: _note(name) for name in spec.versions},
        "seeds": {"run": spec.seed, "corruption": spec.corruption_seed},
    }


def _note(kind_and_name: str) -> PluginNote:
    kind, _, name = kind_and_name.partition(":")
    entry = registry.find(kind, name)
    role = getattr(registry.load(kind, name), "role", None)
    return PluginNote(
        origin=f"{entry.distribution}=={entry.version}",
        source_digest=entry.source_digest,
        role=role,
        defaults=registry.defaults(kind, name),
    )
