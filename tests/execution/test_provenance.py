"""Every record says which plugins made it: name, package, version and a digest of the source."""

from importlib.metadata import version
from pathlib import Path

import pytest

from robench.execution import worker
from robench.execution.settings import Settings
from robench.progress import Progress
from robench.registry.sources import source_digest
from robench.runs.store import Store
from robench.study.grid import read_grid
from robench.study.plan import expand

GRID = {
    "suite": ["digits-c"],
    "models": ["cnn-small(width=4)"],
    "methods": ["set"],
    "seeds": 1,
    "train_limit": 32,
    "test_limit": 10,
    "corruptions": ["contrast"],
    "severities": [5],
    "training": {"epochs": 1, "batch_size": 32},
}


def test_a_record_names_its_plugins(tmp_path: Path) -> None:
    (spec,) = expand(read_grid(GRID, "test"), data=Path("nowhere"))
    store = Store(tmp_path)
    store.open()
    assert worker.run_one(spec, Settings(tmp_path, Path("nowhere")), lambda message: None) == "finished"
    record = store.record(spec.id)
    assert record is not None
    used = {"method:set", "model:cnn-small", "suite:digits-c", "dataset:digits", "corruption:contrast"}
    assert used <= set(record.plugins)
    assert {note.origin for note in record.plugins.values()} == {f"robench=={version('robench')}"}
    assert record.plugins["method:set"].source_digest == source_digest("robench_methods.set")
    assert all(len(note.source_digest) == 64 for note in record.plugins.values())


def test_a_failure_whose_text_is_no_unicode_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a plugin that names a file in Latin-1; the other runs of the study go on."""
    name = b"train_\xe9.JPEG".decode("utf-8", "surrogateescape")

    def fail(*given: object) -> None:
        raise ValueError(f"{name}: broken")

    monkeypatch.setattr(worker, "_result", fail)
    (spec,) = expand(read_grid(GRID, "test"), data=Path("nowhere"))
    store = Store(tmp_path)
    store.open()
    told: list[Progress] = []
    assert worker.run_one(spec, Settings(tmp_path, Path("nowhere")), told.append) == "failed"
    record = store.record(spec.id)
    assert record is not None
    assert record.failure is not None
    assert record.failure.message == r"train_\udce9.JPEG: broken (traceback.txt in the run's folder)"
    assert told[-1].text == f"ValueError: {record.failure.message}"
    assert r"train_\udce9.JPEG: broken" in (store.folder(spec.id) / "traceback.txt").read_text(encoding="utf-8")
