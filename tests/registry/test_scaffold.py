"""`robench new` writes packages that install and keep the laws; the example in the repository is one of them."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from robench import registry
from robench.cli import new
from robench.errors import InputError
from robench.registry import scaffold
from tests.helpers.commands import called
from tests.helpers.image_folders import lay

EXAMPLE = Path(__file__).parents[2] / "plugins" / "example_third_party"
NAMES = {"method": "my-dst", "model": "my-net", "corruption": "my_noise", "suite": "my-suite", "dataset": "my-photos"}


def files(folder: Path) -> dict[str, str]:
    """Return the text of what is in a folder, caches left out."""
    found = (path for path in folder.rglob("*") if path.is_file() and "cache" not in str(path.relative_to(folder)))
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a new plugin of each kind, installed by pip as they were written."""
    root = tmp_path_factory.mktemp("packages")
    for kind, name in NAMES.items():
        images = ("--images", lay(root / "photos", each=6)) if kind == "dataset" else ()
        words = [kind, name, "--output", str(root / name), *map(str, images)]
        CliRunner().invoke(new.command, words, standalone_mode=False, catch_exceptions=False)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    packages = [str(root / name) for name in NAMES.values()]
    subprocess.run([*pip, "--target", str(root / "site"), *packages], check=True, capture_output=True)
    return root / "site"


