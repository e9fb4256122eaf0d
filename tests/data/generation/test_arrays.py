"""Generated sets: the bytes of one plain call, however they were made, kept whole and made once."""

import dataclasses
import hashlib
import json
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest

import robench.corruption
from robench.data import images
from robench.data.generation import arrays, cache
from robench.data.sets import corrupted, request
from robench.download import checksums, fetch
from robench.errors import DataError, InputError
from robench.progress import silent
from robench_datasets import cifar, digits
from robench_suites.cifar import CIFAR10C_FILES, CIFAR10C_LABELS, cifar10c
from robench_suites.digits import digits_c
from robench_suites.standard import STANDARD
from tests.helpers.asking import ask, home_of
from tests.helpers.thoroughly import thoroughly

NAMES = ("gaussian_noise", "fog", "pixelate")
SUITE = digits_c
DATASET = digits.digits


def make(limit=30, names=NAMES, jobs=None, report=silent, **changes):
    request = ask(SUITE, DATASET, None, names, "generated", limit=limit, **changes)
    return corrupted.open_cells(request, report, jobs)


def expected(name, severity, limit=30):
    """One call for all images of a cell."""
    clean, _ = images.load(DATASET, None, "test", limit)
    return robench.corruption.images.corrupt(clean, name, severity, preset="cifar", seed=SUITE.corruption_seed)


def assert_right(cells, names=NAMES, limit=30):
    for name in names:
        for severity in SUITE.severities:
            np.testing.assert_array_equal(cells.images(name, severity), expected(name, severity, limit))


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(arrays, "PIECE_BYTES", 7 * 32 * 32 * 3)


@pytest.fixture
def calls(monkeypatch):
    """Every piece that is corrupted in this process."""
    made = []
    corrupt = robench.corruption.images.corrupt

    def counted(pixels, name, severity, **rest):
        made.append((name, severity))
        return corrupt(pixels, name, severity, **rest)

    monkeypatch.setattr(robench.corruption.images, "corrupt", counted)
    return made


def test_pieces_give_the_bytes_of_one_call(small_pieces):
    cells = make()
    assert_right(cells)
    assert cells.source == "generated"
    np.testing.assert_array_equal(cells.labels, images.load(DATASET, None, "test", 30)[1])
    assert not cells.images("fog", 1).flags.writeable


def test_processes_give_the_same_bytes(small_pieces):
    assert_right(make(jobs=2))


def test_the_second_opening_makes_nothing(calls):
    make()
    made = len(calls)
    assert made == 3 * 5
    make(severities=(3,))
    assert len(calls) == made
    make(names=(*NAMES, "contrast"))
    assert {name for name, _ in calls[made:]} == {"contrast"}


def test_a_limited_set_has_the_bytes_of_the_whole_one(calls, own_cache):
    limited = {cell: make(limit=20).images(*cell).copy() for cell in [("gaussian_noise", 2), ("fog", 5)]}
    make(limit=None, names=("gaussian_noise", "fog"))
    before = len(calls)
    again = make(limit=20, names=("gaussian_noise", "fog"))
    assert len(calls) == before
    assert again.folders == (home_of(SUITE, DATASET, None),)
    for cell, pixels in limited.items():
        np.testing.assert_array_equal(again.images(*cell), pixels)
    assert sorted(path.name.rpartition("-")[2] for path in (own_cache / "generated").iterdir())[-1] == "n20"


def test_the_layout_is_the_published_one(shared_data):
    suite = dataclasses.replace(cifar10c, published=None)
    request = ask(suite, cifar.cifar10, shared_data, ("brightness",), "generated", severities=(1,))
    corrupted.open_cells(request, jobs=1)
    folder = home_of(suite, cifar.cifar10, shared_data)
    assert checksums.fault(folder / "labels.npy", CIFAR10C_LABELS) is None
    file = dataclasses.replace(CIFAR10C_FILES["brightness"], digest=None)
    assert checksums.fault(folder / "brightness.npy", file) is None
    pixels = np.load(folder / "brightness.npy", mmap_mode="r")
    clean, _ = images.load(cifar.cifar10, shared_data, "test", 100)
    means = [pixels[10_000 * block : 10_000 * block + 100].mean() for block in range(5)]
    assert [clean.mean(), *means] == sorted([clean.mean(), *means])


