"""A folder of images becomes a dataset; what it holds is surveyed, wrong folders are one line."""

import dataclasses
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets import ImageFolder

from robench.data import content, images
from robench.data.image_folder import Facts, digest, image_folder, survey
from robench.errors import DataError, InputError
from tests.helpers.image_folders import CLASSES, lay


def dataset_of(facts: Facts, folder: str):
    return image_folder(
        "mine",
        folder=folder,
        label_names=facts.label_names,
        sizes=facts.sizes,
        image_size=facts.image_size,
        resize=facts.resize,
        mean=facts.mean,
        std=facts.std,
        digest=facts.digest,
        licence="none",
        reference="none",
    )


def test_what_a_folder_holds_is_said(tmp_path: Path) -> None:
    facts = survey(lay(tmp_path / "mine"))
    assert facts.label_names == CLASSES
    assert facts.sizes == {"train": 9, "test": 6}
    assert (facts.image_size, facts.resize) == (32, 37)
    assert np.allclose(facts.mean, 0.5, atol=0.02)
    assert facts.digest == survey(tmp_path / "mine").digest


def test_images_of_one_square_size_are_not_resized(tmp_path: Path) -> None:
    facts = survey(lay(tmp_path / "mine", (64, 64)))
    assert (facts.image_size, facts.resize) == (64, None)


def test_the_digest_notices_one_byte_and_one_name(tmp_path: Path) -> None:
    folder = lay(tmp_path / "mine")
    before = survey(folder).digest
    Image.fromarray(np.zeros((36, 40, 3), np.uint8)).save(folder / "test/cat/1.png")
    changed = survey(folder).digest
    (folder / "test/cat/1.png").rename(folder / "test/cat/7.png")
    assert len({before, changed, survey(folder).digest}) == 3


def test_it_reads_as_torchvision_does(tmp_path: Path) -> None:
    facts = survey(lay(tmp_path / "mine"))
    dataset = dataset_of(facts, "mine")
    theirs = ImageFolder(str(tmp_path / "mine/test"))
    names, labels = images.paths(dataset, tmp_path, "test")
    assert sorted(zip(names, labels.tolist(), strict=True)) == sorted(
        (Path(path).relative_to(tmp_path).as_posix(), label) for path, label in theirs.samples
    )
    assert labels[:3].tolist() == [0, 1, 2]
    pixels, _ = images.load(dataset, tmp_path, "train")
    assert pixels[:2].shape == (2, 32, 32, 3)


def test_a_missing_or_lost_image_is_named(tmp_path: Path) -> None:
    dataset = dataset_of(survey(lay(tmp_path / "mine")), "mine")
    with pytest.raises(DataError, match=r"mine: .*train/bird is missing; lay the images out as"):
        images.load(dataset, tmp_path / "elsewhere", "train")
    (tmp_path / "mine/test/dog/0.png").unlink()
    with pytest.raises(DataError, match=r"mine: .*test has 5 of 6 images$"):
        images.load(dataset, tmp_path, "test")


def test_changed_files_are_noticed_before_a_run(tmp_path: Path) -> None:
    folder = lay(tmp_path / "mine")
    dataset = dataset_of(survey(folder), "mine")
    assert dataset.digest == digest(folder) == content.digest(images.digests(dataset, tmp_path))
    images.check(dataset, tmp_path)
    (folder / "train/cat/Thumbs.db").touch()
    images.check(dataset, tmp_path)
    Image.fromarray(np.zeros((36, 40, 3), np.uint8)).save(folder / "train/cat/1.png")
    with pytest.raises(DataError, match=r"mine: its images are not those of its digest: content-sha256:.*data digest"):
        images.check(dataset, tmp_path)


def test_files_are_hashed_once_until_one_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay(tmp_path / "mine")
    before = digest(folder)
    hashed = []
    sha256 = content.atomic.sha256
    monkeypatch.setattr(content.atomic, "sha256", lambda path: hashed.append(path.name) or sha256(path))
    assert digest(folder) == before
    assert hashed == []
    os.utime(folder / "test/dog/1.png", ns=(1, 1))
    assert digest(folder) == before
    assert len(hashed) == 6  # of the split that it is in


def test_records_tell_other_images_of_a_constant_digest_apart(tmp_path: Path) -> None:
    """As those of ImageNet: the digest is that of the archives, whatever was made of the files."""
    folder = lay(tmp_path / "mine")
    dataset = dataclasses.replace(dataset_of(survey(folder), "mine"), digest="md5 of the archive")
    before = images.identity(dataset, tmp_path)
    assert before.startswith("md5 of the archive content-sha256:")
    for path in folder.glob("*/*/*"):
        with Image.open(path) as image:
            image.resize((38, 34)).save(path)
    after = images.identity(dataset, tmp_path)
    assert before != after
    assert images.identity(dataset_of(survey(folder), "mine"), tmp_path) == survey(folder).digest


@pytest.mark.parametrize("junk", ["__MACOSX", ".git"])
def test_folders_that_are_no_classes_are_not_counted(tmp_path: Path, junk: str) -> None:
    folder = lay(tmp_path / "mine")
    (folder / "train" / junk).mkdir()
    (folder / "train/Thumbs.db").touch()
    assert survey(folder).label_names == CLASSES


def lose_split(folder: Path) -> None:
    (folder / "test").rename(folder / "val")


def empty_class(folder: Path) -> None:
    for path in (folder / "train/dog").iterdir():
        path.unlink()


def lone_class(folder: Path) -> None:
    (folder / "test/dog").rename(folder / "test/wolf")


def text_file(folder: Path) -> None:
    (folder / "train/dog/2.png").write_text("no image")


def cut_short(folder: Path) -> None:
    (folder / "train/dog/2.png").write_bytes(b"\x89PNG\r\n\x1a\n")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(folder: Path) -> None:
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"")), chunk(b"IEND", b"")]
    (folder / "train/dog/2.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def tiny(folder: Path) -> None:
    Image.fromarray(np.zeros((20, 40, 3), np.uint8)).save(folder / "train/dog/2.png")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lose_split, r"test: No such file or directory; expected DIR/train/<class>/\*"),
        (empty_class, "train/dog holds no image"),
        (lone_class, "class 'dog' is in one of train and test only"),
        (text_file, r"2.png: not a readable image"),
        (cut_short, r"2.png"),
        (bomb, r"2.png: .*Image size \(1600000000 pixels\) exceeds limit"),
        (tiny, "the smallest has a side of 20 pixels; at least 32 are needed"),
    ],
)
def test_a_folder_that_is_no_dataset_is_one_line(tmp_path: Path, spoil, reason: str) -> None:
    folder = lay(tmp_path / "mine")
    spoil(folder)
    with pytest.raises(InputError, match=reason) as caught:
        survey(folder)
    assert "\n" not in str(caught.value)
