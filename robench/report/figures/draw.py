"""Every figure of some boards, as files in one folder."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from robench.analysis.frequency import frequencies
from robench.board.across import Across, across
from robench.board.board import Board
from robench.board.endpoints import endpoint
from robench.board.verdict import Verdict, verdicts
from robench.errors import InputError
from robench.report.figures import style
from robench.report.figures.critical import critical_difference
from robench.report.figures.forest import Estimate, forest
from robench.report.figures.profile import heat_map, severity_curves
from robench.report.figures.tradeoff import against_flops, against_sparsity

FIGURES: dict[str, Callable[[Board], Figure]] = {
    "sparsity": against_sparsity,
    "flops": against_flops,
    "severity": severity_curves,
    "corruptions": lambda board: heat_map(board, frequencies(board.suite, board.corruptions)),
}


class Drawn(NamedTuple):
    """The files, and in words which figures there are none of, and why."""

    paths: list[Path]
    refused: list[str]


def draw(boards: Sequence[Board], folder: Path) -> Drawn:
    """Draw FIGURES for each board that has rows, a forest plot for each verdict, a critical-difference diagram.

    Files are `<suite>-<setting>-<figure>.svg` and `.png`, `forest-...` and `critical-...` for figures of several
    boards. The folder is made if need be. Raises OSError where it cannot be made, InputError where a file cannot be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    with style.settings():
        for board in boards:
            stem = f"{_slug(board.suite)}-{_slug(board.setting)}"
            for name, make in FIGURES.items() if board.rows else ():
                paths += style.save(make(board), folder / f"{stem}-{name}")
        for verdict in verdicts(boards):
            if verdict.contrasts:
                stem = f"forest-{verdict.source}-{verdict.endpoint}-{100 * verdict.margin:g}"
                paths += style.save(_forest(verdict), folder / _slug(stem))
        found, refused = _overviews(boards)
        for one in found:
            if one.bars is None:
                refused.append(one.refusal or "")
            else:
                stem = f"critical-{one.source}-{one.endpoint}-{one.baseline}"
                paths += style.save(_critical(one), folder / _slug(stem))
    return Drawn(paths, refused)


def _overviews(boards: Sequence[Board]) -> tuple[list[Across], list[str]]:
    try:
        return across(boards), []
    except InputError as error:
        return [], [f"no critical-difference diagram: {error}"]


def _forest(verdict: Verdict) -> Figure:
    better = "above 0 is better" if verdict.higher_is_better else "below 0 is better"
    percent = f"{100 * (1 - verdict.alpha):g}%"
    metric, name = endpoint(verdict.endpoint), verdict.endpoint.replace("_", " ")
    what = f"difference of {name} [{metric.difference_unit}], {percent} Welch interval; {better}\n"
    what += f"significant: Holm-adjusted p <= {verdict.alpha:g}; corruptions {verdict.source}"
    return forest(
        list(_estimates(verdict, metric.factor)), metric.factor * verdict.margin, what, verdict.higher_is_better
    )


def _estimates(verdict: Verdict, factor: int) -> Iterator[Estimate]:
    several = len({contrast.suite for contrast in verdict.contrasts}) > 1
    models = len({contrast.model for contrast in verdict.contrasts}) > 1
    settings = {(contrast.suite, contrast.setting) for contrast in verdict.contrasts}
    twice = len(settings) > len({suite for suite, _ in settings})
    for contrast in verdict.contrasts:
        place = [contrast.suite if several else "", contrast.model if models else ""]
        place += [contrast.setting] if twice else []
        yield Estimate(
            control=contrast.control,
            group=" · ".join(map(style.name, filter(None, place))),
            label=f"{style.name(contrast.method)} {100 * contrast.sparsity:g}%",
            mean=factor * contrast.mean,
            low=None if contrast.low is None else factor * contrast.low,
            high=None if contrast.high is None else factor * contrast.high,
            significant=contrast.significant,
        )


def _critical(one: Across) -> Figure:
    labels = [
        f"{style.name(entry.method)} {100 * entry.sparsity:g}%" if entry.sparsity else style.name(entry.method)
        for entry in one.entries
    ]
    ranks = {label: entry.mean_rank for label, entry in zip(labels, one.entries, strict=True)}
    bars = [[labels[place] for place in bar] for bar in one.bars or ()]
    test = (
        f"{len(one.blocks)} blocks, {one.endpoint.replace('_', ' ')}, corruptions {one.source}; bars: not separable by "
        f"exact Wilcoxon tests, Holm over all pairs, {100 * one.alpha:g}%"
    )
    return critical_difference(ranks, bars, test if one.refusal is None else f"{test}; {one.refusal}")


def _slug(text: str) -> str:
    """Return outside text as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text)[:60].strip("-.") or "unnamed"
