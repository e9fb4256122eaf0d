"""The suites in folders against published facts, and the readers of their datasets on small copies of the layouts."""

import dataclasses
import hashlib
import pickle

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets import CIFAR100, ImageFolder

from robench import registry
from robench.contracts import File, Tree
from robench.data import images, inventory
from robench.download import fetch
from robench.errors import DataError, InputError
from robench.progress import silent
from robench_datasets import cifar, imagenet, tiny_imagenet
from robench_suites.cifar import CIFAR10C_FILES, CIFAR100C_FILES
from robench_suites.imagenet import imagenet_c
from robench_suites.standard import STANDARD
from tests.helpers.folder_sets import picture

SUITES = ("cifar100c", "cifar10c-bar", "tiny-imagenet-c", "imagenet-c", "imagenet-c-bar", "imagenet-3dcc")


@pytest.mark.parametrize("name", SUITES)
def test_every_suite_finds_its_dataset(name):
    suite = registry.load("suite", name)
    dataset = registry.load("dataset", suite.dataset)
    assert suite.name == name
    assert dataset.name == suite.dataset
    assert len(suite.standard) == {"imagenet-3dcc": 12, "imagenet-c-bar": 10, "cifar10c-bar": 10}.get(name, 15)
    assert len({*suite.standard, *suite.extra}) == len(suite.standard) + len(suite.extra)


@pytest.mark.parametrize("name", SUITES[2:])
def test_the_archives_hold_every_corruption_once(name):
    suite = registry.load("suite", name)
    trees = [tree for download in suite.published.downloads for tree in download.trees]
    names = [f"{suite.published.folder}/{name}" for name in (*suite.standard, *suite.extra)]
    assert sorted(tree.path for tree in trees) == sorted(names)
    per_cell = registry.load("dataset", suite.dataset).sizes["test"]
    assert {tree.files for tree in trees} == {5 * per_cell}


def test_imagenet_c_is_66_gigabytes_in_five_archives():
    sizes = {download.file.path: download.file.size for download in imagenet_c.published.downloads}
    assert len(sizes) == 5
    assert sum(sizes.values()) == pytest.approx(66.0e9, rel=0.01)
    assert set(imagenet_c.baseline_errors) == {*STANDARD, "clean"}


def test_cifar100c_has_files_as_large_as_those_of_cifar10c_and_others_inside():
    files, others = CIFAR100C_FILES, CIFAR10C_FILES
    assert set(files) == set(others)
    assert {file.size for file in files.values()} == {file.size for file in others.values()} == {50000 * 3072 + 128}
    assert len({file.digest for file in (*files.values(), *others.values())}) == 38


def test_the_digests_of_cifar100_are_torchvisions():
    known = dict([*CIFAR100.train_list, *CIFAR100.test_list])
    assert {path: file.digest for path, file in cifar.CIFAR100_PARTS.items()} == {
        path: f"md5:{known[path]}" for path in ("train", "test")
    }
    assert cifar.CIFAR100_META.digest == f"md5:{CIFAR100.meta['md5']}"
    assert cifar.CIFAR100_ARCHIVE.file.digest == f"md5:{CIFAR100.tgz_md5}"
    assert list(cifar.cifar100.label_names) == sorted(cifar.cifar100.label_names)
    assert len(cifar.cifar100.label_names) == 100


def test_cifar100_reads_what_was_pickled(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    planes, labels = rng.integers(0, 256, (10, 3072), np.uint8), rng.integers(0, 100, 10).tolist()
    content = pickle.dumps({"data": planes.tolist(), "fine_labels": labels, "coarse_labels": [0] * 10}, 2)
    (tmp_path / "cifar-100-python").mkdir()
    (tmp_path / "cifar-100-python/test").write_bytes(content)
    file = File("cifar-100-python/test", f"md5:{hashlib.md5(content).hexdigest()}")
    monkeypatch.setitem(cifar.CIFAR100_PARTS, "test", file)
    pixels, found = cifar.read_cifar100(tmp_path, "test")
    assert found.tolist() == labels
    np.testing.assert_array_equal(pixels[3, 1, 2], planes[3].reshape(3, 32, 32)[:, 1, 2])
    with pytest.raises(DataError, match=r"cifar100: .*train is missing; `robench data fetch cifar100`"):
        cifar.read_cifar100(tmp_path, "train")
    (tmp_path / "cifar-100-python/test").write_bytes(content + b" ")
    with pytest.raises(DataError, match=r"cifar100: .*test \(\d+ bytes\) is damaged"):
        cifar.read_cifar100(tmp_path, "test")


def save(path, seed, width=40, height=36):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, width, height).save(path, quality=90)


