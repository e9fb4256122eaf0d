"""Archives: what is wanted comes out whole, what is unsafe or broken leaves nothing behind."""

import hashlib
import io
import tarfile
import zipfile

import pytest

from robench.contracts import Download, File, Tree
from robench.download.fetch import ensure, faults
from robench.errors import DataError
from tests.helpers.serving import HTML, Page, hurried, names

MEMBERS = {"pack/one": b"first" * 100, "pack/deep/two": b"second" * 100}
ARCHIVES = ["pack.tar", "pack.tar.gz", "pack.tgz", "pack.zip"]


def pack(name, members, *special):
    """Return an archive; `special` are prepared TarInfo or ZipInfo objects."""
    buffer = io.BytesIO()
    if name.endswith(".zip"):
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
            for path, body in members.items():
                bundle.writestr(path, body)
            for info in special:
                bundle.writestr(info, "target")
        return buffer.getvalue()
    with tarfile.open(fileobj=buffer, mode="w" if name.endswith(".tar") else "w:gz") as tar:
        for path, body in members.items():
            info = tarfile.TarInfo(path)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
        for info in special:
            tar.addfile(info)
    return buffer.getvalue()


def sha(body):
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def download_of(server, name, archive, members=MEMBERS):
    files = tuple(File(path, sha(body), len(body)) for path, body in members.items())
    return Download(File(name, sha(archive), len(archive)), (server.url(name, Page(archive)),), files)


@pytest.mark.parametrize("name", ARCHIVES)
def test_members_are_put_in_place_and_the_archive_goes(server, tmp_path, name):
    archive = pack(name, {**MEMBERS, "pack/readme.html": b"not wanted"})
    download = download_of(server, name, archive)
    ensure(download, tmp_path)
    assert names(tmp_path) == sorted(MEMBERS)
    for path, body in MEMBERS.items():
        assert (tmp_path / path).read_bytes() == body
    ensure(download, tmp_path)
    assert len(server.asked) == 1


def test_an_archive_that_lies_there_is_used_and_kept(server, tmp_path):
    archive = pack("pack.tar", MEMBERS)
    (tmp_path / "pack.tar").write_bytes(archive)
    ensure(download_of(server, "pack.tar", archive), tmp_path)
    assert names(tmp_path) == sorted([*MEMBERS, "pack.tar"])
    assert server.asked == []


@pytest.mark.parametrize(("content", "reason"), [(HTML, "an HTML page"), (b"abc", "3 bytes instead of")])
def test_a_wrong_archive_that_lies_there_is_named_and_removed(server, tmp_path, content, reason):
    archive = pack("pack.tar", MEMBERS)
    download = download_of(server, "pack.tar", archive)
    server.pages["/pack.tar"].statuses = [404]
    (tmp_path / "pack.tar").write_bytes(content)
    with pytest.raises(DataError, match=f"pack.tar on disk was {reason}.* and was removed"):
        ensure(download, tmp_path, patience=hurried())
    assert names(tmp_path) == []


def test_a_damaged_member_is_replaced_and_others_files_stay(server, tmp_path):
    archive = pack("pack.tar.gz", MEMBERS)
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/one").write_bytes(b"truncat")
    (tmp_path / "pack/mine").write_bytes(b"keep")
    ensure(download_of(server, "pack.tar.gz", archive), tmp_path)
    assert (tmp_path / "pack/one").read_bytes() == MEMBERS["pack/one"]
    assert names(tmp_path) == sorted([*MEMBERS, "pack/mine"])


def tar_info(path, kind=tarfile.REGTYPE, target=""):
    info = tarfile.TarInfo(path)
    info.type, info.linkname = kind, target
    return info


