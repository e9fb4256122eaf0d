"""Several suites and models as text: every row over all blocks, then its values block by block."""

from collections.abc import Sequence

from robench.board.across import Across, AcrossRow
from robench.board.endpoints import endpoint
from robench.report.columns import estimate, probability
from robench.report.plain import aligned, folded
from robench.text import printable

_NAME = 24
_BLOCKS_A_TABLE = 8


def render(found: Sequence[Across]) -> str:
    """Return the overviews, no line wider than 100 columns."""
    return "\n\n".join("\n".join(_overview(one)) for one in found)


def _overview(one: Across) -> list[str]:
    head = f"Over {len(one.blocks)} blocks (suite, model): {one.endpoint}, corruptions {one.source}"
    return [head, "", *_summary(one), "", *_values(one), "", *_notes(one)]


def _summary(one: Across) -> list[str]:
    difference = f"minus {printable(one.baseline, _NAME)} [{100 * (1 - one.alpha):g}%]"
    head = ("method", "sparse %", "mean rank", "group", difference, "p adj.", "ahead", "at least")
    return aligned([head, *(_line(entry, one) for entry in one.entries)], words=1)


def _line(entry: AcrossRow, one: Across) -> tuple[str, ...]:
    start = (*_name(entry), f"{entry.mean_rank:.2f}", entry.group)
    if (found := entry.against) is None:
        return (*start, "–", "–", "–", "–")
    star = "*" if found.p_adjusted is not None and found.p_adjusted <= one.alpha else " "
    return (
        *start,
        "–"
        if found.mean is None
        else f"{estimate(found.mean, found.low, found.high, endpoint(one.endpoint).factor)}{star}",
        "–" if found.p_adjusted is None else probability(found.p_adjusted),
        f"{found.ahead} of {len(one.blocks)}",
        f"{found.better_in_at_least} of {found.tested}" if found.tested else "n<3",
    )


def _name(entry: AcrossRow) -> tuple[str, str]:
    return printable(entry.method, _NAME), f"{100 * entry.sparsity:g}"


def _values(one: Across) -> list[str]:
    """Means, some blocks to a table, and what the blocks are."""
    lines: list[str] = []
    metric = endpoint(one.endpoint)
    head = "mean %" if metric.percent else f"mean {metric.unit}"
    for start in range(0, len(one.blocks), _BLOCKS_A_TABLE):
        part = slice(start, start + _BLOCKS_A_TABLE)
        numbers = [f"({number})" for number in range(1, len(one.blocks) + 1)][part]
        cells = [
            (*_name(entry), *(f"{metric.factor * mean:.2f}" for mean in entry.means[part])) for entry in one.entries
        ]
        lines += aligned([(head, "sparse %", *numbers), *cells], words=1)
    named = (
        f"({number}) {printable(block.suite, _NAME)} · {printable(block.model, _NAME)} · {block.setting}"
        for number, block in enumerate(one.blocks, 1)
    )
    return [*lines, *folded("; ".join(named))]


def _notes(one: Across) -> list[str]:
    better = "above 0 is better" if one.higher_is_better else "below 0 is better"
    unit = endpoint(one.endpoint).difference_unit
    notes = [
        f"Value of a row in a block: mean over its networks. Minus {printable(one.baseline, _NAME)}: random-effects "
        f"difference in {unit} with Hartung and Knapp's interval, not adjusted ({better}). Ahead: blocks with a better "
        "mean. At least: blocks in which it is shown better, partial conjunction in Bonferroni form, one-sided, at "
        f"{one.alpha:g}. Rows with a letter in common are not separable over blocks, which are taken for independent.",
    ]
    if one.friedman is not None:
        notes.append(f"Friedman (Iman and Davenport): p = {probability(one.friedman)}.")
    if one.refusal:
        notes.append(f"Not tested: {one.refusal}.")
    else:
        notes.append(f"p: exact Wilcoxon over blocks, Holm over all pairs of rows; * is p <= {one.alpha:g}.")
    if one.left_out:
        notes.append(f"Not in all blocks, left out: {'; '.join(printable(name) for name in one.left_out)}.")
    return [line for note in notes for line in folded(note)]
