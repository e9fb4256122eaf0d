"""`robench.run` refuses what the command refuses, in one line, before anything is written."""

from pathlib import Path
from typing import Any

import pytest

import robench
from robench.errors import InputError
from robench.execution import recording
from robench.progress import Progress


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"data": "nowhere/at/all"}, "data: 'nowhere/at/all' is no folder that exists"),
        ({"data": ""}, "data: it is empty"),
        ({"store": ""}, "store: it is empty"),
        ({"jobs": 0}, "jobs: 0; expected a whole number, 1 or more"),
        ({"jobs": True}, "jobs: True; expected a whole number"),
        ({"checkpoint_seconds": float("nan")}, "checkpoint_seconds: nan; expected a number, 0 or more"),
        ({"checkpoint_seconds": True}, "checkpoint_seconds: True; expected a number"),
        ({"device": "tpu"}, "device: 'tpu' is unknown"),
        ({"name": "quickstart", "spec": "study.yaml"}, "give a name or --spec FILE, not both"),
        ({"suite": "digit-c"}, "did you mean 'digits-c'"),
        ({"methods": ["dense", {"rigl": {"interval": 3}}]}, "did you mean 'update_interval'"),
        ({"sparsity": 1.0}, "sparsity"),
    ],
)
def test_wrong_input_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message) as caught:
        robench.run(**{"store": tmp_path / "store", **given})
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_finished_run_of_other_images_is_pointed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Progress] = []
    asked: dict[str, Any] = {
        "suite": "digits-c",
        "methods": "dense",
        "models": "mlp(width=8)",
        "seeds": 1,
        "epochs": 1,
        "train_limit": 64,
        "test_limit": 20,
        "corruptions": ["contrast"],
        "severities": [1],
        "store": tmp_path / "store",
        "report": said.append,
    }
    robench.run(**asked)
    robench.run(**asked)
    assert said[-1].text == "already finished"
    monkeypatch.setattr(recording, "images_at", lambda dataset, data: "another digest")
    robench.run(**asked)
    assert said[-1].text.startswith("already finished; the images of digits in ")
    monkeypatch.setattr(recording, "images_at", lambda dataset, data: None)
    robench.run(**asked)
    assert said[-1].text == "already finished"
