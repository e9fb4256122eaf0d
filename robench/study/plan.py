"""From a grid to run specs: every name, option and value is checked here, before anything starts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from robench import registry
from robench.benchmarks import named
from robench.contracts import Model, Suite
from robench.data.sets.corrupted import locate
from robench.errors import InputError, unknown
from robench.registry.options import describe, validate
from robench.registry.written import parse_plugin
from robench.runs.spec import PluginSpec, RunSpec, Training
from robench.schema import checked
from robench.study.grid import GridSpec, unique


def expand(grid: GridSpec, *, data: Path) -> list[RunSpec]:
    """Return every run of the grid, each once: suite by suite, model by model, seed by seed, method by method.

    A run that another follows is there too, asked for or not, and stands before it. Raises InputError (or PluginError,
    DataError) in one line. Reads the data root, writes nothing.
    """
    specs: list[RunSpec] = []
    for suite_name in grid.suite:
        suite: Suite = registry.load("suite", suite_name)
        methods = _methods(grid, suite)
        common = _of_suite(grid, suite, data)
        for written in grid.models or (suite.default_model,):
            model, training = _model(*parse_plugin(written), grid)
            for seed in range(grid.seeds):
                for method in methods:
                    parts = {**common, "model": model, "training": training, "method": method, "seed": seed}
                    specs += _with_followed(parts)
    return list({spec.id: spec for spec in specs}.values())


def followed(spec: RunSpec) -> PluginSpec | None:
    """Return the method whose run the method of `spec` follows, None where it follows none.

    It gets the options that both have from the method of `spec`, save the one that names it. Raises InputError where
    it was given others.
    """
    own = spec.method
    written = registry.method(own.name, **own.options).follows
    if written is None:
        return None
    name, given = parse_plugin(written)
    known = {option.name for option in describe(registry.load("method", name))}
    shared = {option: value for option, value in own.options.items() if option in known and value != written}
    for option in shared.keys() & given.keys():
        raise InputError(f"{own.name}: {written!r} has {option} of its own; give it to {own.name}, which passes it on")
    return _method(name, {**given, **shared})


def _with_followed(parts: dict[str, Any], above: tuple[str, ...] = ()) -> list[RunSpec]:
    """Return the run of these parts, after the one it follows, if any, and those which that one follows."""
    spec = RunSpec(**parts, versions=_versions(parts))
    source = followed(spec)
    if source is None:
        return [spec]
    if source.name in (chain := (*above, spec.method.name)):
        raise InputError(f"method: {' follows '.join([*chain, source.name])}, without end")
    first = _with_followed({**parts, "method": source}, chain)
    return [*first, RunSpec(**parts, versions=spec.versions, follows=first[-1].id)]


def _of_suite(grid: GridSpec, suite: Suite, data: Path) -> dict[str, Any]:
    corruptions = corruptions_of(suite, grid.corruptions)
    severities = unique(grid.severities or suite.severities)
    for severity in severities:
        if severity not in suite.severities:
            raise InputError(f"severities: {suite.name!r} has {list(suite.severities)}, not {severity}")
    return {
        "suite": registry.find("suite", suite.name).name,
        "dataset": suite.dataset,
        "source": locate(suite, data, corruptions),
        "corruptions": corruptions,
        "severities": severities,
        "corruption_seed": suite.corruption_seed,
        "train_limit": grid.train_limit,
        "test_limit": grid.test_limit,
    }


def corruptions_of(suite: Suite, asked: str | Sequence[str]) -> tuple[str, ...]:
    """Return the corruptions of a suite that "standard", "all" or a list of names stands for; InputError for others."""
    whole = (*suite.standard, *suite.extra)
    sets = {"standard": suite.standard, "all": whole}
    if isinstance(asked, str):
        return sets[asked]
    for name in asked:
        if name not in whole:
            raise unknown(f"corruptions of {suite.name}", name, whole)
    return unique(asked)


def _model(name: str, options: dict[str, Any], grid: GridSpec) -> tuple[PluginSpec, Training]:
    model: Model = registry.load("model", name)
    entry = registry.find("model", name)
    variant = name.partition("/")[2]
    if model.variants is not None and not variant:
        raise InputError(f"model: {entry.name!r} is a family; write {entry.name}/<variant>")
    taken = validate(f"model {entry.name}", model.build, options, without=("variant",))
    full = f"{_canonical(name, entry)}/{variant}" if variant else _canonical(name, entry)
    recipe = model.recipe if grid.recipe is None else grid.recipe
    return PluginSpec(name=full, options=taken), _training(grid, recipe)


def _training(grid: GridSpec, recipe: str) -> Training:
    fields = {key: value for key, value in named("recipe", recipe).items() if key != "source"}
    for name in grid.training:
        if name not in Training.model_fields:
            raise unknown("training", name, Training.model_fields)
    return checked("training", Training, {**fields, **grid.training})


def _methods(grid: GridSpec, suite: Suite) -> list[PluginSpec]:
    written = grid.methods or suite.default_methods
    methods = [spec for one in written for spec in _at_each_sparsity(*parse_plugin(one), grid.sparsity)]
    if grid.baseline is not None and not any(spec.name == grid.baseline for spec in methods):
        raise InputError(f"baseline: {grid.baseline!r} is not one of the methods asked for")
    return methods


def _at_each_sparsity(name: str, options: dict[str, Any], sparsities: tuple[float, ...]) -> list[PluginSpec]:
    """Return one spec a sparsity, or a single one where the method has no such option or it is given."""
    takes = any(option.name == "sparsity" for option in describe(registry.load("method", name)))
    each = [{"sparsity": value} for value in sparsities] if takes and "sparsity" not in options else [{}]
    return [_method(name, {**options, **sparsity}) for sparsity in each]


def _method(name: str, options: dict[str, Any]) -> PluginSpec:
    entry = registry.find("method", name)
    taken = validate(f"method {entry.name}", registry.load("method", name), options)
    registry.construct(name, taken)
    return PluginSpec(name=_canonical(name, entry), options=taken)


def _canonical(written: str, entry: registry.Entry) -> str:
    """Return the registered spelling, qualified where it was written so."""
    return entry.qualified if ":" in written else entry.name


def _versions(parts: dict[str, Any]) -> dict[str, str]:
    used = [(kind, parts[kind]) for kind in ("suite", "dataset")]
    used += [(kind, parts[kind].name) for kind in ("model", "method")]
    known = {entry.name for entry in registry.entries("corruption")}  # some corruptions are only published
    used += [("corruption", name) for name in parts["corruptions"] if name in known]
    return registry.versions(used)
