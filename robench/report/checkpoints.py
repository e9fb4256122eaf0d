"""One checkpoint against another as text."""

from robench.board.checkpoints import Comparison
from robench.report.columns import estimate, probability
from robench.report.plain import folded
from robench.text import printable


def render(found: Comparison) -> str:
    """Return the comparison under its label, no line wider than 100 columns."""
    robust, clean = found.robust, found.clean
    alpha = found.treated.suite.alpha
    lines = [
        robust.label,
        f"A: {found.treated.id} {printable(found.treated.spec.label, 70)}",
        f"B: {found.control.id} {printable(found.control.spec.label, 70)}",
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
