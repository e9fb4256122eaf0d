"""From a RunSpec to a committed record: what every executor calls."""

import time
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Literal

import torch

from robench import environment, registry
from robench.contracts import Dataset, Suite
from robench.data.augment import channels_first
from robench.data.image_files import Pictures
from robench.data.images import load
from robench.data.sets.corrupted import open_cells
from robench.data.sets.request import CorruptedSet, Request
from robench.errors import FOREIGN, DivergedError, StoreError
from robench.evaluation.evaluate import evaluate
from robench.execution.inheritance import inheritance
from robench.execution.recording import common, cost, topology
from robench.execution.settings import Settings
from robench.metrics import robustness
from robench.progress import Progress, Report
from robench.runs import weights
from robench.runs.folder import MASKS, MODEL, RECORD, TRACEBACK
from robench.runs.record import Failure, RunRecord
from robench.runs.spec import RunSpec
from robench.runs.store import Store
from robench.runs.weights import save_masks
from robench.text import printable
from robench.training import network, trainer
from robench.training.fabric import fabric_of
from robench.training.job import Job
from robench.training.threads import threads

_LONGEST_REASON = 1000
Outcome = Literal["finished", "failed", "skipped", "busy"]


def run_one(spec: RunSpec, settings: Settings, report: Report) -> Outcome:
    """Do one run, or continue it. "busy": another process works on it; "skipped": it has a final record.

    A run whose loss diverged is final. Any other failure is recorded and tried again by the next call. Raises
    StoreError where the run folder is damaged or not even the failure can be written, as on a full disk.
    """
    store = Store(settings.store)
    try:
        with store.claim(spec.id) as mine:
            return _claimed(spec, settings, store, report) if mine else "busy"
    except OSError as error:
        raise StoreError(f"cannot write {store.folder(spec.id)}: {error.strerror or error}") from None


def _claimed(spec: RunSpec, settings: Settings, store: Store, report: Report) -> Outcome:
    record = store.record(spec.id)
    if record is not None and record.final:
        return "skipped"
    store.plan([spec])
    (store.folder(spec.id) / RECORD).unlink(missing_ok=True)
    with threads(spec.threads):
        record = store.commit(_attempt(spec, settings, store, report))
    text = f"{record.failure.kind}: {record.failure.message}" if record.failure else ""
    report(Progress(spec.id, spec.label, record.status, text=text))
    return record.status


def _attempt(spec: RunSpec, settings: Settings, store: Store, report: Report) -> RunRecord:
    try:
        return _result(spec, settings, store, report)
    except DivergedError as error:
        failure = Failure(kind=type(error).__name__, message=str(error), step=error.step)
    except FOREIGN as error:  # one broken run is recorded and must not end the others
        path = store.folder(spec.id) / TRACEBACK
        path.write_bytes(traceback.format_exc().encode("utf-8", "backslashreplace"))  # names of files hold any bytes
        lines = str(error).strip().splitlines() or ["no message"]
        failure = Failure(
            kind=type(error).__name__,
            message=f"{printable(lines[0], _LONGEST_REASON)} ({path.name} in the run's folder)",
        )
    return RunRecord(**common(spec, settings), status="failed", failure=failure)


def _result(spec: RunSpec, settings: Settings, store: Store, report: Report) -> RunRecord:
    suite: Suite = registry.load("suite", spec.suite)
    dataset: Dataset = registry.load("dataset", spec.dataset)
    cells = _open(Request.of_run(spec, settings.data))
    fabric = fabric_of(settings.device, spec.training.precision)
    method = registry.method(spec.method.name, **spec.method.options)
    if spec.follows is not None:
        method.inherit(*inheritance(store, spec.follows))
    model = network.build(spec, registry.load("model", spec.model.name), dataset, method)
    images, labels = _training_images(spec.dataset, settings.data, spec.train_limit, fabric.device)
    job = Job(spec, dataset, fabric, store.folder(spec.id), settings.checkpoint_seconds, report)
    trained = trainer.run(job, model, method, images, labels)
    began = time.perf_counter()
    clean_images, _ = load(dataset, settings.data, "test", spec.test_limit)
    clean, correct = evaluate(job, trained.network, clean_images, cells)
    seconds = time.perf_counter() - began
    weights.save_model(store.folder(spec.id) / MODEL, trained.model)
    if trained.method.masks:
        save_masks(store.folder(spec.id) / MASKS, trained.method.masks)
    store.write_bits(spec.id, clean, correct)
    return RunRecord(
        **common(spec, settings),
        status="finished",
        metrics=robustness.summarize(clean, correct, cells=spec.cells, baseline_errors=suite.baseline_errors),
        cost=cost(trained, seconds, environment.peak_memory_bytes(settings.device)),
        topology=topology(trained),
        images=len(clean),
    )


@lru_cache(maxsize=1)
def _open(request: Request) -> CorruptedSet:
    return open_cells(request)


@lru_cache(maxsize=1)
def _training_images(
    dataset: str, data: Path, limit: int | None, device: torch.device
) -> tuple[torch.Tensor | Pictures, torch.Tensor]:
    images, labels = load(registry.load("dataset", dataset), data, "train", limit)
    if isinstance(images, Pictures):
        return images, torch.tensor(labels).to(device)
    return channels_first(torch.tensor(images).to(device)), torch.tensor(labels).to(device)
