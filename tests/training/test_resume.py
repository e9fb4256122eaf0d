"""A run stopped anywhere and continued ends with the same bytes as one that was never stopped."""

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from robench import atomic, registry
from robench.errors import StoreError
from robench.evaluation import evaluate
from robench.execution import worker
from robench.execution.settings import Settings
from robench.progress import Progress
from robench.runs import weights
from robench.runs.spec import RunSpec
from robench.runs.store import Store
from robench.study.grid import read_grid
from robench.study.plan import expand
from robench.training import resume
from robench.training.monitor import Monitor
from robench.training.stopping import Stopped, heeding
from tests.helpers.thoroughly import thoroughly

FILES = ("model.safetensors", "bits.npz")
GRID = {
    "suite": ["digits-c"],
    "models": ["cnn-small(width=4)"],
    "seeds": 1,
    "train_limit": 160,
    "test_limit": 30,
    "corruptions": ["contrast", "gaussian_noise"],
    "training": {"epochs": 3, "batch_size": 32, "crop_padding": 2, "flip": True},
}


class Killed(BaseException):
    """Stands for the process ending here: nothing in the engine may catch it."""


def plan(method: str, **training: Any) -> RunSpec:
    grid = {**GRID, "methods": [method], "training": {**GRID["training"], **training}}
    (spec,) = expand(read_grid(grid, "test"), data=Path("nowhere"))
    return spec


def run(spec: RunSpec, root: Path, report: Callable[[Progress], None] = lambda message: None) -> dict[str, str]:
    store = Store(root)
    store.open()
    assert worker.run_one(spec, Settings(root, Path("nowhere"), checkpoint_seconds=0), report) == "finished"
    record = store.record(spec.id)
    assert record is not None
    return {name: record.files[name] for name in FILES}


def die_after(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, calls: int) -> None:
    """Let `module.name` work `calls` times and end the process in the next call, before it does anything."""
    original, done = getattr(module, name), []

    def dying(*args: Any, **options: Any) -> Any:
        done.append(None)
        if len(done) > calls:
            raise Killed
        return original(*args, **options)

    monkeypatch.setattr(module, name, dying)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBENCH_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.mark.parametrize("calls", thoroughly([0, 1, 6, 14], always=[6]))
@pytest.mark.parametrize(
    ("method", "training"),
    [
        ("dense", {"mixup": 0.2}),
        ("set(update_interval=2)", {"optimizer": "adamw", "learning_rate": 0.01}),
        ("rigl(update_interval=2)", {"channels_last": True}),
        ("mest(update_interval=3, growth=gradient)", {}),
        ("static", {"precision": "bf16-mixed", "randaugment": "rand-m3-n1"}),
    ],
)
def test_training_continues_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, training: dict[str, Any], calls: int
) -> None:
    spec = plan(method, **training)
    whole = run(spec, tmp_path / "whole")
    with monkeypatch.context() as patch:
        die_after(patch, resume, "save", calls)
        with pytest.raises(Killed):
            run(spec, tmp_path / "cut")
    torch.rand(3)
    assert run(spec, tmp_path / "cut") == whole
    log = (tmp_path / "cut" / "runs" / spec.id / "log.jsonl").read_text()
    assert [line.split(",")[0] for line in log.splitlines()] == [f'{{"epoch": {epoch}' for epoch in (1, 2, 3)]


def test_dropout_continues_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {**GRID, "methods": ["dense"], "models": ["vit-tiny(depth=1, width=12, dropout=0.3)"], "recipe": "digits"}
    (spec,) = expand(read_grid({**grid, "training": {"epochs": 2}}, "test"), data=Path("nowhere"))
    whole = run(spec, tmp_path / "whole")
    with monkeypatch.context() as patch:
        die_after(patch, resume, "save", 3)
        with pytest.raises(Killed):
            run(spec, tmp_path / "cut")
    torch.rand(3)
    assert run(spec, tmp_path / "cut") == whole


@pytest.mark.parametrize("calls", [0, 1, 7])
def test_evaluation_continues_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    spec = plan("rigl(update_interval=2)")
    whole = run(spec, tmp_path / "whole")
    with monkeypatch.context() as patch:
        die_after(patch, evaluate, "_save", calls)
        with pytest.raises(Killed):
            run(spec, tmp_path / "cut")
    judged = []
    original = evaluate.correct
    monkeypatch.setattr(evaluate, "correct", lambda *a, **k: judged.append(None) or original(*a, **k))
    assert run(spec, tmp_path / "cut") == whole
    assert len(judged) == 1 + len(spec.cells) - calls