@pytest.fixture
def three_classes(monkeypatch):
    for module in (imagenet, tiny_imagenet):
        monkeypatch.setattr(module, "CLASSES", ("n01440764", "n01443537", "n01484850"))
        monkeypatch.setattr(module, "SIZES", {"train": 6, "test": 5})


def test_imagenet_has_torchvisions_files_and_labels(tmp_path, three_classes):
    for place in range(5):
        save(tmp_path / f"imagenet/val/{imagenet.CLASSES[place % 3]}/ILSVRC2012_val_{50 - place:08}.JPEG", place)
    names, labels = imagenet.files(tmp_path, "test")
    assert labels.tolist() == [0, 1, 2, 0, 1]
    theirs = ImageFolder(tmp_path / "imagenet/val").samples
    assert sorted((str(tmp_path / name), label) for name, label in zip(names, labels, strict=True)) == theirs


def test_imagenet_that_is_missing_or_not_whole_says_how_to_lay_it_out(tmp_path, three_classes):
    with pytest.raises(DataError, match=r"imagenet/val/n01440764 is missing; .*\{train,val\}/<class>/\*.JPEG"):
        imagenet.files(tmp_path, "test")
    for name in imagenet.CLASSES:
        save(tmp_path / f"imagenet/val/{name}/a.JPEG", 0)
    with pytest.raises(DataError, match="imagenet/val has 3 of 5 images"):
        imagenet.files(tmp_path, "test")
    with pytest.raises(InputError, match="unknown 'val'"):
        imagenet.files(tmp_path, "val")


def test_tiny_imagenet_reads_annotations_and_files(tmp_path, three_classes):
    home = tmp_path / "tiny-imagenet-200"
    lines = []
    for place, label in enumerate((2, 0, 0, 1, 2)):
        save(home / f"val/images/val_{place}.JPEG", place, 64, 64)
        lines.append(f"val_{place}.JPEG\t{tiny_imagenet.CLASSES[label]}\t0\t0\t62\t62")
    (home / "val/val_annotations.txt").write_text("\n".join(lines) + "\n")
    for label, name in enumerate(tiny_imagenet.CLASSES):
        for place in range(2):
            save(home / f"train/{name}/images/{name}_{place}.JPEG", 10 * label + place, 64, 64)
    dataset = dataclasses.replace(
        tiny_imagenet.tiny_imagenet, sizes=tiny_imagenet.SIZES, label_names=tiny_imagenet.CLASSES
    )
    names, labels = images.paths(dataset, tmp_path, "test")
    assert [(name[-10:-5], label) for name, label in zip(names, labels, strict=True)] == [
        ("val_1", 0), ("val_3", 1), ("val_0", 2), ("val_2", 0), ("val_4", 2),
    ]  # fmt: skip
    for split in ("train", "test"):
        pixels, labels = images.load(dataset, tmp_path, split)
        names, same = images.paths(dataset, tmp_path, split)
        np.testing.assert_array_equal(labels, same)
        for place, name in enumerate(names):
            with Image.open(tmp_path / name) as image:
                np.testing.assert_array_equal(pixels[place], np.asarray(image))
    (home / "val/images/val_0.JPEG").unlink()
    with pytest.raises(DataError, match=r"tiny-imagenet-200/val has 4 of 5 images; `robench data fetch tiny-imagenet`"):
        images.paths(dataset, tmp_path, "test")


@pytest.fixture
def tiny(tmp_path, three_classes, monkeypatch):
    """Tiny-ImageNet of three classes with four training and two validation images each, below tmp_path."""
    sizes = {"train": 12, "test": 6}
    monkeypatch.setattr(tiny_imagenet, "SIZES", sizes)
    home = tmp_path / "tiny-imagenet-200"
    lines = []
    for place in range(6):
        name = f"val_{place}.JPEG"
        save(home / "val/images" / name, place, 64, 64)
        lines.append(f"{name}\t{tiny_imagenet.CLASSES[place % 3]}\t0\t0\t62\t62")
    (home / "val/val_annotations.txt").write_text("\n".join(lines) + "\n")
    for name in tiny_imagenet.CLASSES:
        for place in range(4):
            save(home / f"train/{name}/images/{name}_{place}.JPEG", place, 64, 64)
        (home / f"train/{name}/{name}_boxes.txt").write_text("boxes\n")
    trees = (Tree("tiny-imagenet-200/train", 12), Tree("tiny-imagenet-200/val", 6))
    download = dataclasses.replace(tiny_imagenet.ARCHIVE, trees=trees)
    return dataclasses.replace(
        tiny_imagenet.tiny_imagenet, sizes=sizes, label_names=tiny_imagenet.CLASSES, downloads=(download,)
    )


