"""The standard corruptions on scikit-learn's handwritten digits: nothing is downloaded."""

from robench.contracts import Protocol, Suite
from robench_suites.standard import EXTRA, METHODS, REFERENCE, STANDARD

digits_c = Suite(
    name="digits-c",
    dataset="digits",
    preset="cifar",
    standard=tuple("frost_procedural" if name == "frost" else name for name in STANDARD),
    extra=EXTRA,
    protocol=Protocol(baseline="dense"),
    default_model="cnn-small",
    default_methods=METHODS,
    reference=f"the corruptions of {REFERENCE}, frost on a procedural texture, on scikit-learn's digits",
)
