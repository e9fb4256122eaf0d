"""list, show, doctor and the frame of the command line."""

import errno
import io
import json
import os
import re
from datetime import datetime
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from robench.benchmarks import names
from robench.cli import COMMANDS, cli, main
from robench.cli.display import Display, detail
from robench.errors import InputError
from robench.progress import Progress
from robench.runs.store import Store
from tests.helpers.records import keep, make_record, make_spec


def call(*args: str) -> Result:
    return CliRunner().invoke(cli, args, catch_exceptions=False)


def test_help_names_every_command() -> None:
    import_module("robench.cli.list")  # it takes the name of a builtin in the package
    text = call("--help").output
    assert all(f"\n  {name} " in text for name in COMMANDS)
    assert all(call(name, "--help").exit_code == 0 for name in COMMANDS)


def test_an_unknown_command_gets_the_nearest_one() -> None:
    with pytest.raises(InputError, match="command: unknown 'leaderbord'; did you mean 'leaderboard'"):
        call("leaderbord")


def test_no_command_is_suggested_that_is_merely_as_long() -> None:
    with pytest.raises(InputError, match="command: unknown 'clean'; known: check, data,"):
        call("clean")


def test_a_disk_that_fails_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def failing(**options: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), "bits.npz")

    monkeypatch.setattr("robench.cli.cli", failing)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "robench: bits.npz: Input/output error\n"


def test_lists_give_a_line_each_and_json() -> None:
    for kind in ("specs", "recipes"):
        rows = json.loads(call("list", kind, "--json").output)
        assert [row["name"] for row in rows] == names(kind.removesuffix("s"))
    plugins = json.loads(call("list", "plugins", "--json").output)
    assert {row["kind"] for row in plugins} == {"method", "model", "corruption", "dataset", "suite"}
    assert len(call("list", "plugins").output.splitlines()) == len(plugins)
    with pytest.raises(InputError, match="list: unknown 'method'; did you mean 'methods'"):
        call("list", "method")


def test_every_plugin_recipe_and_spec_can_be_shown() -> None:
    for row in json.loads(call("list", "plugins", "--json").output):
        assert call("show", row["kind"], row["name"]).output.startswith(row["name"])
    for kind in ("spec", "recipe"):
        assert all(call("show", kind, name).output for name in names(kind))


def test_show_gives_the_options_of_a_method_with_type_and_default() -> None:
    lines = [line.split() for line in call("show", "method", "rigl").output.splitlines()]
    assert ["sparsity", "float", ">=", "0,", "<", "1", "[0.5]"] in lines
    assert ["distribution", "uniform", "|", "er", "|", "erk", "[erk]"] in lines


def test_show_gives_the_presets_of_a_method_with_their_source() -> None:
    from robench_methods.rigl import RigL

    text = call("show", "method", "rigl").output
    assert all(name in text and preset.source in text for name, preset in RigL.presets.items())


def test_runs_are_listed_and_shown_by_the_start_of_their_id(tmp_path: Path) -> None:
    store, record = Store(tmp_path), make_record()
    store.open()
    store.plan([record.spec])
    assert json.loads(call("show", "run", record.id, "--json", f"--store={tmp_path}").output) == record.spec.model_dump(
        mode="json"
    )
    keep(store, record)
    assert json.loads(call("show", "run", record.id[:6], "--json", f"--store={tmp_path}").output)["id"] == record.id
    others = [make_spec(epochs=200), make_spec(epochs=2)]
    store.plan(others)
    (store.folder(others[1].id) / "log.jsonl").write_text("")
    listed = [re.split(" {2,}", line) for line in call("list", "runs", f"--store={tmp_path}").output.splitlines()]
    assert [(line[0], line[1], line[-1]) for line in listed] == [
        (others[1].id, "unfinished", "digits-c cnn-small rigl 0.5 seed 0 epochs=2"),
        (others[0].id, "planned", "digits-c cnn-small rigl 0.5 seed 0 epochs=200"),
        (record.id, "finished", "digits-c cnn-small rigl 0.5 seed 0 epochs=5"),
    ]
    assert listed[2][3:5] == ["clean 90.00 %", "robust 60.00 %"]
    (row,) = (r for r in json.loads(call("list", "runs", f"--store={tmp_path}", "--json").output) if r["date"])
    assert (row["clean_accuracy"], row["robust_accuracy"]) == (0.9, 0.6)
    assert datetime.fromisoformat(row["date"]).timestamp() == pytest.approx(
        (store.folder(record.id) / "record.json").stat().st_mtime, abs=60
    )
    with pytest.raises(InputError, match=r"run: 0 runs of .* begin with 'zz'"):
        call("show", "run", "zz", f"--store={tmp_path}")


def test_doctor_finds_a_damaged_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBENCH_DATA", str(tmp_path))
    good = call("doctor", f"--store={tmp_path}")
    assert (good.exit_code, good.output.splitlines()[-1]) == (0, "all is well")
    (tmp_path / "runs" / "x").mkdir(parents=True)
    (tmp_path / "runs" / "x" / "record.json").write_text("{")
    bad = call("doctor", f"--store={tmp_path}")
    assert bad.output.splitlines()[-1] == "1 problems"


MESSAGES = [
    Progress(
        "a", "suite net [x] seed 0", "train", 3, 10, 1, 2, loss=0.5, images_per_second=1234, seconds_left=75, updates=2
    ),
    Progress("a", "suite net [x] seed 0", "evaluate", 1, 76, images_per_second=99, seconds_left=3700),
    Progress("a", "suite net [x] seed 0", "finished"),
    Progress("b", "suite net seed 1", "failed", text="loss became nan [/red] at step 3"),
    Progress("c", "suite net seed 2", "skipped", text="already finished"),
]


def shown(width: int, terminal: bool) -> str:
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=terminal, color_system=None, legacy_windows=False)
    with Display(3, console) as display:
        for message in MESSAGES:
            display(message)
    return text.getvalue()


def test_progress_is_plain_lines_where_there_is_no_terminal() -> None:
    assert shown(60, terminal=False).splitlines() == [
        "suite net [x] seed 0: train 3/10 1:15 left, epoch 1/2, loss 0.500, 1,234 images/s, topology updates 2",
        "[1/3] suite net [x] seed 0 finished",
        "[2/3] suite net seed 1 failed: loss became nan [/red] at step 3",
        "[3/3] suite net seed 2 skipped: already finished",
    ]


@pytest.mark.parametrize("width", [20, 60, 200])
def test_progress_is_live_on_a_terminal_of_any_width(width: int) -> None:
    text = shown(width, terminal=True)
    assert "[3/3] suite net seed 2 skipped" in text.replace("\n", "")
    assert "1:01:40 left" in detail(MESSAGES[1])
