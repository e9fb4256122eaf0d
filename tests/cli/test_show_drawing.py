"""`robench show --save`: what is drawn, and what is refused in one line."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from robench.cli import cli
from robench.errors import InputError, PluginError


def call(*args: str) -> str:
    return CliRunner().invoke(cli, ["show", *args], catch_exceptions=False).stdout


@pytest.mark.parametrize(
    ("args", "size"),
    [(("corruption", "fog", "--preset=tiny", "--severities=1, 5"), "2 x 3"), (("suite", "digits-c"), "19 x 6")],
)
def test_a_sheet_is_saved_and_named(args: tuple[str, ...], size: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    text = call(*args, f"--save={path}")
    with Image.open(path) as picture:
        assert text == f"{path}: {size} images, {picture.width} x {picture.height} pixels\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("method", "rigl", "--save=x.png"), "save: a method cannot be drawn; corruption and suite can"),
        (("suite", "digits-c", "--save=x.png", "--preset=tiny"), "preset: 'tiny'; a suite is drawn at its own"),
        (("corruption", "fog", "--save=x.png", "--severities=1-5"), "severities: '1-5'; expected whole numbers"),
        (("corruption", "fog", "--save=x.png", "--severities=0"), r"severities: 'fog' has \[1, 2, 3, 4, 5\], not 0"),
        (("corruption", "fog", "--save=x.jpg"), r"save: 'x\.jpg'; expected a name that ends in \.png"),
        (("corruption", "fog", "--preset=tiny"), r"preset: goes with --save FILE\.png"),
        (("corruption", "fogg", "--save=x.png"), "corruption: unknown 'fogg'; did you mean"),
    ],
)
def test_what_cannot_be_drawn_is_named(args: tuple[str, ...], message: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((InputError, PluginError), match=message) as caught:
        call(*args)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_wrong_name_ends_with_code_2_and_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "robench", "show", "corruption", "fog", f"--save={tmp_path / 'no' / 'x.png'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("robench: save: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_the_levels_of_a_corruption_are_shown() -> None:
    lines = call("corruption", "frost").splitlines()
    assert "  cifar:" in lines
    assert "  - [0.75, 0.45, 0.2]" in lines
