"""The READMEs are run: their Python, YAML and commands; names, options, links and the board are what there is."""

import ast
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import resolve_name

import click
import pytest
from click.testing import CliRunner

import robench
from robench import registry
from robench.benchmarks import read_yaml
from robench.cli import COMMANDS, cli
from robench.contracts import METRICS
from robench.registry.written import parse_plugin
from robench.study.grid import read_grid
from robench.study.plan import expand
from tests.helpers.documents import (
    DOCUMENTS,
    READMES,
    ROOT,
    anchors,
    blocks,
    commands,
    languages,
    links,
    name,
    prose,
    spans,
)
from tests.helpers.image_folders import lay
from tests.test_house import FLOOR

README = READMES[0].read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COMMAND_LINES = sorted({command for path in DOCUMENTS for command in commands(path)})
WRITTEN = {words[3] for words in map(str.split, COMMAND_LINES) if words[:2] == ["robench", "new"]}
PYTHON = [
    pytest.param(block, id=f"{name(path)}-{number}")
    for path in READMES
    if path.parent.name != "plugins"  # a package, run by tests/plugins/test_own_package.py
    for number, block in enumerate(blocks(path.read_text(), "python"))
]
LONG = {"--across", "--calibrate", "--compare", "--figures", "--output"}
"""Options of `robench leaderboard` that need other records or long; a test of the tables runs those it can."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the accepted records, and the study and photographs of the READMEs; commands write into it."""
    place = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "leaderboard" / "runs", place / "leaderboard" / "runs")
    (study,) = (block for path in READMES for block in blocks(path.read_text(), "yaml"))
    (place / "study.yaml").write_text(study)
    lay(place / "photos", each=6)
    return place


@pytest.fixture(autouse=True)
def _here(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in that folder, with data, cache and runs of this test's own."""
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("COLUMNS", "100")
    for place in ("DATA", "CACHE", "STORE"):
        monkeypatch.setenv(f"ROBENCH_{place}", str(tmp_path / place.lower()))


def call(words: list[str]) -> str:
    done = CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)
    assert done.return_value in (None, 0), done.output
    return done.stdout


def run_robench(words: list[str], tmp_path: Path) -> None:
    """Run a command, or where that would take long or need data check its names and have its options parsed."""
    subject = words[1:3] if words[0] == "check" else ["suite", words[2]] if words[0] == "data" else []
    if len(subject) == 2 and not subject[1].startswith("-") and subject[1] not in WRITTEN:
        registry.load(subject[0], parse_plugin(subject[1])[0])
    if words[0] == "run":
        words = [*words, *["--dry-run"] * ("--dry-run" not in words)]
    elif words[0] == "new":
        words = [*words, "--output", str(tmp_path / "new")]
    elif words[0] == "leaderboard" and not LONG & set(words):
        words = [*words, *["--store", "leaderboard"] * ("--store" not in words)]
    elif words[0] in ("leaderboard", "check") or (words[0] == "data" and words[1] != "status"):
        words = [*words, "--help"]  # an option that does not exist is refused all the same
    assert words[0] in COMMANDS
    assert call(words)


def run_pip(words: list[str], tmp_path: Path) -> None:
    (target,) = (word for word in words[1:] if not word.startswith("-"))
    place, _, extras = target.rstrip("]").partition("[")
    assert words[:2] == ["install", "-e"]
    assert place in (".", *WRITTEN)
    assert set(filter(None, extras.split(","))) <= set(PROJECT["optional-dependencies"])


def run_python(words: list[str], tmp_path: Path) -> None:
    """Look up the script and its options in its source: what it measures takes minutes."""
    calls = [node for node in ast.walk(ast.parse((ROOT / words[0]).read_text())) if isinstance(node, ast.Call)]
    options = {
        node.args[0].value
        for node in calls
        if isinstance(node.func, ast.Attribute)
        and node.func.attr == "add_argument"
        and isinstance(node.args[0], ast.Constant)
    }
    assert {word for word in words if word.startswith("--")} <= options


def run_on_paths(words: list[str], tmp_path: Path) -> None:
    assert all((ROOT / word).exists() for word in words if not word.startswith("-") and word not in ("format", "check"))


PROGRAMS: dict[str, Callable[[list[str], Path], None]] = {
    "robench": run_robench,
    "pip": run_pip,
    "python": run_python,
    "jupyter": lambda words, tmp_path: run_on_paths(words[1:], tmp_path),
    **dict.fromkeys(("pytest", "ruff", "mypy", ".ci/run"), run_on_paths),
}


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_the_commands_work(line: str, tmp_path: Path) -> None:
    program, *words = shlex.split(line)
    PROGRAMS[program](words, tmp_path)


