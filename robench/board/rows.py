"""Rows of a board: networks that differ only in their seed, compared with the baseline and ranked within a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from robench.board.board import CellSpread, Difference, Row, Spread
from robench.board.differences import differences
from robench.board.endpoints import endpoint, scores
from robench.board.groups import Group, Key, RowLabel, grouped, numbers
from robench.board.ranks import Ranks, rank_rows
from robench.runs.record import SuiteNote
from robench.runs.result import Result


@dataclass(frozen=True)
class Ranked:
    """Rows model by model, best first; by label of the model, how firmly its order holds (Kendall tau); how pairs were
    tested.
    """

    rows: tuple[Row, ...]
    agreement: dict[str, float]
    procedures: tuple[str, ...]


def rank(
    finished: Sequence[Result],
    left_out: Mapping[Key, int],
    note: SuiteNote,
    baseline: str,
    names: Mapping[Key, RowLabel],
) -> Ranked:
    """Rank the finished networks; `left_out` counts the runs of a row without a result, `names` tell them apart.

    Raises InputError where a network counts twice.
    """
    groups = grouped(finished)
    compared, order = differences(groups, note, baseline, names), rank_rows(groups, note)
    made = [
        _row(group, note, order.places[place], names[place], compared.get(place), left_out.get(place, 0))
        for place, group in groups.items()
    ]
    sign = -1 if endpoint(note.endpoint).higher_is_better else 1
    models = {place[0]: names[place].model for place in groups}
    ordered = sorted(made, key=lambda row: (row.model_label, row.rank, sign * row.score.mean))
    agreement = {models[model]: tau for model, tau in order.agreement.items()}
    return Ranked(tuple(ordered), agreement, tuple(sorted(order.procedures)))


def _row(
    group: Group,
    note: SuiteNote,
    place: Ranks,
    name: RowLabel,
    difference: Difference | None,
    left_out: int,
) -> Row:
    spec, values, tested = group[0].spec, numbers(group), place.standing
    endpoints = scores(group, endpoint(note.endpoint))
    updates = [found.updates for found in values if found.updates is not None]
    relative = [found.relative_robustness for found in values if found.relative_robustness is not None]
    return Row(
        rank=tested.rank,
        rank_range=(tested.low, tested.high),
        rank_interval=(place.resampled.low, place.resampled.high) if place.resampled else None,
        p_best=place.resampled.best if place.resampled else None,
        leave_one_out=place.left_out,
        group=tested.group,
        method=spec.method.name,
        role=group[0].role,
        label=name.method,
        model=spec.model.name,
        model_label=name.model,
        sparsity=spec.sparsity,
        n=len(group),
        planned=len(group) + left_out,
        preliminary=len(group) < note.minimum_networks,
        score=_spread(endpoints),
        scores=tuple(endpoints),
        clean_accuracy=_spread([found.clean_accuracy for found in values]),
        robust_accuracy=_spread([found.robust_accuracy for found in values]),
        mce=_mean([found.mce for found in values]),
        relative_mce=_mean([found.relative_mce for found in values]),
        relative_robustness=_mean(relative) if len(relative) == len(group) else None,
        cells=_cells(group),
        difference=difference,
        flops_train_ratio=_mean([found.flops_train_ratio for found in values]),
        flops_inference_ratio=_mean([found.flops_inference_ratio for found in values]),
        parameters=round(_mean([found.parameters for found in values])),
        nonzero=round(_mean([found.nonzero for found in values])),
        updates=_mean(updates) if len(updates) == len(group) else None,
        options=spec.method.options,
        unusual=name.unusual,
        model_options=spec.model.options,
        versions=spec.versions,
        ids=tuple(result.id for result in group),
        seeds=tuple(result.spec.seed for result in group),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _spread(values: Sequence[float]) -> Spread:
    return Spread(mean=_mean(values), sd=float(np.std(values, ddof=1)) if len(values) > 1 else None)


def _cells(group: Group) -> tuple[CellSpread, ...]:
    errors = np.array([found.errors for found in numbers(group)])
    means = errors.mean(axis=0).tolist()
    spreads = errors.std(axis=0, ddof=1).tolist() if len(errors) > 1 else [None] * len(means)
    return tuple(
        CellSpread(corruption=name, severity=severity, mean=mean, sd=sd)
        for (name, severity), mean, sd in zip(group[0].spec.cells, means, spreads, strict=True)
    )
