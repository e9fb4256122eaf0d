"""Where the command line meets what it did not make: its streams, its environment, unset variables, other options."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from robench.cli import COMMANDS, cli
from robench.cli.command import Command
from robench.errors import InputError
from tests.cli.test_leaderboard import fill
from tests.helpers.boards import ACCURACIES
from tests.helpers.commands import called
from tests.helpers.records import make_rows


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return fill(tmp_path / "store", make_rows(ACCURACIES))


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `robench` is the command, its output kept in the encoding it was written in."""
    line = line.replace("robench", f"{sys.executable} -m robench", 1)
    given = {**os.environ, **environment}
    done = subprocess.run(["sh", "-c", line], env=given, capture_output=True, encoding="latin-1", check=False)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii", "utf-8", "ascii:surrogateescape"])
def test_a_board_can_be_printed_in_any_encoding(store: Path, encoding: str) -> None:
    done = shell(f"robench leaderboard --store {store}", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert "digits-c" in done.stdout
    assert "1 a" in done.stdout


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_error(store: Path, closed: str) -> None:
    done = shell(f"robench leaderboard --store {store} {closed}")
    assert (done.returncode, done.stderr) == (0, "")
    assert shell(f"robench leaderboard --store /nowhere {closed}").returncode == 2


def test_a_full_device_is_one_line(store: Path) -> None:
    done = shell(f"robench leaderboard --store {store} > /dev/full")
    assert (done.returncode, done.stderr) == (1, "robench: No space left on device\n")


HOMELESS = (
    "import os, pwd, sys\nos.environ.pop('HOME', None)\ndef none(uid): raise KeyError(uid)\npwd.getpwuid = none\n"
)


def homeless(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command without HOME, as a user whom the system does not know."""
    code = f"{HOMELESS}sys.argv = {['robench', *words]!r}\nfrom robench.cli import main\nmain()"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ROBENCH_", "XDG_", "HOME"))}
    environment = {**kept, **more}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert not list(folder.glob("~*"))
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("words", ["leaderboard", "list runs", "data status cifar10c", "leaderboard --store ~/store"])
def test_without_a_home_one_line_says_what_to_set(tmp_path: Path, words: str) -> None:
    done = homeless(tmp_path, *words.split())
    assert done.returncode == 2
    assert "HOME" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_home_absolute_places_are_enough(tmp_path: Path, store: Path) -> None:
    (work := tmp_path / "work").mkdir()
    done = homeless(work, "leaderboard", "--store", "/nonexistent")
    assert done.stderr == "robench: store: no finished run in /nonexistent, 0 unfinished\n"
    assert homeless(work, "leaderboard", "--store", str(store)).returncode == 0
    assert homeless(work, "data", "status", "digits-c", ROBENCH_CACHE=str(tmp_path / "cache")).returncode == 0
    assert homeless(work, "list", "runs", ROBENCH_STORE=str(store)).returncode == 0


def commands() -> dict[str, Command]:
    found: dict[str, Command] = {}
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        parts = command.commands.items() if isinstance(command, click.Group) else [("", command)]
        for part, one in parts:
            assert isinstance(one, Command)
            found[f"{name} {part}".strip()] = one
    return found


def takes_text(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Argument) or not getattr(parameter, "is_flag", False)


@pytest.mark.parametrize("name", commands())
@pytest.mark.parametrize("blank", ["", " ", ","])
def test_nothing_given_may_be_empty(name: str, blank: str) -> None:
    """An unset variable of a shell leaves such a text."""
    arguments = 0
    for parameter in filter(takes_text, commands()[name].params):
        values = ["x"] * arguments + [blank] * parameter.nargs
        arguments += isinstance(parameter, click.Argument)
        words = values if isinstance(parameter, click.Argument) else [parameter.opts[0], *[blank] * parameter.nargs]
        with pytest.raises(InputError, match=f"^{parameter.opts[0].lstrip('-')}: it is empty$"):
            CliRunner().invoke(cli, [*name.split(), *words], catch_exceptions=False)


@pytest.mark.parametrize("name", commands())
def test_the_help_has_every_default_and_an_example_that_parses(name: str) -> None:
    import shlex

    command = commands()[name]
    text = CliRunner().invoke(cli, [*name.split(), "--help"], catch_exceptions=False, terminal_width=200).output
    required = {"compare", "save", "figures", "images", "spec", "jpeg_quality", "maps"}
    for parameter in command.params:
        if isinstance(parameter, click.Option) and takes_text(parameter) and parameter.name not in required:
            (line,) = [line for line in text.splitlines() if line.strip().startswith(parameter.opts[0] + " ")]
            assert "[default: " in text[text.index(line) :].split("\n  -")[0], parameter.name
    words = shlex.split(command.example)
    assert words[0] == "robench"
    assert words[1 : 1 + len(name.split())] == name.split()
    with patch_folders():
        command.make_context(name, words[1 + len(name.split()) :])


def patch_folders():
    from unittest.mock import patch

    return patch("pathlib.Path.is_dir", lambda path: True)


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("leaderboard --compare a b --suite nope", "suite"),
        ("leaderboard --compare a b --board zz", "board"),
        ("leaderboard --compare a b --baseline dense", "baseline"),
        ("leaderboard --compare a b --figures x", "figures"),
        ("list methods --store x", "store"),
        ("list methods --check", "check"),
        ("show method rigl --store x", "store"),
        ("show method rigl --severities 1", "severities"),
        ("check method rigl --data .", "data"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(words: str, option: str) -> None:
    with pytest.raises(InputError, match=f"^{option}: "):
        CliRunner().invoke(cli, words.split(), catch_exceptions=False)


def test_output_that_is_no_file_is_written_to_or_refused(store: Path, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    environment = {"COLUMNS": "100"}
    assert called(environment, "leaderboard", "--store", str(store), "--output", str(tmp_path / "link")).returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text().startswith("digits-c")
    for name in (".", "/"):
        done = called(environment, "leaderboard", "--store", str(store), "--output", name)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_doctor_without_torch_names_it_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('no torch here')")
    done = shell(f"robench doctor --store {tmp_path}/store", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "problem: torch: it cannot be imported: ImportError: no torch here" in done.stdout


def complete(words: str) -> list[str]:
    """Return what bash is offered for the last word."""
    environment = {"_ROBENCH_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = CliRunner().invoke(cli, [], env=environment, prog_name="robench")
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("robench lea", ["leaderboard"]),
        ("robench run --methods ri", ["rigl"]),
        ("robench run --methods set,ri", ["set,rigl"]),
        ("robench show method sri", ["srigl"]),
        ("robench show rec", ["recipe"]),
        ("robench show recipe adamw", ["adamw"]),
        ("robench run --corruptions fog,sta", ["fog,standard"]),
        ("robench run --suite digits", ["digits-c"]),
        ("robench data fetch cifar100", ["cifar100c", "cifar100"]),
        ("robench run cifar10_resnet20_q", ["cifar10_resnet20_quick"]),
    ],
)
def test_the_shell_completes_names_after_commas_too(words: str, offered: list[str]) -> None:
    assert complete(words) == offered


def test_details_are_printed_as_json(store: Path) -> None:
    suite = json.loads(CliRunner().invoke(cli, ["show", "suite", "cifar10c", "--json"]).output)
    assert suite["published"]["files"]["fog"]["digest"].startswith("md5:")
    text = CliRunner().invoke(cli, ["show", "suite", "cifar10c"]).output
    assert "md5:" not in text
    assert len(text.splitlines()) <= 30
    method = json.loads(CliRunner().invoke(cli, ["show", "method", "rigl", "--json"]).output)
    assert {"name": "sparsity", "type": "float >= 0, < 1", "default": 0.5} in method["options"]