def zip_info(path, mode=0o100644):
    info = zipfile.ZipInfo(path)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize(
    ("name", "special", "reason"),
    [
        ("pack.tar", tar_info("../outside"), "leads out of the folder"),
        ("pack.tar", tar_info("pack/../../outside"), "leads out of the folder"),
        ("pack.tar", tar_info("/outside"), "leads out of the folder"),
        ("pack.tar", tar_info("C:\\outside"), "leads out of the folder"),
        ("pack.tar", tar_info("pack/link", tarfile.SYMTYPE, "/etc"), "link or device"),
        ("pack.tar", tar_info("pack/link", tarfile.LNKTYPE, "../outside"), "link or device"),
        ("pack.tar", tar_info("pack/null", tarfile.CHRTYPE), "link or device"),
        ("pack.zip", zip_info("../outside"), "leads out of the folder"),
        ("pack.zip", zip_info("/outside"), "leads out of the folder"),
        ("pack.zip", zip_info("pack/link", 0o120777), "link or device"),
    ],
)
def test_an_unsafe_archive_leaves_nothing(server, tmp_path, name, special, reason):
    root = tmp_path / "root"
    with pytest.raises(DataError, match=reason):
        ensure(download_of(server, name, pack(name, MEMBERS, special)), root)
    assert [path for path in names(tmp_path) if path != f"root/{name}"] == []


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_truncated_archive_leaves_no_member(server, tmp_path, name):
    whole = pack(name, {**MEMBERS, "pack/last": bytes(range(256)) * 4000})
    broken = whole[: len(whole) // 2]
    download = download_of(server, name, broken, {**MEMBERS, "pack/last": b"x"})
    with pytest.raises(DataError, match=r"broken archive|does not hold"):
        ensure(download, tmp_path)
    assert names(tmp_path) in ([], [name])


def test_a_member_with_a_wrong_checksum_stops_all(server, tmp_path):
    archive = pack("pack.tar", {**MEMBERS, "pack/one": b"other" * 100})
    with pytest.raises(DataError, match=r"member pack/one is not the right bytes .*nothing was unpacked"):
        ensure(download_of(server, "pack.tar", archive), tmp_path)
    assert [path for path in names(tmp_path) if path != "pack.tar"] == []


def test_an_archive_without_a_member_is_named(server, tmp_path):
    archive = pack("pack.tar", {"pack/one": MEMBERS["pack/one"]})
    with pytest.raises(DataError, match="does not hold pack/deep/two"):
        ensure(download_of(server, "pack.tar", archive), tmp_path)


TREE = {
    f"noise/{name}/{severity}/n1/{image}.JPEG": b"x"
    for name in ("fog", "rain")
    for severity in (1, 2)
    for image in "ab"
}


def tree_download(server, name, archive, files=4):
    trees = tuple(Tree(f"SET-C/{one}", files) for one in ("fog", "rain"))
    return Download(File(f"SET-C/{name}", sha(archive)), (server.url(f"SET-C/{name}", Page(archive)),), trees=trees)


@pytest.mark.parametrize("name", ARCHIVES)
def test_what_lies_below_a_tree_goes_there_whatever_lies_above(server, tmp_path, name):
    archive = pack(name, {**TREE, "noise/README": b"not wanted", "noise/other/1/n1/c.JPEG": b"nor this"})
    download = tree_download(server, name, archive)
    ensure(download, tmp_path)
    assert names(tmp_path) == sorted(path.replace("noise", "SET-C") for path in TREE)
    ensure(download, tmp_path)
    assert len(server.asked) == 1
    (tmp_path / "SET-C/fog/1/n1/a.JPEG").unlink()
    assert faults(download, tmp_path) == {"SET-C/fog": "3 of 4 images"}
    (tmp_path / "SET-C/fog/1/n1/mine.txt").write_text("keep")
    (tmp_path / "SET-C/fog/2/n1/a.JPEG").unlink()
    ensure(download, tmp_path)
    assert (tmp_path / "SET-C/fog/1/n1/a.JPEG").read_bytes() == b"x"
    assert (tmp_path / "SET-C/fog/1/n1/mine.txt").read_text() == "keep"


def test_an_archive_with_too_few_files_for_a_tree_is_named(server, tmp_path):
    with pytest.raises(DataError, match=r"its folder SET-C/fog has 4 of 5 images, nothing was unpacked"):
        ensure(tree_download(server, "pack.tar", pack("pack.tar", TREE), files=5), tmp_path)
    assert [path for path in names(tmp_path) if path != "SET-C/pack.tar"] == []


def test_a_link_inside_a_tree_is_refused(server, tmp_path):
    archive = pack("pack.tar", TREE, tar_info("noise/fog/1/n1/link", tarfile.SYMTYPE, "/etc"))
    with pytest.raises(DataError, match="link or device"):
        ensure(tree_download(server, "pack.tar", archive), tmp_path)
    assert [path for path in names(tmp_path) if path != "SET-C/pack.tar"] == []
