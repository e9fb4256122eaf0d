"""The records of `leaderboard/` are whole, and its tables are what its README says they are built with."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from robench.cli import cli
from robench.runs.index import scan
from robench.runs.store import Store

PLACE = Path(__file__).parents[2] / "leaderboard"
COMMANDS = re.findall(r"^robench (.* --output .*)$", (PLACE / "README.md").read_text(), flags=re.MULTILINE)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the records: reading a store writes an index into it."""
    place = tmp_path_factory.mktemp("accepted") / "leaderboard"
    shutil.copytree(PLACE / "runs", place / "runs")
    return place


def test_every_record_is_whole(copy: Path) -> None:
    found = scan(Store(copy))
    assert not found.damaged
    assert not found.unfinished
    assert len(found.results) == len(list(PLACE.glob("runs/*")))
    assert all(result.numbers for result in found.results)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_tables_are_those_of_the_records(command: str, copy: Path, tmp_path: Path) -> None:
    *words, target = shlex.split(command)
    words = [str(copy) if word == "leaderboard" and words[i - 1] == "--store" else word for i, word in enumerate(words)]
    CliRunner().invoke(cli, [*words, str(tmp_path / "built")], catch_exceptions=False)
    assert (tmp_path / "built").read_text() == (PLACE.parent / target).read_text()


def test_every_table_has_its_command() -> None:
    assert {shlex.split(command)[-1] for command in COMMANDS} == {
        str(path.relative_to(PLACE.parent)) for path in PLACE.glob("tables/*")
    }
