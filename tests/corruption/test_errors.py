"""What a wrong call says: one line with the field, the value and what is allowed."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robench import corrupt
from robench.errors import DataError, InputError, PluginError
from tests.helpers.corruption_cases import patterns

IMAGES = patterns(1, 32, 32)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"images": [[0]]}, "images: list; expected a NumPy array, a torch tensor or a Pillow image"),
        ({"images": IMAGES / 255}, "images: dtype float64; expected uint8"),
        ({"images": IMAGES[0, 0, 0]}, r"images: shape \(3,\); expected uint8 \(N, H, W, 3\)"),
        ({"images": IMAGES.transpose(0, 3, 1, 2)}, r"images: shape \(1, 3, 32, 32\); expected"),
        ({"images": np.zeros((1, 28, 28, 1), np.uint8)}, "images: 28 x 28 pixels; expected at least 32 x 32"),
        ({"severity": 0}, "severity: 0; expected a whole number from 1 to 5"),
        ({"severity": 2.5}, "severity: 2.5; expected"),
        ({"severity": True}, "severity: True; expected a whole number from 1 to 5"),
        ({"severity": "3"}, "severity: '3'; expected a whole number from 1 to 5"),
        ({"preset": "cifra"}, "preset: unknown 'cifra'; did you mean 'cifar'?"),
        ({"preset": None}, "preset: unknown 'None'"),
        ({"seed": None}, "seed: None; expected a whole number"),
        ({"seed": 1.5, "stream": "legacy"}, "seed: 1.5; expected a whole number"),
        ({"seed": True}, "seed: True; expected a whole number"),
        ({"first_index": True}, "first_index: True; expected a whole number"),
        ({"first_index": 1.5}, "first_index: 1.5; expected a whole number"),
        ({"stream": "mersenne"}, "stream: unknown 'mersenne'; known: counter, legacy"),
        ({"first_index": -1}, "first_index: -1; expected 0 or more"),
        ({"stream": "legacy", "first_index": 3}, "first_index: 3; the legacy stream"),
        ({"stream": "legacy", "seed": -1}, "seed: -1; the legacy stream takes 0 to 4294967295"),
    ],
)
def test_wrong_arguments_are_named(changed: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"images": IMAGES, "name": "fog", "severity": 3} | changed
    with pytest.raises(InputError, match=message) as caught:
        corrupt(**arguments)
    assert "\n" not in str(caught.value)


def test_a_seed_of_numpy_counts_as_the_same_number() -> None:
    one, same = (corrupt(IMAGES, "fog", number(3), seed=number(7)) for number in (int, np.int64))
    np.testing.assert_array_equal(one, same)


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(PluginError, match="did you mean 'gaussian_noise'"):
        corrupt(IMAGES, "gausian_noise", 3)


def test_missing_textures_are_named_with_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(
        DataError,
        match=r"frost: in .* frost1\.png is missing, .*frost5\.jpg is missing; put there https://.*ROBENCH_DATA",
    ) as caught:
        corrupt(IMAGES, "frost", 3, data=tmp_path)
    assert str(tmp_path / "frost") in str(caught.value)


def test_damaged_textures_are_refused(tmp_path: Path, shared_data: Path) -> None:
    (tmp_path / "frost").mkdir()
    for source in (shared_data / "frost").iterdir():
        shutil.copyfile(source, tmp_path / "frost" / source.name)
    with (tmp_path / "frost" / "frost4.jpg").open("r+b") as file:
        file.write(b"\0")
    with pytest.raises(DataError, match=r"frost: in .* frost4\.jpg is not .*sha256 differs"):
        corrupt(IMAGES, "frost", 3, data=tmp_path)
