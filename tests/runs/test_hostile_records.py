"""Records that lie, or that are made to break what reads them: refused in one line, and the others still rank."""

import copy
import hashlib
import io
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from robench.canonical import content_hash
from robench.cli import leaderboard
from robench.errors import StoreError
from robench.report import REPORTS
from robench.runs.index import scan
from robench.runs.reading import read_record
from robench.runs.record import RunRecord
from robench.runs.store import Store
from tests.helpers.records import build as leaderboard_of
from tests.helpers.records import keep, make_failure, make_record, make_rows

NAMES = [
    "<script>alert(1)</script>",
    r"\input{/etc/passwd}",
    "\x1b[31mred\x1b[0m",
    "=cmd|'/c calc'!A0",
    "a\nb",
    "a\tb",
    "\u202egnp",
    "",
    "x" * 10_000,
    "../../up",
]


def raw_of(record: RunRecord) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(record.model_dump_json())
    return raw


def plant(store: Store, raw: dict[str, Any], bits: bytes | None = None) -> str:
    """Write a record as a forger would: its id, folder and digests fit what it says."""
    raw["id"] = content_hash(raw["spec"])[:16]
    folder = store.folder(raw["id"])
    folder.mkdir(parents=True, exist_ok=True)
    if bits is not None:
        (folder / "bits.npz").write_bytes(bits)
        raw["files"] = {"bits.npz": hashlib.sha256(bits).hexdigest()}
    (folder / "record.json").write_text(json.dumps(raw))
    return str(raw["id"])


def bits_of(clean: np.ndarray, cells: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, clean=clean, cells=cells)
    return buffer.getvalue()


