"""One checkpoint against another as text."""

from robench.board.checkpoints import Comparison
from robench.report.columns import estimate, probability
from robench.report.plain import folded
from robench.runs.labels import run_labels
from robench.runs.result import defaults_of
from robench.text import printable

_LONGEST_LABEL = 300


def render(found: Comparison) -> str:
    """Return the comparison under its label, no line wider than 100 columns."""
    robust, clean = found.robust, found.clean
    alpha = found.treated.suite.alpha
    labels = run_labels([(record.spec, defaults_of(record)) for record in (found.treated, found.control)])
    lines = [
        robust.label,
        *folded(f"A: {found.treated.id} {printable(labels[found.treated.id], _LONGEST_LABEL)}"),
        *folded(f"B: {found.control.id} {printable(labels[found.control.id], _LONGEST_LABEL)}"),
        *folded(
            f"Robust accuracy, A minus B: {estimate(robust.difference, robust.low, robust.high, 100)} points, "
            f"p = {probability(robust.p)}; {robust.images} images under {robust.cells} cells, corruptions "
            f"{found.treated.spec.source}."
        ),
        *folded(
            f"Clean images: {clean.only_treated} right by A alone, {clean.only_control} by B alone, McNemar p = "
            f"{probability(clean.p)}."
        ),
        *folded(
            f"Interval: {100 * (1 - alpha):g}% bootstrap over images; p: two-sided sign-flip over images, all cells of "
            "an image together. Another seed gives another network: compare rows of networks to judge methods."
        ),
    ]
    return "\n".join(lines)
