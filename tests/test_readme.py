"""The README is run: its Python, its YAML, its commands; its names are those that there are."""

import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import robench
from robench.benchmarks import read_yaml
from robench.cli import COMMANDS
from robench.study.grid import read_grid
from robench.study.plan import expand

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


COMMAND_LINES = [
    line for block in blocks("bash") for line in block.splitlines() if line.startswith("robench ")
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_the_python_runs(number: int) -> None:
    subprocess.run(
        [sys.executable, "-W", "error", "-c", blocks("python")[number]], check=True, stdout=subprocess.DEVNULL
    )


def test_the_study_can_be_planned(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    (tmp_path / "study.yaml").write_text(text)
    specs = expand(read_grid(read_yaml(tmp_path / "study.yaml"), "study.yaml"), data=tmp_path)
    assert len(specs) == 2 * (1 + 2 + 2) * 5


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_the_commands_work(line: str, tmp_path: Path) -> None:
    words = shlex.split(line)[1:]
    assert words[0] in COMMANDS
    if words[0] == "run":
        words.append("--dry-run")
    if words[0] == "new":
        words += ["--output", str(tmp_path / "new")]
    if words[:2] == ["data", "generate"] or words[0] in ("leaderboard", "check"):
        words.append("--help")  # an option that does not exist is refused all the same
    places = {f"ROBENCH_{name}": str(tmp_path / name.lower()) for name in ("STORE", "CACHE", "DATA")}
    done = subprocess.run(
        [sys.executable, "-m", "robench", *words],
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("kind", ["methods", "models", "suites", "datasets", "corruptions"])
def test_the_table_names_every_builtin(kind: str) -> None:
    (row,) = re.findall(rf"^\| {kind} \| (.*) \|$", README, flags=re.MULTILINE)
    named = {name.removesuffix("/<name>") for name in re.findall(r"`([^`]+)`", row)}
    builtin = {
        point.name for point in entry_points(group=f"robench.{kind}") if point.dist and point.dist.name == "robench"
    }
    assert named == builtin


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert any(block.strip() == "pip install -e '.[test]' && pytest" for block in blocks("bash"))
    assert 'eval "$tests"' in (ROOT / ".ci" / "run").read_text()


def test_every_command_and_public_function_is_shown() -> None:
    assert {line.split()[1] for line in COMMAND_LINES} == set(COMMANDS)
    text = "\n".join(blocks("python"))
    assert all(f"robench.{name}(" in text for name in robench.__all__ if not name.startswith("_"))
