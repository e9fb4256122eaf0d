"""Every figure of some boards, as files in one folder."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from robench.board import Board
from robench.figures import style
from robench.figures.frequency import frequencies
from robench.figures.profile import heat_map, severity_curves
from robench.figures.tradeoff import against_flops, against_sparsity

FIGURES: dict[str, Callable[[Board], Figure]] = {
    "sparsity": against_sparsity,
    "flops": against_flops,
    "severity": severity_curves,
    "corruptions": lambda board: heat_map(board, frequencies(board.suite, board.corruptions)),
}


def draw(boards: Sequence[Board], folder: Path) -> list[Path]:
    """Draw FIGURES for each board that has rows; returns the files, `<suite>-<setting>-<figure>.svg` and `.png`.

    The folder is made if need be. Raises OSError where it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for board in boards:
        if not board.rows:
            continue
        for name, make in FIGURES.items():
            with style.settings():
                paths += style.save(make(board), folder / f"{_slug(board.suite)}-{_slug(board.setting)}-{name}")
    return paths


def _slug(text: str) -> str:
    """Return outside text as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text)[:60].strip("-.") or "unnamed"
