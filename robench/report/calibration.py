"""Calibration as text: the error rates of the tests, and how many networks a difference takes."""

from collections.abc import Sequence

from robench.board.calibration import Calibrated, Needed
from robench.report.plain import aligned, folded
from robench.stats.calibration import Calibration
from robench.stats.variance_components import Components
from robench.text import printable


def render(found: Sequence[Calibrated]) -> str:
    """Return a block of lines for each model of each board, no line wider than 100 columns."""
    return "\n\n".join("\n".join(_block(one)) for one in found)


def _block(one: Calibrated) -> list[str]:
    head = f"{printable(one.suite)} · {printable(one.model)} · setting {one.setting}"
    if one.components is None or one.rates is None:
        return [head, *folded(f"Not calibrated: {one.refusal}.")]
    return [head, *folded(_scatter(one.components)), *_rates(one.rates), *_needed(one.needed)]


def _scatter(parts: Components) -> str:
    return (
        f"Standard deviation between networks, points of accuracy: seed {100 * parts.seed:.2f}, seed x corruption "
        f"{100 * parts.interaction:.2f}, cell {100 * parts.cell:.2f}; of robust accuracy {100 * parts.endpoint:.2f} "
        f"({parts.degrees} degrees of freedom, {parts.corruptions} corruptions x {parts.severities} severities)."
    )


def _rates(rates: Calibration) -> list[str]:
    nominal = f"{100 * rates.alpha:g}"
    table = [
        (f"{rates.boards} simulated boards of equal rows", "%", "nominal %"),
        ("one Welch test against the baseline", f"{100 * rates.comparison:.1f}", nominal),
        ("any comparison of a board, Holm", f"{100 * rates.familywise:.1f}", f"at most {nominal}"),
        ("any two rows ranked apart", f"{100 * rates.standings:.1f}", f"at most {nominal}"),
        ("worse by the margin, passed as no worse", f"{100 * rates.noninferior:.1f}", nominal),
        ("equal, shown to be no worse (power)", f"{100 * rates.noninferior_power:.1f}", "–"),
        (f"power of one test at {100 * rates.difference:.2f} points", f"{100 * rates.power:.1f}", "80"),
    ]
    if rates.cells is not None:
        table.append(("for contrast: t-test over cells, not valid", f"{100 * rates.cells:.1f}", nominal))
    counts = ", ".join(map(str, rates.networks))
    note = f"Networks a row, baseline first: {counts}. 95% of such shares lie within {100 * rates.error:.1f} points."
    return [*aligned(table, words=1), *folded(note)]


def _needed(needed: Sequence[Needed]) -> list[str]:
    table = [("difference of robust accuracy, points", "networks a row for power 0.8")]
    for one in needed:
        name = f"{printable(one.row)}: " if one.row else ""
        sign = "+" if one.row else ""
        table.append((f"{name}{100 * one.difference:{sign}.2f}", str(one.networks)))
    return aligned(table, words=1)
