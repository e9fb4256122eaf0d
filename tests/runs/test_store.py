"""The store: whole or absent, verified when read."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from robench import atomic
from robench.errors import InputError, StoreError
from robench.runs.bits import pack_bits, unpack_bits
from robench.runs.index import scan
from robench.runs.record import RunRecord
from robench.runs.result import result_of
from robench.runs.store import Store
from tests.helpers.records import make_record


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    store.open()
    return store


def committed(store: Store, images: int = 11) -> RunRecord:
    """A run of which 6 of 11 clean images and 4 of 11 in each cell are right."""
    record = make_record(accuracy=4 / images, clean=6 / images).model_copy(update={"images": images})
    store.plan([record.spec])
    store.write_bits(record.id, np.arange(images) % 2 == 0, np.tile(np.arange(images) % 3 == 0, (4, 1)))
    return store.commit(record)


def test_a_committed_run_reads_back_equal(store: Store) -> None:
    record = committed(store)
    assert store.record(record.id) == record
    assert scan(store).results == [result_of(record)]
    clean, cells = store.bits(record)
    assert clean.tolist() == [index % 2 == 0 for index in range(11)]
    assert cells.shape == (len(record.spec.cells), 11)
    assert (cells == (np.arange(11) % 3 == 0)).all()


def test_a_planned_run_is_unfinished_until_its_record_is_there(store: Store) -> None:
    spec = make_record().spec
    store.plan([spec])
    assert scan(store).unfinished == [spec]
    assert store.record(spec.id) is None


@pytest.mark.parametrize("name", ["spec.json", "bits.npz"])
@pytest.mark.parametrize(
    "damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x" + path.read_bytes())]
)
def test_a_file_that_is_missing_or_changed_is_found(store: Store, name: str, damage: object) -> None:
    record = committed(store)
    damage(store.folder(record.id) / name)
    with pytest.raises(StoreError, match=f"{name}: missing, or not the bytes"):
        store.record(record.id)
    found = scan(store)
    assert (found.results, [folder for folder, _ in found.damaged]) == ([], [record.id])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"schema_version": 2}',
        "[" * 100_000,
        '{"id": "x", "spec": {"suite": NaN}}',
        "\x00",
    ],
)
def test_a_record_that_is_none_is_reported_and_not_counted(store: Store, text: str) -> None:
    record = committed(store)
    (store.folder(record.id) / "record.json").write_text(text)
    found = scan(store)
    assert found.results == []
    assert len(found.damaged) == 1
    assert "\n" not in found.damaged[0][1]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0" * 16},
        {"metrics": {"clean_accuracy": 1.5}},
        {"schema_version": 2},
        {"surprise": 1},
        {"status": "great"},
    ],
)
def test_a_record_with_impossible_fields_is_refused(store: Store, change: dict[str, object]) -> None:
    record = committed(store)
    path = store.folder(record.id) / "record.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(StoreError):
        store.record(record.id)


def test_a_folder_moved_to_another_name_is_refused(store: Store) -> None:
    record = committed(store)
    store.folder(record.id).rename(store.folder("f" * 16))
    assert "is not the hash of its spec or not its folder" in scan(store).damaged[0][1]


def test_bits_are_never_unpickled(store: Store) -> None:
    record = committed(store)
    np.savez(store.folder(record.id) / "bits.npz", clean=np.array([object()]), cells=np.array([object()]))
    with pytest.raises(StoreError, match=r"bits\.npz"):
        store.bits(record)


def test_only_one_holder_has_a_run(store: Store) -> None:
    other = Store(store.root)
    with store.claim("a") as first, other.claim("a") as second, other.claim("b") as third:
        assert (first, second, third) == (True, False, True)
    with other.claim("a") as again:
        assert again


def test_a_lock_is_freed_when_its_holder_is_killed(store: Store) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with store.claim("a"):
            os.write(writing, b"held")
            os.kill(os.getpid(), 9)
    os.read(reading, 4)
    os.waitpid(child, 0)
    with store.claim("a") as mine:
        assert mine


def test_a_place_that_cannot_be_written_is_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "store", Path("/proc/robench")):
        with pytest.raises(InputError, match=f"store: cannot write to {place}: "):
            Store(place).open()


def test_a_full_disk_is_wrong_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="No space left on device"):
        Store(tmp_path).open()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_disk_that_fills_up_at_the_end_is_an_error_of_the_store(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    record = make_record()
    store.plan([record.spec])
    with monkeypatch.context() as patch:
        patch.setattr(atomic, "write_bytes", full)
        with pytest.raises(StoreError, match=f"cannot write .*{record.id}: No space left on device"):
            store.commit(record)
    assert store.record(record.id) is None


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write_text(path, "old")
    with pytest.raises(KeyboardInterrupt), atomic.replacing(path) as temporary:  # noqa: PT012 - the write is the point
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("file", "old")]


@given(arrays(bool, st.tuples(st.integers(0, 5), st.integers(0, 40))))
def test_packing_is_undone_by_unpacking(correct: np.ndarray) -> None:
    packed = pack_bits(correct)
    assert packed.shape == (correct.shape[0], -(-correct.shape[1] // 8))
    assert (unpack_bits(packed, correct.shape[1]) == correct).all()
