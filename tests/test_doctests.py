"""The examples in docstrings run, and every public name of the mathematical rooms has one."""

import ast
import doctest
import importlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("metrics", "stats", "sparse", "corruption")

# Records that one function returns, or takes: the example of that function shows them.
WITHOUT_EXAMPLE = {
    "robench.sparse.rewiring": {"Layer"},
    "robench.sparse.topk": {"Rewired"},
    "robench.stats.all_pairs": {"AllPairs"},
    "robench.stats.blocks": {"BlockRanks", "TwoMethods"},
    "robench.stats.calibration": {"Calibration"},
    "robench.stats.equivalence": {"Equivalence"},
    "robench.stats.paired_images": {"CheckpointDifference", "McNemar"},
    "robench.stats.per_corruption": {"Grid"},
    "robench.stats.random_effects": {"Pooled"},
    "robench.stats.rank_stability": {"RankInterval", "ResampledRanks"},
    "robench.stats.rank_tests": {"Friedman"},
    "robench.stats.ranking": {"Standing"},
    "robench.stats.welch": {"Moments", "Welch"},
}

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def has_example(node: Documented) -> bool:
    return ">>>" in (ast.get_docstring(node) or "")


def with_example(path: Path) -> Iterator[Documented]:
    """Yield the module, classes and functions of a file that have an example."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return (node for node in nodes if isinstance(node, Documented) and has_example(node))


@pytest.mark.parametrize(
    "path", [path for path in sorted((ROOT / "robench").rglob("*.py")) if any(with_example(path))], ids=module_of
)
def test_the_examples_run(path: Path, tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = [test for test in doctest.DocTestFinder().find(importlib.import_module(module_of(path))) if test.examples]
    assert len(found) == len(list(with_example(path)))  # doctest passes over what it cannot trace to the module
    runner = doctest.DocTestRunner()
    with np.printoptions(precision=8, suppress=False, legacy=False):
        for test in found:
            runner.run(test)
    assert runner.failures == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_has_an_example(room: str) -> None:
    for path in (ROOT / "robench" / room).glob("*.py"):
        named = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        missing = {node.name for node in named if not node.name.startswith("_") and not has_example(node)}
        assert missing == WITHOUT_EXAMPLE.get(module_of(path), set()), module_of(path)
