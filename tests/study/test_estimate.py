"""What is said before a study starts, by hand-made speeds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from robench import environment
from robench.errors import PluginError
from robench.study import estimate as module
from robench.study.estimate import Estimate, estimate
from robench.study.grid import read_grid
from robench.study.plan import expand
from robench.study.speed import Speed, measure

GRID = {
    "suite": "digits-c", "models": "mlp(width=8)", "methods": "dense", "seeds": 4, "train_limit": 100,
    "test_limit": 50, "corruptions": ["contrast", "fog"], "severities": [1, 5],
    "training": {"epochs": 3, "batch_size": 20},
}  # fmt: skip
SPEED = Speed(training=0.5, evaluation=0.01, weight_bytes=32_000, activation_bytes=10_000_000)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "measure", lambda spec, device: SPEED)
    monkeypatch.setattr(module, "cores", lambda: 8)
    monkeypatch.setattr(module, "available_memory_bytes", lambda: 1 << 40)
    monkeypatch.setenv("ROBENCH_CACHE", str(tmp_path))


def expected(jobs: Any = 1, device: str = "cpu", **changes: Any) -> Estimate:
    specs = expand(read_grid({**GRID, **changes}, "test"), data=Path("nowhere"))
    return estimate(specs, specs[1:], data=Path("nowhere"), device=device, jobs=jobs)


def test_the_numbers_are_those_of_the_runs_to_do() -> None:
    """Three runs of 15 steps of 20 images, and 50 images in one clean and four corrupted cells, each."""
    found = expected()
    assert (found.runs, found.to_do, found.steps, found.jobs) == (4, 3, 45, 1)
    assert found.seconds == pytest.approx(3 * (15 * 20 * 0.5 + 5 * 50 * 0.01))
    assert (found.train_images, found.test_images, found.cells) == (100, 50, 4)
    assert found.store_bytes == 3 * 33_000 + 3 * (4 * 50 // 8)
    assert found.checkpoint_bytes == 8 * 32_000
    assert (found.generated_images, found.generated_bytes) == (2 * 5 * 50, 2 * 5 * 50 * 3 * 32 * 32)
    assert "time: about 8 min, an estimate from a few steps, without preparing data" in found.lines()


def test_runs_at_a_time_divide_the_time() -> None:
    one, three = expected(jobs=1), expected(jobs=20)
    assert three.jobs == 3
    assert (three.seconds, three.checkpoint_bytes) == (one.seconds / 3, 3 * one.checkpoint_bytes)


@pytest.mark.parametrize(
    ("cores", "free_bytes", "training", "threads", "jobs"),
    [
        (8, 1 << 40, 0.5, 1, 3),  # as many as there are runs
        (2, 1 << 40, 0.5, 1, 2),  # as many as there are cores
        (5, 1 << 40, 0.5, 2, 2),  # of two threads each
        (1, 1 << 40, 0.5, 1, 1),
        (8, 3_000_000_000, 0.5, 1, 2),  # each takes 1 GB and 20 images' activations, with their gradients
        (8, 10, 0.5, 1, 1),
        (8, None, 0.5, 1, 3),
        (8, 1 << 40, 0.02, 1, 2),  # 25 seconds of work are not worth three processes
    ],
)
def test_auto_takes_what_cores_memory_runs_and_work_allow(
    monkeypatch: pytest.MonkeyPatch, cores: int, free_bytes: int | None, training: float, threads: int, jobs: int
) -> None:
    monkeypatch.setattr(module, "cores", lambda: cores)
    monkeypatch.setattr(module, "available_memory_bytes", lambda: free_bytes)
    monkeypatch.setattr(module, "measure", lambda spec, device: replace(SPEED, training=training))
    assert expected("auto", threads=threads).jobs == jobs
    monkeypatch.setattr(module, "device_name", lambda device: "a GPU")
    assert expected("auto", device="cuda", threads=threads).jobs == 1


def test_methods_that_would_never_update_are_named() -> None:
    """RigL rests from step 11 of 15 on (0.75 of all): an interval of 10 gives one update, one of 11 none."""
    methods = "dense,static,rigl(update_interval=10),rigl(update_interval=11),set(update_interval=300)"
    found = expected(methods=methods, seeds=2)
    assert found.resting == ("rigl (every 11 steps, 15 in a run)", "set (every 300 steps, 15 in a run)")
    assert found.lines()[-1].startswith("topology never updated, its masks would be fixed: rigl (every 11 steps")


def test_missing_data_are_named(tmp_path: Path) -> None:
    found = expected(suite="cifar10c", models="cnn-small(width=4)", corruptions="contrast")
    assert any("cifar-10-batches-py" in path for path in found.missing)
    assert any(line.startswith("missing data: cifar-10") for line in found.lines())


def test_images_that_cannot_be_fetched_are_missing_too() -> None:
    found = expected(suite="imagenet-c", models="cnn-small(width=4)", corruptions="contrast")
    assert len(found.missing) == 1
    assert "is missing; ImageNet cannot be fetched" in found.missing[0]
    assert found.generated_images == 5 * 50  # all severities of the suite are made together


def test_a_model_that_cannot_be_trained_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(spec: object, device: str) -> Speed:
        raise RuntimeError("mat1 and mat2\nshapes")

    monkeypatch.setattr(module, "measure", broken)
    with pytest.raises(PluginError, match=r"mlp on digits: RuntimeError: mat1 and mat2$"):
        expected()


def test_measuring_counts_what_backward_needs_and_leaves_the_random_state() -> None:
    """Of a 3072-8-8-10 perceptron: at least its float32 inputs; weights are counted once, apart."""
    import torch

    (spec, *_) = expand(read_grid(GRID, "test"), data=Path("nowhere"))
    before = torch.random.get_rng_state()
    speed = measure(spec, "cpu")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert 4 * 3072 <= speed.activation_bytes < 3 * 4 * 3072
    assert speed.weight_bytes >= 4 * 3072 * 8
    assert speed.training > 0 < speed.evaluation


def test_a_quota_of_a_container_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.setattr(environment, "_control_groups", lambda: [inner, tmp_path])
    unlimited = environment.cores()
    (inner / "cpu.max").write_text("max 100000\n")
    assert environment.cores() == unlimited
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert environment.cores() == 1
    (tmp_path / "memory.max").write_text("max\n")
    (inner / "memory.max").write_text("2000\n")
    (inner / "memory.current").write_text("500\n")
    assert environment.available_memory_bytes() == 1500
