"""Image files read as arrays, against torchvision's transforms on the same files."""

import threading

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, Resize

from robench.data import image_files, images
from robench.data.image_files import Pictures
from robench.errors import DataError, InputError, PluginError
from tests.helpers.folder_sets import MINI, write_clean


@pytest.fixture
def root(tmp_path):
    write_clean(tmp_path)
    return tmp_path


def test_resized_and_cropped_as_by_torchvision(root):
    pictures, labels = images.load(MINI, root, "test")
    transform = Compose([Resize(36), CenterCrop(32)])
    assert pictures.shape == (6, 32, 32, 3)
    for place, pixels in enumerate(pictures[:]):
        with Image.open(pictures.path(place)) as image:
            np.testing.assert_array_equal(pixels, np.asarray(transform(image)))
    assert labels.tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("size", [(32, 32), (33, 40), (41, 32)])
def test_without_resize_the_centre_is_cut_out(tmp_path, size):
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8))
    image.save(tmp_path / "a.png")
    expected = np.asarray(CenterCrop(32)(image))
    np.testing.assert_array_equal(Pictures(tmp_path, ["a.png"], 32)[:][0], expected)


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "RGBA"])
def test_other_kinds_of_images_become_rgb(tmp_path, mode):
    suffix = "jpg" if mode == "CMYK" else "png"
    Image.new("RGB", (32, 32), (204, 204, 204)).convert(mode).save(tmp_path / f"a.{suffix}", quality=100)
    pixels = Pictures(tmp_path, [f"a.{suffix}"], 32)[:]
    assert pixels.shape == (1, 32, 32, 3)
    assert np.abs(pixels.astype(int) - 204).max() <= 2


def test_batches_of_files_are_slices_of_the_array(root):
    pictures, _ = images.load(MINI, root, "train")
    whole = pictures[:]
    for source in (pictures, whole):
        found = list(image_files.batches(source, 5))
        assert [place.start for place, _ in found] == [0, 5, 10]
        np.testing.assert_array_equal(np.concatenate([pixels for _, pixels in found]), whole)
    np.testing.assert_array_equal(pictures[3:7], whole[3:7])


def test_reading_ahead_is_bounded_and_in_order():
    done, lock = [], threading.Lock()

    def work(number):
        with lock:
            done.append(number)
        return number * number

    stream = image_files.in_order(work, range(1000), ahead=7)
    assert [next(stream) for _ in range(20)] == [number * number for number in range(20)]
    stream.close()
    assert max(done) <= 20 + 7


def test_a_damaged_or_small_file_is_named(root):
    pictures, _ = images.load(MINI, root, "test")
    small = Pictures(root, [str(pictures.path(0).relative_to(root))], 64)
    with pytest.raises(DataError, match=r"test_000.JPEG: 40 x 60 pixels; at least 64 x 64 are needed"):
        small[:]
    pictures.path(1).write_bytes(pictures.path(1).read_bytes()[:-200])
    pictures.path(2).write_bytes(b"<html>")
    pictures.path(3).unlink()
    for place, reason in ((1, "truncated"), (2, "an HTML page"), (3, "No such file")):
        with pytest.raises(DataError, match=f"test_00{place}.JPEG: .*{reason}"):
            pictures.decode(place)


def test_limits_and_what_breaks_the_contract(root):
    assert len(images.load(MINI, root, "train", 5)[0]) == 5
    with pytest.raises(InputError, match="at least 1"):
        images.load(MINI, root, "train", 0)
    with pytest.raises(InputError, match="did you mean 'train'"):
        images.load(MINI, root, "trian")
    (root / "mini/test/n01/test_000.JPEG").unlink()
    with pytest.raises(PluginError, match=r"split 'test': 5 files, the record declares 6"):
        images.load(MINI, root, "test")
