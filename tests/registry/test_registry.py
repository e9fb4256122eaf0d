"""Plugins by entry point: listed without import, one at a time, never shadowed."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import stevedore

from robench import registry
from robench.contracts import Method
from robench.errors import InputError, PluginError
from robench.study import grid, plan
from tests.helpers.distributions import install

METHODS = "robench.methods"


def test_every_builtin_of_the_metadata_is_listed_and_loads() -> None:
    for kind, described in registry.KINDS.items():
        names = {point.name for point in entry_points(group=described.group)}
        assert {entry.name for entry in registry.entries(kind)} == names
        for name in names:
            plugin = registry.load(kind, name)
            assert isinstance(plugin, described.contract) or issubclass(plugin, described.contract)


def test_listing_imports_no_plugin_and_no_torch() -> None:
    code = (
        "import sys; from robench import registry\n"
        "assert all(registry.entries(kind) for kind in registry.KINDS if kind != 'metric')\n"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('torch', 'numpy', 'cv2') or m.startswith('robench_')]\n"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("written", ["cnn-small", "CNN_Small", "robench:cnn-small"])
def test_case_and_underscores_do_not_matter(written: str) -> None:
    assert registry.find("model", written).name == "cnn-small"


def test_an_unknown_name_gets_the_nearest_right_one() -> None:
    with pytest.raises(PluginError, match="method: unknown 'rigle'; did you mean 'rigl'"):
        registry.load("method", "rigle")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("raise RuntimeError('first\\nsecond')", "RuntimeError: first"),
        ("assert False, 'no'", "AssertionError: no"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("x = 1", "AttributeError: module 'broken' has no attribute 'Thing'"),
        ("class Thing: pass", "is not a Method"),
        (
            "from robench.contracts import Method\nclass Thing(Method): masks = updates = 0",
            "leaves abstract: after_step, ",
        ),
    ],
)
def test_a_broken_plugin_is_named_with_its_error_and_the_others_work(site: Path, source: str, reason: str) -> None:
    install(site, "broken", source, {METHODS: {"bad": "broken:Thing"}})
    with pytest.raises(PluginError) as caught:
        registry.load("method", "bad")
    assert str(caught.value).startswith("method: 'bad' of broken==1.0")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert issubclass(registry.load("method", "dense"), Method)


def test_stevedore_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(self: object, *given: object, **named: object) -> None:
        raise LookupError("not loaded")

    monkeypatch.setattr(stevedore.ExtensionManager, "__init__", raising)
    with pytest.raises(LookupError, match="not loaded"):
        registry.load("method", "dense")


def test_only_the_chosen_plugin_is_imported(site: Path) -> None:
    source = "from robench_methods.dense import Dense\nclass Thing(Dense): pass"
    install(site, "chosen", source, {METHODS: {"chosen": "chosen:Thing"}})
    install(site, "neighbour", "raise RuntimeError('imported')", {METHODS: {"neighbour": "neighbour:Thing"}})
    assert registry.load("method", "chosen").__module__ == "chosen"
    assert "neighbour" not in sys.modules


def test_ctrl_c_in_a_plugin_is_ctrl_c(site: Path) -> None:
    install(site, "stopped", "raise KeyboardInterrupt", {METHODS: {"stopped": "stopped:Thing"}})
    with pytest.raises(KeyboardInterrupt):
        registry.load("method", "stopped")


@pytest.mark.parametrize(
    ("body", "error"),
    [("1 / 0", "ZeroDivisionError: division by zero"), ("raise SystemExit('off')", "SystemExit: off")],
)
def test_a_constructor_that_fails_is_named_with_its_error(site: Path, body: str, error: str) -> None:
    source = f"from robench.sparse import DynamicSparse\nclass Thing(DynamicSparse):\n def __post_init__(self): {body}"
    install(site, "unsound", source, {METHODS: {"unsound": "unsound:Thing"}})
    message = f"method: 'unsound' of unsound==1.0 cannot be constructed: {error}"
    with pytest.raises(PluginError, match=message):
        registry.method("unsound")
    with pytest.raises(PluginError, match=message):
        plan.expand(grid.read_grid({"suite": ["digits-c"], "methods": ["unsound"]}, "test"), data=Path())


FUTURE = {
    "method": "from robench_methods.dense import Dense\nclass Thing(Dense): api_version = 2",
    "model": "import robench_models.mlp as own\nThing = replace(own.mlp, api_version=2)",
    "corruption": "import robench_corruptions.standard.noise as own\nThing = replace(own.shot_noise, api_version=2)",
    "dataset": "import robench_datasets.digits as own\nThing = replace(own.digits, api_version=2)",
    "metric": "from robench.contracts import METRICS\nThing = replace(METRICS['mce'], api_version=2)",
    "suite": "import robench_suites.digits as own\nThing = replace(own.digits_c, api_version=2)",
}


@pytest.mark.parametrize("kind", registry.KINDS)
def test_another_version_of_the_contract_is_refused_with_the_way_out(site: Path, kind: str) -> None:
    name = f"future_{kind}"
    source = f"from dataclasses import replace\n{FUTURE[kind]}"
    install(site, name, source, {f"robench.{kind}s": {"thing": f"{name}:Thing"}})
    with pytest.raises(PluginError, match=f"'thing' of {name}==1.0 is made for API 2, this robench has 1; install a"):
        registry.load(kind, "thing")


def test_a_plugin_that_states_no_version_is_one_of_the_first(site: Path) -> None:
    source = "from robench.sparse import DynamicSparse\nclass Thing(DynamicSparse): pass"
    install(site, "silent", source, {METHODS: {"silent": "silent:Thing"}})
    code = (
        "import sys, types; version = types.ModuleType('robench.contracts.version')\n"
        "version.API_VERSION, version.UNSTATED = 2, 1; sys.modules[version.__name__] = version\n"
        "from robench import registry; registry.load('method', 'silent')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "'silent' of silent==1.0 is made for API 1, this robench has 2; install a" in done.stderr


OTHER = "from robench.sparse import DynamicSparse\nclass Other(DynamicSparse): pass"


def test_a_name_conflict_names_both_distributions_and_the_way_out(site: Path) -> None:
    install(site, "alpha", OTHER, {METHODS: {"Thing": "alpha:Other", "rigl2": "alpha:Other"}})
    install(site, "beta", OTHER, {METHODS: {"thing": "beta:Other"}})
    with pytest.raises(
        PluginError, match=r"'thing' is registered by alpha==1.0 and beta==1.0; write 'alpha:Thing' or 'beta:thing'"
    ):
        registry.load("method", "thing")
    assert registry.load("method", "alpha:thing").__module__ == "alpha"
    assert registry.load("method", "Beta:Thing").__module__ == "beta"
    assert registry.load("method", "rigl2").__module__ == "alpha"


def test_a_name_that_robench_registers_means_robenchs_whatever_is_installed(site: Path) -> None:
    install(site, "alpha", OTHER, {METHODS: {"Set": "alpha:Other"}})
    assert registry.load("method", "SET").__module__ == "robench_methods.set"
    assert registry.load("method", "robench:set").__module__ == "robench_methods.set"
    assert registry.load("method", "alpha:set").__module__ == "alpha"
    assert registry.qualified_only() == ["method 'Set' means robench's; that of alpha is written 'alpha:Set'"]
    versions = registry.versions([("method", "set"), ("method", "alpha:set")])
    assert list(versions) == ["method:set", "method:alpha:Set"]
    digests = registry.source_digests(versions)
    assert digests["method:set"] != digests["method:alpha:Set"]
    assert registry.changed_sources(digests) == []


def test_every_name_has_one_spelling(site: Path) -> None:
    install(site, "alpha", OTHER, {METHODS: {"Set": "alpha:Other", "Lone_One": "alpha:Other", "both": "alpha:Other"}})
    install(site, "beta", OTHER, {METHODS: {"both": "beta:Other"}})
    spellings = {
        "set": ("set", "SET", " set ", "robench:set", "Robench:SET"),
        "alpha:Set": ("alpha:set", "ALPHA:SET"),
        "Lone_One": ("lone-one", "alpha:lone_one", "Alpha:LONE-ONE"),
        "beta:both": ("beta:both", "BETA:Both"),
    }
    for one, forms in spellings.items():
        assert {registry.canonical("method", form) for form in forms} == {one}
    assert registry.canonical("model", "Robench:TIMM/resnet10t") == "timm/resnet10t"


def test_method_constructs_with_checked_options() -> None:
    assert registry.method("rigl", sparsity=0.9).sparsity == 0.9
    with pytest.raises(InputError, match=r"sparsity = 1\.0 is not allowed"):
        registry.method("rigl", sparsity=1.0)


def test_options_may_stand_in_brackets() -> None:
    assert registry.method("rigl(sparsity=0.3)", drop_fraction=0.2).sparsity == 0.3
    with pytest.raises(InputError, match="'sparsity' stands twice"):
        registry.method("rigl(sparsity=0.3)", sparsity=0.4)
    with pytest.raises(InputError, match="the bracket is not closed"):
        registry.method("rigl(sparsity=0.3")


def test_the_variant_of_a_family_is_suggested_in_full() -> None:
    with pytest.raises(PluginError, match="model: unknown 'resnet50'; did you mean 'timm/resnet50'"):
        registry.load("model", "resnet50")
    with pytest.raises(PluginError, match="model timm: unknown 'resnet1'; did you mean 'resnet1"):
        registry.load("model", "timm/resnet1")


def test_versions_say_where_each_plugin_came_from() -> None:
    assert registry.versions([("method", "rigl")]) == {
        "method:rigl": f"robench=={registry.find('method', 'rigl').version}"
    }
