"""The index of a store: derived, verified when made, made anew when in doubt."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from robench.runs import index, reading
from robench.runs.index import INDEX, scan
from robench.runs.result import Result, result_of
from robench.runs.store import Store
from tests.helpers.records import keep, make_rows, make_spec

ACCURACIES = {"dense": [0.6, 0.61], "rigl": [0.7]}


@pytest.fixture
def filled(tmp_path: Path) -> Store:
    made = Store(tmp_path / "store")
    made.open()
    for record in make_rows(ACCURACIES):
        keep(made, record)
    made.plan([make_spec("set", 7)])
    return made


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the folders whose record is read and verified, as it happens."""
    names: list[str] = []

    def spy(folder: Path) -> object:
        names.append(folder.name)
        return reading.read_record(folder)

    monkeypatch.setattr(index, "read_record", spy)
    return names


def ids(results: list[Result]) -> set[str]:
    return {result.id for result in results}


def test_what_the_index_gives_is_what_the_records_give(filled: Store) -> None:
    expected = sorted((result_of(record) for record in make_rows(ACCURACIES)), key=lambda result: result.id)
    for _ in range(2):
        found = scan(filled)
        assert [r.model_copy(update={"weights": ""}) for r in found.results] == expected
        assert found.unfinished == [make_spec("set", 7)]
        assert found.damaged == []


def test_a_run_is_verified_once(filled: Store, read: list[str]) -> None:
    scan(filled)
    assert len(read) == 3
    before = (filled.root / INDEX).stat().st_mtime_ns
    scan(filled)
    assert len(read) == 3
    assert (filled.root / INDEX).stat().st_mtime_ns == before


def test_many_runs_are_verified_on_all_cores_alike(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = make_rows(ACCURACIES)[1].id
    (filled.folder(victim) / "bits.npz").unlink()
    alone = scan(filled)
    whole = (filled.root / INDEX).read_bytes()
    (filled.root / INDEX).unlink()
    monkeypatch.setattr(index, "_MANY", 2)
    assert scan(filled) == alone
    assert [name for name, _ in alone.damaged] == [victim]
    assert (filled.root / INDEX).read_bytes() == whole


@pytest.mark.parametrize("name", ["record.json", "spec.json", "bits.npz"])
def test_a_touched_file_has_its_run_verified_again(filled: Store, read: list[str], name: str) -> None:
    scan(filled)
    run = read[1]
    read.clear()
    path = filled.folder(run) / name
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))
    assert len(scan(filled).results) == 3
    assert read == [run]


def test_new_runs_are_added_and_deleted_ones_are_gone(filled: Store) -> None:
    scan(filled)
    (new,) = make_rows({"set": [0.5]})
    keep(filled, new)
    gone = make_rows(ACCURACIES)[0].id
    (filled.folder(gone) / "record.json").unlink()
    for _ in range(2):
        found = scan(filled)
        assert new.id in ids(found.results)
        assert gone not in ids(found.results)
        assert gone in {spec.id for spec in found.unfinished}


def test_a_run_damaged_after_it_was_indexed_is_found_and_named_every_time(filled: Store, read: list[str]) -> None:
    victim = sorted(ids(scan(filled).results))[0]
    path = filled.folder(victim) / "bits.npz"
    path.write_bytes(path.read_bytes() + b"x")
    for _ in range(2):
        read.clear()
        found = scan(filled)
        assert found.damaged == [(victim, "bits.npz: missing, or not the bytes that record.json lists")]
        assert victim not in ids(found.results)
        assert read == [victim]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: b"",
        lambda text: b"\xff" + text,
        lambda text: text[:-1],
        lambda text: text.replace(b"0.61", b"0.99", 1),
        lambda text: text.replace(b"index 2", b"index 1", 1),
        lambda text: text.replace(b"robench ", b"robench 9.", 1),
        lambda text: text + b"a\tb\n",
    ],
)
def test_an_index_that_is_damaged_or_of_another_version_is_made_anew(
    filled: Store, read: list[str], damage: object
) -> None:
    expected = scan(filled).results
    path = filled.root / INDEX
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    read.clear()
    assert scan(filled).results == expected
    assert len(read) == 3
    assert path.read_bytes() == whole


@pytest.mark.parametrize("change", [lambda line: "no tabs", lambda line: f"{line}\t", lambda line: line[:-2] + "?}"])
def test_an_index_of_another_state_of_this_version_is_made_anew(filled: Store, change: Callable[[str], str]) -> None:
    """Its digest fits: it was written whole, by code whose results looked different."""
    expected = scan(filled)
    path = filled.root / INDEX
    header, *lines = path.read_text().splitlines()
    body = "".join(f"{change(line)}\n" for line in lines)
    path.write_text(f"{header.rpartition(' ')[0]} {hashlib.sha256(body.encode()).hexdigest()}\n{body}")
    assert scan(filled) == expected
    assert path.read_text().splitlines() == [header, *lines]


def test_an_index_that_cannot_be_written_is_done_without(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(index.atomic, "write_bytes", full)
    assert len(scan(filled).results) == 3
    assert not (filled.root / INDEX).exists()


def test_a_store_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    found = scan(Store(tmp_path / "absent"))
    assert (found.results, found.unfinished, found.damaged) == ([], [], [])
    assert not (tmp_path / "absent").exists()


def test_what_is_no_folder_and_what_holds_nothing_is_passed_over(filled: Store) -> None:
    (filled.root / "runs" / "notes.txt").write_text("a note")
    (filled.root / "runs" / "empty").mkdir()
    assert len(scan(filled).results) == 3
    assert scan(filled).damaged == []


def test_the_index_holds_no_more_of_a_run_than_boards_need(filled: Store) -> None:
    scan(filled)
    for line in (filled.root / INDEX).read_text().splitlines()[1:]:
        name, _, text = line.split("\t")
        assert set(json.loads(text)) == set(Result.model_fields)
        assert len(text) < 0.9 * (filled.folder(name) / "record.json").stat().st_size