@pytest.mark.parametrize("block", PYTHON)
def test_the_python_runs(block: str) -> None:
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})


def test_the_study_can_be_planned(tmp_path: Path) -> None:
    specs = expand(read_grid(read_yaml(Path("study.yaml")), "study.yaml"), data=tmp_path)
    assert len(specs) == 2 * (1 + 2 + 2) * 5


def test_the_board_is_what_the_command_prints() -> None:
    (board,) = blocks(README, "text")
    printed = call(["leaderboard", "--store", "leaderboard"]).splitlines()
    rows = len(robench.leaderboard("leaderboard")[0].rows)
    assert board.splitlines() == printed[: 4 + rows]  # title, two lines of headings, rule


@pytest.mark.parametrize("kind", ["methods", "models", "suites", "datasets", "corruptions", "metrics"])
def test_the_table_names_every_builtin(kind: str) -> None:
    (row,) = re.findall(rf"^\| {kind} \| (.*) \|$", (ROOT / "plugins" / "README.md").read_text(), flags=re.MULTILINE)
    named = {found.removesuffix("/<name>") for found in re.findall(r"`([^`]+)`", row)}
    points = {point for point in entry_points(group=f"robench.{kind}") if point.dist and point.dist.name == "robench"}
    assert named == {point.name for point in points} | (set(METRICS) if kind == "metrics" else set())


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert any(block.strip() == "pip install -e '.[test]' && pytest" for block in blocks(README, "bash"))
    assert 'eval "$tests"' in (ROOT / ".ci" / "run").read_text()


def test_every_command_and_public_function_is_shown() -> None:
    assert {line.split()[1] for line in COMMAND_LINES if line.startswith("robench ")} >= set(COMMANDS)
    text = "\n".join(block for path in READMES for block in blocks(path.read_text(), "python"))
    assert all(f"robench.{public}(" in text for public in robench.__all__ if not public.startswith("_"))


def test_the_readme_is_short_and_shows_a_picture() -> None:
    assert len(README.splitlines()) <= 150
    assert re.search(r"^!\[.+\]\(leaderboard/figures/\S+\.png\)$", README, flags=re.MULTILINE)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_blocks_are_of_a_language_that_is_checked(path: Path) -> None:
    assert languages(path.read_text()) <= {"bash", "python", "yaml", "toml", "text", "bibtex"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in links(path.read_text()):
        place, _, anchor = target.partition("#")
        found = path.parent / place if place else path
        assert found.exists(), target
        assert found.resolve().is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(found.read_text()), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_what_is_written_as_code_exists(path: Path) -> None:
    known = options(cli)
    for span in spans(path.read_text()):
        if span.startswith("--") and path.name != "CHANGELOG.md":  # which also says what an option was called
            assert span.split()[0] in known, span
        elif span.startswith("robench "):
            assert span.split()[1] in (*COMMANDS, "--help"), span
        elif re.fullmatch(r"(robench|plugins|benchmarks|leaderboard|tests|\.ci|\.github)/[\w./-]*", span):
            assert (ROOT / span).exists(), span
        elif re.fullmatch(r"robench(\.\w+)+(\(.*\))?", span):
            resolve_name(span.partition("(")[0])


def options(command: click.Command) -> set[str]:
    """Return the options of a command and of all below it."""
    found = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    if isinstance(command, click.Group):
        context = click.Context(command)
        below = [command.get_command(context, one) for one in command.list_commands(context)]
        found = found.union(*(options(one) for one in below if one))
    return found | {"--help"}


def test_the_rooms_are_those_that_there_are_on_their_floors() -> None:
    rows = re.findall(r"^\| (\d) \| `(\w+)` \|", (ROOT / "robench" / "README.md").read_text(), flags=re.MULTILINE)
    modules = {path.stem for path in (ROOT / "robench").glob("*.py")} - {"__init__", "__main__"}
    rooms = {room: floor for room, floor in FLOOR.items() if room != "root"}
    assert {room: int(floor) for floor, room in rows} == {**dict.fromkeys(modules, FLOOR["root"]), **rooms}
    assert rows == sorted(rows, key=lambda row: int(row[0]))


def test_every_script_has_a_line() -> None:
    text = (ROOT / "benchmarks" / "README.md").read_text()
    scripts = [path.relative_to(ROOT / "benchmarks").as_posix() for path in (ROOT / "benchmarks").rglob("*.py")]
    assert all(f"| `{script}` |" in text and f"python benchmarks/{script}" in text for script in scripts)


def test_prose_is_not_wider_than_code() -> None:
    for path in DOCUMENTS:
        for line in prose(path.read_text()).splitlines():
            assert len(line) <= 120 or line.startswith(("|", "!")), f"{name(path)}: {line}"