@pytest.mark.parametrize("step", ["save_model", "save_masks", "write_bits", "commit", "record"])
def test_a_kill_while_the_result_is_written_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    spec = plan("set(update_interval=2)")
    whole = run(spec, tmp_path / "whole")
    with monkeypatch.context() as patch:
        module = {"save_model": weights, "save_masks": worker}.get(step, Store)
        if step == "record":
            module, step = atomic, "write_text"
            patch.setattr(Store, "plan", lambda store, specs: store.folder(spec.id).mkdir())
            patch.setattr(resume, "save", lambda *args: None)
            die_after(patch, module, step, 1)
        else:
            die_after(patch, module, step, 0)
        with pytest.raises(Killed):
            run(spec, tmp_path / "cut")
    assert Store(tmp_path / "cut").record(spec.id) is None
    assert run(spec, tmp_path / "cut") == whole
    left = {path.name for path in (tmp_path / "cut" / "runs" / spec.id).iterdir()}
    assert left == {"spec.json", "record.json", "bits.npz", "masks.safetensors", "model.safetensors", "log.jsonl"}


def test_a_damaged_checkpoint_starts_the_run_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = plan("rigl(update_interval=2)")
    whole = run(spec, tmp_path / "whole")
    with monkeypatch.context() as patch:
        die_after(patch, resume, "save", 4)
        with pytest.raises(Killed):
            run(spec, tmp_path / "cut")
    (tensors,) = (tmp_path / "cut" / "runs" / spec.id).glob("resume-*.safetensors")
    content = bytearray(tensors.read_bytes())
    content[-1] ^= 1
    tensors.write_bytes(content)
    assert run(spec, tmp_path / "cut") == whole


@pytest.mark.parametrize(("source", "first"), [("other", 0), ("same", 4)])
def test_no_run_is_half_the_work_of_another_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, first: int
) -> None:
    spec = plan("set(update_interval=2)")
    now = registry.source_digests(spec.versions)
    starts: list[int] = []
    original = Monitor.resume
    monkeypatch.setattr(Monitor, "resume", lambda watch: starts.append(step := original(watch)) or step)
    with monkeypatch.context() as patch:
        die_after(patch, resume, "save", 4)
        patch.setattr(
            registry, "source_digests", lambda used: now if source == "same" else {**now, "method:set": source}
        )
        with pytest.raises(Killed):
            run(spec, tmp_path)
    run(spec, tmp_path)
    assert starts == [0, first]


def test_every_method_sees_the_same_data_in_the_same_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from robench.training import trainer

    seen: dict[str, list[str]] = {}
    original = trainer.train

    def spying(
        fabric: Any, network: Any, optimizer: Any, method: Any, batches: Any, *, prepare: Any, **rest: Any
    ) -> None:
        digests = seen.setdefault(type(method).__name__, [])

        def prepared(images: Any, labels: Any, step: int) -> Any:
            inputs, targets = prepare(images, labels, step)
            digests.append(f"{inputs.double().sum().item()} {targets.tolist()}")
            return inputs, targets

        original(fabric, network, optimizer, method, batches, prepare=prepared, **rest)

    monkeypatch.setattr(trainer, "train", spying)
    for method in ("dense", "set(update_interval=1)", "rigl(update_interval=1)", "mest(update_interval=1)"):
        run(plan(method), tmp_path)
    first, *others = seen.values()
    assert len(first) == 15
    assert all(other == first for other in others)


def test_sparsity_0_is_dense_bit_for_bit(tmp_path: Path) -> None:
    results = [run(plan(method), tmp_path) for method in ("dense", "static(sparsity=0)", "rigl(sparsity=0)")]
    assert results[1]["model.safetensors"] == results[0]["model.safetensors"]
    assert results[1]["bits.npz"] == results[0]["bits.npz"]


