"""The standard corruptions on scikit-learn's handwritten digits: nothing is downloaded."""

from robench.contracts import Protocol, Suite
from robench_suites.standard import EXTRA, GENERATED, METHODS, REFERENCE

digits_c = Suite(
    name="digits-c",
    dataset="digits",
    preset="cifar",
    standard=GENERATED,
    extra=EXTRA,
    protocol=Protocol(baseline="dense"),
    default_model="cnn-small",
    default_methods=METHODS,
    reference=f"the corruptions of {REFERENCE}, frost on a procedural texture, on scikit-learn's digits",
)
