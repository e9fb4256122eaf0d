"""Published files: found below the data root, or fetched, proved by checksum and put in place whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from robench.contracts import Download, File, Tree, is_image
from robench.download import checksums
from robench.download.archive import unpack
from robench.download.disk import alone, require_space
from robench.download.http import MirrorError, Patience, SlowError, transfer
from robench.errors import DataError
from robench.progress import Report, silent


def faults(download: Download, root: Path, *, again: bool = False) -> dict[str, str]:
    """Return path -> what is wrong with it, for every file of `download` that is not as declared below `root`.

    Empty when all is there. Files are hashed once and then known by size and time, unless `again` is true.
    """
    files = download.members or (() if download.trees else (download.file,))
    found = {file.path: checksums.fault(root / file.path, file, again=again) for file in files}
    found |= {tree.path: lack(root, tree) for tree in download.trees}
    return {path: reason for path, reason in found.items() if reason}


def lack(root: Path, tree: Tree) -> str | None:
    """Say in a few words what is wrong with a tree; None when it has as many image files as it should."""
    found = sum(is_image(name) for _, _, names in os.walk(root / tree.path) for name in names)
    if found >= tree.files:
        return None
    return f"{found:,} of {tree.files:,} images" if found else "missing"


def ensure(download: Download, root: Path, report: Report = silent, patience: Patience | None = None) -> None:
    """Return when every file of `download` lies below `root` with the right checksum; fetch what does not.

    The mirror of ROBENCH_MIRROR (a base URL) is tried first, then the declared ones in order; `report` counts
    bytes. A download that was cut short is continued, by another process too. Raises DataError in one line when
    no mirror gives the file; nothing that is wrong or half done stays in place.
    """
    wrong = faults(download, root)
    if not wrong:
        return
    target = root / download.file.path
    with _writable(root, target, wrong), alone(target.with_name(f".{target.name}.lock"), report):
        wrong = faults(download, root)
        if wrong:
            _obtain(download, root, wrong, report, patience or Patience())


def _obtain(download: Download, root: Path, wrong: dict[str, str], report: Report, patience: Patience) -> None:
    target = root / download.file.path
    reasons = []
    if reason := checksums.fault(target, download.file):
        if target.exists():
            target.unlink()
            reasons.append(f"{download.file.path} on disk was {reason} and was removed")
        _require_space(download, root)
        if not _download(download, target, reasons, report, patience):
            raise DataError(_by_hand(download, root, wrong, reasons))
    if download.members or download.trees:
        _place(download, target, root, report)
        if reason:
            target.unlink()


def _download(download: Download, target: Path, reasons: list[str], report: Report, patience: Patience) -> bool:
    """Try the mirrors, then once more without haste those that were merely slow; `reasons` says what went wrong."""
    part = target.with_name(f"{target.name}.part")
    mirrors = list(_mirrors(download))
    slow = []
    for url, hasty in [(url, len(mirrors) > 1) for url in mirrors]:
        try:
            return _from(url, download.file, part, target, patience, report, hasty)
        except SlowError as error:
            slow.append(url)
            reasons.append(f"{urlsplit(url).netloc}: {error}")
        except MirrorError as error:
            reasons.append(f"{urlsplit(url).netloc}: {error}")
    for url in slow:
        try:
            return _from(url, download.file, part, target, patience, report, hasty=False)
        except MirrorError as error:
            reasons.append(f"{urlsplit(url).netloc}: {error}")
    return False


def _from(url: str, file: File, part: Path, target: Path, patience: Patience, report: Report, hasty: bool) -> bool:
    """Bring the file from one mirror to `target`; a part of unknown origin that spoils it gets a second try."""
    resumed = part.exists()
    transfer(url, part, file.size, patience, report, hasty=hasty)
    reason = checksums.fault(part, file)
    if reason and resumed:
        part.unlink()
        transfer(url, part, file.size, patience, report, hasty=hasty)
        reason = checksums.fault(part, file)
    if reason:
        part.unlink(missing_ok=True)
        raise MirrorError(f"what it sent is {reason} and was removed")
    with part.open("rb") as content:
        os.fsync(content.fileno())
    part.replace(target)
    return True


def _mirrors(download: Download) -> Iterator[str]:
    if base := os.environ.get("ROBENCH_MIRROR"):
        if urlsplit(base).scheme not in ("http", "https"):
            raise DataError(f"ROBENCH_MIRROR: {base!r} is not an http or https address")
        yield f"{base.rstrip('/')}/{download.file.path}"
    yield from download.mirrors


def _place(download: Download, archive: Path, root: Path, report: Report) -> None:
    """Unpack into a folder beside the final places, check every file, and only then move them."""
    folder = archive.with_name(f".{archive.name}.unpacking")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        unpack(
            archive, folder, {file.path for file in download.members}, [tree.path for tree in download.trees], report
        )
        for file in download.members:
            if reason := checksums.fault(folder / file.path, file):
                raise DataError(f"{archive.name}: its member {file.path} is {reason}, nothing was unpacked")
        for tree in download.trees:
            if reason := lack(folder, tree):
                raise DataError(f"{archive.name}: its folder {tree.path} has {reason}, nothing was unpacked")
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            target = root / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        for file in download.members:
            if file.digest:
                checksums.seal(root / file.path, file.digest)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_space(download: Download, root: Path) -> None:
    part = root / f"{download.file.path}.part"
    there = part.stat().st_size if part.exists() else 0
    unpacked = sum(file.size or 0 for file in download.members) + sum(tree.bytes or 0 for tree in download.trees)
    require_space(root, download.file.path, (download.file.size or 0) - there + unpacked)


def _by_hand(download: Download, root: Path, wrong: dict[str, str], reasons: list[str]) -> str:
    shown = ", ".join(f"{path} ({reason})" for path, reason in list(wrong.items())[:3])
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    source = download.mirrors[-1] if download.mirrors else "where it is published"
    return (
        f"not below {root}: {shown}{more}; tried: {'; '.join(reasons) or 'nothing, no mirror is known'}; by hand: "
        f"put {source} at {root / download.file.path}, or name another folder with --data or ROBENCH_DATA"
    )


@contextmanager
def _writable(root: Path, target: Path, wrong: dict[str, str]) -> Iterator[None]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        path, reason = next(iter(wrong.items()))
        problem = error.strerror or error
        raise DataError(f"{path} ({reason}) is not below {root} and cannot be put there: {problem}") from None
