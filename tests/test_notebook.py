"""The example notebook runs as it is stored, and what it prints is what is stored beside it."""

import shutil
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
STORED = nbformat.read(ROOT / "benchmarks" / "example.ipynb", as_version=4)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """The notebook, executed by a kernel of this interpreter beside a copy of the accepted records."""
    place = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "leaderboard" / "runs", place / "leaderboard" / "runs")
    (place / "benchmarks").mkdir()
    notebook = deepcopy(STORED)
    for cell in code(notebook):
        cell.update(outputs=[], execution_count=None)
    with pytest.MonkeyPatch.context() as patch:
        for folder in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(folder, str(place / folder.lower()))
        patch.setenv("NO_PROXY", "*")
        specs = KernelSpecManager(kernel_dirs=[])  # not a kernel that somebody installed
        kernel = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
        assert kernel.kernel_spec.argv[0] == sys.executable
        where = {"metadata": {"path": str(place / "benchmarks")}}
        NotebookClient(notebook, km=kernel, timeout=300, resources=where).execute(cleanup_kc=True)
    return notebook


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(cell: NotebookNode) -> list[str]:
    """Return what a cell printed as text; of a picture that there is one."""
    found = []
    for output in cell.outputs:
        data = output.get("data", {})
        found.append("image/png" if "image/png" in data else output.get("text") or data["text/plain"])
    return found


def test_it_is_valid_and_stored_as_executed_from_top_to_bottom() -> None:
    nbformat.validate(STORED)
    assert [cell.execution_count for cell in code(STORED)] == [*range(1, len(code(STORED)) + 1)]
    assert STORED.metadata.kernelspec.name == "python3"


def test_no_cell_fails_or_warns(executed: NotebookNode) -> None:
    outputs = [output for cell in code(executed) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


def test_it_prints_what_is_stored(executed: NotebookNode) -> None:
    assert [cell.source for cell in executed.cells] == [cell.source for cell in STORED.cells]
    assert [printed(cell) for cell in code(executed)] == [printed(cell) for cell in code(STORED)]
    assert sum(text == "image/png" for cell in code(STORED) for text in printed(cell)) == 3


def test_it_shows_what_it_is_for() -> None:
    source = "\n".join(cell.source for cell in code(STORED))
    assert all(f"robench.{name}(" in source for name in ("method", "flops", "corrupt", "leaderboard"))
