"""Endpoints: the metric that networks are ranked by, as declared by the suite, and its value for each network."""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from robench import registry
from robench.contracts import METRICS, Measured, Metric
from robench.errors import FOREIGN, PluginError, first_line, unknown
from robench.runs.result import Result
from robench.text import same


def endpoint(name: str) -> Metric:
    """Return the metric of a name: one that every record holds, or a plugin.

    Raises:
        PluginError: No metric has the name, or the plugin that has it cannot be loaded.

    Example:
        >>> endpoint("mce").higher_is_better
        False
    """
    if name in METRICS:
        return METRICS[name]
    plugins = [entry.name for entry in registry.entries("metric")]
    if not any(same(name.rpartition(":")[2], plugin) for plugin in plugins):
        raise unknown("endpoint", name[:80], [*METRICS, *plugins], PluginError)
    plugin: Metric = registry.load("metric", name)
    return plugin


def measured(result: Result) -> Measured | None:
    """Return what metrics are computed from, None for a network without a result."""
    if (found := result.numbers) is None:
        return None
    errors = np.array(found.errors).reshape(len(result.spec.corruptions), len(result.spec.severities))
    return Measured(
        found.clean_accuracy, found.robust_accuracy, found.mce, found.relative_mce, found.relative_robustness, errors
    )


def errors_of(results: Iterable[Result]) -> np.ndarray:
    """Return the errors of networks that have a result, float (networks, corruptions, severities)."""
    return np.array([seen.errors for result in results if (seen := measured(result))])


def value(metric: Metric, result: Result) -> float | None:
    """Return the metric of one network, None where it has no result or the metric is undefined for it.

    Raises PluginError where the metric fails.
    """
    seen = measured(result)
    if seen is None:
        return None
    with _computing(metric, result):
        found = metric.value(seen)
        return float(found) if found is not None and math.isfinite(found) else None


def by_corruption(metric: Metric, results: Iterable[Result]) -> np.ndarray | None:
    """Return the parts whose mean the metric is, float (networks, corruptions), None where it is no such mean.

    Raises PluginError where the metric fails or gives another number of parts.
    """
    if metric.by_corruption is None:
        return None
    found = []
    for result in results:
        if (seen := measured(result)) is not None:
            with _computing(metric, result):
                found.append(np.asarray(metric.by_corruption(seen), dtype=np.float64).reshape(len(seen.errors)))
    return np.array(found)


@contextmanager
def _computing(metric: Metric, result: Result) -> Iterator[None]:
    """Name the metric and the run where what a third party computes fails."""
    try:
        yield
    except FOREIGN as error:
        raise PluginError(
            f"endpoint: {metric.name!r} cannot be computed of {result.id}: {first_line(error)}"
        ) from error


def scores(group: Iterable[Result], metric: Metric) -> list[float]:
    """Return the metric of each network that has one, float (networks,)."""
    return [found for result in group if (found := value(metric, result)) is not None]
