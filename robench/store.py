"""The store: one folder a run, `runs/<id>/`, and a result only once `record.json` is there.

`record.json` is renamed in last and holds the SHA-256 of every other file, so a folder without it is unfinished
work and a folder with it is whole. A run is worked on under a file lock, which the system frees when its holder dies.
"""

import json
import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from filelock import FileLock, Timeout
from pydantic import ValidationError

from robench import atomic, bits
from robench.canonical import content_hash
from robench.consistency import check_bits, check_record, check_spec
from robench.errors import InputError, StoreError
from robench.records import SCHEMA_VERSION, RunRecord, unpack_bits
from robench.schema import Frozen, explain
from robench.specs import RunSpec
from robench.text import printable

Spec = TypeVar("Spec", bound=Frozen)

RECORD = "record.json"
SPEC = "spec.json"
BITS = "bits.npz"
MODEL = "model.safetensors"
MASKS = "masks.safetensors"
LOG = "log.jsonl"
_KEPT = (SPEC, BITS, MODEL, MASKS, LOG)
_PROBE_BYTES = 1 << 20
_LONGEST_REASON = 300


def default_root() -> Path:
    """Return ROBENCH_STORE, else a folder in the user's data directory."""
    if given := os.environ.get("ROBENCH_STORE"):
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("robench", appauthor=False)) / "store"


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

    def starting_with(self, start: str) -> list[str]:
        """Return the ids of the runs that begin so, sorted."""
        runs = self.root / "runs"
        return sorted(path.name for path in runs.iterdir() if path.name.startswith(start)) if runs.is_dir() else []

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
        kept = [path for path in sorted(folder.iterdir()) if path.name in _KEPT]
        sealed = record.model_copy(update={"files": {path.name: atomic.sha256(path) for path in kept}})
        text = json.dumps(sealed.model_dump(mode="json"), indent=1, sort_keys=True, allow_nan=False)
        atomic.write_text(folder / RECORD, text + "\n")
        for path in folder.iterdir() if record.final else []:
            if path.name not in (*_KEPT, RECORD):
                path.unlink()
        return sealed

    def record(self, run_id: str) -> RunRecord | None:
        """Return the verified record of a run, None where it is unfinished; StoreError where it is damaged."""
        folder = self.folder(run_id)
        return read_record(folder) if (folder / RECORD).exists() else None

    def write_bits(self, run_id: str, clean: np.ndarray, cells: np.ndarray) -> None:
        """Store correctness: bool (images,) and (cells, images)."""
        atomic.write_bytes(self.folder(run_id) / BITS, bits.encode(clean, cells))

    def bits(self, record: RunRecord) -> tuple[np.ndarray, np.ndarray]:
        """Return correctness as bool: clean (images,) and cells (cells, images)."""
        images = record.images or 0
        clean, cells = bits.read(self.folder(record.id) / BITS, len(record.spec.cells), images)
        return unpack_bits(clean, images)[0], unpack_bits(cells, images)


def read_record(folder: Path) -> RunRecord:
    """Read the record of a run folder and check it: against itself, its id, the digests of its files, and its bits.

    Weights and masks are hashed where they are used, not here. Raises StoreError with file and reason.
    """
    raw = _read_json(folder / RECORD)
    if raw.get("schema_version") != SCHEMA_VERSION:
        found = repr(raw.get("schema_version"))[:40]
        raise StoreError(f"{RECORD}: schema_version = {found}, this robench reads {SCHEMA_VERSION}")
    record = _validated(RunRecord, raw, RECORD)
    if content_hash(raw["spec"])[:16] != record.id or folder.name != record.id:
        raise StoreError(f"{RECORD}: id {record.id[:40]!r} is not the hash of its spec or not its folder")
    try:
        check_record(record)
    except StoreError as error:
        raise StoreError(f"{RECORD}: {error}") from None
    for name in (SPEC, BITS, LOG):
        if name in record.files and not _matches(folder / name, record.files[name]):
            raise StoreError(f"{name}: missing, or not the bytes that {RECORD} lists")
    if record.status == "finished":
        _check_bits(folder, record)
    return record


def read_spec(folder: Path) -> RunSpec:
    """Read the spec of an unfinished run; StoreError where it is none or not of this folder."""
    spec = _validated(RunSpec, _read_json(folder / SPEC), SPEC)
    if spec.id != folder.name:
        raise StoreError(f"{SPEC}: its hash {spec.id} is not its folder")
    try:
        check_spec(spec)
    except StoreError as error:
        raise StoreError(f"{SPEC}: {error}") from None
    return spec


def _check_bits(folder: Path, record: RunRecord) -> None:
    if BITS not in record.files:
        raise StoreError(f"{RECORD}: files lists no {BITS}")
    try:
        check_bits(record, *bits.read(folder / BITS, len(record.spec.cells), record.images or 0))
    except StoreError as error:
        raise StoreError(f"{BITS}: {str(error).removeprefix(f'{BITS}: ')}") from None


def _matches(path: Path, digest: str) -> bool:
    return path.is_file() and atomic.sha256(path) == digest


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise StoreError(f"{path.name}: not a file")
    try:
        content = path.read_bytes()
        raw = json.loads(content, parse_constant=_finite, parse_float=_finite, parse_int=_within_64_bits)
        if b"\\ud" in content.lower():
            json.dumps(raw, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{path.name}: {error}") from None
    if not isinstance(raw, dict):
        raise StoreError(f"{path.name}: not a JSON object")
    return raw


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text[:20]} is no finite number")
    return value


def _within_64_bits(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= (value := int(text)) < 2**63:
        raise ValueError(f"{text[:20]}... is beyond 64 bits")
    return value


def _validated(model: type[Spec], raw: dict[str, Any], name: str) -> Spec:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise StoreError(f"{name}: {printable(explain(error), _LONGEST_REASON)}") from None
