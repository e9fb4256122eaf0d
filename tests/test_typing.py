"""Type checkers see the signatures of what robench installs, and nothing is left to guess."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import robench

ROOT = Path(__file__).parents[1]
CONSUMER = ROOT / "tests" / "typing" / "consumer.py"

NOT_FOLLOWED = (
    *("lightning_fabric", "matplotlib", "pandas", "sympy", "timm", "torchvision"),
    *("torch._dynamo", "torch._functorch", "torch._higher_order_ops", "torch._inductor", "torch._library"),
    *("torch._subclasses", "torch.ao", "torch.distributed", "torch.export", "torch.fx", "torch.onnx", "torch.utils"),
)
"""No public signature names anything of these; to read them takes twice as long as all the rest."""

Found = dict[int, str]
"""Line -> what a checker says is wrong there."""


@pytest.fixture
def consumer(tmp_path: Path) -> Path:
    """The consumer in a folder of its own, so that robench is found as it is installed, without this checkout."""
    place = tmp_path / CONSUMER.name
    place.write_bytes(CONSUMER.read_bytes())
    return place


def run(folder: Path, *words: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("MYPYPATH", "PYTHONPATH")}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr  # 0: nothing found, 2 and above: the checker failed
    return done.stdout


def mypy(consumer: Path) -> Found:
    skipped = ",".join(f"{name}.*" for name in NOT_FOLLOWED)
    config = consumer.with_name("mypy.ini")
    config.write_text(f"[mypy]\nstrict = true\ncache_dir = cache\n[mypy-{skipped}]\nfollow_imports = skip\n")
    out = run(consumer.parent, "mypy", "--config-file", config.name, "--output", "json", consumer.name)
    return {one["line"]: one["message"] for one in map(json.loads, out.splitlines()) if one["severity"] == "error"}


def pyright(consumer: Path) -> Found:
    out = run(consumer.parent, "pyright", "--pythonpath", sys.executable, "--outputjson", consumer.name)
    found = json.loads(out)["generalDiagnostics"]
    return {one["range"]["start"]["line"] + 1: one["message"] for one in found if one["severity"] == "error"}


@pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
def test_right_calls_are_right_and_wrong_ones_wrong(checker: Callable[[Path], Found], consumer: Path) -> None:
    lines = CONSUMER.read_text().splitlines()
    wrong = {number: line for number, line in enumerate(lines, 1) if "  # wrong: " in line}
    found = checker(consumer)
    assert {number: found[number] for number in found.keys() - wrong.keys()} == {}
    assert {number: wrong[number] for number in wrong.keys() - found.keys()} == {}


def test_the_consumer_uses_all_that_is_public() -> None:
    text = CONSUMER.read_text()
    assert [name for name in robench.__all__ if f"assert_type(robench.{name}" not in text] == []


def test_the_wheel_says_that_its_packages_are_typed(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = [Path(path).name for path in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]]
    assert set(zipfile.ZipFile(wheel).namelist()) >= {f"{package}/py.typed" for package in packages}
