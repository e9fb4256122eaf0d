"""Metadata of what is installed, read one by one: garbage anywhere hides nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from robench import registry
from robench.registry import distributions
from tests.helpers.commands import called
from tests.helpers.distributions import install, seen

METHODS = "robench.methods"
SOURCE = "from robench.sparse import DynamicSparse\nclass Thing(DynamicSparse): pass"
PLAIN = b"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n"
POINTS = b"[robench.methods]\nthing = thing:Thing\n"


def lay(folder: Path, files: dict[str, bytes], name: str = "thing-1.0.dist-info") -> None:
    """Write the metadata folder of a distribution."""
    (folder / name).mkdir()
    for file, content in files.items():
        (folder / name / file).write_bytes(content)


BROKEN = {
    "garbage entry points": ({"METADATA": PLAIN, "entry_points.txt": b"[console_scripts]\na = b:c\xff\n"}, "Unicode"),
    "no metadata": ({"entry_points.txt": POINTS}, "its metadata has no Name"),
    "no name": ({"METADATA": b"Version: 1.0\n", "entry_points.txt": POINTS}, "its metadata has no Name"),
    "no version": ({"METADATA": b"Name: thing\n", "entry_points.txt": POINTS}, "its metadata has no Version"),
    "a name that is none": (
        {"METADATA": b"Name: a b\nVersion: 1\n", "entry_points.txt": POINTS},
        "its metadata has the Name 'a b'",
    ),
    "garbage metadata": ({"METADATA": b"Name: \xff\nVersion: 1\n", "entry_points.txt": POINTS}, "Unicode"),
    "no value": ({"METADATA": PLAIN, "entry_points.txt": b"[robench.methods]\nthing\n"}, ""),
    "not a module": (
        {"METADATA": PLAIN, "entry_points.txt": b"[robench.methods]\nthing = 1 + 1\n"},
        "entry point thing = 1 + 1 is not allowed",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_read_is_a_row_and_everything_else_works(site: Path, case: str) -> None:
    files, reason = BROKEN[case]
    lay(site, files)
    install(site, "good", SOURCE.replace("thing", "good"), {METHODS: {"good": "good:Thing"}})
    registry.forget()
    rows = json.loads(called({"PYTHONPATH": str(site)}, "list", "plugins", "--json").stdout)
    (bad,) = [row for row in rows if row["status"] == "error"]
    assert bad["distribution"] == "thing-1.0.dist-info"
    assert reason in bad["error"]
    assert "\n" not in bad["error"]
    assert [row["status"] for row in rows if row["name"] == "good"] == ["installed"]
    assert "None" not in json.dumps([row["distribution"] for row in rows])
    shown = called({"PYTHONPATH": str(site)}, "show", "suite", "digits-c")
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize("case", ["garbage entry points", "no metadata"])
def test_torch_and_numba_start_beside_garbage(site: Path, case: str) -> None:
    lay(site, BROKEN[case][0])
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "from robench import corrupt, method\nimport numpy as np\n"
        "method('rigl'); corrupt(np.zeros((1, 32, 32, 3), np.uint8), 'glass_blur', 1, preset='cifar')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_registers_nothing_here_is_never_a_problem(site: Path) -> None:
    lay(site, {"entry_points.txt": b"[console_scripts]\n= =\n"})
    assert not distributions.installed().unreadable


def test_the_first_of_a_name_on_the_path_counts(site: Path) -> None:
    install(site, "thing", SOURCE, {METHODS: {"thing": "thing:Thing"}})
    second = site / "second"
    second.mkdir()
    install(second, "thing", SOURCE, {METHODS: {"other": "thing:Thing"}}, version="2.0")
    with seen([str(site), str(second)]):
        found = {entry.name: entry.version for entry in registry.entries("method") if entry.distribution == "thing"}
    assert found == {"thing": "1.0"}


LINES = st.lists(
    st.sampled_from(
        (
            *("[robench.methods]", "[robench.models]", "[", "]", "x = y:z", "x = ", "= y", "x", "a.b = c.d:e [f]"),
            *("Name: n", "Name: thing", "Version: 1.0", "Version:", "Name: \x00", "", " continued", "thing.py,,", '"'),
        )
    )
    | st.text(max_size=20)
).map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass"))
CONTENT = st.none() | st.binary(max_size=60) | LINES | st.binary(max_size=20).map(lambda more: POINTS + more)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(points=CONTENT, metadata=CONTENT | st.just(PLAIN), record=CONTENT)
@example(points=POINTS, metadata=b"Name: thing\nVersion: \n\n", record=None)
def test_no_bytes_in_metadata_end_a_command(
    tmp_path_factory: pytest.TempPathFactory, points: bytes | None, metadata: bytes | None, record: bytes | None
) -> None:
    folder = tmp_path_factory.mktemp("site")
    contents = {"entry_points.txt": points, "METADATA": metadata, "RECORD": record}
    lay(folder, {name: content for name, content in contents.items() if content is not None})
    for words in (("list", "plugins", "--check"), ("show", "suite", "digits-c"), ("show", "method", "no-such")):
        done = called({"PYTHONPATH": str(folder)}, *words)  # an error that is not meant would be raised here
        assert done.returncode in (0, 2)
        assert len(done.stderr.splitlines()) <= 1
