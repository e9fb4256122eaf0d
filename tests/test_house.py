"""Rules of the house that a machine can hold: floors, circles, names, sizes, start-up."""

import ast
import resource
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "robench"
SOURCES = sorted([*ENGINE.rglob("*.py"), *(ROOT / "plugins").rglob("*.py")])
FILES = [path for path in SOURCES if path.is_relative_to(ENGINE) and path != ENGINE / "__init__.py"]

FLOORS = (
    {"root"},
    {"contracts", "stats"},
    {"registry", "runs", "sparse", "download"},
    {"corruption", "metrics", "board"},
    {"data", "transforms"},
    {"training", "analysis", "testing"},
    {"evaluation", "report"},
    {"execution"},
    {"study"},
    {"cli"},
)
"""The packages, ground first; root is the modules that lie in no package. A file imports from lower floors only, or
from its own package."""
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MAY_PLUGINS_IMPORT = {"contracts", "sparse", "rng", "errors", "testing", "data.image_folder", "download.outside"}
MOST_ROOT_MODULES = 12


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in SOURCES if path.is_relative_to(ENGINE)}


def imported(path: Path) -> set[str]:
    """Return the modules of robench that a file imports, wherever in it: in functions and for type checkers too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in names}
    return {name for name in found if name in MODULES}


def room_of(module: str) -> str:
    """Return the package of a module, "root" where it lies in none; the command `python -m robench` is on top."""
    parts = module.split(".")
    if parts[-1] == "__main__":
        return "cli"
    return parts[1] if len(parts) > 1 and (ENGINE / parts[1]).is_dir() else "root"


def test_every_package_has_a_floor() -> None:
    packages = {path.parent.name for path in ENGINE.glob("*/__init__.py")}
    assert packages | {"root"} == set(FLOOR)


def test_imports_go_to_lower_floors() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {MODULES[name].relative_to(ROOT)}, which is not below it"
        for path in FILES
        for name in sorted(imported(path) - {"robench"})
        if room_of(name) != (own := room_of(module_of(path))) and FLOOR[room_of(name)] >= FLOOR[own]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_circle_of_files() -> None:
    graph = {module_of(path): imported(path) - {module_of(path), "robench"} for path in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = " -> ".join(str(MODULES[name].relative_to(ROOT)) for name in error.args[1])
        pytest.fail(f"these files import each other: {circle}")


def test_the_root_holds_few_modules() -> None:
    modules = sorted(path.name for path in ENGINE.glob("*.py"))
    assert len(modules) <= MOST_ROOT_MODULES, modules


def test_every_package_says_its_idea_in_one_line() -> None:
    for path in ENGINE.rglob("__init__.py"):
        first = (ast.get_docstring(ast.parse(path.read_text())) or "").splitlines()[0]
        assert first.endswith((".", "?")), path


def test_what_a_room_offers_is_sorted_and_hides_no_module() -> None:
    """A function of a module's name in its package would take the place of the module."""
    for path in ENGINE.rglob("__init__.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                offered = ast.literal_eval(node.value)
                assert offered == sorted(offered, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
                assert not set(offered) & {module.stem for module in path.parent.iterdir()}, path


def test_the_command_line_holds_no_logic() -> None:
    """No function of it is longer than 30 lines, decorators apart."""
    for path in (ENGINE / "cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= 30, f"{path.name}: {node.name} has {lines} lines"


def test_stevedore_loads_the_plugins_and_nothing_else_imports_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert any(line.startswith("stevedore") for line in project["dependencies"])
    users = [path for path in SOURCES if "stevedore" in {name.split(".")[0] for name in all_imports(path)}]
    assert users == [ENGINE / "registry" / "loading.py"]


def all_imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_plugins_import_only_what_they_may() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "plugins").rglob("robench_*/**/*.py")
        for name in sorted(imported(path))
        if room_of(name) not in MAY_PLUGINS_IMPORT and name.partition(".")[2] not in MAY_PLUGINS_IMPORT
    ]
    assert not wrong, "\n".join(wrong)


def test_no_import_is_relative() -> None:
    """The other rules read full names."""
    for path in SOURCES:
        nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        assert not [node.lineno for node in nodes if node.level], path


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
        "heavy = {'torch', 'numpy', 'scipy', 'timm', 'cv2', 'stevedore', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0  # CPU, far above its 0.2


NEVER = ("lightning_fabric", "torch._dynamo", "torchvision", "timm", "cv2", "numba", "sklearn", "matplotlib")
"""What neither showing a method nor planning needs, each of them seconds of start-up."""


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        ("show suite digits-c", ("torch", *NEVER)),
        ("list plugins", ("torch", *NEVER)),
        ("show method rigl", NEVER),
        ("show method dense", NEVER),
        ("show model mlp", NEVER),
        (
            "plan --suite digits-c --models mlp --methods dense,rigl",
            ("lightning_fabric", "torch._dynamo", "timm", "matplotlib"),
        ),
    ],
)
def test_start_up_imports_only_what_a_command_needs(command: str, unwanted: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom robench.cli import main\n"
        f"sys.argv = ['robench', *{command.split()!r}]\n"
        "try: main()\nexcept SystemExit as end: assert end.code in (0, None)\n"
        f"heavy = set({unwanted!r}) & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_importing_robench_imports_no_torch() -> None:
    code = "import robench, sys; assert 'torch' not in sys.modules; assert set(robench.__all__) <= set(dir(robench))"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["corrupt", "flops", "leaderboard", "method", "run"])
def test_the_public_functions_are_there(name: str) -> None:
    import robench

    assert callable(getattr(robench, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = robench.nothing
