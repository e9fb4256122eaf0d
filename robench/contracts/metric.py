"""Metric: one number of one trained network, and how it is read; the table of those that robench computes itself."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, final

from robench.contracts.version import UNSTATED

if TYPE_CHECKING:
    import numpy as np


class Measured(NamedTuple):
    """What a record says of one network. Accuracies and `errors`, float (corruptions, severities), are fractions."""

    clean_accuracy: float
    robust_accuracy: float
    mce: float
    relative_mce: float
    relative_robustness: float | None
    errors: "np.ndarray"


@final
@dataclass(frozen=True)
class Metric:
    """A metric by which networks can be ranked: the `endpoint` of a suite's protocol is the name of one.

    `value(measured)` is the number of one network, None where it is undefined. Where the number is a mean over
    corruptions of one number for each, `by_corruption(measured)` gives those, float (corruptions,): ranks with a
    corruption left out are made from them. With `percent`, values are fractions or ratios,
    shown to people as percentages and their differences in points; else both are shown as they are, in `unit`. A
    suite's margin is in the metric's own unit. `reference` says where the metric is defined.

    Laws: `value` depends on its argument alone; where `by_corruption` is given, `value` is its mean.

    Example:
        >>> worst = Metric("worst_accuracy", "fraction", True, lambda seen: 1 - float(seen.errors.mean(1).max()))
        >>> import numpy as np
        >>> worst.value(Measured(0.9, 0.6, 0.4, 0.3, 0.67, np.array([[0.2, 0.4], [0.4, 0.6]])))
        0.5
    """

    name: str
    unit: str
    higher_is_better: bool
    value: Callable[[Measured], float | None]
    by_corruption: "Callable[[Measured], np.ndarray] | None" = None
    percent: bool = True
    reference: str = ""
    api_version: int = UNSTATED

    @property
    def factor(self) -> int:
        """What values and differences are multiplied by where people read them."""
        return 100 if self.percent else 1

    @property
    def difference_unit(self) -> str:
        """The unit of differences where people read them."""
        return "points" if self.percent else self.unit


def _accuracies(seen: Measured) -> "np.ndarray":
    accuracies: np.ndarray = 1 - seen.errors.mean(axis=1)
    return accuracies


def _relative(seen: Measured) -> "np.ndarray":
    relative: np.ndarray = _accuracies(seen) / seen.clean_accuracy
    return relative


_HENDRYCKS = "arXiv:1903.12261"
_OURS = "robust over clean accuracy; robench.metrics.robustness"
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("clean_accuracy", "fraction", True, attrgetter("clean_accuracy"), reference=_HENDRYCKS),
        Metric("robust_accuracy", "fraction", True, attrgetter("robust_accuracy"), _accuracies, reference=_HENDRYCKS),
        Metric("relative_robustness", "fraction", True, attrgetter("relative_robustness"), _relative, reference=_OURS),
        Metric("mce", "fraction", False, attrgetter("mce"), reference=_HENDRYCKS),
        Metric("relative_mce", "fraction", False, attrgetter("relative_mce"), reference=_HENDRYCKS),
    )
}
"""Name -> metric, of those that every record holds; others come as plugins of the kind "metric"."""
