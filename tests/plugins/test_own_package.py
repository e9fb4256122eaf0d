"""The package in plugins/README.md, kind by kind, works as it stands: it loads, keeps its laws, and is ranked."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import robench
from robench import registry, testing
from robench.contracts import Measured
from robench.registry import KINDS
from robench.testing import Check
from tests.helpers.distributions import install
from tests.helpers.documents import ROOT, blocks

TEXT = (ROOT / "plugins" / "README.md").read_text()
SECTIONS = {
    title.lower(): body
    for title, body in re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", TEXT, flags=re.MULTILINE | re.DOTALL)
}
POINTS = {
    kind: tomllib.loads("\n".join(blocks(body, "toml")))["project"]["entry-points"] for kind, body in SECTIONS.items()
}
LAWS = [
    pytest.param(kind, check, id=f"{kind}-{check}")
    for kind in SECTIONS
    for check in getattr(testing, f"{kind}_checks", tuple)()
    if str(check) != "ranks"  # starts processes, to which this package is not installed
]


def name(kind: str) -> str:
    (found,) = POINTS[kind][KINDS[kind].group]
    return found


@pytest.fixture(scope="module", autouse=True)
def _package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The package on `sys.path`, each section's block in the module that its entry point names."""
    site = tmp_path_factory.mktemp("site")
    sources = {}
    for kind, body in SECTIONS.items():
        (source,) = blocks(body, "python")
        sources[POINTS[kind][KINDS[kind].group][name(kind)].partition(":")[0]] = source
    (top,) = {module.partition(".")[0] for module in sources}
    install(site, top, "", {group: names for points in POINTS.values() for group, names in points.items()})
    (site / f"{top}.py").unlink()
    (site / top).mkdir()
    for module, source in sources.items():
        (site / f"{module.replace('.', '/')}.py").write_text(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        patch.setenv("ROBENCH_CACHE", str(site / "cache"))
        registry.forget()
        yield
    registry.forget()
    for module in [found for found in sys.modules if found.partition(".")[0] == top]:
        del sys.modules[module]


def test_there_is_a_section_for_each_kind() -> None:
    assert set(SECTIONS) == set(KINDS)


@pytest.mark.parametrize("kind", SECTIONS)
def test_it_loads_and_is_made_for_this_version(kind: str) -> None:
    assert registry.load(kind, name(kind)).api_version == 1
    assert registry.find(kind, name(kind)).source_digest


@pytest.mark.parametrize(("kind", "check"), LAWS)
def test_it_keeps_the_law(kind: str, check: Check) -> None:
    check(registry.load(kind, name(kind)))


def test_the_metric_is_what_it_says() -> None:
    errors = np.array([[0.1, 0.3], [0.5, 0.7]])
    seen = Measured(0.9, 0.6, 0.4, 0.3, 0.67, errors)
    assert registry.load("metric", name("metric")).value(seen) == pytest.approx(0.4)


def test_the_suite_ranks_all_of_them_together(tmp_path: Path) -> None:
    (board,) = robench.run(suite=name("suite"), seeds=2, epochs=1, store=tmp_path / "store", data=tmp_path)
    assert {row.method for row in board.rows} == {"dense", "static", name("method")}
    assert {row.model for row in board.rows} == {name("model")}
    assert (board.dataset, board.endpoint) == (name("dataset"), name("metric"))
    assert name("corruption") in board.corruptions
    assert not board.missing
    for row in board.rows:
        worst = max(sum(c.mean for c in row.cells if c.corruption == one) / 5 for one in board.corruptions)
        assert row.score.mean <= 1 - worst + 1e-9  # a mean of least accuracies is at most the least of mean accuracies
