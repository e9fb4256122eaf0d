"""Generated image files: the bytes of one plain call, in the published layout, continued after a kill."""

import dataclasses
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import robench.corruption
from robench import registry
from robench.contracts import Corruption
from robench.data import images
from robench.data.generation import cache, folders
from robench.data.sets import corrupted
from robench.data.sets.request import Storage
from robench.errors import DataError
from tests.helpers.asking import ask, home_of
from tests.helpers.folder_sets import CLASSES, MINI, MINI_C, SEVERITIES, write_clean

NAMES = MINI_C.standard


@pytest.fixture
def root(tmp_path):
    write_clean(tmp_path)
    return tmp_path


def make(root, limit=None, names=NAMES, jobs=1, suite=MINI_C, **storage):
    kept = Storage(**storage)
    request = ask(suite, MINI, root, names, "generated", severities=SEVERITIES, limit=limit, storage=kept)
    return corrupted.open_cells(request, jobs=jobs)


def expected(root, name, severity, limit=None):
    clean, _ = images.load(MINI, root, "test", limit)
    return robench.corruption.images.corrupt(clean[:], name, severity, preset="cifar", seed=MINI_C.corruption_seed)


def assert_right(root, cells, names=NAMES, limit=None):
    for name in names:
        for severity in SEVERITIES:
            np.testing.assert_array_equal(cells.images(name, severity)[:], expected(root, name, severity, limit))


@pytest.mark.parametrize("piece_bytes", [4 << 20, 4 * 32 * 32 * 3, 1])
def test_files_hold_the_bytes_of_one_call(root, monkeypatch, piece_bytes):
    monkeypatch.setattr(folders, "PIECE_BYTES", piece_bytes)
    cells = make(root)
    assert_right(root, cells)
    assert cells.source == "generated"
    home = home_of(MINI_C, MINI, root)
    assert cells.folders == (home,)
    assert (home / "contrast/3/n02/test_004.png").is_file()
    assert len(list(home.glob("*/*/*/*.png"))) == 2 * 5 * 6


def test_processes_give_the_same_bytes(root, monkeypatch):
    monkeypatch.setattr(folders, "PIECE_BYTES", 1)
    assert_right(root, make(root, jobs=2))


def test_a_limited_set_has_the_bytes_of_the_whole_one(root):
    few = make(root, limit=4)
    assert_right(root, few, limit=4)
    assert few.folders == (home_of(MINI_C, MINI, root, 4),)
    make(root)
    again = make(root, limit=4)
    assert again.folders == (home_of(MINI_C, MINI, root),)
    assert_right(root, again, limit=4)


def test_jpeg_files_are_pillows_of_that_quality_and_a_set_of_their_own(root):
    make(root, names=("contrast",))
    cells = make(root, names=("contrast",), quality=85)
    assert cells.folders[0].name.endswith("-q85")
    image = Image.fromarray(expected(root, "contrast", 2)[1])
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85, optimize=True)
    path = cells.folders[0] / "contrast/2/n02/test_001.JPEG"
    assert path.read_bytes() == buffer.getvalue()
    np.testing.assert_array_equal(cells.images("contrast", 2)[1:2][0], np.asarray(Image.open(buffer)))


