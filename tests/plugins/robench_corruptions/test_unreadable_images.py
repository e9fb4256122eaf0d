"""Where OpenCV gives no image back, the corruption says so in words."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from robench.errors import DataError, PluginError
from robench_corruptions.standard.digital import jpeg_compression
from robench_corruptions.standard.frost import frost

IMAGES = np.zeros((2, 32, 32, 3), np.uint8)


def test_a_texture_that_is_no_image_is_named(tmp_path: Path) -> None:
    for asset in frost.assets:
        (tmp_path / Path(asset.file.path).name).write_text("not an image")
    sources = iter([np.random.RandomState(n) for n in range(len(IMAGES))])
    with pytest.raises(DataError, match=r"frost: .*frost\d\.(png|jpg) is not an image"):
        frost.function(IMAGES, frost.presets["cifar"][0], sources, assets=tmp_path)


@pytest.mark.parametrize(("name", "answer"), [("imencode", (False, np.empty(0, np.uint8))), ("imdecode", None)])
def test_a_jpeg_that_cannot_be_made_or_read_back_is_told(
    name: str, answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, name, lambda *given: answer)
    with pytest.raises(PluginError, match="jpeg_compression: this OpenCV cannot"):
        jpeg_compression.function(IMAGES, 80, iter(()))
