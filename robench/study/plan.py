"""From a grid to run specs: every name, option and value is checked here, before anything starts."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from robench import registry
from robench.benchmarks import named
from robench.contracts import Dataset, Model, Suite
from robench.data.sets.corrupted import locate
from robench.errors import InputError, unknown
from robench.registry.options import describe, validate
from robench.registry.written import parse_plugin
from robench.runs.spec import PluginSpec, RunSpec, Training
from robench.schema import checked
from robench.study.grid import GridSpec
from robench.study.methods import followed, method_of
from robench.text import pick


def expand(grid: GridSpec, *, data: Path) -> list[RunSpec]:
    """Return every run of the grid, each once: suite by suite, model by model, seed by seed, method by method.

    A run that another follows is there too, asked for or not, and stands before it. Raises InputError (or PluginError,
    DataError) in one line. Reads the data root, writes nothing.
    """
    specs: list[RunSpec] = []
    for suite_name in grid.suite:
        suite: Suite = registry.load("suite", suite_name)
        methods = _methods(grid, suite)
        common = _of_suite(suite_name, suite, grid, data)
        for written in grid.models or (suite.default_model,):
            model, training = _model(*parse_plugin(written), grid)
            for seed in grid.seeds:
                for method in methods:
                    parts = {**common, "model": model, "training": training, "method": method, "seed": seed}
                    specs += _with_followed(parts)
    return list({spec.id: spec for spec in specs}.values())


def _with_followed(parts: dict[str, Any]) -> list[RunSpec]:
    """Return the run of these parts, after the one it follows, if any, and those which that one follows."""
    spec = RunSpec(**parts, versions=_versions(parts))
    source = followed(spec)
    if source is None:
        return [spec]
    first = _with_followed({**parts, "method": source})
    return [*first, RunSpec(**parts, versions=spec.versions, follows=first[-1].id)]


def _of_suite(name: str, suite: Suite, grid: GridSpec, data: Path) -> dict[str, Any]:
    corruptions = corruptions_of(suite, grid.corruptions)
    severities = grid.severities or tuple(sorted(suite.severities))
    for severity in severities:
        if severity not in suite.severities:
            raise InputError(f"severities: {suite.name!r} has {list(suite.severities)}, not {severity}")
    dataset: Dataset = registry.load("dataset", suite.dataset)
    return {
        "suite": registry.canonical("suite", name),
        "dataset": registry.canonical("dataset", suite.dataset),
        "source": locate(suite, data, corruptions),
        "corruptions": corruptions,
        "severities": severities,
        "corruption_seed": suite.corruption_seed,
        "train_limit": _limit(grid.train_limit, dataset.sizes["train"]),
        "test_limit": _limit(grid.test_limit, dataset.sizes["test"]),
        "threads": grid.threads,
    }


def _limit(asked: int | None, size: int) -> int | None:
    """Return None for a limit that keeps everything."""
    return None if asked is None or asked >= size else asked


def corruptions_of(suite: Suite, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the corruptions that names stand for, "standard" and "all" for those of the suite, each once.

    The suite's own come first, in its order; then others that have levels for its preset, by name. InputError for what
    is neither, and for no name at all.
    """
    whole = (*suite.standard, *suite.extra)
    sets = {"standard": suite.standard, "all": whole}
    found = {one for name in asked for one in sets.get(name.lower()) or (_corruption(suite, whole, name),)}
    if not found:
        raise InputError(f"corruptions of {suite.name}: none is named")
    return (*(name for name in whole if name in found), *sorted(found - set(whole)))


def _corruption(suite: Suite, own: Sequence[str], written: str) -> str:
    """Return the one spelling of a corruption; one that the suite does not have is looked at."""
    if name := pick(written, own):
        return name
    if not registry.registers("corruption", written):
        known = {*own, *(entry.spelling for entry in registry.entries("corruption"))}
        raise unknown(f"corruptions of {suite.name}", written, known)
    name = registry.canonical("corruption", written)
    if name not in own and suite.preset not in (presets := registry.load("corruption", name).presets):
        levels = ", ".join(sorted(presets))
        raise InputError(f"corruptions of {suite.name}: {name!r} has no levels for {suite.preset!r}, only for {levels}")
    return name


def _model(name: str, options: dict[str, Any], grid: GridSpec) -> tuple[PluginSpec, Training]:
    model: Model = registry.load("model", name)
    entry = registry.find("model", name)
    variant = name.partition("/")[2]
    full = entry.spelling
    if model.variants is not None and not variant:
        raise InputError(f"model: {entry.name!r} is a family; write {entry.name}/<variant>")
    if model.variants is not None:
        full = f"{full}/{pick(variant, model.variants())}"
    taken = validate(f"model {entry.name}", model.build, options, without=("variant",))
    recipe = model.recipe if grid.recipe is None else grid.recipe
    return PluginSpec(name=full, options=taken), _training(grid, recipe)


def _training(grid: GridSpec, recipe: str) -> Training:
    fields = {key: value for key, value in named("recipe", recipe).items() if key != "source"}
    for name in grid.training:
        if name not in Training.model_fields:
            raise unknown("training", name, Training.model_fields)
    training = checked("training", Training, {**fields, **grid.training})
    if training.warmup_epochs > training.epochs:
        raise InputError(
            f"training: warmup_epochs = {training.warmup_epochs:g} is above epochs = {training.epochs}; "
            "give a smaller one in `training`"
        )
    if training.randaugment is None:
        return training
    return training.model_copy(update={"randaugment": _one_order(training.randaugment)})


def _one_order(randaugment: str) -> str:
    """Write the parts of a RandAugment policy in one order and each number in one way; of two of a kind timm takes
    the last.
    """
    parts = dict(re.findall(r"-([a-z]+)([0-9.]+)", randaugment))
    order = ("m", "n", "p", "mstd", "mmax", "inc")
    return "-".join(["rand", *(f"{kind}{float(parts[kind]):g}" for kind in order if kind in parts)])


def _methods(grid: GridSpec, suite: Suite) -> list[PluginSpec]:
    written = grid.methods or suite.default_methods
    methods = [spec for one in written for spec in _at_each_sparsity(*parse_plugin(one), grid.sparsity)]
    names = {spec.name for spec in methods}
    if grid.baseline is not None and registry.canonical("method", grid.baseline) not in names:
        raise InputError(f"baseline: {grid.baseline!r} is not one of the methods asked for")
    return methods


def _at_each_sparsity(name: str, options: dict[str, Any], sparsities: tuple[float, ...]) -> list[PluginSpec]:
    """Return one spec a sparsity, or a single one where the method has no such option or it is given."""
    takes = any(option.name == "sparsity" for option in describe(registry.load("method", name)))
    each = [{"sparsity": value} for value in sparsities] if takes and "sparsity" not in options else [{}]
    return [method_of(name, {**options, **sparsity}) for sparsity in each]


def _versions(parts: dict[str, Any]) -> dict[str, str]:
    used = [(kind, parts[kind]) for kind in ("suite", "dataset")]
    used += [(kind, parts[kind].name) for kind in ("model", "method")]
    registered = (name for name in parts["corruptions"] if registry.registers("corruption", name))
    used += [("corruption", name) for name in registered]  # some are only published
    return registry.versions(used)
