"""Runs of the control methods, from spec to record."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import robench
from robench import atomic, registry
from robench.errors import InputError
from robench.execution import local, worker
from robench.execution.settings import Settings
from robench.progress import silent
from robench.runs.folder import MASKS, MODEL
from robench.runs.record import RunRecord
from robench.runs.spec import RunSpec
from robench.runs.store import Store
from robench.runs.weights import load_masks
from robench.study import preflight
from robench.study.grid import read_grid
from robench.study.plan import expand
from robench.training import resume

GRID = {
    "suite": ["digits-c"],
    "models": ["cnn-small(width=8)"],
    "seeds": 1,
    "train_limit": 96,
    "test_limit": 20,
    "corruptions": ["contrast"],
    "training": {"epochs": 2, "batch_size": 32},
}


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBENCH_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def plan(*methods: str, **changes: Any) -> list[RunSpec]:
    return expand(read_grid({**GRID, "methods": list(methods), **changes}, "test"), data=Path("nowhere"))


def run(spec: RunSpec, root: Path) -> RunRecord:
    store = Store(root)
    store.open()
    assert (
        worker.run_one(spec, Settings(root, Path("nowhere"), checkpoint_seconds=1e9), lambda message: None)
        == "finished"
    )
    record = store.record(spec.id)
    assert record is not None
    return record


def test_the_cost_of_the_small_network_is_set_against_the_full_one(tmp_path: Path) -> None:
    (spec,) = plan("small-dense(match=flops)")
    cost = run(spec, tmp_path).cost
    assert cost is not None
    build = registry.load("model", "cnn-small").build
    full = build(10, 3, 32, width=8)
    assert cost.flops_inference_ratio == pytest.approx(cost.flops_inference / robench.flops(full, (3, 32, 32)))
    assert cost.flops_train_ratio == pytest.approx(cost.flops_inference_ratio)
    assert cost.flops_inference_ratio < 0.95
    assert cost.parameters == cost.nonzero < sum(parameter.numel() for parameter in full.parameters())
    assert (cost.density, spec.sparsity) == (1.0, 0.5)


def test_a_model_that_cannot_be_narrowed_fails_in_the_preflight(tmp_path: Path) -> None:
    specs = plan("small-dense", models=["timm/test_resnet"], training={"epochs": 5})
    with pytest.raises(InputError, match="timm/test_resnet with small-dense: model: it has no widths to choose"):
        preflight.check_networks(specs, "cpu", silent)


def masks_of(record: RunRecord, root: Path) -> dict[str, torch.Tensor]:
    return load_masks(Store(root).folder(record.id) / MASKS)


def weights_of(record: RunRecord, root: Path) -> dict[str, torch.Tensor]:
    return load_file(Store(root).folder(record.id) / MODEL)


def test_a_sparse_run_leaves_its_final_masks_and_a_dense_one_none(tmp_path: Path) -> None:
    dense, rigl = (run(spec, tmp_path) for spec in plan("dense", "rigl(update_interval=2)"))
    assert MASKS not in dense.files
    assert rigl.cost is not None
    masks, weights = masks_of(rigl, tmp_path), weights_of(rigl, tmp_path)
    assert rigl.files[MASKS] == atomic.sha256(Store(tmp_path).folder(rigl.id) / MASKS)
    assert {name: int(mask.sum()) / mask.numel() for name, mask in masks.items()} == rigl.cost.density_by_layer
    assert not any(weights[name][~mask].any() for name, mask in masks.items())


def test_replay_trains_other_weights_under_the_same_masks(tmp_path: Path) -> None:
    rigl, replay = (run(spec, tmp_path) for spec in plan("replay(of='rigl(update_interval=2)')"))
    left, used = masks_of(rigl, tmp_path), masks_of(replay, tmp_path)
    assert left.keys() == used.keys()
    assert all(torch.equal(left[name], used[name]) for name in left)
    old, new = weights_of(rigl, tmp_path), weights_of(replay, tmp_path)
    assert not any(torch.equal(old[name], new[name]) for name in left)
    assert replay.topology is not None
    assert rigl.topology is not None
    assert (replay.topology.updates, replay.topology.nonzero) == (0, rigl.topology.nonzero)


def test_dense_to_static_at_sparsity_zero_is_the_dense_run_again(tmp_path: Path) -> None:
    dense, again = (run(spec, tmp_path) for spec in plan("dense-to-static", sparsity=0.0))
    assert dense.files["bits.npz"] == again.files["bits.npz"]
    assert dense.files[MODEL] == again.files[MODEL]


def test_dense_to_static_keeps_the_largest_weights_of_the_dense_run(tmp_path: Path) -> None:
    dense, static = (run(spec, tmp_path) for spec in plan("dense-to-static(sparsity=0.8)"))
    weights = weights_of(dense, tmp_path)
    for name, mask in masks_of(static, tmp_path).items():
        kept, dropped = weights[name][mask].abs(), weights[name][~mask].abs()
        assert dropped.numel() == 0 or kept.min() >= dropped.max()


def test_runs_are_done_after_those_they_follow(tmp_path: Path) -> None:
    specs = plan("dense-to-static", "replay(of=static)", "dense")
    store = Store(tmp_path)
    store.open()
    done: list[tuple[str, str]] = []
    local.run(
        specs[::-1],
        Settings(tmp_path, Path("nowhere"), checkpoint_seconds=1e9),
        lambda message: done.append((message.id, message.phase)),
    )
    finished = [run_id for run_id, phase in done if phase == "finished"]
    assert sorted(finished) == sorted(spec.id for spec in specs)
    for spec in specs:
        assert spec.follows is None or finished.index(spec.follows) < finished.index(spec.id)


def test_phases_keep_order_and_need_no_run_that_is_not_there() -> None:
    dense, static, replay = plan("replay(of=dense-to-static)")
    assert local.phases([replay, static, dense]) == [[dense], [static], [replay]]
    assert local.phases([replay, dense]) == [[replay, dense]]


@pytest.mark.parametrize("damage", ["missing", "failed", "masks"])
def test_a_run_without_the_one_it_follows_fails_in_one_line(tmp_path: Path, damage: str) -> None:
    rigl, replay = plan("replay")
    store = Store(tmp_path)
    store.open()
    if damage == "masks":
        run(rigl, tmp_path)
        path = store.folder(rigl.id) / MASKS
        path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    if damage == "failed":
        store.plan([rigl])
        (store.folder(rigl.id) / "record.json").write_text(failed_record(rigl, tmp_path / "other"))
    settings = Settings(tmp_path, Path("nowhere"), checkpoint_seconds=1e9)
    assert worker.run_one(replay, settings, lambda message: None) == "failed"
    record = store.record(replay.id)
    assert record is not None
    assert record.failure is not None
    expected = f"{rigl.id}/{MASKS}: not the bytes" if damage == "masks" else f"follows: run {rigl.id} has no result"
    assert expected in record.failure.message
    assert "\n" not in record.failure.message
    assert not record.final


def failed_record(spec: RunSpec, root: Path) -> str:
    """The record of a run that failed, as the worker writes it."""
    diverging = spec.model_copy(update={"follows": "0" * 16})
    broken = RunSpec.model_validate(diverging.model_dump(mode="json"))
    store = Store(root)
    store.open()
    worker.run_one(broken, Settings(root, Path("nowhere"), checkpoint_seconds=1e9), lambda message: None)
    record = store.record(broken.id)
    assert record is not None
    assert record.status == "failed"
    return record.model_copy(update={"spec": spec, "id": spec.id, "files": {}}).model_dump_json()


def test_a_follower_continues_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = plan("replay(of=static)")
    whole = [run(spec, tmp_path / "whole") for spec in specs][-1]
    run(specs[0], tmp_path / "cut")
    settings = Settings(tmp_path / "cut", Path("nowhere"), checkpoint_seconds=0)
    with monkeypatch.context() as patch:
        original = resume.save

        def dying(folder: Path, step: int, state: Any) -> None:
            original(folder, step, state)
            if step == 2:
                raise KeyboardInterrupt

        patch.setattr(resume, "save", dying)
        with pytest.raises(KeyboardInterrupt):
            worker.run_one(specs[1], settings, lambda message: None)
    again = run(specs[1], tmp_path / "cut")
    assert {name: again.files[name] for name in (MODEL, MASKS, "bits.npz")} == {
        name: whole.files[name] for name in (MODEL, MASKS, "bits.npz")
    }


def test_what_cannot_be_followed_fails_in_the_preflight(tmp_path: Path) -> None:
    specs = plan("replay(of=dense)")
    with pytest.raises(InputError, match="cnn-small with replay: of: the run of 'dense' left no masks"):
        preflight.check_networks(specs, "cpu", silent)


def test_the_preflight_builds_what_follows(tmp_path: Path) -> None:
    specs = plan("replay", "dense-to-static", "replay(of=dense-to-static)")
    preflight.check_networks(specs, "cpu", silent)
    assert not list(tmp_path.iterdir())