KILLED = """
import os, signal, sys
from pathlib import Path
from robench.data.generation import folders
from robench.data.sets import corrupted
from robench.data.sets.request import Request
from tests.helpers.folder_sets import MINI, MINI_C

def main():
    folders.PIECE_BYTES = 1
    def report(message):
        if message.done >= 30:
            os.kill(os.getpid(), signal.SIGKILL)

    request = Request(MINI_C, MINI, Path({root!r}), {names!r}, (1,), None, "generated")
    corrupted.open_cells(request, report, {jobs})

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_and_continued(root, jobs):
    script = root / "killed.py"
    script.write_text(KILLED.format(root=str(root), names=NAMES, jobs=jobs))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run([sys.executable, script], capture_output=True, timeout=120, check=False, env=environment)
    assert done.returncode == -9, done.stderr
    home = home_of(MINI_C, MINI, root)
    before = {path: path.stat().st_ino for path in home.glob("*/*/*/*.png")}
    assert 30 <= len(before) < 60 + jobs - 1  # the other process may have come to the end
    assert {name: "images" in entry for name, entry in cache.index(home).items()} == dict.fromkeys(NAMES, False)
    assert_right(root, make(root))
    assert {path: path.stat().st_ino for path in before} == before


def test_what_is_gone_is_made_again_and_only_that(root, monkeypatch):
    make(root)
    gone = home_of(MINI_C, MINI, root) / "contrast/3/n02/test_001.png"
    gone.unlink()
    made = []
    corrupt = robench.corruption.images.corrupt
    monkeypatch.setattr(robench.corruption.images, "corrupt", lambda *a, **k: made.append(a[1:3]) or corrupt(*a, **k))
    assert_right(root, make(root))
    assert made[0] == ("contrast", 3)
    assert len([call for call in made if call == ("contrast", 3)]) == 2  # one is that of `expected`


def test_another_recipe_starts_anew(root, monkeypatch):
    make(root)
    home = home_of(MINI_C, MINI, root)
    before = {path: path.stat().st_mtime_ns for path in home.glob("*/1/n01/*.png")}
    recipe = cache.recipe
    monkeypatch.setattr(cache, "recipe", lambda name: f"{recipe(name)}{'new' * (name == 'contrast')}")
    make(root)
    for path, time in before.items():
        assert (path.stat().st_mtime_ns != time) == ("contrast" in path.parts)


def shaded(images, level, draws, depth):
    return np.minimum(images, depth[..., None].astype(np.uint8) + level)


SHADE = Corruption(
    name="fog", group="test", function=shaded, presets={"cifar": (1, 2, 3, 4, 5)}, reference="", maps=("depth",)
)


@pytest.fixture
def shade(monkeypatch):
    load = registry.load
    monkeypatch.setattr(registry, "load", lambda kind, name: SHADE if name == "fog" else load(kind, name))


@pytest.mark.parametrize("suffix", ["npy", "png"])
def test_depth_maps_come_from_the_users_folder(root, shade, suffix):
    for place in range(6):
        path = root / f"depth/{CLASSES[place % 3]}/test_{place:03}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        values = np.full((32, 32), 20 * place)
        if suffix == "npy":
            np.save(path, values.astype(np.float64))
        else:
            Image.fromarray(values.astype(np.uint16)).save(path)
    cells = make(root, names=("fog",), maps={"depth": root / "depth"})
    clean, _ = images.load(MINI, root, "test")
    for severity in SEVERITIES:
        limits = (20 * np.arange(6) + severity)[:, None, None, None]
        np.testing.assert_array_equal(cells.images("fog", severity)[:], np.minimum(clean[:], limits))


def test_without_maps_the_way_out_is_named_before_anything_is_made(root, shade):
    with pytest.raises(DataError, match=r"fog needs a depth map of each image; .*data generate mini-c --map depth=DIR"):
        corrupted.check(ask(MINI_C, MINI, root, ("fog",), "generated"))
    (root / "depth").mkdir()
    with pytest.raises(DataError, match=r"no map n01/test_000.npy or n01/test_000.png"):
        make(root, names=("fog",), maps={"depth": root / "depth"})
    (root / "depth/n01").mkdir()
    np.save(root / "depth/n01/test_000.npy", np.zeros((8, 8)))
    with pytest.raises(DataError, match=r"test_000.npy: holds float64 \(8, 8\); numbers \(32, 32\) are needed"):
        make(root, names=("fog",), maps={"depth": root / "depth"})


def test_what_is_only_published_cannot_be_generated(root):
    suite = dataclasses.replace(MINI_C, standard=("contrast", "filmed"))
    with pytest.raises(DataError, match=r"mini-c: filmed cannot be generated; it is in the published set only"):
        corrupted.check(ask(suite, MINI, root, suite.standard, "generated"))
