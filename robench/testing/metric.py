"""The laws of the Metric contract, on networks made up here: of many accuracies, and one that is never wrong."""

import numpy as np

from robench.contracts import API_VERSION, Measured, Metric
from robench.rng import stream
from robench.testing.check import Check, check, ensure

_NETWORKS = 20


def _measured(errors: np.ndarray, clean: float) -> Measured:
    """Return what a record would say of a network with these errors, float (corruptions, severities)."""
    robust = float(1 - errors.mean())
    return Measured(clean, robust, 1 - robust, clean - robust, robust / clean if clean else None, errors)


def _networks() -> list[Measured]:
    draws = stream(0, "metric checks")
    shapes = [tuple(draws.integers(1, 6, 2)) for _ in range(_NETWORKS)]
    return [_measured(np.zeros((3, 5)), 1.0), *(_measured(draws.random(shape), draws.random()) for shape in shapes)]


@check()
def declaration(metric: Metric) -> str:
    """The record is a Metric for this API with a name, a unit and a reference."""
    ensure(isinstance(metric, Metric), f"{type(metric).__name__} is not a Metric")
    ensure(metric.api_version == API_VERSION, f"api_version is {metric.api_version}, this robench has {API_VERSION}")
    for field in ("name", "unit", "reference"):
        ensure(getattr(metric, field).strip(), f"{field} is empty")
    return f"{metric.unit}, {'higher' if metric.higher_is_better else 'lower'} is better"


@check()
def numbers(metric: Metric) -> str:
    """Every network has a finite number or None, the same at a second call, and what is measured is left as it was."""
    found = []
    for seen in _networks():
        before = seen.errors.copy()
        first, again = metric.value(seen), metric.value(seen)
        ensure(first == again, f"{first} at the first call, {again} at the second")
        ensure(first is None or np.isfinite(first), f"{first} is no finite number")
        ensure(np.array_equal(seen.errors, before), "errors have been written to")
        found += [first] if first is not None else []
    ensure(found, "it is undefined for every network")
    return f"{min(found):.3g} to {max(found):.3g}"


@check()
def mean_over_corruptions(metric: Metric) -> str:
    """Where it gives a number for each corruption, it is their mean."""
    if metric.by_corruption is None:
        return "no mean over corruptions"
    for seen in _networks():
        parts, value = np.asarray(metric.by_corruption(seen)), metric.value(seen)
        ensure(parts.shape == (len(seen.errors),), f"{parts.shape} parts of {len(seen.errors)} corruptions")
        ensure(
            value is None or np.isclose(parts.mean(), value), f"the mean of its parts is {parts.mean()}, not {value}"
        )
    return "the mean of its parts"


CHECKS: tuple[Check, ...] = (declaration, numbers, mean_over_corruptions)