def run(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", ["model", "corruption", "suite"])
def test_a_new_plugin_installs_and_passes_its_check(site: Path, kind: str) -> None:
    done = called({**os.environ, "PYTHONPATH": str(site)}, "check", kind, NAMES[kind])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
    assert done.stdout.splitlines()[-1].endswith(" passed, 0 failed")


def test_a_folder_of_images_becomes_a_dataset_and_a_suite_in_at_most_40_lines(site: Path) -> None:
    module = site.parent / "my-photos" / "my_photos.py"
    assert len(module.read_text().splitlines()) <= 40
    for words in (("dataset", "my-photos", "--data", str(site.parent)), ("suite", "my-photos-c")):
        done = called({**os.environ, "PYTHONPATH": str(site)}, "check", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.splitlines()[-1].endswith(" passed, 0 failed")
    done = called(
        {**os.environ, "PYTHONPATH": str(site)},
        "plan",
        "--suite",
        "my-photos-c",
        "--data",
        str(site.parent),
        "--seeds",
        "1",
    )
    assert "5 runs, 5 to do" in done.stdout, done.stderr


def test_a_dataset_without_its_images_is_one_line_and_writes_nothing(tmp_path: Path) -> None:
    for words, reason in (
        (("dataset", "my-data"), "images: a new dataset is made from a folder of images; give --images DIR"),
        (("model", "my-net", "--images", str(tmp_path)), "images: a model is not made from images"),
        (("dataset", "my-data", "--images", str(tmp_path)), "train: No such file or directory; expected DIR/train"),
    ):
        with pytest.raises(InputError, match=reason):
            CliRunner().invoke(
                new.command, [*words, "--output", str(tmp_path / "new")], standalone_mode=False, catch_exceptions=False
            )
    assert not list(tmp_path.iterdir())


def test_an_editable_install_needs_no_other_package(site: Path) -> None:
    folder = site.parent / "my-dst"
    code = "import hatchling.build as b; print(b.build_editable('..'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(site.parent / done.stdout.strip()) as wheel:
        (path,) = (name for name in wheel.namelist() if name.endswith(".pth"))
        assert Path(wheel.read(path).decode().strip()).samefile(folder)


def test_the_tests_of_a_new_method_pass(site: Path) -> None:
    done = run(site, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not ranks", str(site.parent / "my-dst"))
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_installed_plugins_are_listed_with_package_and_status(site: Path) -> None:
    lines = [
        line.split()
        for line in called({**os.environ, "PYTHONPATH": str(site)}, "list", "plugins", "--check").stdout.splitlines()
    ]
    assert ["method", "my-dst", "my-dst==0.1.0", "ok"] in lines
    assert [*lines[0][:1], *lines[0][-2:]] == ["method", "built", "in"]


def test_the_example_is_what_the_command_writes(tmp_path: Path) -> None:
    scaffold.write("method", "example-third-party", tmp_path / "example")
    assert files(EXAMPLE) == files(tmp_path / "example")


def test_the_example_stays_out_of_the_wheel() -> None:
    project = tomllib.loads((EXAMPLE.parents[1] / "pyproject.toml").read_text())
    assert "plugins/example_third_party" not in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert "example-third-party" not in {entry.name for entry in registry.entries("method")}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "is not allowed: letters"),
        ("../up", "is not allowed: letters"),
        ("a b", "is not allowed: letters"),
        ("-rf", "is not allowed: letters"),
        ("3d", "is not allowed: letters"),
        ("é", "is not allowed: letters"),
        ("end.", "is not allowed: letters"),
        ('x"\n', "is not allowed: letters"),
        ("n" * 10_000, "is not allowed: letters"),
        ("class", "'class', a word of Python's own"),
        ("true", "'True', a word of Python's own"),
        ("False", "'False', a word of Python's own"),
        ("none", "'None', a word of Python's own"),
        ("tensor", "'Tensor', which the new module needs for something else"),
        ("dynamic-sparse", "'DynamicSparse', which the new module needs for something else"),
        ("json", "module name 'json', which is taken"),
        ("Torch", "module name 'torch', which is taken"),
        ("RigL", "method 'rigl' is registered by robench=="),
    ],
)
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        scaffold.write("method", name, tmp_path / "new")
    assert len(str(caught.value)) < 250
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", sorted(NAMES))
def test_an_allowed_name_takes_no_other_meaning(kind: str, tmp_path: Path) -> None:
    """Of every name that the modules written import, define or use: refused, or bound once and compiled."""
    scaffold_facts = {
        **dict.fromkeys(("image_size", "resize", "mean", "std", "digest"), "0"),
        **dict.fromkeys(("folder", "folder_text", "label_names", "sizes"), '"x"'),
        "preset": "x",
    }
    scaffold.write(kind, "zz-own", tmp_path / "zz", scaffold_facts)
    nodes = list(ast.walk(ast.parse((tmp_path / "zz" / "zz_own.py").read_text())))
    words = {node.id for node in nodes if isinstance(node, ast.Name)} | {"true", "none", "optimizer", "module"}
    words |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    written = 0
    for word in sorted({re.sub(r"(?<=[a-z])(?=[A-Z])", "-", word).strip("_") for word in words}):
        try:
            scaffold.write(kind, word, tmp_path / word, scaffold_facts)
        except InputError:
            continue
        written += 1
        (path,) = (tmp_path / word).glob("*.py")
        tree = ast.parse(path.read_text())
        bound = [
            alias.asname or alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom | ast.Import)
            for alias in node.names
        ]
        bound += [node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        bound += [ast.unparse(target) for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
        assert len(bound) == len(set(bound)), (word, bound)
    assert written


@given(st.text(max_size=70))
def test_an_allowed_name_makes_a_module_that_can_be_imported(name: str) -> None:
    try:
        module = scaffold.check_name("method", name)
    except InputError:
        return
    assert module.isidentifier()
    assert module.isascii()
    assert module == module.lower()


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(InputError, match="exists; name a folder that does not"):
        scaffold.write("model", "my-net", tmp_path / "there")
    with pytest.raises(InputError, match="does not exist"):
        scaffold.write("model", "my-net", tmp_path / "no" / "parent")
    with pytest.raises(InputError, match="new: unknown 'metric'"):
        scaffold.write("metric", "my-metric", tmp_path / "data")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(InputError, match="No space left on device"):
        scaffold.write("model", "my-net", tmp_path / "new")
    assert not list(tmp_path.iterdir())
