"""Rows of a board: networks that differ only in their seed, compared with the baseline and ranked within a model."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from robench.board import Difference, Row, Spread
from robench.canonical import dumps
from robench.errors import InputError
from robench.records import Metrics, RunRecord, SuiteNote
from robench.specs import RunSpec
from robench.stats.effect import detectable_difference, hedges_g
from robench.stats.holm import holm
from robench.stats.ranking import Standing, standings
from robench.stats.welch import welch

POWER = 0.8
HIGHER_IS_BETTER = {
    "clean_accuracy": True,
    "robust_accuracy": True,
    "relative_robustness": True,
    "mce": False,
    "relative_mce": False,
}

Group = list[RunRecord]
Key = tuple[str, str, str]
Groups = Mapping[Key, Group]


def key(spec: RunSpec) -> Key:
    """What makes a row: model, method and plugin versions, each as canonical JSON; its runs differ in the seed only."""
    model, method = (dumps(part.model_dump(mode="json")) for part in (spec.model, spec.method))
    return (model, method, dumps(spec.versions))


def refuse_twice(values: Sequence[Hashable], what: str) -> None:
    """Raise InputError where a value occurs twice: a network counts once."""
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise InputError(f"records: {what} {str(twice[0])[:80]} occurs twice; a network counts once")


def rows(finished: Group, left_out: Mapping[Key, int], note: SuiteNote, baseline: str) -> list[Row]:
    """Rank the finished networks: model by model, best first. `left_out` counts the runs of a row without a result."""
    groups: dict[Key, Group] = {}
    for record in finished:
        groups.setdefault(key(record.spec), []).append(record)
    for group in groups.values():
        refuse_twice([record.spec.label for record in group], "network")
    labels = _labels({place: group[0].spec for place, group in groups.items()})
    differences, standing = _differences(groups, note, baseline, labels), _standings(groups, note)
    made = [
        _row(group, note, standing[place], labels[place], differences.get(place), left_out.get(place, 0))
        for place, group in groups.items()
    ]
    sign = -1 if HIGHER_IS_BETTER[note.endpoint] else 1
    return sorted(made, key=lambda row: (row.model_label, row.rank, sign * row.score.mean))


def _standings(groups: Groups, note: SuiteNote) -> dict[Key, Standing]:
    found: dict[Key, Standing] = {}
    for model in dict.fromkeys(place[0] for place in groups):
        places = [place for place in groups if place[0] == model]
        scores = [_scores(groups[place], note) for place in places]
        found.update(zip(places, standings(scores, note.alpha, HIGHER_IS_BETTER[note.endpoint]), strict=True))
    return found


def _scores(group: Group, note: SuiteNote) -> list[float]:
    return [getattr(metrics, note.endpoint) for metrics in _metrics(group)]


def _metrics(group: Group) -> list[Metrics]:
    return [record.metrics for record in group if record.metrics]


def _differences(
    groups: Groups,
    note: SuiteNote,
    baseline: str,
    labels: Mapping[Key, tuple[str, str]],
) -> dict[Key, Difference]:
    """Compare each row with the nearest baseline row of its model; Holm over all comparisons that have a p."""
    controls: dict[str, list[Key]] = {}
    for place, group in groups.items():
        if group[0].spec.method.name == baseline:
            controls.setdefault(place[0], []).append(place)
    found: dict[Key, Difference] = {}
    for place, group in groups.items():
        candidates, spec = controls.get(place[0], []), group[0].spec
        if candidates and spec.method.name != baseline:
            chosen = max(candidates, key=lambda control: _nearness(spec, groups[control]))
            found[place] = _difference(group, groups[chosen], note, labels[chosen][1])
    tested = {place: difference.p for place, difference in found.items() if difference.p is not None}
    for place, p in zip(tested, holm(list(tested.values())), strict=True):
        found[place] = found[place].model_copy(update={"p_adjusted": float(p), "significant": bool(p <= note.alpha)})
    return found


def _nearness(spec: RunSpec, group: Group) -> tuple[int, float, int]:
    """How well a baseline row fits: versions shared, then sparsity, then networks."""
    other = group[0].spec
    shared = sum(other.versions.get(name) == version for name, version in spec.versions.items())
    return (shared, -abs(other.sparsity - spec.sparsity), len(group))


def _difference(group: Group, control: Group, note: SuiteNote, label: str) -> Difference:
    a, b = _scores(group, note), _scores(control, note)
    test = welch(a, b, note.alpha)
    return Difference(
        baseline=label,
        mean=float(np.mean(a) - np.mean(b)),
        low=test.low if test else None,
        high=test.high if test else None,
        p=test.p if test else None,
        detectable=detectable_difference(a, b, note.alpha, POWER),
        hedges_g=hedges_g(a, b),
    )


def _row(
    group: Group,
    note: SuiteNote,
    standing: Standing,
    labels: tuple[str, str],
    difference: Difference | None,
    left_out: int,
) -> Row:
    spec, metrics, costs = group[0].spec, _metrics(group), [record.cost for record in group if record.cost]
    updates = [record.topology.updates for record in group if record.topology]
    relative = [m.relative_robustness for m in metrics if m.relative_robustness is not None]
    return Row(
        rank=standing.rank,
        rank_interval=(standing.low, standing.high),
        group=standing.group,
        method=spec.method.name,
        label=labels[1],
        model=spec.model.name,
        model_label=labels[0],
        sparsity=spec.sparsity,
        n=len(group),
        planned=len(group) + left_out,
        preliminary=len(group) < note.minimum_networks,
        score=_spread(_scores(group, note)),
        clean_accuracy=_spread([m.clean_accuracy for m in metrics]),
        robust_accuracy=_spread([m.robust_accuracy for m in metrics]),
        mce=_mean([m.mce for m in metrics]),
        relative_mce=_mean([m.relative_mce for m in metrics]),
        relative_robustness=_mean(relative) if len(relative) == len(group) else None,
        difference=difference,
        flops_train_ratio=_mean([cost.flops_train_ratio for cost in costs]),
        flops_inference_ratio=_mean([cost.flops_inference_ratio for cost in costs]),
        parameters=round(_mean([cost.parameters for cost in costs])),
        nonzero=round(_mean([cost.nonzero for cost in costs])),
        updates=_mean(updates) if len(updates) == len(group) else None,
        options=spec.method.options,
        model_options=spec.model.options,
        versions=spec.versions,
        ids=tuple(record.id for record in group),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _spread(values: Sequence[float]) -> Spread:
    return Spread(mean=_mean(values), sd=float(np.std(values, ddof=1)) if len(values) > 1 else None)


def _labels(specs: Mapping[Key, RunSpec]) -> dict[Key, tuple[str, str]]:
    """Text for the model and for the method of each row: the name, and in brackets what tells it from its namesakes."""
    models: dict[str, list[Mapping[str, Any]]] = {}
    methods: dict[str, list[Mapping[str, Any]]] = {}
    twins: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for (model, method, _), spec in specs.items():
        models.setdefault(spec.model.name, []).append(spec.model.options)
        methods.setdefault(spec.method.name, []).append(spec.method.options)
        twins.setdefault((model, method), []).append(spec.versions)
    labels = {}
    for (model, method, versions), spec in specs.items():
        parts = [part for part in _telling(spec.method.options, methods[spec.method.name]) if part[0] != "sparsity"]
        newer = _telling(spec.versions, twins[model, method])
        shown = [f"{name}={value}" for name, value in parts] + list(dict.fromkeys(str(value) for _, value in newer))
        options = [f"{name}={value}" for name, value in _telling(spec.model.options, models[spec.model.name])]
        labels[model, method, versions] = (_bracket(spec.model.name, options), _bracket(spec.method.name, shown))
    return labels


def _telling(values: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in values.items() if any(other.get(name) != value for other in others)]


def _bracket(name: str, parts: Sequence[str]) -> str:
    return f"{name}({', '.join(parts)})" if parts else name
