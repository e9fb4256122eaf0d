"""What the project says of itself: one version, licence, changes, how it is cited and tested; and what ships."""

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import metadata, packages_distributions

import pytest
import yaml

import robench
from tests.helpers.documents import ROOT, blocks

OPTIONAL = {"pandas"}
"""Asked for by name where it is missing: `Board.to_frame`."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CITATION = yaml.safe_load((ROOT / ".github" / "CITATION.cff").read_text())
PYTHONS = [
    found.removeprefix("Programming Language :: Python :: ")
    for found in PROJECT["classifiers"]
    if found.startswith("Programming Language :: Python :: 3.")
]
APACHE = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
"""SHA-256 of the text of Apache-2.0 as its authors publish it."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    place = tmp_path_factory.mktemp("wheel")
    code = f"import hatchling.build as build; print(build.build_wheel({str(place)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return zipfile.ZipFile(place / done.stdout.strip())


def test_the_version_has_one_source() -> None:
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]
    assert metadata("robench")["Version"] == robench.__version__


def test_the_newest_change_is_this_version() -> None:
    text = (ROOT / "robench" / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
    assert versions[0] == robench.__version__
    assert len(set(versions)) == len(versions)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def test_the_citations_agree() -> None:
    (entries,) = blocks((ROOT / "README.md").read_text(), "bibtex")
    (paper,) = CITATION["references"]
    flat = " ".join(entries.split())
    assert str(CITATION["version"]) == robench.__version__
    assert f"version = {{{robench.__version__}}}" in flat
    assert f"title = {{{CITATION['title']}}}" in flat
    assert f"title = {{{paper['title']}}}" in flat
    authors = [f"{author['family-names']}, {author['given-names']}" for author in paper["authors"]]
    assert f"author = {{{' and '.join(authors)}}}" in flat
    assert paper["identifiers"][0]["value"] in flat
    assert CITATION["license"] == PROJECT["license"]


def test_the_licence_is_whole_and_ships(wheel: zipfile.ZipFile) -> None:
    (name,) = PROJECT["license-files"]
    assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == APACHE
    (info,) = (place for place in wheel.namelist() if place.endswith(".dist-info/METADATA"))
    described = wheel.read(info).decode()
    assert "\nLicense-Expression: Apache-2.0\n" in described
    assert f"\nVersion: {robench.__version__}\n" in described
    assert wheel.read(info.replace("METADATA", f"licenses/{name}")) == (ROOT / name).read_bytes()


@pytest.mark.parametrize("path", ["CHANGELOG.md", "LICENSE", "README.md", "py.typed", "_benchmarks/quickstart.yaml"])
def test_it_ships(wheel: zipfile.ZipFile, path: str) -> None:
    assert f"robench/{path}" in wheel.namelist()


@pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="no git checkout, so nothing says which files are the project's"
)
def test_nothing_else_stands_at_the_top() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top = {line.partition("/")[0] for line in tracked.splitlines()}
    rooms = {"robench", "plugins", "benchmarks", "leaderboard", "tests", "README.md", "pyproject.toml"}
    assert {name for name in top if not name.startswith(".")} == rooms


def test_the_workflow_runs_the_check_on_every_python() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    (job,) = workflow["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == PYTHONS
    assert f">={PYTHONS[0]}" == PROJECT["requires-python"]
    assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}." in (ROOT / "README.md").read_text()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert workflow["permissions"] == {"contents": "read"}
    (python,) = (step["with"]["python-version"] for step in job["steps"] if "with" in step)
    assert python == "${{ matrix.python }}"


@pytest.mark.parametrize("folder", ["robench", "plugins", "tests", "benchmarks"])
def test_what_is_imported_is_declared(folder: str) -> None:
    """What robench and its plugins import are dependencies; the tests may import what the extra `test` has too."""
    nodes = [node for path in (ROOT / folder).rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    outside = {name.partition(".")[0] for name in modules} - {"tests", *sys.stdlib_module_names}
    found = packages_distributions()
    extra = (
        PROJECT["optional-dependencies"]["test"] if folder in ("tests", "plugins") else []
    )  # the example's own tests
    declared = {plain(re.split(r"[>=<\[]", line)[0]) for line in [*PROJECT["dependencies"], *extra, "robench"]}
    lost = {name for name in outside if name in found and not declared & set(map(plain, found[name]))}
    assert lost <= OPTIONAL


def plain(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution.lower())