def test_a_loss_that_is_not_finite_ends_the_run_with_its_step(tmp_path: Path) -> None:
    spec = plan("dense", learning_rate=1e30, warmup_epochs=0)
    store = Store(tmp_path)
    store.open()
    messages: list[Progress] = []
    settings = Settings(tmp_path, Path("nowhere"))
    assert worker.run_one(spec, settings, messages.append) == "failed"
    record = store.record(spec.id)
    assert record is not None
    assert record.failure is not None
    assert record.failure.kind == "DivergedError"
    assert record.failure.step in range(1, 15)
    assert messages[-1].phase == "failed"
    assert worker.run_one(spec, settings, messages.append) == "skipped"


def test_another_failure_is_recorded_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = plan("dense")
    with monkeypatch.context() as patch:
        patch.setattr(worker, "evaluate", lambda *args: np.zeros(3)[7])
        store = Store(tmp_path)
        store.open()
        assert worker.run_one(spec, Settings(tmp_path, Path("nowhere")), lambda message: None) == "failed"
    record = store.record(spec.id)
    assert record is not None
    assert record.failure is not None
    assert record.failure.kind == "IndexError"
    assert run(spec, tmp_path) == run(plan("dense"), tmp_path / "other")


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = plan("dense")
    store = Store(tmp_path)
    store.open()

    def full(*args: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(resume, "save", full)
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(StoreError, match=f"cannot write .*{spec.id}: No space left on device"):
            worker.run_one(spec, Settings(tmp_path, Path("nowhere"), checkpoint_seconds=0), lambda _: None)
    assert run(spec, tmp_path) == run(spec, tmp_path / "other")


def test_a_checkpoint_of_another_number_of_threads_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = plan("set(update_interval=2)")
    whole = run(spec, tmp_path / "whole")
    with monkeypatch.context() as patch:
        die_after(patch, resume, "save", 4)
        with pytest.raises(Killed):
            run(spec, tmp_path / "cut")
    index = tmp_path / "cut" / "runs" / spec.id / "resume.json"
    assert '["threads", 1]' in index.read_text()
    index.write_text(index.read_text().replace('["threads", 1]', '["threads", 2]'))
    said: list[str] = []
    assert run(spec, tmp_path / "cut", lambda message: said.append(message.text)) == whole
    assert said[0].startswith("starts anew: its checkpoint is")


def stop_in(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, call: int) -> None:
    """Send SIGTERM in the call of this number of `module.name`, from 1."""
    original, calls = getattr(module, name), []

    def signalled(*args: Any, **options: Any) -> Any:
        calls.append(None)
        if len(calls) == call:
            signal.raise_signal(signal.SIGTERM)
        return original(*args, **options)

    monkeypatch.setattr(module, name, signalled)


def stopped(spec: RunSpec, root: Path) -> str:
    """Do a run for which no checkpoint is due, and return what its stop says."""
    store = Store(root)
    store.open()
    with heeding(), pytest.raises(Stopped) as stop:
        worker.run_one(spec, Settings(root, Path("nowhere"), checkpoint_seconds=1e9), lambda message: None)
    return str(stop.value)


def test_a_signal_saves_after_its_step_and_the_run_goes_on_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = plan("rigl(update_interval=2)")
    whole = run(spec, tmp_path / "whole")
    with monkeypatch.context() as patch:
        stop_in(patch, Monitor, "__call__", 7)
        where = f"after step 7 of 15 of {spec.label}"
        assert stopped(spec, tmp_path / "cut") == f"stopped {where}; the same command continues there"
    said: list[str] = []
    assert run(spec, tmp_path / "cut", lambda message: said.append(message.text)) == whole
    assert said[0] == "goes on after step 7 of 15"


def test_a_signal_in_evaluation_keeps_the_finished_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = plan("rigl(update_interval=2)")
    whole = run(spec, tmp_path / "whole")
    with monkeypatch.context() as patch:
        stop_in(patch, evaluate, "correct", 4)
        said = stopped(spec, tmp_path / "cut")
    assert said.startswith(f"stopped with 2 of {len(spec.cells)} corrupted cells of {spec.label} evaluated;")
    judged = []
    original = evaluate.correct
    monkeypatch.setattr(evaluate, "correct", lambda *a, **k: judged.append(None) or original(*a, **k))
    assert run(spec, tmp_path / "cut") == whole
    assert len(judged) == 1 + len(spec.cells) - 3
