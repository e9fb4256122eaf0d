"""What would fail in every run is refused before the first epoch, in one line; what would not fail is not."""

import os
from pathlib import Path

import pytest

from robench.study import estimate
from tests.helpers.commands import Done, called
from tests.helpers.distributions import install

SOURCE = """
import torch
from torch import nn
from robench.contracts import Model

class Net(nn.Module):
    def __init__(self, classes, pixels):
        super().__init__()
        self.body = nn.Linear(pixels, 16)
        self.norm = nn.BatchNorm1d(16)
        self.head = nn.Linear(16, classes)
        self.wide, self.narrow = nn.Linear(16, classes + 1), nn.Linear(16, classes - 1)

    def forward(self, x):
        x = self.norm(self.body(x.flatten(1)))
        return self.out(x)

def of(name, out, **more):
    cls = type(name, (Net,), {"out": out, **more})
    return Model(
        name=name, build=lambda num_classes, in_channels, image_size: cls(num_classes, in_channels * image_size**2),
        recipe="digits", reference="-", api_version=1,
    )

wide = of("wide", lambda net, x: net.wide(x))
narrow = of("narrow", lambda net, x: net.narrow(x))
pair = of("pair", lambda net, x: (net.head(x), x))
trains = of("trains", lambda net, x: {"out": net.head(x)} if net.training else net.head(x))
judges = of("judges", lambda net, x: net.head(x) if net.training else (net.head(x),))
half = of("half", lambda net, x: net.head(x).bfloat16())
whole = of("whole", lambda net, x: net.head(x).argmax(1))
spatial = of("spatial", lambda net, x: net.head(x)[:, :, None, None])
nothing = of("nothing", lambda net, x: net.head(x) / 0)
extra = of("extra", lambda net, x: net.head(x), get_extra_state=lambda net: {"scale": 1},
           set_extra_state=lambda net, state: None)
sound = of("sound", lambda net, x: net.head(x))
"""
NAMES = ("wide", "narrow", "pair", "trains", "judges", "half", "whole", "spatial", "nothing", "extra", "sound")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    install(folder, "outputs", SOURCE, {"robench.models": {name: f"outputs:{name}" for name in NAMES}})
    return folder


def run(site: Path, tmp_path: Path, *args: str) -> Done:
    environment = {"PYTHONPATH": str(site), "ROBENCH_CACHE": str(tmp_path / "cache"), "PATH": os.environ["PATH"]}
    small = ["--suite=digits-c", "--epochs=1", "--seeds=1", "--corruptions=contrast", "--severities=5"]
    limits = ["--test-limit=20", "--train-limit=64", f"--store={tmp_path / 'store'}", f"--data={site}", "--device=cpu"]
    return called(environment, "run", *small, *limits, *args)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wide", "its output in training is float32 (2, 11); float32 (2, 10), one logit for each image and class"),
        ("narrow", "its output in training is float32 (2, 9); float32 (2, 10)"),
        ("pair", "its output in training is a tuple; float32 (2, 10)"),
        ("trains", "its output in training is a dict; float32 (2, 10)"),
        ("judges", "its output in evaluation is a tuple; float32 (2, 10)"),
        ("half", "its output in training is bfloat16 (2, 10); float32 (2, 10)"),
        ("whole", "its output in training is int64 (2,); float32 (2, 10)"),
        ("spatial", "its output in training is float32 (2, 10, 1, 1); float32 (2, 10)"),
        ("nothing", "its output in training is not finite at the first step"),
        ("extra", "its state '_extra_state' is dict; only tensors can be saved"),
    ],
)
def test_a_model_that_breaks_its_contract_is_refused(site: Path, tmp_path: Path, name: str, message: str) -> None:
    done = run(site, tmp_path, "--methods=dense", f"--models={name}")
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"robench: {name} with dense: {message}")
    assert not (tmp_path / "store").exists()


def test_layers_that_the_loss_does_not_reach_are_named_once_and_trained_beside(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "--methods=dense,static", "--models=sound")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("the loss does not reach") == 1
    assert "sound: the loss does not reach wide, narrow: the gradient there counts as 0" in done.stderr
    assert done.stderr.splitlines()[-1] == f"results: {tmp_path / 'store'}"


def test_a_batch_of_one_image_is_tried_as_it_is_trained(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "--methods=dense", "--models=mlp(width=8)", "--train-limit=1")
    assert done.returncode == 0, done.stderr
    done = run(site, tmp_path, "--methods=dense", "--models=sound", "--train-limit=1")
    assert done.returncode == 2
    assert "sound with dense on 3x32x32 images: ValueError: Expected more than 1 value per channel" in done.stderr


def test_more_processes_than_runs_need_no_more_room(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(site, tmp_path, "--methods=dense", "--models=mlp(width=8)", "--jobs=200000")
    assert done.returncode == 0, done.stderr
    monkeypatch.setattr(estimate, "_UNFINISHED", 10**12)
    done = run(site, tmp_path, "--methods=dense", "--models=mlp(width=9)")
    assert done.returncode == 2
    assert "store: needs" in done.stderr.splitlines()[-1]
