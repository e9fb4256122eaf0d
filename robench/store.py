"""The store: one folder a run, `runs/<id>/`, and a result only once `record.json` is there.

`record.json` is renamed in last and holds the SHA-256 of every other file, so a folder without it is unfinished
work and a folder with it is whole. A run is worked on under a file lock, which the system frees when its holder dies.
"""

import io
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from filelock import FileLock, Timeout
from pydantic import ValidationError

from robench import atomic
from robench.canonical import content_hash
from robench.errors import InputError, StoreError
from robench.options import explain
from robench.records import RunRecord, pack_bits, unpack_bits
from robench.specs import Frozen, RunSpec

Spec = TypeVar("Spec", bound=Frozen)

RECORD = "record.json"
SPEC = "spec.json"
BITS = "bits.npz"
MODEL = "model.safetensors"
LOG = "log.jsonl"
_PROBE_BYTES = 1 << 20


def default_root() -> Path:
    """Return ROBENCH_STORE, else a folder in the user's data directory."""
    if given := os.environ.get("ROBENCH_STORE"):
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("robench", appauthor=False)) / "store"


@dataclass
class Scan:
    """What a store holds: results, planned but unfinished runs, and (folder name, reason) of what is damaged."""

    records: list[RunRecord] = field(default_factory=list)
    unfinished: list[RunSpec] = field(default_factory=list)
    damaged: list[tuple[str, str]] = field(default_factory=list)


class Store:
    """Run folders below `root`. Nothing is created before `open`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self) -> None:
        """Create the store and prove that it can be written; InputError where it cannot (read-only, full)."""
        probe = self.root / f".probe-{os.getpid()}"
        try:
            (self.root / "runs").mkdir(parents=True, exist_ok=True)
            (self.root / "locks").mkdir(exist_ok=True)
            try:
                probe.write_bytes(bytes(_PROBE_BYTES))
            finally:
                probe.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"store: cannot write to {self.root}: {error.strerror or error}") from None

    def folder(self, run_id: str) -> Path:
        """Return the folder of a run."""
        return self.root / "runs" / run_id

    def plan(self, specs: Iterable[RunSpec]) -> None:
        """Write down what will be run, so that what is missing can be named later."""
        for spec in specs:
            self.folder(spec.id).mkdir(exist_ok=True)
            path = self.folder(spec.id) / SPEC
            if not path.exists():
                atomic.write_text(path, json.dumps(spec.model_dump(mode="json"), indent=1, sort_keys=True) + "\n")

    @contextmanager
    def claim(self, run_id: str) -> Iterator[bool]:
        """Hold the lock of a run; gives False at once where another process works on it."""
        lock = FileLock(self.root / "locks" / f"{run_id}.lock", thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def commit(self, record: RunRecord) -> RunRecord:
        """Seal a run: digest its files, rename the record in last, then drop what only a resume needs.

        A failed run keeps its checkpoint. Raises StoreError where the disk does not take the record.
        """
        folder = self.folder(record.id)
        try:
            return self._commit(folder, record)
        except OSError as error:
            raise StoreError(f"cannot write {folder}: {error.strerror or error}") from None

    def _commit(self, folder: Path, record: RunRecord) -> RunRecord:
        kept = [path for path in sorted(folder.iterdir()) if path.name in (SPEC, BITS, MODEL, LOG)]
        sealed = record.model_copy(update={"files": {path.name: atomic.sha256(path) for path in kept}})
        text = json.dumps(sealed.model_dump(mode="json"), indent=1, sort_keys=True, allow_nan=False)
        atomic.write_text(folder / RECORD, text + "\n")
        for path in folder.iterdir() if record.final else []:
            if path.name not in (SPEC, BITS, MODEL, LOG, RECORD):
                path.unlink()
        return sealed

    def record(self, run_id: str) -> RunRecord | None:
        """Return the verified record of a run, None where it is unfinished; StoreError where it is damaged."""
        folder = self.folder(run_id)
        return read_record(folder) if (folder / RECORD).exists() else None

    def scan(self) -> Scan:
        """Read every run; a damaged one is reported and never counted."""
        scan = Scan()
        runs = self.root / "runs"
        for folder in sorted(runs.iterdir()) if runs.is_dir() else []:
            try:
                if (folder / RECORD).exists():
                    scan.records.append(read_record(folder))
                elif (folder / SPEC).exists():
                    scan.unfinished.append(_validated(RunSpec, _read_json(folder / SPEC), SPEC))
            except StoreError as error:
                scan.damaged.append((folder.name, str(error)))
        return scan

    def write_bits(self, run_id: str, clean: np.ndarray, cells: np.ndarray) -> None:
        """Store correctness: bool (images,) and (cells, images)."""
        buffer = io.BytesIO()
        np.savez(buffer, clean=pack_bits(clean[None]), cells=pack_bits(cells))
        atomic.write_bytes(self.folder(run_id) / BITS, buffer.getvalue())

    def bits(self, record: RunRecord) -> tuple[np.ndarray, np.ndarray]:
        """Return correctness as bool: clean (images,) and cells (cells, images)."""
        images = record.images or 0
        try:
            with np.load(self.folder(record.id) / BITS, allow_pickle=False) as stored:
                clean, cells = (unpack_bits(stored[name], images) for name in ("clean", "cells"))
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(f"{record.id}/{BITS}: {error}") from None
        if clean.shape != (1, images) or cells.shape != (len(record.spec.cells), images):
            raise StoreError(f"{record.id}/{BITS}: shapes {clean.shape} and {cells.shape} do not fit the spec")
        return clean[0], cells


def read_record(folder: Path) -> RunRecord:
    """Read the record of a run folder and check it against its own id and the digests of its files.

    The weights are hashed where they are used, not here. Raises StoreError with file and reason.
    """
    raw = _read_json(folder / RECORD)
    record = _validated(RunRecord, raw, RECORD)
    if content_hash(raw["spec"])[:16] != record.id or folder.name != record.id:
        raise StoreError(f"{RECORD}: id {record.id[:40]!r} is not the hash of its spec or not its folder")
    for name in (SPEC, BITS, LOG):
        if name in record.files and not _matches(folder / name, record.files[name]):
            raise StoreError(f"{name}: missing, or not the bytes that {RECORD} lists")
    return record


def _matches(path: Path, digest: str) -> bool:
    return path.is_file() and atomic.sha256(path) == digest


def _read_json(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{path.name}: {error}") from None
    if not isinstance(raw, dict):
        raise StoreError(f"{path.name}: not a JSON object")
    return raw


def _validated(model: type[Spec], raw: dict[str, Any], name: str) -> Spec:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise StoreError(f"{name}: {explain(error)}") from None
