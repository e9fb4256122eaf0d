"""The store: one folder a run, `runs/<id>/`, and a result only once `record.json` is there.

`record.json` is renamed in last and holds the SHA-256 of every other file, so a folder without it is unfinished
work and a folder with it is whole. A run is worked on under a file lock, which the system frees when its holder dies.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
from filelock import FileLock, Timeout

from robench import atomic
from robench.errors import InputError, StoreError
from robench.places import below_home
from robench.runs import bits
from robench.runs.bits import unpack_bits
from robench.runs.folder import BITS, RECORD, SEALED, SPEC, begun
from robench.runs.reading import read_record
from robench.runs.record import RunRecord
from robench.runs.spec import RunSpec

_PROBE_BYTES = 1 << 20


def default_root() -> Path:
    """Return ROBENCH_STORE, else a folder in the user's data directory; InputError where no home is known."""
    import platformdirs

    return below_home("ROBENCH_STORE", lambda: platformdirs.user_data_path("robench", appauthor=False) / "store")


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
        kept = [path for path in sorted(folder.iterdir()) if path.name in SEALED]
        sealed = record.model_copy(update={"files": {path.name: atomic.sha256(path) for path in kept}})
        text = json.dumps(sealed.model_dump(mode="json"), indent=1, sort_keys=True, allow_nan=False)
        atomic.write_text(folder / RECORD, text + "\n")
        for path in folder.iterdir() if record.final else []:
            if path.name not in (*SEALED, RECORD):
                path.unlink()
        return sealed

    def record(self, run_id: str) -> RunRecord | None:
        """Return the verified record of a run, None where it is unfinished; StoreError where it is damaged."""
        folder = self.folder(run_id)
        return read_record(folder) if (folder / RECORD).exists() else None

    def state(self, spec: RunSpec) -> Literal["finished", "failed", "unfinished", "planned", "new", "damaged"]:
        """Say how far a run is; "planned" where it has not begun, "new" where nothing of it lies in the store."""
        try:
            record = self.record(spec.id)
        except StoreError:
            return "damaged"
        if record is not None:
            return record.status
        if not (self.folder(spec.id) / SPEC).exists():
            return "new"
        return "unfinished" if begun(os.listdir(self.folder(spec.id))) else "planned"

    def write_bits(self, run_id: str, clean: np.ndarray, cells: np.ndarray) -> None:
        """Store correctness: bool (images,) and (cells, images)."""
        atomic.write_bytes(self.folder(run_id) / BITS, bits.encode(clean, cells))

    def bits(self, record: RunRecord) -> tuple[np.ndarray, np.ndarray]:
        """Return correctness as bool: clean (images,) and cells (cells, images)."""
        images = record.images or 0
        clean, cells = bits.read(self.folder(record.id) / BITS, len(record.spec.cells), images)
        return unpack_bits(clean, images)[0], unpack_bits(cells, images)
