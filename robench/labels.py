"""Labels: which networks make one row, and the text that tells a row from its neighbours."""

from collections.abc import Mapping, Sequence
from typing import Any

from robench.canonical import dumps
from robench.runs.spec import RunSpec

Key = tuple[str, str, str]
Options = Mapping[str, Any]


def key(spec: RunSpec) -> Key:
    """What makes a row: model, method and plugin versions, each as canonical JSON; its runs differ in the seed only."""
    model, method = (dumps({"name": part.name, "options": part.options}) for part in (spec.model, spec.method))
    return (model, method, dumps(spec.versions))


def labels(specs: Mapping[Key, RunSpec]) -> dict[Key, tuple[str, str]]:
    """Text for the model and for the method of each row: the name, and in brackets what tells it from its namesakes."""
    models: dict[str, list[Options]] = {}
    methods: dict[str, list[Options]] = {}
    twins: dict[tuple[str, str], list[Options]] = {}
    for (model, method, _), spec in specs.items():
        models.setdefault(spec.model.name, []).append(spec.model.options)
        methods.setdefault(spec.method.name, []).append(spec.method.options)
        twins.setdefault((model, method), []).append(spec.versions)
    told = {name: _varying(options) for name, options in methods.items()}
    told_models = {name: _varying(options) for name, options in models.items()}
    found = {}
    for (model, method, versions), spec in specs.items():
        shown = _shown(spec.method.options, told[spec.method.name] - {"sparsity"})
        newer = _varying(twins[model, method])
        shown += dict.fromkeys(value for name, value in spec.versions.items() if name in newer)
        options = _shown(spec.model.options, told_models[spec.model.name])
        found[model, method, versions] = (_bracket(spec.model.name, options), _bracket(spec.method.name, shown))
    return found


def _varying(several: Sequence[Options]) -> set[str]:
    """Names whose value is not the same in all."""
    names = {name for options in several for name in options}
    return {name for name in names if any(options.get(name) != several[0].get(name) for options in several)}


def _shown(options: Options, names: set[str]) -> list[str]:
    return [f"{name}={value}" for name, value in options.items() if name in names]


def _bracket(name: str, parts: Sequence[str]) -> str:
    return f"{name}({', '.join(parts)})" if parts else name
