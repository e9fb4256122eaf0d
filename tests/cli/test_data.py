"""`robench data`: results on stdout, progress on stderr, errors in one line."""

import dataclasses
import hashlib
import io
import tarfile

import pytest
from click.testing import CliRunner

from robench import registry
from robench.cli.data import command
from robench.contracts import Download, File
from robench.data import inventory
from robench.data.image_folder import survey
from robench.errors import DataError, InputError, PluginError
from robench_datasets import digits
from robench_suites.digits import digits_c
from tests.helpers.asking import home_of
from tests.helpers.folder_sets import MINI, MINI_C, write_clean, write_published
from tests.helpers.image_folders import lay
from tests.helpers.serving import Page

pytestmark = pytest.mark.usefixtures("own_cache")

BODY = bytes(range(256)) * 40


def call(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def remote(server, monkeypatch):
    """The digits with a published archive on the local server."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        info = tarfile.TarInfo("set/part")
        info.size = len(BODY)
        tar.addfile(info, io.BytesIO(BODY))
    archive = buffer.getvalue()
    download = Download(
        File("set.tar", f"md5:{hashlib.md5(archive).hexdigest()}", len(archive)),
        (server.url("set.tar", Page(archive)),),
        (File("set/part", f"md5:{hashlib.md5(BODY).hexdigest()}", len(BODY)),),
    )
    dataset = dataclasses.replace(digits.digits, downloads=(download,))
    load = registry.load
    monkeypatch.setattr(registry, "load", lambda kind, name: dataset if kind == "dataset" else load(kind, name))
    return server


def test_fetch_then_status_then_verify(remote, tmp_path):
    assert call("status", "digits", "--data", tmp_path).stdout == f"digits: images: 0 of 1 files in {tmp_path}\n"
    done = call("fetch", "digits", "--data", tmp_path)
    assert done.stdout == f"digits: complete in {tmp_path}\n"
    assert "set.tar: 100 %" in done.stderr
    assert call("status", "digits", "--data", tmp_path).stdout == f"digits: images: 1 of 1 files in {tmp_path}\n"
    assert call("verify", "digits", "--data", tmp_path).stdout == f"ok       {tmp_path / 'set/part'}\n"
    assert len(remote.asked) == 1


def test_verify_hashes_again_and_fails(remote, tmp_path):
    call("fetch", "digits", "--data", tmp_path)
    (tmp_path / "set/part").write_bytes(BODY[:-1] + b"x")
    with pytest.raises(DataError, match="digits: 1 of 1 are missing or bad; `robench data fetch digits`"):
        call("verify", "digits", "--data", tmp_path)


def test_generate_then_status_then_verify(tmp_path):
    done = call("generate", "digits-c", "--corruptions", "contrast,fog", "--test-limit", 10, "--jobs", 1)
    folder = home_of(digits_c, digits.digits, None, 10)
    assert done.stdout == f"digits-c: 2 corruptions in {folder}\n"
    assert "digits-c: 100 %" in done.stderr
    assert call("status", "digits-c").stdout == f"digits-c: generated: 3 of 3 files in {folder}\n"
    lines = call("verify", "digits-c").stdout.splitlines()
    assert lines == [f"ok       {folder / name}.npy" for name in ("contrast", "fog", "labels")]


def test_status_of_everything_names_every_suite():
    said = call("status").stdout
    for entry in registry.entries("suite"):
        assert f"{entry.name}: " in said


def test_the_real_data_root_is_complete_but_for_the_published_set(shared_data):
    said = call("status", "cifar10c", "--data", shared_data).stdout
    assert f"cifar10c: images: 7 of 7 files in {shared_data}" in said
    assert f"cifar10c: published: 0 of 20 files in {shared_data}" in said
    assert "absent   published" in call("verify", "cifar10c", "--data", shared_data).stdout


@pytest.mark.parametrize("task", ["status", "fetch", "verify"])
def test_an_unknown_name_gets_the_nearest(task):
    with pytest.raises(PluginError, match="suite or dataset: unknown 'digit-c'; did you mean 'digits-c'"):
        call(task, "digit-c")


def test_an_unknown_corruption_gets_the_nearest():
    with pytest.raises(InputError, match="corruptions of digits-c: unknown 'snoww'; did you mean 'snow'"):
        call("generate", "digits-c", "--corruptions", "fog,snoww")


def test_digest_is_what_a_dataset_declares(tmp_path, monkeypatch):
    folder = lay(tmp_path / "photos")
    found = call("digest", "--images", folder).stdout.strip()
    assert found == survey(folder).digest
    assert call("digest", "digits").stdout == call("digest", "digits-c").stdout
    for words in ((), ("digits", "--images", folder)):
        with pytest.raises(InputError, match="digest: give NAME or --images DIRECTORY"):
            call("digest", *words)


def test_status_says_what_is_wrong_and_verify_with_it(tmp_path, monkeypatch):
    write_clean(tmp_path)
    write_published(tmp_path)
    monkeypatch.setattr(inventory, "find", lambda name: (MINI_C, MINI))
    assert call("status", "mini-c", "--data", tmp_path).stdout.splitlines() == [
        f"mini-c: images: 2 of 2 splits in {tmp_path}",
        f"mini-c: published: 15 of 15 folders in {tmp_path}",
    ]
    assert call("fetch", "mini-c", "--data", tmp_path).stdout == f"mini-c: complete in {tmp_path}\n"
    (tmp_path / "MINI-C/fog/3/n01/test_003.png").unlink()
    reason = "5 of 6 images: class n01 has 1 of 2 (the first archive is known to be wrong)"
    assert call("status", "mini-c", "--data", tmp_path).stdout.splitlines()[1] == (
        f"mini-c: published: 14 of 15 folders in {tmp_path}; MINI-C/fog/3: {reason}"
    )
    done = CliRunner().invoke(command, ["verify", "mini-c", "--data", str(tmp_path)])
    assert f"bad      {tmp_path / 'MINI-C/fog/3'}: {reason}\n" in done.stdout
    assert "mini-c: 1 of 17 are missing or bad" in str(done.exception)
