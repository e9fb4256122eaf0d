"""Groups: the networks that make one row, and the text that tells it from its neighbours."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from robench.canonical import dumps
from robench.errors import InputError
from robench.runs.result import Numbers, Result
from robench.runs.spec import RunSpec


def check_networks(networks: Sequence[str], weights: Sequence[str]) -> None:
    """Raise InputError where values of one network stand as separate observations, or two networks are one.

    networks: names of the observations of one group, such as run ids; weights: digests of their weights, in the same
    order. Cells and images of one network are not independent: a test over the 75 cells of networks of one law calls
    54 % of them different at a nominal 5 %.
    """
    names: set[str] = set()
    seen: dict[str, str] = {}
    for name, digest in zip(networks, weights, strict=True):
        if name in names:
            raise InputError(f"networks: {name[:80]} occurs twice; one trained network is one observation")
        if digest in seen:
            raise InputError(
                f"networks: {seen[digest][:80]} and {name[:80]} have identical weights ({digest[:12]}); "
                "another seed has to give another network"
            )
        names.add(name)
        seen[digest] = name


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


Group = list[Result]
Groups = Mapping[Key, Group]


def grouped(results: Iterable[Result]) -> dict[Key, Group]:
    """Put networks that differ only in their seed together, in the order given.

    Raises InputError where a network counts twice: one seed twice in a row, or seeds whose weights are identical.
    """
    groups: dict[Key, Group] = {}
    for result in results:
        groups.setdefault(key(result.spec), []).append(result)
    for group in groups.values():
        _distinct(group)
    return groups


def numbers(group: Group) -> list[Numbers]:
    """Metrics and cost of the networks of a group that have them."""
    return [result.numbers for result in group if result.numbers]


def _distinct(group: Group) -> None:
    seeds: dict[int, str] = {}
    for result in group:
        if result.spec.seed in seeds:
            first = seeds[result.spec.seed]
            raise InputError(
                f"records: {result.spec.label[:120]} occurs twice ({first} and {result.id}); a network counts once"
            )
        seeds[result.spec.seed] = result.id
    check_networks([result.id for result in group], [result.weights or result.id for result in group])
