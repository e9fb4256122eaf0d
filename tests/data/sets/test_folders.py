"""Published sets in folders: taken whole, in the order of the test images, or refused cell by cell."""

import dataclasses
import shutil

import numpy as np
import pytest
from PIL import Image

import robench
from robench.contracts import PublishedFolders
from robench.data import images, inventory
from robench.data.sets import corrupted
from robench.errors import DataError
from tests.helpers.asking import ask
from tests.helpers.folder_sets import CLASSES, MINI, MINI_C, SEVERITIES, write_clean, write_published

NAMES = (*MINI_C.standard, *MINI_C.extra)
UNPAIRED = dataclasses.replace(MINI_C, published=PublishedFolders("MINI-C", paired=False))


@pytest.fixture
def root(tmp_path):
    write_clean(tmp_path)
    write_published(tmp_path)
    return tmp_path


def opened(root, suite=MINI_C, limit=None, severities=SEVERITIES):
    return corrupted.open_cells(ask(suite, MINI, root, NAMES, "published", severities=severities, limit=limit))


def check(root, suite=MINI_C, **changes):
    corrupted.check(ask(suite, MINI, root, NAMES, "published", **changes))


@pytest.mark.parametrize("limit", [None, 4])
def test_images_come_in_the_order_of_the_test_set(root, limit):
    assert corrupted.locate(MINI_C, root, NAMES) == "published"
    check(root)
    cells = opened(root, limit=limit)
    count = limit or 6
    assert cells.labels.tolist() == [0, 1, 2, 0, 1, 2][:count]
    assert cells.folders == (root / "MINI-C",)
    for name in NAMES:
        for severity in SEVERITIES:
            pixels = cells.images(name, severity)[:]
            assert pixels.shape == (count, 32, 32, 3)
            assert pixels[:, 0, 0, 0].tolist() == [10 * place + severity for place in range(count)]


def test_images_with_names_of_their_own(root):
    shutil.rmtree(root / "MINI-C")
    write_published(root, name="val")
    with pytest.raises(DataError, match=r"contrast/1: other names than the test images', no n01/test_000"):
        check(root)
    check(root, UNPAIRED)
    pixels = opened(root, UNPAIRED).images("fog", 2)[:]
    assert pixels[:, 0, 0, 0].tolist() == [10 * place + 2 for place in range(6)]
    (root / "MINI-C/fog/4/n02/val_001.png").rename(root / "MINI-C/fog/4/n02/val_009.png")
    with pytest.raises(DataError, match=r"fog/4: other names than the test images', no n02/val_001"):
        check(root, UNPAIRED)


def test_folders_named_by_levels_count_in_rising_order(root):
    for severity, level in zip(SEVERITIES, ("2.35", "3.2", "4.9", "6.6", "10.0"), strict=True):
        (root / f"MINI-C/fog/{severity}").rename(root / f"MINI-C/fog/{level}")
    check(root)
    assert opened(root).images("fog", 5)[:1][0, 0, 0, 0] == 5


def gone(root):
    shutil.rmtree(root / "MINI-C/fog/3")


def one_class_gone(root):
    shutil.rmtree(root / "MINI-C/fog/3/n02")


def one_image_gone(root):
    (root / "MINI-C/fog/3/n01/test_003.png").unlink()


def one_too_many(root):
    shutil.copyfile(root / "MINI-C/fog/3/n01/test_003.png", root / "MINI-C/fog/3/n01/test_3.png")


def foreign_classes(root):
    for number in range(10):
        shutil.copytree(root / "MINI-C/fog/3/n01", root / f"MINI-C/fog/3/m{number}")


def swapped_classes(root):
    fog = root / "MINI-C/fog/3"
    (fog / "n01").rename(fog / "x")
    (fog / "n02").rename(fog / "n01")
    (fog / "x").rename(fog / "n02")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (gone, r"fog/3: missing"),
        (one_class_gone, r"fog/3: 4 of 6 images: class n02 has 0 of 2 \(the first archive is known to be wrong\)"),
        (one_image_gone, r"fog/3: 5 of 6 images: class n01 has 1 of 2 \("),
        (one_too_many, r"fog/3: 7 of 6 images: class n01 has 3 of 2 \("),
        (foreign_classes, r"fog/3: 13 classes instead of 3 \(the first archive is known to be wrong\)"),
        (swapped_classes, r"fog/3: other names than the test images', no n01/test_000 \("),
    ],
)
def test_what_is_wrong_is_named_by_cell(root, spoil, reason):
    spoil(root)
    with pytest.raises(DataError, match=rf"mini-c: not whole in .*MINI-C: {reason}") as caught:
        check(root)
    assert "\n" not in str(caught.value)
    check(root, severities=(1, 5))
    cells = opened(root)
    assert len(cells.images("fog", 2)) == 6
    with pytest.raises(DataError, match=r"fog.3: "):
        cells.images("fog", 3)


def test_many_bad_cells_are_counted(root):
    for path in (root / "MINI-C").glob("*/*/n03"):
        shutil.rmtree(path)
    with pytest.raises(DataError, match=r"contrast/1: .*; contrast/5: .*; and 10 more of 15 cells"):
        check(root)
    parts = [part for part in inventory.look(MINI_C, MINI, root, again=True) if part.kind == "published"]
    assert [part.path for part in parts] == [f"MINI-C/{name}/{severity}" for name in NAMES for severity in SEVERITIES]
    assert {part.fault.partition(":")[0] for part in parts} == {"4 of 6 images"}


