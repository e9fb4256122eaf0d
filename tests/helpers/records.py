"""Records for tests of what is built from records: valid, deterministic, made without any training."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from robench.board import leaderboard
from robench.board.board import Board
from robench.contracts import Role
from robench.runs.record import Cell, Cost, Failure, Metrics, PluginNote, RunRecord, SuiteNote, Topology
from robench.runs.result import result_of
from robench.runs.spec import PluginSpec, RunSpec, Training
from robench.runs.store import Store

VERSION = "robench==0.1.0"
IMAGES = 1000
ROLES = {"dense": Role.DENSE, "static": Role.STATIC, "small": Role.SMALL}


def build(records: Iterable[RunRecord], unfinished: Iterable[RunSpec] = (), baseline: str | None = None) -> list[Board]:
    """The boards of records."""
    return leaderboard.build(map(result_of, records), unfinished, baseline=baseline)


def make_spec(
    method: str = "rigl",
    seed: int = 0,
    *,
    sparsity: float = 0.5,
    model: str = "cnn-small",
    options: dict[str, Any] | None = None,
    model_options: dict[str, Any] | None = None,
    versions: dict[str, str] | None = None,
    epochs: int = 5,
    **changes: Any,
) -> RunSpec:
    """A run on digits-c with two corruptions at two severities; dense has no sparsity."""
    chosen = {**({} if method == "dense" else {"sparsity": sparsity}), **(options or {})}
    parts: dict[str, Any] = {
        "suite": "digits-c",
        "dataset": "digits",
        "source": "generated",
        "corruptions": ("gaussian_noise", "fog"),
        "severities": (1, 3),
        "corruption_seed": 0,
        "model": PluginSpec(name=model, options=model_options or {}),
        "method": PluginSpec(name=method, options=chosen),
        "training": Training(epochs=epochs, batch_size=64, optimizer="sgd", learning_rate=0.1),
        "seed": seed,
        "versions": {f"model:{model}": VERSION, f"method:{method}": VERSION, **(versions or {})},
    }
    return RunSpec(**{**parts, **changes})


def make_metrics(accuracy: float, clean: float, spec: RunSpec) -> Metrics:
    """Every cell has the same error, 1 - accuracy."""
    return Metrics(
        clean_accuracy=clean,
        robust_accuracy=accuracy,
        mce=1 - accuracy,
        relative_mce=clean - accuracy,
        relative_robustness=accuracy / clean if clean else None,
        cells=tuple(Cell(corruption=name, severity=severity, error=1 - accuracy) for name, severity in spec.cells),
    )


def make_cost(density: float) -> Cost:
    """A network of 1000 parameters."""
    return Cost(
        parameters=1000,
        nonzero=round(1000 * density),
        density=density,
        density_all=density,
        density_by_layer={"layer": density},
        flops_inference=2e6 * density,
        flops_inference_ratio=density,
        flops_train=6e9 * density,
        flops_train_ratio=density,
        formula="f = multiplications + additions",
        seconds_train=1.0,
        seconds_evaluate=1.0,
        peak_memory_bytes=0,
    )


def make_record(
    method: str = "rigl",
    seed: int = 0,
    accuracy: float = 0.6,
    *,
    clean: float = 0.9,
    note: dict[str, Any] | None = None,
    **spec: Any,
) -> RunRecord:
    """A finished run."""
    made = make_spec(method, seed, **spec)
    return _record(
        made,
        note,
        status="finished",
        metrics=make_metrics(accuracy, clean, made),
        cost=make_cost(1 - made.sparsity),
        topology=Topology(updates=3, nonzero=round(1000 * (1 - made.sparsity)), exploration_rate=0.7),
        images=IMAGES,
    )


def keep(store: Store, record: RunRecord) -> RunRecord:
    """Commit a record, finished ones with bits that fit it; the store is open."""
    store.plan([record.spec])
    if record.metrics and record.images:
        shares = [record.metrics.clean_accuracy, *(1 - cell.error for cell in record.metrics.cells)]
        correct = np.arange(record.images) < np.rint(np.array(shares)[:, None] * record.images)
        store.write_bits(record.id, correct[0], correct[1:])
    return store.commit(record)


def make_failure(method: str = "rigl", seed: int = 0, message: str = "loss became nan", **spec: Any) -> RunRecord:
    """A failed run."""
    failure = Failure(kind="DivergedError", message=message, step=17)
    return _record(make_spec(method, seed, **spec), None, status="failed", failure=failure)


def make_rows(accuracies: dict[str, list[float]], **spec: Any) -> list[RunRecord]:
    """One record for each accuracy of each method; the seed is its place."""
    return [
        make_record(method, seed, accuracy, **spec)
        for method, values in accuracies.items()
        for seed, accuracy in enumerate(values)
    ]


def _record(spec: RunSpec, note: dict[str, Any] | None, **rest: Any) -> RunRecord:
    protocol = {
        "baseline": "dense",
        "endpoint": "robust_accuracy",
        "alpha": 0.05,
        "margin": 0.005,
        "minimum_networks": 5,
        "mce_name": "unnormalised mean corruption error",
        "dataset_digest": "00",
    }
    return RunRecord(
        id=spec.id,
        spec=spec,
        suite=SuiteNote(**{**protocol, **(note or {})}),
        environment={},
        plugins={name: _plugin(name, origin) for name, origin in spec.versions.items()},
        seeds={"run": spec.seed, "corruption": spec.corruption_seed},
        **rest,
    )


def _plugin(name: str, origin: str) -> PluginNote:
    kind, _, method = name.partition(":")
    role = ROLES.get(method, Role.DYNAMIC) if kind == "method" else None
    return PluginNote(origin=origin, source_digest="00", role=role)
