"""Published sets: found whole or not at all, and checked before they are used."""

import dataclasses
import hashlib

import numpy as np
import pytest

from robench.contracts import Dataset, Download, File, Protocol, Published, Suite
from robench.data import inventory
from robench.data.sets import corrupted
from robench.errors import DataError, InputError, PluginError
from tests.helpers.asking import ask
from tests.helpers.serving import HTML

COUNT, SIDE = 6, 8
RNG = np.random.default_rng(0)
CLEAN = RNG.integers(0, 256, (COUNT, SIDE, SIDE, 3), np.uint8)
LABELS = np.array([2, 0, 1, 1, 2, 0])
STACKED = {name: RNG.integers(0, 256, (5 * COUNT, SIDE, SIDE, 3), np.uint8) for name in ("mist", "dust", "rain")}

TOY = Dataset(
    name="toy",
    label_names=("a", "b", "c"),
    image_size=SIDE,
    mean=(0.5,) * 3,
    std=(0.5,) * 3,
    sizes={"train": COUNT, "test": COUNT},
    read=lambda root, split: (CLEAN, LABELS),
    digest="toy",
    licence="none",
    reference="none",
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "TOY-C").mkdir()
    for name, images in STACKED.items():
        np.save(tmp_path / f"TOY-C/{name}.npy", images)
    np.save(tmp_path / "TOY-C/labels.npy", np.tile(LABELS, 5).astype(np.uint8))
    return tmp_path / "TOY-C"


@pytest.fixture
def suite(folder):
    def file(path):
        return File(f"TOY-C/{path.name}", f"md5:{hashlib.md5(path.read_bytes()).hexdigest()}")

    files = {name: file(folder / f"{name}.npy") for name in STACKED}
    return Suite(
        name="toy-c",
        dataset="toy",
        preset="cifar",
        standard=("mist", "dust"),
        extra=("rain",),
        default_model="plain",
        default_methods=("plain",),
        protocol=Protocol(baseline="plain"),
        reference="none",
        published=Published("TOY-C", files, file(folder / "labels.npy")),
    )


def opened(suite, root, **changes):
    arguments = {"corruptions": suite.standard, "source": "published"}
    return corrupted.open_cells(ask(suite, TOY, root, **{**arguments, **changes}))


@pytest.mark.parametrize("limit", [None, 4, 100])
def test_a_cell_is_its_rows_of_the_file(suite, tmp_path, limit):
    cells = opened(suite, tmp_path, limit=limit)
    count = min(limit or COUNT, COUNT)
    assert cells.source == "published"
    np.testing.assert_array_equal(cells.labels, LABELS[:count])
    for name in suite.standard:
        for severity in suite.severities:
            begin = (severity - 1) * COUNT
            images = cells.images(name, severity)
            np.testing.assert_array_equal(images, STACKED[name][begin : begin + count])
            assert isinstance(images, np.memmap)
            assert not images.flags.writeable


def test_located_when_every_asked_file_is_there(suite, tmp_path):
    assert corrupted.locate(suite, tmp_path, suite.standard) == "published"
    assert corrupted.locate(suite, tmp_path, ("mist", "dust", "rain")) == "published"


def test_generated_where_nothing_is_published(suite, tmp_path):
    assert corrupted.locate(suite, tmp_path / "elsewhere", suite.standard) == "generated"
    unpublished = dataclasses.replace(suite, published=None)
    assert corrupted.locate(unpublished, tmp_path, suite.standard) == "generated"
    with pytest.raises(DataError, match="toy-c: no published set below"):
        opened(unpublished, tmp_path)


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        (["dust"], r"TOY-C/dust.npy is missing"),
        (["mist", "dust"], r"TOY-C/mist.npy, TOY-C/dust.npy are missing"),
        (["labels"], r"TOY-C/labels.npy is missing"),
    ],
)
def test_a_part_of_the_published_set_is_never_mixed(suite, folder, tmp_path, gone, named):
    for name in gone:
        (folder / f"{name}.npy").unlink()
    with pytest.raises(DataError, match=named):
        corrupted.locate(suite, tmp_path, suite.standard)


def test_files_that_are_not_asked_for_may_be_missing(suite, folder, tmp_path):
    (folder / "rain.npy").unlink()
    assert corrupted.locate(suite, tmp_path, suite.standard) == "published"


def spoil_shape(path):
    np.save(path, STACKED["mist"][:-1])


def spoil_type(path):
    np.save(path, STACKED["mist"].astype(np.float32))


def spoil_one_pixel(path):
    images = STACKED["mist"].copy()
    images[3, 1, 1, 1] ^= 1
    np.save(path, images)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


def empty(path):
    path.write_bytes(b"")


