"""Equal id, equal bytes, whatever number of threads the machine and the environment would give a run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import robench
from robench.errors import StoreError
from robench.runs.index import scan
from robench.runs.store import Store
from tests.helpers.records import keep, make_record, make_spec

STUDY: dict[str, Any] = {
    "suite": "digits-c", "models": "cnn-small(width=8)", "methods": "dense,rigl(update_interval=2)", "seeds": 1,
    "epochs": 1, "train_limit": 128, "test_limit": 40, "corruptions": "contrast", "severities": 5, "device": "cpu",
}  # fmt: skip


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def digests(store: Path, **more: Any) -> dict[str, dict[str, str]]:
    """Return id -> name -> SHA-256 of what a study leaves, in the store and not only in the records."""
    robench.run(**STUDY, **more, store=store)
    found = {}
    for folder in sorted((store / "runs").iterdir()):
        record = Store(store).record(folder.name)
        assert record is not None
        found[folder.name] = {name: record.files[name] for name in ("bits.npz", "model.safetensors")}
    return found


def test_equal_ids_equal_bytes_with_any_number_of_threads_and_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)
    one = digests(tmp_path / "one")
    assert len(one) == 2
    for ambient in (2, 3):
        torch.set_num_threads(ambient)
        assert digests(tmp_path / str(ambient)) == one
        assert torch.get_num_threads() == ambient
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert digests(tmp_path / "spawned", jobs=2) == one


def test_the_number_of_threads_is_part_of_the_id_and_kept(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    one, two = digests(tmp_path, threads=1), digests(tmp_path, threads=2)
    new = two.keys() - one.keys()
    assert len(new) == 2
    for run_id in new:
        record = Store(tmp_path).record(run_id)
        assert record is not None
        assert (record.spec.threads, record.environment["threads"]) == (2, 2)


def test_one_thread_is_not_written_so_that_older_specs_keep_their_ids() -> None:
    spec = make_spec("rigl", 0)
    assert "threads" not in spec.model_dump(mode="json")
    assert spec.model_copy(update={"threads": 2}).model_dump(mode="json")["threads"] == 2


def test_a_record_of_another_number_of_threads_is_named_and_the_others_rank(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.open()
    for seed, made in enumerate(({"device": "cpu", "threads": 1}, {"device": "cpu", "threads": 2}, {})):
        keep(store, make_record("dense", seed).model_copy(update={"environment": made}))
    keep(store, make_record("dense", 3).model_copy(update={"environment": {"device": "cuda", "threads": 8}}))
    found = scan(store)
    assert sorted(result.spec.seed for result in found.results) == [0, 2, 3]
    ((name, reason),) = found.damaged
    assert name == make_record("dense", 1).id
    assert "environment.threads = 2 contradicts spec.threads = 1" in reason
    with pytest.raises(StoreError, match=r"environment\.threads = 2"):
        store.record(name)