KILLED = """
import os, signal
from pathlib import Path
from robench_datasets import digits
from robench_suites.digits import digits_c
from robench.data.sets import corrupted
from robench.data.sets.request import Request

def main():
    def report(message):
        if message.done >= {after}:
            os.kill(os.getpid(), signal.SIGKILL)

    request = Request(digits_c, digits.digits, Path(), {names!r}, (1,), 30, "generated")
    corrupted.open_cells(request, report, {jobs})

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("jobs", thoroughly([1, 2], always=[2]))
def test_killed_and_continued(tmp_path, calls, jobs):
    script = tmp_path / "killed.py"
    script.write_text(KILLED.format(after=5 * 30 + 60, names=NAMES, jobs=jobs))
    # The pipes close, and `run` returns, only when no orphan of the killed process is left.
    done = subprocess.run([sys.executable, script], capture_output=True, timeout=120, check=False)
    assert done.returncode == -9, done.stderr
    folder = home_of(SUITE, DATASET, None, 30)
    first = folder / f"{NAMES[0]}.npy"
    inode = first.stat().st_ino
    assert not (folder / f"{NAMES[1]}.npy").exists()
    assert list(folder.glob(".*.tmp"))
    assert_right(make())
    assert {name for name, _ in calls} == set(NAMES)
    assert first.stat().st_ino == inode
    assert list(folder.glob(".*.tmp")) == []


def test_two_at_once_make_it_once(calls):
    waited = threading.Event()
    started = threading.Event()

    def slow(message):
        started.set()
        assert waited.wait(20)

    first = threading.Thread(target=make, kwargs={"names": ("fog",), "report": slow})
    first.start()
    assert started.wait(20)
    second = make(names=("fog",), report=lambda message: waited.set())
    first.join()
    assert len(calls) == 5
    assert_right(second, ("fog",))


def damage_bytes(folder):
    path = folder / "fog.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def truncate(folder):
    path = folder / "fog.npy"
    path.write_bytes(path.read_bytes()[:-10])


def remove(folder):
    (folder / "fog.npy").unlink()


def damage_index(folder):
    (folder / "index.json").write_text("{")


@pytest.mark.parametrize("damage", [damage_bytes, truncate, remove, damage_index])
def test_what_is_damaged_is_made_again(damage):
    make(names=("fog",))
    damage(home_of(SUITE, DATASET, None, 30))
    assert_right(make(names=("fog",)), ("fog",))


def test_a_changed_plugin_makes_its_own_files_again(calls, monkeypatch):
    make()
    calls.clear()
    recipe = cache.recipe
    monkeypatch.setattr(cache, "recipe", lambda name: f"{recipe(name)}{'new' * (name == 'fog')}")
    make()
    assert {name for name, _ in calls} == {"fog"}


def test_what_changes_the_bytes_changes_the_folder():
    variants = [
        (SUITE, DATASET),
        (dataclasses.replace(SUITE, preset="tiny"), DATASET),
        (dataclasses.replace(SUITE, corruption_seed=1), DATASET),
        (SUITE, dataclasses.replace(DATASET, read=inverted)),
    ]
    assert len({home_of(*variant, None) for variant in variants}) == len(variants)
    assert home_of(SUITE, DATASET, None, 500).name == f"{home_of(SUITE, DATASET, None).name}-n500"


def inverted(root, split):
    pixels, labels = DATASET.read(root, split)
    return 255 - pixels, labels


def test_other_images_under_the_same_digest_are_corrupted_anew():
    make()
    request = ask(SUITE, dataclasses.replace(DATASET, read=inverted), None, ("contrast",), "generated", limit=5)
    clean = images.load(DATASET, None, "test", 5)[0]
    made = corrupted.open_cells(request, jobs=1).images("contrast", 1)
    np.testing.assert_array_equal(made, robench.corrupt(255 - clean, "contrast", 1))


def test_the_index_holds_the_sha256_of_every_file():
    make()
    folder = home_of(SUITE, DATASET, None, 30)
    files = json.loads((folder / "index.json").read_text())["files"]
    assert sorted(files) == sorted([*NAMES, "labels"])
    for name, entry in files.items():
        assert entry["sha256"] == hashlib.sha256((folder / f"{name}.npy").read_bytes()).hexdigest()


def test_a_full_disk_is_seen_first(monkeypatch, calls, tmp_path):
    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    for attempt in (lambda: make(), lambda: corrupted.check(ask(SUITE, DATASET, tmp_path, NAMES, "generated"))):
        with pytest.raises(
            DataError, match=r"digits-c needs .* MB of disk and a reserve of 67 MB in .*, 0 MB are free"
        ):
            attempt()
    assert calls == []


def test_a_cache_that_cannot_be_written_is_one_line(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("ROBENCH_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match=r"cannot write the generated set to .*: Not a directory"):
        make()


def test_check_asks_for_images_and_textures(monkeypatch, shared_data):
    asked = []
    for module in (corrupted, request):
        monkeypatch.setattr(module, "ensure", lambda download, root, report: asked.append(download.file.path))
    corrupted.check(ask(cifar10c, cifar.cifar10, shared_data, ("fog", "frost"), "generated"))
    assert asked[0] == "cifar-10-python.tar.gz"
    assert asked[1:]
    assert all(path.startswith("frost/") for path in asked[1:])


def test_check_asks_for_no_texture_of_a_set_that_is_made(monkeypatch, tmp_path, shared_data):
    suite = dataclasses.replace(SUITE, standard=("frost",))
    corrupted.open_cells(ask(suite, DATASET, shared_data, ("frost",), "generated", severities=(1,), limit=5))
    monkeypatch.setattr(request, "ensure", lambda *given: pytest.fail("fetched"))
    corrupted.check(ask(suite, DATASET, tmp_path, ("frost",), "generated", limit=5))


def test_check_finds_all_in_the_real_data_root(shared_data, monkeypatch):
    monkeypatch.setattr(fetch, "_obtain", lambda *given: pytest.fail("fetched"))
    assert corrupted.locate(cifar10c, shared_data, STANDARD) == "generated"
    corrupted.check(ask(cifar10c, cifar.cifar10, shared_data, STANDARD, "generated"))


def test_a_preset_without_levels_is_refused(tmp_path):
    unknown = dataclasses.replace(SUITE, preset="huge")
    with pytest.raises(InputError, match="corruption 'fog' has no levels for preset 'huge'; it has cifar"):
        corrupted.check(ask(unknown, DATASET, tmp_path, ("fog",), "generated"))