@pytest.mark.parametrize("inner", ["", "/images"])
def test_tiny_imagenet_sorted_into_classes_is_the_same_set(tmp_path, tiny, inner):
    """As usual scripts do it: the images moved to `val/<class>/`, or to `images` in it, the empty folder removed."""
    val = tmp_path / "tiny-imagenet-200/val"
    before, labels = images.load(tiny, tmp_path, "test")
    digest = images.digest_of(tiny, tmp_path, "test")
    for line in (val / "val_annotations.txt").read_text().splitlines():
        name, label = line.split("\t")[:2]
        (val / f"{label}{inner}").mkdir(parents=True, exist_ok=True)
        (val / "images" / name).rename(val / f"{label}{inner}" / name)
    (val / "images").rmdir()
    (val / "Thumbs.db").touch()
    after, same = images.load(tiny, tmp_path, "test")
    np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(labels, same)
    assert images.digest_of(tiny, tmp_path, "test") == digest
    images.check(tiny, tmp_path)
    assert fetch.faults(tiny.downloads[0], tmp_path) == {}


def test_one_image_less_is_named_by_all_who_ask(tmp_path, tiny):
    """Files with boxes are no images, so they do not make up for it."""
    images.check(tiny, tmp_path)
    label = tiny_imagenet.CLASSES[1]
    (tmp_path / f"tiny-imagenet-200/train/{label}/images/{label}_2.JPEG").unlink()
    said = f"has 11 of 12 images: class {label} has 3 of 4"
    assert said in str(images.lack(tiny, tmp_path, "train"))
    assert [said in part.fault for part in inventory.look(None, tiny, tmp_path, again=True) if part.fault] == [True]
    with pytest.raises(DataError, match=said):
        images.check(tiny, tmp_path)
    with pytest.raises(DataError, match=said):
        tiny_imagenet.read(tmp_path, "train")
    assert fetch.faults(tiny.downloads[0], tmp_path) == {"tiny-imagenet-200/train": "11 of 12 images"}


def test_advice_never_leads_back_to_itself(tmp_path, tiny):
    """As many images as the archive has, but not those: to fetch them again would change nothing."""
    train = tmp_path / "tiny-imagenet-200/train"
    one, other = tiny_imagenet.CLASSES[:2]
    (train / f"{one}/images/{one}_0.JPEG").rename(train / f"{other}/images/x.JPEG")
    with pytest.raises(DataError, match=r"move .*tiny-imagenet-200 away, then `robench data fetch tiny-imagenet`"):
        inventory.fetch(None, tiny, tmp_path, silent)


def test_annotations_as_editors_leave_them(tmp_path, tiny):
    path = tmp_path / "tiny-imagenet-200/val/val_annotations.txt"
    before = tiny.files(tmp_path, "test")[0]
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n \n")
    assert tiny.files(tmp_path, "test")[0] == before
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"val_annotations.txt: not a readable text"):
        tiny.files(tmp_path, "test")
    path.unlink()
    with pytest.raises(DataError, match=r"val_annotations.txt: No such file"):
        tiny.files(tmp_path, "test")


def test_an_image_of_another_size_is_not_stretched(tmp_path, tiny):
    """One pixel would fill the whole image by NumPy's broadcasting."""
    save(tmp_path / "tiny-imagenet-200/val/images/val_3.JPEG", 0, 1, 1)
    with pytest.raises(DataError, match=r"val_3.JPEG: 1 x 1 pixels instead of 64 x 64"):
        tiny_imagenet.read(tmp_path, "test")


def test_the_classes_are_as_many_as_published():
    assert (len(imagenet.CLASSES), len(tiny_imagenet.CLASSES)) == (1000, 200)
    for classes in (imagenet.CLASSES, tiny_imagenet.CLASSES):
        assert sorted(set(classes)) == list(classes)
    assert set(tiny_imagenet.CLASSES) <= set(imagenet.CLASSES)
