"""Reading a run folder: every file against its digest, the record against itself."""

import json
import math
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from robench import atomic
from robench.canonical import content_hash
from robench.errors import StoreError
from robench.runs import bits
from robench.runs.folder import BITS, LOG, RECORD, SPEC
from robench.runs.record import SCHEMA_VERSION, RunRecord
from robench.runs.spec import RunSpec
from robench.runs.verification import check_bits, check_record, check_spec
from robench.schema import Frozen, explain
from robench.text import printable

Spec = TypeVar("Spec", bound=Frozen)
_LONGEST_REASON = 300


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
