"""Calibration: how often the tests of a board err, simulated from the scatter of its own networks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from robench.board.board import Board, Row
from robench.board.endpoints import errors_of
from robench.errors import InputError
from robench.rng import stream
from robench.runs.result import Result
from robench.stats.calibration import Calibration, calibrate
from robench.stats.effect import networks_needed
from robench.stats.variance_components import Components, variance_components
from robench.stats.welch import TEST_FROM

SIMULATED = 2000
DIFFERENCES = (0.0025, 0.005, 0.01, 0.02)
"""Differences of robust accuracy, fractions, for which the networks needed are told."""


@dataclass(frozen=True)
class Needed:
    """Networks a row that one test needs to find `difference` (a fraction) with power 0.8; `row` names what shows it,
    empty for a round number.
    """

    row: str
    difference: float
    networks: int


@dataclass(frozen=True)
class Calibrated:
    """One model of a board. Components are standard deviations of accuracy, fractions. `rates` is None with `refusal`
    saying why nothing was simulated.
    """

    suite: str
    setting: str
    model: str
    components: Components | None
    rates: Calibration | None
    needed: tuple[Needed, ...]
    refusal: str


def calibrations(boards: Iterable[Board], results: Iterable[Result], simulated: int = SIMULATED) -> list[Calibrated]:
    """Calibrate the tests of each model of each board; `results` are those that the boards were built from.

    Robust accuracy is simulated, the mean over cells, whatever the endpoint. The draws are the same at every call.
    """
    known = {result.id: result for result in results}
    return [_calibrated(board, model, known, simulated) for board in boards for model in board.models]


def _calibrated(board: Board, model: str, known: dict[str, Result], simulated: int) -> Calibrated:
    rows = sorted((row for row in board.rows if row.model_label == model), key=lambda row: row.method != board.baseline)
    try:
        components = variance_components([_accuracies(row, known) for row in rows if row.n > 1])
        rates = _rates(board, rows, components, simulated)
    except InputError as error:
        return Calibrated(board.suite, board.setting, model, None, None, (), str(error))
    needed = _needed(rows, components.endpoint, board)
    return Calibrated(board.suite, board.setting, model, components, rates, needed, "")


def _rates(board: Board, rows: Sequence[Row], components: Components, simulated: int) -> Calibration:
    networks = [row.n for row in rows if row.n >= TEST_FROM]
    generator = stream(0, "calibration", board.setting)
    margin = board.protocol.margin
    return calibrate(components, networks, generator, margin, alpha=board.alpha, boards=simulated)


def _accuracies(row: Row, known: dict[str, Result]) -> npt.NDArray[np.float64]:
    """Accuracy by network, corruption and severity, float (networks, corruptions, severities)."""
    accuracies: npt.NDArray[np.float64] = 1 - errors_of(known[run_id] for run_id in row.ids)
    return accuracies


def _needed(rows: Sequence[Row], sd: float, board: Board) -> tuple[Needed, ...]:
    """For round differences, and for each difference of robust accuracy from the first baseline row that is not 0."""
    baseline = [row for row in rows if row.method == board.baseline]
    asked = [("", difference) for difference in DIFFERENCES]
    for row in rows:
        if baseline and row.method != board.baseline:
            difference = row.robust_accuracy.mean - baseline[0].robust_accuracy.mean
            asked += [(f"{row.label} {row.sparsity:g}", difference)] if difference else []
    return tuple(Needed(name, found, networks_needed(sd, found, alpha=board.alpha)) for name, found in asked)