def web_page(path):
    path.write_bytes(HTML)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (spoil_shape, r"holds uint8 \(29, 8, 8, 3\), uint8 \(30, 8, 8, 3\) is needed"),
        (spoil_type, "holds float32"),
        (spoil_one_pixel, "its md5 differs"),
        (truncate, "not a readable .npy file"),
        (empty, "not a readable .npy file"),
        (web_page, "an HTML page"),
    ],
)
def test_a_spoiled_file_is_named_before_the_first_epoch(suite, folder, tmp_path, spoil, reason):
    spoil(folder / "mist.npy")
    with pytest.raises(DataError, match=f"mist.npy: .*{reason}") as caught:
        corrupted.check(ask(suite, TOY, tmp_path, suite.standard, "published"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("labels", [np.repeat(LABELS, 5), np.tile(LABELS, 5)[:-1], np.tile(LABELS, 5) + 1])
def test_labels_in_another_order_are_refused(suite, folder, tmp_path, labels):
    np.save(folder / "labels.npy", labels.astype(np.uint8))
    with pytest.raises(
        DataError, match=r"labels.npy: (not the labels of the test set of 'toy'|holds uint8 \(29,\), 30 labels)"
    ):
        corrupted.check(ask(suite, TOY, tmp_path, suite.standard, "published"))


def test_a_severity_that_the_suite_lacks_is_refused(suite, tmp_path):
    with pytest.raises(InputError, match=r"severities: 'toy-c' has \[1, 2, 3, 4, 5\], not 6"):
        opened(suite, tmp_path, severities=(1, 6))


def test_labels_of_one_severity_are_blamed_and_not_the_images(suite, folder, tmp_path):
    np.save(folder / "labels.npy", LABELS.astype(np.uint8))
    with pytest.raises(DataError, match=r"TOY-C/labels.npy: holds uint8 \(6,\), 30 labels are needed"):
        corrupted.check(ask(suite, TOY, tmp_path, suite.standard, "published"))


def test_an_archive_of_arrays_and_a_single_number_are_named(suite, folder, tmp_path):
    with (folder / "dust.npy").open("wb") as file:
        np.savez(file, a=STACKED["dust"])
    with pytest.raises(DataError, match=r"TOY-C/dust.npy: not a readable .npy file"):
        opened(suite, tmp_path)
    np.save(folder / "labels.npy", np.array(3))
    with pytest.raises(DataError, match=r"TOY-C/labels.npy: holds int64 \(\), 30 labels are needed"):
        opened(suite, tmp_path)


def test_a_set_one_folder_deeper_is_read(suite, folder, tmp_path):
    (tmp_path / "deep/TOY-C").mkdir(parents=True)
    folder.rename(tmp_path / "deep/TOY-C/TOY-C")
    assert corrupted.locate(suite, tmp_path / "deep", suite.standard) == "published"
    np.testing.assert_array_equal(opened(suite, tmp_path / "deep").images("mist", 1), STACKED["mist"][:COUNT])


def in_other_case(folder):
    folder.rename(folder.with_name("toy-c"))


def something_else(folder):
    for path in folder.iterdir():
        path.unlink()
    (folder / "readme.txt").touch()


def packed(folder):
    folder.rename(folder.with_name("away"))
    folder.with_name("TOY-C.tar").touch()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (in_other_case, r"toy-c is there; the name of the folder is TOY-C"),
        (something_else, r"TOY-C holds none of its corruptions; expected TOY-C/mist.npy, .*TOY-C/labels.npy"),
        (packed, r"TOY-C.tar is there and not unpacked"),
    ],
)
def test_what_may_have_been_meant_is_named_and_nothing_is_generated(suite, folder, tmp_path, change, said):
    download = Download(File("TOY-C.tar", "md5:00"), ("http://localhost/TOY-C.tar",), (suite.published.labels,))
    suite = dataclasses.replace(suite, published=dataclasses.replace(suite.published, download=download))
    change(folder)
    with pytest.raises(DataError, match=rf"toy-c: .*{said}; `robench data fetch toy-c` brings") as caught:
        corrupted.locate(suite, tmp_path, suite.standard)
    assert "\n" not in str(caught.value)
    (part,) = inventory.published(suite, TOY, tmp_path, again=False)
    assert part.fault
    assert part.fault in str(caught.value)


def test_every_split_is_checked_before_the_first_epoch(suite, folder, tmp_path):
    lying = dataclasses.replace(TOY, sizes={"train": COUNT + 1, "test": COUNT})
    with pytest.raises(PluginError, match=r"split 'train': images are uint8 \(6, 8, 8, 3\), the record declares"):
        corrupted.check(ask(suite, lying, tmp_path, suite.standard, "published"))


def test_what_a_plugin_raises_when_it_reads_is_one_line(suite, folder, tmp_path):
    broken = dataclasses.replace(TOY, read=lambda root, split: {}["images"])
    with pytest.raises(PluginError, match="dataset 'toy', split 'train': KeyError: 'images'"):
        corrupted.check(ask(suite, broken, tmp_path, suite.standard, "published"))