def test_a_missing_corruption_is_never_generated_beside_published_ones(root):
    shutil.rmtree(root / "MINI-C/fog")
    assert corrupted.locate(MINI_C, root, MINI_C.standard) == "published"
    with pytest.raises(DataError, match=r"only a part of the published set, MINI-C/fog is missing"):
        corrupted.locate(MINI_C, root, NAMES)
    shutil.rmtree(root / "MINI-C")
    assert corrupted.locate(MINI_C, root, NAMES) == "generated"
    with pytest.raises(DataError, match="no published set below"):
        opened(root)


def test_other_files_do_not_count(root):
    (root / "MINI-C/fog/3/n01/Thumbs.db").write_bytes(b"")
    (root / "MINI-C/fog/3/n01/._test_000.png").write_bytes(b"")
    (root / "MINI-C/fog/.DS_Store").write_bytes(b"")
    check(root)


def test_every_pixel_belongs_to_the_class_of_its_folder(root):
    cells = opened(root)
    picture = cells.images("contrast", 1)
    for place, label in enumerate(cells.labels):
        assert picture.path(place).parent.name == CLASSES[label]
    np.testing.assert_array_equal(cells.labels, [0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize("junk", ["Thumbs.db", "README.txt", "__MACOSX", "empty"])
def test_what_systems_leave_beside_the_classes_is_not_seen(root, junk):
    cell = root / "MINI-C/fog/3"
    if "." in junk:
        (cell / junk).touch()
    else:
        (cell / junk / "n01").mkdir(parents=True)
        (cell / junk / "._test_000.png").touch()
        (cell / junk / "n01/._test_000.png").touch()
    check(root)
    assert len(opened(root).images("fog", 3)) == 6


def test_corruptions_one_folder_deeper_are_read(root):
    (root / "MINI-C/noise").mkdir()
    (root / "MINI-C/gaussian_noise").rename(root / "MINI-C/noise/gaussian_noise")
    assert corrupted.locate(MINI_C, root, NAMES) == "published"
    check(root)
    assert opened(root).images("gaussian_noise", 4)[:1][0, 0, 0, 0] == 4
    assert not [part.fault for part in inventory.published(MINI_C, MINI, root, again=False) if part.fault]
    shutil.copytree(root / "MINI-C/noise", root / "MINI-C/other")
    with pytest.raises(DataError, match="MINI-C/gaussian_noise is missing"):
        corrupted.locate(MINI_C, root, NAMES)


def test_status_judges_as_the_run_does(root):
    (root / "MINI-C/fog/3/n01/test_003.png").unlink()
    (fault,) = (part.fault for part in inventory.look(MINI_C, MINI, root, again=False) if part.fault)
    with pytest.raises(DataError) as caught:
        check(root)
    assert fault in str(caught.value)
    (root / "mini/test/n01/test_003.JPEG").unlink()
    faults = [part.fault for part in inventory.look(MINI_C, MINI, root, again=False) if part.fault]
    assert faults == [
        "dataset 'mini', split 'test': 5 files, the record declares 6",
        "not compared, for the test images are not whole",
    ]


def test_images_that_differ_in_their_suffix_alone_stay_two(root):
    first = root / "mini/test/n01/test_000.JPEG"
    shutil.copyfile(root / "mini/test/n02/test_001.JPEG", first.with_suffix(".png"))
    seven = dataclasses.replace(MINI, sizes={**MINI.sizes, "test": 7})
    request = ask(MINI_C, seven, root, ("contrast",), "generated", severities=SEVERITIES)
    made = corrupted.open_cells(request, jobs=1)
    pictures, _ = images.load(seven, root, "test")
    expected = robench.corrupt(pictures[:], "contrast", 2)
    np.testing.assert_array_equal(made.images("contrast", 2)[:], expected)
    files = sorted(path.name for path in (made.folders[0] / "contrast/2/n01").iterdir())
    assert files == ["test_000.JPEG.png", "test_000.png.png", "test_003.png"]


def test_two_images_of_one_name_and_class_are_refused(root):
    names, labels = images.paths(MINI, root, "test")
    copied = [*names[:3], "mini/test/n01/../n01/test_000.JPEG", *names[4:]]
    both = dataclasses.replace(MINI, files=lambda root, split: (copied, labels))
    with pytest.raises(DataError, match=r"mini: mini/test/n01/test_000.JPEG and .*would be one corrupted image"):
        corrupted.open_cells(ask(MINI_C, both, root, ("contrast",), "generated"))


def test_other_images_under_the_same_names_are_corrupted_anew(root):
    request = ask(MINI_C, MINI, root, ("contrast",), "generated", severities=SEVERITIES)
    before = corrupted.open_cells(request, jobs=1)
    for path in (root / "mini/test").glob("*/*"):
        with Image.open(path) as image:
            image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(path, quality=95)
    after = corrupted.open_cells(dataclasses.replace(request), jobs=1)
    assert before.folders != after.folders
    clean, _ = images.load(MINI, root, "test")
    np.testing.assert_array_equal(after.images("contrast", 1)[:], robench.corrupt(clean[:], "contrast", 1))