def honest(images: int = 1000, right: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Packed bits of a network with `right` of the images right in every cell, 900 of the clean ones."""
    clean, cells = np.arange(images)[None] < 900, np.tile(np.arange(images) < right, (4, 1))
    return np.packbits(clean, axis=1), np.packbits(cells, axis=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "store")
    made.open()
    for record in make_rows({"dense": [0.60, 0.61, 0.62], "rigl": [0.70, 0.71, 0.73]}):
        keep(made, record)
    return made


def refused(store: Store, run: str) -> str:
    """The one line for a planted run; the board of the others is what it was."""
    result = CliRunner().invoke(leaderboard.command, ["--store", str(store.root), "--json"], standalone_mode=False)
    assert result.exception is None, result.exception
    board = json.loads(result.stdout)
    assert [(row["method"], row["n"]) for row in board["rows"]] == [("rigl", 3), ("dense", 3)]
    assert run not in result.stdout
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"robench: {run}: ")
    assert line.isprintable()
    return line.removeprefix(f"robench: {run}: ")


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("metrics.robust_accuracy", 0.9, "robust_accuracy = 0.9 contradicts the mean over cells: 0.6"),
        ("metrics.robust_accuracy", math.nan, "record.json: NaN is no finite number"),
        ("metrics.mce", math.inf, "record.json: Infinity is no finite number"),
        ("metrics.mce", 0.1, "mce = 0.1 contradicts the mean error over cells: 0.4"),
        ("metrics.relative_mce", 0.1, "relative_mce = 0.1 contradicts mce - clean error"),
        ("metrics.relative_robustness", 0.9, "relative_robustness = 0.9 contradicts robust / clean accuracy"),
        ("metrics.relative_robustness", None, "relative_robustness = None contradicts robust / clean accuracy"),
        ("metrics.clean_accuracy", 1.1, "metrics.clean_accuracy = 1.1 is not allowed"),
        ("metrics.clean_accuracy", -0.1, "metrics.clean_accuracy = -0.1 is not allowed"),
        ("metrics.cells", [], "metrics.cells are not the corruptions and severities of spec"),
        ("metrics.cells.0.severity", 5, "metrics.cells are not the corruptions and severities of spec"),
        ("metrics", None, "status = finished contradicts"),
        ("images", 0, "status = finished contradicts"),
        ("images", 10**30, "is beyond 64 bits"),
        ("spec.test_limit", 10, "images = 1000 contradicts spec.test_limit = 10"),
        ("cost.nonzero", 1001, "cost.nonzero = 1001 contradicts cost.parameters = 1000"),
        ("cost.density_all", 0.4, "cost.density_all = 0.4 contradicts nonzero / parameters: 0.5"),
        ("cost.flops_train_ratio", 1e300, "cost.flops_train_ratio = 1e+300 is not allowed"),
        ("topology.nonzero", 999, "topology.nonzero = 999 contradicts cost.nonzero = 500"),
        ("seeds.run", 1, "seeds.run = 1 contradicts spec.seed = 9"),
        ("status", "failed", "status = failed contradicts failure = null"),
        ("failure", {"kind": "x", "message": "y"}, "status = finished contradicts a failure"),
        ("schema_version", 2, "schema_version = 2, this robench reads 1"),
        ("schema_version", None, "schema_version = None, this robench reads 1"),
        ("suite.endpoint", "cells\n", "suite.endpoint = 'cells\\n' is no name"),
        ("suite.alpha", 0.0, "suite.alpha = 0.0 is not allowed"),
        ("suite.margin", -1.0, "suite.margin = -1.0 is not allowed"),
        ("spec.corruptions", ["fog", "fog"], "spec: a corruption or a severity occurs twice"),
        ("spec.method.options.sparsity", "much", "spec.method.options.sparsity = 'much' is no share"),
        ("surprise", 1, "surprise = 1 is not allowed"),
        ("environment.note", "\ud800", "surrogates not allowed"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(store: Store, path: str, value: Any, reason: str) -> None:
    raw = raw_of(make_record("rigl", 9, 0.6))
    *parents, last = path.split(".")
    place: Any = raw
    for name in parents:
        place = place[int(name) if isinstance(place, list) else name]
    place[last] = value
    line = refused(store, plant(store, raw, bits_of(*honest())))
    assert line.startswith("record.json: ")
    assert reason in line


@pytest.mark.parametrize("field", ["suite", "dataset", "corruptions", "method", "model", "versions", "baseline"])
@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_refused(store: Store, field: str, name: str) -> None:
    raw = raw_of(make_record("rigl", 9, 0.6))
    spec = raw["spec"]
    if field in ("method", "model"):
        spec[field]["name"] = name
    elif field == "versions":
        spec["versions"] = {"method:rigl": name}
    elif field == "baseline":
        raw["suite"]["baseline"] = name
    else:
        spec[field] = [name, "fog"] if field == "corruptions" else name
    line = refused(store, plant(store, raw, bits_of(*honest())))
    assert "is no name" in line
    assert len(line) < 320


def with_bits(raw: dict[str, Any]) -> list[tuple[bytes, str]]:
    clean, cells = honest()
    flipped = cells.copy()
    flipped[2, 0] ^= 1
    beyond = np.packbits(np.arange(1001)[None] < 900, axis=1)
    whole = bits_of(clean, cells)
    return [
        (bits_of(clean, cells[:3]), "an array (3, 125) of uint8, want (4, 125)"),
        (bits_of(clean, cells.T.copy()), "an array (125, 4) of uint8, want (4, 125)"),
        (bits_of(clean[0], cells), "an array (125,) of uint8, want (1, 125)"),
        (bits_of(clean.astype(np.uint16), cells), "of uint16, want (1, 125) of uint8"),
        (bits_of(clean, np.asfortranarray(cells)), "want (4, 125) of uint8"),
        (bits_of(clean, flipped), "accuracy on fog 1 = 0.6 contradicts the bits: 0.599"),
        (bits_of(beyond, cells), "an array (1, 126)"),
        (bits_of(np.array([object()]), cells), "of object"),
        (whole[:-40], "bits.npz: "),
        (b"", "bits.npz: "),
        (b"PK\x03\x04" + bytes(100), "bits.npz: "),
    ]


@pytest.mark.parametrize("number", range(11))
def test_bits_that_are_not_those_of_the_record_are_refused(store: Store, number: int) -> None:
    raw = raw_of(make_record("rigl", 9, 0.6))
    content, reason = with_bits(raw)[number]
    line = refused(store, plant(store, raw, content))
    assert line.startswith("bits.npz: ")
    assert reason in line


def test_bits_beyond_the_last_image_are_refused(store: Store) -> None:
    raw = raw_of(make_record("rigl", 9, 2 / 3, clean=1.0))
    raw["images"] = 3
    clean, cells = np.full((1, 1), 0b11100000, np.uint8), np.full((4, 1), 0b11000001, np.uint8)
    assert "bits are set beyond the 3 images" in refused(store, plant(store, raw, bits_of(clean, cells)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"suite": "<b>"}, "spec.suite = '<b>' is no name"),
        ({"seed": -1}, "seed = -1 is not allowed"),
        ({"sparsity": 1.0}, "spec.method.options.sparsity = '1.0' is no share"),
    ],
)
def test_a_hostile_plan_is_refused(store: Store, change: dict[str, Any], reason: str) -> None:
    raw: dict[str, Any] = json.loads(make_record("rigl", 9).spec.model_dump_json())
    raw["method"]["options"]["sparsity"] = change.pop("sparsity", 0.5)
    raw.update(change)
    folder = store.folder(content_hash(raw)[:16])
    folder.mkdir()
    (folder / "spec.json").write_text(json.dumps(raw))
    line = refused(store, folder.name)
    assert line.startswith("spec.json: ")
    assert reason in line


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: os.mkfifo(path)], ids=["folder", "pipe"])
def test_a_record_that_is_no_file_is_refused_and_waited_for_by_nobody(store: Store, make: Any) -> None:
    folder = store.folder("0" * 16)
    folder.mkdir()
    make(folder / "record.json")
    assert refused(store, folder.name) == "record.json: not a file"


def test_a_finished_run_without_bits_is_refused(store: Store) -> None:
    raw = raw_of(make_record("rigl", 9, 0.6))
    assert "files lists no bits.npz" in refused(store, plant(store, raw))


def test_the_record_of_another_run_is_refused(store: Store) -> None:
    """A copy under another name, as a duplicate id would need."""
    raw = raw_of(make_record("rigl", 9, 0.6))
    folder = store.folder("0" * 16)
    folder.mkdir()
    (folder / "record.json").write_text(json.dumps(raw))
    assert "is not the hash of its spec or not its folder" in refused(store, "0" * 16)


def test_a_hostile_folder_and_message_are_shown_escaped(store: Store) -> None:
    folder = store.root / "runs" / "\x1b[31m<b>\u202e"
    folder.mkdir()
    (folder / "record.json").write_text("{")
    keep(store, make_failure("rigl", 4, "\x1b[31m" + "<script>" * 2000 + "$\\input{x}"))
    found = scan(store)
    assert len(found.damaged) == 1
    for kind in REPORTS:
        result = CliRunner().invoke(leaderboard.command, ["--store", str(store.root), "--format", kind])
        assert result.exception is None
        assert "\x1b" not in result.stdout + result.stderr
        assert "\\u202e" in result.stderr
        if kind in ("markdown", "latex"):
            assert "<script" not in result.stdout
        assert "\\input" not in result.stdout.replace("\\textbackslash{}input", "").replace("\\\\\\\\input", "") or (
            kind in ("table", "json")
        )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
OTHERS = make_rows({"dense": [0.60, 0.61, 0.62], "rigl": [0.70, 0.71, 0.73]})
RAW = raw_of(make_record("rigl", 9, 0.6))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def tried(folder: Path) -> RunRecord | None:
    """The record, or None where it is refused as it should be: in one line."""
    try:
        return read_record(folder)
    except StoreError as error:
        (_,) = str(error).splitlines()
        return None


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(places(RAW)), value=JSON)
def test_any_value_at_any_place_is_read_or_refused(tmp_path: Path, place: tuple[Any, ...], value: Any) -> None:
    raw = copy.deepcopy(RAW)
    inner: Any = raw
    for name in place[:-1]:
        inner = inner[name]
    if place:
        inner[place[-1]] = value
    else:
        raw = value
    bits = bits_of(*honest())
    try:
        name = content_hash(raw["spec"])[:16]
        raw["id"] = name
        raw["files"] = {"bits.npz": hashlib.sha256(bits).hexdigest()}
    except (TypeError, KeyError, ValueError):
        name = RAW["id"]
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    (folder / "bits.npz").write_bytes(bits)
    (folder / "record.json").write_text(json.dumps(raw))
    record = tried(folder)
    if record is None:
        return
    for board in leaderboard_of([*OTHERS, record]):
        assert all(render([board]) for render in REPORTS.values())
    if record.metrics is not None:
        shown = record.metrics.model_copy(update={"cells": ()}).model_dump()
        assert shown == RunRecord.model_validate(RAW).metrics.model_copy(update={"cells": ()}).model_dump()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), cut=st.integers(0, 2000), at=st.integers(0, 2000))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes, cut: int, at: int) -> None:
    folder = tmp_path / RAW["id"]
    folder.mkdir(exist_ok=True)
    bits = bits_of(*honest())
    spliced = bits[:at] + content + bits[at + cut :]
    (folder / "bits.npz").write_bytes(spliced)
    raw = {**RAW, "files": {"bits.npz": hashlib.sha256(spliced).hexdigest()}}
    whole = json.dumps(raw).encode()
    (folder / "record.json").write_bytes(whole)
    tried(folder)
    (folder / "record.json").write_bytes(whole[:at] + content + whole[at + cut :])
    tried(folder)
