"""Rules of the house that a machine can hold: layers, names, sizes, start-up."""

import ast
import resource
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "robench"
SOURCES = sorted([*ENGINE.rglob("*.py"), *(ROOT / "plugins").rglob("*.py")])

LAYERS = [
    {"errors", "rng", "canonical", "atomic", "text", "plain_yaml", "sources"},
    {"contracts", "specs", "records", "results", "progress", "settings"},
    {"options", "registry", "sparse", "metrics", "stats", "resources", "environment", "device"},
    {"data", "corruption", "store", "bits", "consistency", "index"},
    {"training", "evaluation"},
    {"accounts", "preflight", "plan", "inheritance", "worker", "testing", "scaffold"},
    {"execution"},
    {
        "leaderboard",
        "board",
        "rows",
        "footers",
        "labels",
        "groups",
        "differences",
        "standing",
        "selection",
        "flat",
        "verdict",
        "across",
        "exploration",
        "calibration",
        "checkpoints",
    },
    {"report", "figures", "contact_sheet", "specimens"},
    {"cli", "__main__"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MAY_PLUGINS_IMPORT = {"contracts", "sparse", "rng", "errors", "testing"}


def imports(path: Path) -> set[str]:
    """Return the parts of robench that a file imports, `robench.download.fetch` as `data`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "robench":
            found |= {f"robench.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name.split(".")[1] for name in found if name.startswith("robench.")}


def part_of(path: Path) -> str:
    return path.relative_to(ENGINE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", [p for p in ENGINE.rglob("*.py") if p != ENGINE / "__init__.py"], ids=str)
def test_imports_go_downwards(path: Path) -> None:
    upwards = {name for name in imports(path) if name in LEVEL and LEVEL[name] > LEVEL.get(part_of(path), 99)}
    assert not upwards, f"{path.relative_to(ROOT)} imports upwards: {upwards}"


def test_plugins_import_only_what_they_may() -> None:
    found = {path.name: imports(path) - MAY_PLUGINS_IMPORT for path in (ROOT / "plugins").rglob("robench_*/*.py")}
    assert {name: extra for name, extra in found.items() if extra} == {}


def test_the_engine_names_no_plugin() -> None:
    kinds = ("methods", "models", "corruptions", "datasets", "suites")
    names = {point.name for kind in kinds for point in entry_points(group=f"robench.{kind}")}
    for path in ENGINE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        used = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        assert not used & names, f"{path.relative_to(ROOT)} names {used & names}"


def test_files_are_short() -> None:
    sizes = sorted(len(path.read_text().splitlines()) for path in SOURCES if path.name != "__init__.py")
    assert sizes[len(sizes) // 2] <= 130
    assert sizes[-1] <= 400


def test_contracts_are_short() -> None:
    for path in (ENGINE / "contracts").glob("*.py"):
        tree = ast.parse(path.read_text())
        nodes = [n for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)]
        documented = {line for node in nodes for line in range(node.lineno, (node.end_lineno or 0) + 1)}
        lines = path.read_text().splitlines()
        assert len([line for number, line in enumerate(lines, 1) if line.strip() and number not in documented]) <= 60


@pytest.mark.parametrize("command", ["--help", "list plugins", "list methods", "list specs", "run --help"])
def test_these_commands_are_light(command: str) -> None:
    code = (
        "import sys\nfrom robench.cli import main\n"
        f"sys.argv = ['robench', *{command.split()!r}]\n"
        "try: main()\nexcept SystemExit as end: assert end.code in (0, None)\n"
        "heavy = {'torch', 'numpy', 'scipy', 'timm', 'cv2'} & set(sys.modules)\nassert not heavy, heavy"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0  # CPU, far above its 0.2


def test_importing_robench_imports_no_torch() -> None:
    code = "import robench, sys; assert 'torch' not in sys.modules; assert set(robench.__all__) <= set(dir(robench))"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["corrupt", "flops", "leaderboard", "method", "run"])
def test_the_public_functions_are_there(name: str) -> None:
    import robench

    assert callable(getattr(robench, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = robench.nothing
