"""Differences on single corruptions as text, under the label that they are exploratory."""

from collections.abc import Sequence

from robench.board.per_corruption import PerCorruption, RowPerCorruption
from robench.report.columns import probability
from robench.report.plain import aligned, folded
from robench.text import printable

_NAME = 12
_LINES_A_TABLE = 4


def render(found: Sequence[PerCorruption]) -> str:
    """Return the grids, no line wider than 100 columns."""
    return "\n\n".join("\n".join(_grid(one)) for one in found)


def _grid(one: PerCorruption) -> list[str]:
    head = f"{one.label}: {printable(one.suite)} · {printable(one.model)} · setting {one.setting}"
    lines = [head]
    for start in range(0, len(one.lines), _LINES_A_TABLE):
        lines += ["", *_table(one, one.lines[start : start + _LINES_A_TABLE])]
    note = (
        f"Accuracy minus that of the baseline row in points, mean over severities and networks, corruptions "
        f"{one.source}; in brackets p: two-sided Welch over networks, Benjamini-Yekutieli over the {one.tests} tests "
        f"of this grid; * is p <= {one.alpha:g}, – not tested. For looking, not for claims: the suite's endpoint is "
        "what was declared."
    )
    return [*lines, "", *folded(note)]


def _table(one: PerCorruption, lines: Sequence[RowPerCorruption]) -> list[str]:
    head = ("corruption", *(f"{printable(line.method, _NAME)} {100 * line.sparsity:.3g}" for line in lines))
    body = [
        (printable(name, _NAME + 8), *(_cell(line, place, one.alpha) for line in lines))
        for place, name in enumerate(one.corruptions)
    ]
    ahead = ("ahead", *(f"{line.ahead} of {len(one.corruptions)}" for line in lines))
    return aligned([head, *body, ahead], words=1)


def _cell(line: RowPerCorruption, place: int, alpha: float) -> str:
    p = line.p[place]
    shown = "–" if p is None else probability(p)
    star = "*" if p is not None and p <= alpha else " "
    return f"{100 * line.differences[place]:+.2f}{star}({shown})"
