"""What is shown of corruptions: the very bytes of the sets, and a word where something stands in."""

from pathlib import Path

import numpy as np
import pytest

from robench import corrupt, registry
from robench.analysis import photographs, samples
from robench.contracts import Protocol, Suite
from robench.data import images
from robench.errors import DataError, InputError


def _silent(text: str) -> None:
    raise AssertionError(text)


def test_a_suite_shows_the_first_image_of_its_set() -> None:
    suite = registry.load("suite", "digits-c")
    clean = images.load(registry.load("dataset", suite.dataset), Path(), "test")[0][:1]
    sheet = samples.of_suite("digits-c", [1, 5], None, _silent)
    assert sheet.columns == ("clean", "severity 1", "severity 5")
    assert [row.label for row in sheet.rows] == [*suite.standard, *suite.extra]
    for row in sheet.rows:
        expected = corrupt(clean, row.label, 5, suite.preset, seed=suite.corruption_seed)[0]
        np.testing.assert_array_equal(row.images[2], np.broadcast_to(expected, (32, 32, 3)))


def test_real_test_images_are_shown_where_they_are(shared_data: Path) -> None:
    sheet = samples.of_suite("cifar10c", [3], shared_data, _silent)
    assert sheet.title == "cifar10c: the first test image of cifar10"
    clean = images.load(registry.load("dataset", "cifar10"), shared_data, "test")[0][0]
    assert all(np.array_equal(row.images[0], clean) for row in sheet.rows)


@pytest.fixture
def without_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite of three corruptions on a dataset that is not there."""
    suite = Suite(
        name="small",
        dataset="cifar10",
        preset="imagenet",
        standard=("fog_3d", "color_quant", "bit_error"),
        protocol=Protocol(baseline="dense"),
        default_model="resnet20",
        default_methods=("dense",),
        reference="this file",
    )
    load = registry.load
    monkeypatch.setattr(registry, "load", lambda kind, name: suite if name == "small" else load(kind, name))


@pytest.mark.usefixtures("without_images")
def test_what_stands_in_is_said(tmp_path: Path) -> None:
    told: list[str] = []
    sheet = samples.of_suite("small", None, tmp_path, told.append)
    assert len(told) == 1
    assert told[0].endswith("a photograph stands in")
    assert "not there" in sheet.title
    assert [row.label for row in sheet.rows] == ["fog_3d (made-up depth)", "color_quant", "bit_error"]
    assert [len(row.images) for row in sheet.rows] == [6, 6, 0]
    assert sheet.rows[2].note == "cannot be generated; in the published set only"


@pytest.mark.parametrize(("preset", "side"), [(None, 32), ("tiny", 64), ("imagenet", 224)])
def test_a_corruption_is_shown_on_photographs_of_its_size(preset: str | None, side: int) -> None:
    sheet = samples.of_corruption("contrast", preset, [2], None)
    for row, clean in zip(sheet.rows, photographs.centres(side), strict=True):
        np.testing.assert_array_equal(row.images[0], clean)
        assert clean.shape == (side, side, 3)
    pair = np.stack([row.images[0] for row in sheet.rows])
    np.testing.assert_array_equal(
        np.stack([row.images[1] for row in sheet.rows]), corrupt(pair, "contrast", 2, preset or "cifar")
    )


def test_wrong_choices_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"severities: 'fog' has \[1, 2, 3, 4, 5\], not 6"):
        samples.of_corruption("fog", None, [6], None)
    with pytest.raises(InputError, match="preset: unknown 'tinny'; did you mean 'tiny'"):
        samples.of_corruption("fog", "tinny", None, None)
    with pytest.raises(DataError, match=r"frost: in .* frost1\.png is missing, .*; put there https://"):
        samples.of_corruption("frost", None, None, tmp_path)
