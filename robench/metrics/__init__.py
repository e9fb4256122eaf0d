"""Metrics of one trained network: accuracy, corruption error, relative robustness."""

from robench.metrics.corruption_error import mean_corruption_error, relative_mean_corruption_error
from robench.metrics.robustness import accuracy, relative_robustness, robust_accuracy, summarize

__all__ = [
    "accuracy",
    "mean_corruption_error",
    "relative_mean_corruption_error",
    "relative_robustness",
    "robust_accuracy",
    "summarize",
]
