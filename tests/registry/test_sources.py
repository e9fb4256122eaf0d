"""The digest of a plugin covers what it imports from its own top package, transitively, and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench import registry
from robench.registry.sources import source_digest

FAMILY = Path(__file__).parents[2] / "plugins" / "robench_corruptions"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on sys.path for packages made by a test; names are looked for there first."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def lay(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def point(name: str) -> str:
    return registry.find("corruption", name).point.module


def test_a_change_in_a_family_changes_the_digests_of_its_users_and_of_no_other(packages: Path) -> None:
    copy = packages / "family"
    shutil.copytree(FAMILY, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in copy.rglob("*.py"):
        path.write_text(path.read_text().replace("robench_corruptions", "family"))
    modules = {name: point(name).replace("robench_corruptions", "family") for name in ("near_focus", "z_motion_blur")}
    modules |= {name: point(name).replace("robench_corruptions", "family") for name in ("iso_noise", "shot_noise")}
    before = {name: source_digest(module) for name, module in modules.items()}
    (depth,) = [path for path in copy.rglob("*.py") if "def relative(" in path.read_text()]
    depth.write_text(depth.read_text().replace("largest > 0", "largest >= 0"))
    after = {name: source_digest(module) for name, module in modules.items()}
    assert [name for name in modules if before[name] != after[name]] == ["near_focus", "z_motion_blur"]


@pytest.mark.parametrize(
    "statement",
    [
        "from pack import helper",
        "from pack.helper import value",
        "import pack.helper",
        "from . import helper",
        "from .helper import value",
        "def later():\n    from pack.between import other",
        "from pack.inner.deep import value",
    ],
)
def test_every_way_of_importing_is_followed(packages: Path, statement: str) -> None:
    lay(
        packages,
        {
            "pack/__init__.py": "",
            "pack/plugin.py": f"{statement}\n",
            "pack/helper.py": "value = 1\n",
            "pack/between.py": "from pack.helper import value as other\n",
            "pack/inner/__init__.py": "",
            "pack/inner/deep.py": "from ..helper import value\n",
            "pack/stranger.py": "value = 1\n",
        },
    )
    before = source_digest("pack.plugin")
    lay(packages, {"pack/stranger.py": "value = 2\n"})
    assert source_digest("pack.plugin") == before
    lay(packages, {"pack/helper.py": "value = 2\n"})
    assert source_digest("pack.plugin") != before


def test_the_packages_on_the_way_count_and_circles_end(packages: Path) -> None:
    files = {"ring/__init__.py": "", "ring/one.py": "from ring import two\n", "ring/two.py": "from ring import one\n"}
    lay(packages, files)
    before = source_digest("ring.one")
    lay(packages, {"ring/__init__.py": "value = 1\n"})
    assert source_digest("ring.one") != before


def test_other_packages_do_not_count(packages: Path) -> None:
    lay(packages, {"own.py": "import foreign\n", "foreign.py": "value = 1\n"})
    before = source_digest("own")
    lay(packages, {"foreign.py": "value = 2\n"})
    assert len(before) == 64
    assert source_digest("own") == before


def test_nothing_is_imported_and_broken_source_still_has_a_digest(packages: Path) -> None:
    lay(packages, {"bad/__init__.py": "raise SystemExit('imported')\n", "bad/plugin.py": "from bad import gone\n("})
    code = "import sys; from robench.registry.sources import source_digest; print(source_digest('bad.plugin'))"
    code += "; assert not {'bad', 'torch', 'numpy'} & set(sys.modules)"
    environment = {"PYTHONPATH": ":".join([str(packages), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert len(done.stdout.strip()) == 64


def test_what_has_no_source_has_no_digest() -> None:
    assert source_digest("no_such_package") == source_digest("robench.no_such_part") == source_digest("math") == ""


@given(st.binary(max_size=40))
def test_any_bytes_are_source(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "arbitrary.py").write_bytes(content)
    sys.path.insert(0, str(folder))
    try:
        assert len(source_digest("arbitrary")) == 64
    finally:
        sys.path.remove(str(folder))
