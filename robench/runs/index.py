"""The index of a store: the results of runs that were verified, so that a board need not read every record again.

It is derived, never the truth. A run is verified in full, by `store.read_record`, when it is first seen and again when
size or modification time of its record, spec, bits or log has changed. Between the two nothing of it is read: a
change that keeps both is not noticed. Damaged runs are not indexed, so they are read and named every time; weights
are hashed where they are used. An index that is missing, damaged or of another version of robench is made anew, so
deleting it has everything verified again.
"""

import contextlib
import hashlib
import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from robench import __version__, atomic
from robench.environment import cores
from robench.errors import StoreError
from robench.runs.folder import BITS, LOG, RECORD, SPEC, begun
from robench.runs.reading import read_record, read_spec
from robench.runs.result import Result, result_of
from robench.runs.spec import RunSpec
from robench.runs.store import Store

INDEX = "index.tsv"
_MANY = 1500
_HEADER = f"robench {__version__} index 2 sha256 "

Lines = dict[str, tuple[str, str]]
"""Folder -> stamp of its files, and its result as JSON."""


@dataclass
class Scan:
    """What a store holds: results, planned but unfinished runs, and (folder name, reason) of what is damaged.

    `begun`: ids of the unfinished runs that have been worked on.
    """

    results: list[Result] = field(default_factory=list)
    unfinished: list[RunSpec] = field(default_factory=list)
    damaged: list[tuple[str, str]] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)


def scan(store: Store) -> Scan:
    """Look at every run of a store and bring its index up to date; a damaged run is reported and never counted."""
    known, lines, found, unseen = _load(store.root / INDEX), Lines(), Scan(), dict[str, str]()
    results: dict[str, Result] = {}
    runs = store.root / "runs"
    for name in sorted(os.listdir(runs)) if runs.is_dir() else []:
        try:
            stamp = _stamp(runs / name, found)
        except StoreError as error:
            found.damaged.append((name, str(error)))
            continue
        if stamp and (kept := _kept(known.get(name), stamp)):
            lines[name], results[name] = known[name], kept
        elif stamp:
            unseen[name] = stamp
    for name, (text, reason) in zip(unseen, _verified([runs / name for name in unseen]), strict=True):
        if reason:
            found.damaged.append((name, reason))
        else:
            lines[name], results[name] = (unseen[name], text), Result.model_validate_json(text)
    if lines != known:
        _save(store.root / INDEX, dict(sorted(lines.items())))
    found.results = [results[name] for name in sorted(results)]
    found.damaged.sort()
    return found


def _kept(line: tuple[str, str] | None, stamp: str) -> Result | None:
    """Return the result that the index holds of a run that has not changed, None where it holds none that fits."""
    if line is None or line[0] != stamp:
        return None
    try:
        return Result.model_validate_json(line[1])
    except ValidationError:  # written by another state of this version
        return None


def _stamp(folder: Path, found: Scan) -> str:
    """Times and sizes of the files of a run as text; empty where it has no record, and noted where it has a spec."""
    times = _times(folder)
    if RECORD not in times:
        if SPEC in times:
            found.unfinished.append(read_spec(folder))
            if begun(times):
                found.begun.add(folder.name)
        return ""
    return json.dumps([times.get(name) for name in (RECORD, SPEC, BITS, LOG)], separators=(",", ":"))


def _verified(folders: list[Path]) -> Iterator[tuple[str, str]]:
    """Verify runs, many of them on all cores; the result of each as JSON, or else the reason against it."""
    if len(folders) < _MANY:
        yield from map(_verify, folders)
        return
    with ProcessPoolExecutor(cores(), multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_verify, folders, chunksize=32)


def _verify(folder: Path) -> tuple[str, str]:
    try:
        return result_of(read_record(folder)).model_dump_json(), ""
    except StoreError as error:
        return "", str(error)


def _times(folder: Path) -> dict[str, tuple[int, int]]:
    """Modification time (ns) and size (bytes) of the files of a folder."""
    try:
        with os.scandir(folder) as entries:
            stats = {entry.name: entry.stat() for entry in entries}
    except NotADirectoryError:
        return {}
    except OSError as error:
        raise StoreError(f"cannot be read: {error.strerror or error}") from None
    return {name: (stat.st_mtime_ns, stat.st_size) for name, stat in stats.items()}


def _load(path: Path) -> Lines:
    """Read the index; empty where there is none that can be trusted."""
    try:
        header, _, body = path.read_bytes().partition(b"\n")
        if header.decode() != _HEADER + hashlib.sha256(body).hexdigest():
            return {}
        lines = Lines()
        for line in body.decode().removesuffix("\n").split("\n") if body else []:
            name, stamp, text = line.split("\t")
            lines[name] = (stamp, text)
    except (OSError, ValueError):
        return {}
    return lines


def _save(path: Path, lines: Lines) -> None:
    body = "".join(f"{name}\t{stamp}\t{text}\n" for name, (stamp, text) in lines.items()).encode()
    # a store that cannot be written, as a shared one may be, is read without an index
    with contextlib.suppress(OSError):
        atomic.write_bytes(path, f"{_HEADER}{hashlib.sha256(body).hexdigest()}\n".encode() + body)
