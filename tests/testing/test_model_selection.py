"""Model selection never looks at the test set: what is trained does not depend on it."""

from pathlib import Path

from robench.execution import worker
from robench.execution.settings import Settings
from robench.runs.store import Store
from robench.study.grid import read_grid
from robench.study.plan import expand

GRID = {
    "suite": ["digits-c"],
    "models": ["cnn-small(width=4)"],
    "methods": ["set(update_interval=2)"],
    "seeds": 1,
    "train_limit": 96,
    "corruptions": ["contrast"],
    "severities": [5],
    "training": {"epochs": 2, "batch_size": 32},
}


def trained(root: Path, test_limit: int) -> tuple[str, str]:
    """Return the digests of the trained weights and of the answers on the test images."""
    (spec,) = expand(read_grid({**GRID, "test_limit": test_limit}, "test"), data=Path("nowhere"))
    store = Store(root)
    store.open()
    assert worker.run_one(spec, Settings(root, Path("nowhere")), lambda message: None) == "finished"
    files = store.record(spec.id).files
    return files["model.safetensors"], files["bits.npz"]


def test_training_never_sees_the_test_set(tmp_path):
    weights, answers = trained(tmp_path / "few", test_limit=10)
    other_weights, other_answers = trained(tmp_path / "more", test_limit=40)
    assert weights == other_weights
    assert answers != other_answers
