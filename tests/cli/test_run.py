"""The command line end to end: real data, real training, tiny sizes."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.commands import called
from tests.helpers.distributions import install
from tests.helpers.thoroughly import thoroughly

SMALL = [
    "--suite=digits-c", "--models=cnn-small(width=4)", "--train-limit=128", "--test-limit=40", "--epochs=2",
    "--corruptions=contrast,gaussian_noise", "--severities=1,5",
]  # fmt: skip
METHODS = "--methods=dense,static,set(update_interval=2),rigl(update_interval=2),mest(update_interval=2)"


@pytest.fixture
def environment(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {
        **os.environ,
        "ROBENCH_STORE": str(tmp_path / "store"),
        "ROBENCH_CACHE": str(tmp_path_factory.getbasetemp() / "cache"),
        "ROBENCH_DATA": str(tmp_path / "data"),
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "100",
    }


def start(environment: dict[str, str], *args: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "robench", *args]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def digests(store: Path) -> dict[str, str]:
    files = [path for name in ("model.safetensors", "bits.npz") for path in store.glob(f"runs/*/{name}")]
    return {f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_study_ends_with_a_ranked_board_and_is_not_done_twice(environment: dict[str, str]) -> None:
    first = called(environment, "run", *SMALL, METHODS, "--seeds=3", "--json")
    assert first.returncode == 0, first.stderr
    board = json.loads(first.stdout)
    assert {row["method"] for row in board["rows"]} == {"dense", "static", "set", "rigl", "mest"}
    assert {row["role"] for row in board["rows"] if row["method"] not in ("dense", "static")} == {"dynamic"}
    assert all(row["n"] == 3 and row["rank"] >= 1 for row in board["rows"])
    assert (board["suite"], board["baseline"], board["missing"]) == ("digits-c", "dense", [])
    assert first.stderr.count(" finished") == 15
    store = Path(environment["ROBENCH_STORE"])
    before = digests(store)
    again = called(environment, "run", *SMALL, METHODS, "--seeds=3", "--json")
    assert (again.returncode, again.stdout) == (0, first.stdout)
    assert again.stderr.count("skipped: already finished") == 15
    assert digests(store) == before
    assert len(before) == 30
    listed = called(environment, "leaderboard", "--format=json")
    assert json.loads(listed.stdout)["rows"] == board["rows"]
    runs = called(environment, "list", "runs")
    assert runs.stdout.count("finished") == 15


@pytest.mark.parametrize(
    ("jobs", "moments"),
    thoroughly([(1, ("resume.json", "bits.partial.npy")), (2, ("resume.json", "record.json"))]),
)
def test_a_kill_at_any_moment_costs_nothing_that_was_finished(
    environment: dict[str, str], jobs: int, moments: tuple[str, ...]
) -> None:
    study = [*SMALL, "--methods=dense,rigl(update_interval=2)", "--seeds=2", "--checkpoint-seconds=0"]
    whole = {**environment, "ROBENCH_STORE": environment["ROBENCH_STORE"] + "-whole"}
    assert called(whole, "run", *study).returncode == 0
    store = Path(environment["ROBENCH_STORE"])
    for moment in moments:
        process = start(environment, "run", *study, f"--jobs={jobs}")
        wait_for(store, f"runs/*/{moment}", process)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it ended before it was killed"
    last = called(environment, "run", *study, "--jobs=1")
    assert last.returncode == 0, last.stderr
    assert digests(store) == digests(Path(whole["ROBENCH_STORE"]))


def wait_for(store: Path, pattern: str, process: subprocess.Popen[Any]) -> None:
    """Wait until a file is there that was not, or the process has ended."""
    before = {path: path.stat().st_mtime_ns for path in store.glob(pattern)}
    while process.poll() is None:
        if any(before.get(path) != mtime(path) for path in store.glob(pattern)):
            return
        time.sleep(0.001)


def mtime(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


LONG = ["--methods=dense,rigl(update_interval=2)", "--seeds=1", "--epochs=400", "--checkpoint-seconds=600"]


def test_a_signal_saves_and_the_same_command_goes_on_there(environment: dict[str, str]) -> None:
    """No checkpoint is due for ten minutes: what the run goes on from was saved because of the signal."""
    store = Path(environment["ROBENCH_STORE"])
    out, err, code = stopped(environment, [*SMALL, *LONG, "--jobs=1"], signal.SIGINT, "runs/*/log.jsonl")
    assert (code, out) == (130, "")
    last = err.splitlines()[-1]
    where = re.fullmatch(
        r"robench: stopped after step (\d+) of 1600 of digits-c cnn-small dense seed 0; "
        r"the same command continues there",
        last,
    )
    assert where, err
    (checkpoint,) = store.glob("runs/*/resume.json")
    assert json.loads(checkpoint.read_text())["step"] == int(where[1]) > 0
    assert "Traceback" not in err
    _, err, code = stopped(environment, [*SMALL, *LONG, "--jobs=1"], signal.SIGTERM, "runs/*/log.jsonl")
    assert code == 143
    assert f"seed 0: goes on after step {where[1]} of 1600" in err


def test_a_signal_reaches_the_workers_and_leaves_none(environment: dict[str, str]) -> None:
    store = Path(environment["ROBENCH_STORE"])
    _, err, code = stopped(environment, [*SMALL, *LONG, "--jobs=2"], signal.SIGTERM, "runs/*/log.jsonl", 2)
    assert code == 143
    last = err.splitlines()[-1]
    assert len(re.findall(r"after step \d+ of 1600 of digits-c cnn-small (?:dense|rigl 0.5) seed 0", last)) == 2
    steps = [json.loads(path.read_text())["step"] for path in store.glob("runs/*/resume.json")]
    assert len(steps) == 2
    assert all(f"after step {step} of 1600" in last for step in steps)


def stopped(
    environment: dict[str, str], args: list[str], number: int, pattern: str, files: int = 1
) -> tuple[str, str, int]:
    """Start a command in a session of its own, signal it once so many files have grown, wait until all have ended."""
    store = Path(environment["ROBENCH_STORE"])
    before = {path: path.stat().st_size for path in store.glob(pattern)}
    process = subprocess.Popen(
        [sys.executable, "-m", "robench", "run", *args],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    )
    while process.poll() is None:
        if sum(path.stat().st_size > before.get(path, 0) for path in store.glob(pattern)) >= files:
            break
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    for _ in range(1000):  # the tracker of multiprocessing ends a moment after its parent
        if not living(process.pid):
            break
        time.sleep(0.01)
    assert not living(process.pid)
    return out, err, process.returncode


def living(session: int) -> list[str]:
    """Return the processes of a session, those aside that have ended and that nobody has asked for."""
    found = subprocess.run(["ps", "-eo", "sid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in found.splitlines()]
    return [" ".join(args) for sid, state, *args in lines if sid == str(session) and not state.startswith("Z")]


def test_two_processes_share_a_store(environment: dict[str, str]) -> None:
    study = [*SMALL, "--methods=dense,static", "--seeds=2"]
    command = [sys.executable, "-m", "robench", "run", *study]
    pair = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=300)[1] for process in pair]
    assert [process.returncode for process in pair] == [0, 0]
    done = re.findall(r"\] (.* seed \d) finished$", "\n".join(said), flags=re.MULTILINE)
    assert sorted(done) == sorted(set(done))
    assert len(done) == 4
    whole = {**environment, "ROBENCH_STORE": environment["ROBENCH_STORE"] + "-whole"}
    assert called(whole, "run", *study).returncode == 0
    assert digests(Path(environment["ROBENCH_STORE"])) == digests(Path(whole["ROBENCH_STORE"]))


@pytest.mark.parametrize("error", ["RuntimeError", "SystemExit"])
def test_a_failed_run_is_listed_and_the_others_go_on(environment: dict[str, str], tmp_path: Path, error: str) -> None:
    grid = tmp_path / "grid.yaml"
    grid.write_text("suite: [digits-c]\nmethods: [bad, dense]\nmodels: [mlp(width=8)]\nseeds: 1\n")
    source = (
        "from robench_methods.dense import Dense\n"
        "class Bad(Dense):\n"
        "    def after_step(self, step):\n"
        f"        if step == 1: raise {error}('no more')\n"
    )
    site = tmp_path / "site"
    site.mkdir()
    install(site, "badly", source, {"robench.methods": {"bad": "badly:Bad"}})
    there = {**environment, "PYTHONPATH": str(site)}
    done = called(there, "run", "--spec", str(grid), *SMALL[2:], "--json")
    assert done.returncode == 1
    assert f"bad seed 0 failed: {error}: no more (traceback.txt in the run's folder)" in done.stderr
    (text,) = Path(environment["ROBENCH_STORE"]).glob("runs/*/traceback.txt")
    assert "in after_step" in text.read_text()
    board = json.loads(done.stdout)
    assert [row["method"] for row in board["rows"]] == ["dense"]
    assert [(entry["method"], entry["seed"]) for entry in board["missing"]] == [("bad", 0)]
    assert "no more" in board["missing"][0]["reason"]


def test_a_method_from_a_package_of_its_own_is_a_row_on_the_board(environment: dict[str, str], tmp_path: Path) -> None:
    source = (
        "import torch\n"
        "from robench.sparse import DynamicSparse\n"
        "class Lottery(DynamicSparse):\n"
        '    """SET that drops at random too."""\n'
        "    def drop_scores(self, weight, grad):\n"
        "        return -weight.abs()\n"
        "    def grow_scores(self, weight, grad, rng):\n"
        "        return torch.rand(weight.shape, generator=rng)\n"
    )
    assert len(source.splitlines()) < 15
    install(tmp_path, "my_set", source, {"robench.methods": {"my-set": "my_set:Lottery"}}, version="0.3")
    there = {**environment, "PYTHONPATH": str(tmp_path)}
    assert "my-set  my_set==0.3" in " ".join(called(there, "list", "methods").stdout.split()).replace(
        "my-set ", "my-set  "
    )
    done = called(there, "run", *SMALL, "--methods=dense,my-set(update_interval=2)", "--seeds=1", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["method"]: row for row in json.loads(done.stdout)["rows"]}
    assert rows["my-set"]["versions"]["method:my-set"] == "my_set==0.3"
    assert rows["my-set"]["nonzero"] < rows["dense"]["nonzero"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--suite=cifar10-c"], "suite: unknown 'cifar10-c'; did you mean 'cifar10c'?"),
        (["--suite=digits-c", "--methods=riggl"], "method: unknown 'riggl'; did you mean 'rigl'?"),
        (["--suite=digits-c", "--methods=dense", "--models=resnet21"], "did you mean 'resnet20'?"),
        (["--suite=digits-c", "--methods=rigl(interval=3)"], "did you mean 'update_interval'?"),
        (["--sparsity=1.2"], "sparsity.0 = '1.2' is not allowed: Input should be less than 1"),
        (["--sparsity=-1"], "sparsity.0 = '-1' is not allowed"),
        (["--seeds=0"], "seeds = '0' is not allowed: a number of seeds, 1 to 1000000, or a list"),
        (["--device=cuda:99"], "device: 'cuda:99' asked for, but this machine has"),
        (["--device=tpu"], "device: 'tpu' is unknown; allowed are auto, cpu, cuda, cuda:N"),
        (["nosuchspec"], "spec: unknown 'nosuchspec'"),
        (["--jobs=0"], "--jobs"),
        (["--checkpoint-seconds=nan"], "'--checkpoint-seconds': nan is not in the range"),
        (["--nonsense"], "No such option"),
        ([""], "name: it is empty"),
        (["--store="], "store: it is empty"),
        (["--device=cuda:99", "--dry-run"], "device: 'cuda:99' asked for"),
        (["--sparsity=0.99999"], "cnn-small with"),
        (["--suite=cifar10c", "--methods=dense"], "cifar-10-batches-py"),
        (["--suite=cifar10c", "--data=nowhere/at/all"], "data: 'nowhere/at/all' is no folder that exists"),
    ],
)
def test_wrong_input_is_one_line_and_nothing_is_written(
    environment: dict[str, str], args: list[str], message: str
) -> None:
    done = called({**environment, "ROBENCH_MIRROR": "http://127.0.0.1:9/"}, "run", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not Path(environment["ROBENCH_STORE"]).exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("suite: [digits-c\n", "not YAML at line"),
        ("- a\n- b\n", "a mapping of fields is expected, not list"),
        ("suite: [digits-c]\nmethods: 3\n", "methods.0"),
        ("suite: [digits-c]\nmethods: [dense]\nsed: 3\n", "field: unknown 'sed'; did you mean 'seeds'?"),
        ("suite: [digits-c]\nmethods: [dense]\ntraining: {epochs: few}\n", "training: epochs = 'few' is not allowed"),
        ("\x00", "not YAML"),
        ("suite: digits-c\nseeds: 2\nseeds: 3\n", "not YAML at line 3, column 1: 'seeds' stands twice"),
        ("suite: " + 3000 * "[" + "\n", "not YAML: nested too deeply"),
        ("suite: digits-c\n5: 3\n", "the name of a field is text, not 5"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_a_wrong_file_is_one_line(environment: dict[str, str], tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text(text)
    done = called(environment, "run", "--spec", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_or_folder_that_cannot_be_used_is_one_line(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for args in (
        ["--spec", str(tmp_path / "none.yaml")],
        ["--spec", str(tmp_path)],
        ["--store", str(tmp_path / "file" / "below")],
        ["--store", "/proc/robench"],
        ["--suite=cifar10c", "--methods=dense", "--data", str(tmp_path / "file")],
    ):
        done = called({**environment, "ROBENCH_MIRROR": "http://127.0.0.1:9/"}, "run", *args)
        assert (done.returncode, done.stdout) == (2, ""), args
        assert "Traceback" not in done.stderr


def test_a_damaged_run_is_named_and_the_others_stay(environment: dict[str, str]) -> None:
    study = [*SMALL, "--methods=dense", "--seeds=2", "--json"]
    assert called(environment, "run", *study).returncode == 0
    bits, _ = Path(environment["ROBENCH_STORE"]).glob("runs/*/bits.npz")
    bits.write_bytes(b"")
    again = called(environment, "run", *study)
    assert again.returncode == 1
    assert f"failed: bits.npz: missing, or not the bytes that record.json lists; delete {bits.parent}" in again.stderr
    board = json.loads(again.stdout)
    assert (board["rows"][0]["n"], board["missing"][0]["id"]) == (1, bits.parent.name)


def test_plan_and_dry_run_say_the_same_and_write_nothing(environment: dict[str, str]) -> None:
    plan = called(environment, "plan", *SMALL, METHODS)
    dry = called(environment, "run", *SMALL, METHODS, "--dry-run")
    assert plan.returncode == 0
    assert [line for line in plan.stdout.splitlines() if "time: " not in line] == [
        line for line in dry.stdout.splitlines() if "time: " not in line
    ]
    assert plan.stdout.count(" new ") == 15
    assert "15 of 15 runs to do: 120 steps in all, on cpu (" in plan.stdout
    assert "data: training on 128 images, evaluation on 40, clean and in 4 corrupted cells" in plan.stdout
    assert "time: about " in plan.stdout
    numbers = json.loads(called(environment, "plan", *SMALL, METHODS, "--json").stdout)
    assert len(numbers["runs"]) == 15
    assert (numbers["estimate"]["steps"], numbers["estimate"]["device"]) == (120, "cpu")
    assert not Path(environment["ROBENCH_STORE"]).exists()
