"""False-positive rates and power of the tests of a board, on simulated boards without any true difference.

    python benchmarks/calibration.py [--boards N]

Standard deviations are those of the statistics protocol: seed 0.4, seed x corruption 1.2, cell 0.3 percentage points;
15 corruptions at 5 severities. A rate above 6.5 % fails and ends in exit code 1. One below 3.5 % is marked
conservative: it errs less often than it might and pays for it in power.
"""

import argparse

import numpy as np

from robench.rng import stream
from robench.stats.all_pairs import all_pairs, games_howell
from robench.stats.calibration import Calibration, calibrate, simulate
from robench.stats.variance_components import Components

COMPONENTS = Components(seed=0.4, interaction=1.2, cell=0.3, corruptions=15, severities=5, degrees=0)
MARGIN = 0.5
NETWORKS = (3, 5, 10)
ROWS = (5, 10)
HELD = {
    "Welch, one comparison with the baseline": "comparison",
    "Welch and Holm, any comparison of a board": "familywise",
    "ranking, any two rows apart": "standings",
    "non-inferior although worse by the margin": "noninferior",
}
SHOWN = {
    "equal row passes for non-inferior (power)": "noninferior_power",
    "difference of the next line, points": "difference",
    "Welch finds it (power, nominally 80 %)": "power",
    "t-test over 75 cells (not used, not valid)": "cells",
}


def verdict(rate: float) -> str:
    """Say of a rate that is nominally 5 % whether it is within 1.5 points."""
    return "too liberal" if rate > 0.065 else "conservative" if rate < 0.035 else "held"


def procedure(rows: int, networks: int) -> str:
    """Name the test of all pairs that a board of this size gets."""
    return all_pairs(list(stream(0, "calibration").normal(size=(rows, networks)))).procedure


def games_howell_alone(rows: int, networks: int, boards: int) -> float:
    """Share of boards on which Games-Howell finds any pair apart: why the ranking does not use it at every size."""
    values = simulate(COMPONENTS, [networks] * rows, stream(0, "calibration", "games-howell", rows, networks), boards)
    scores = np.stack([row.mean(axis=(2, 3)) for row in values], axis=1)
    return float(np.mean([games_howell(list(board))[0].min() <= 0.05 for board in scores]))


def show(rows: int, boards: int) -> bool:
    """Print the table of boards with this many rows; True where no rate is too liberal."""
    found: list[Calibration] = [
        calibrate(COMPONENTS, [k] * rows, stream(0, "calibration", rows, k), margin=MARGIN, boards=boards)
        for k in NETWORKS
    ]
    print(f"\n{boards} boards of {rows} rows, nominally 5 % ({100 * found[0].error:.1f} points either way by chance)")
    print(f"{'':44}" + "".join(f"{f'k = {k}':>22}" for k in NETWORKS))
    for label, name in HELD.items():
        rates = [getattr(result, name) for result in found]
        print(f"{label:44}" + "".join(f"{f'{100 * rate:.1f} % {verdict(rate)}':>22}" for rate in rates))
    print(f"{'  all pairs by':44}" + "".join(f"{procedure(rows, k):>22}" for k in NETWORKS))
    alone = [games_howell_alone(rows, k, boards) for k in NETWORKS]
    print(f"{'  Games-Howell at every size (not used)':44}" + "".join(f"{f'{100 * rate:.1f} %':>22}" for rate in alone))
    for label, name in SHOWN.items():
        values = [getattr(result, name) for result in found]
        shown = [f"{value:.2f}" if name == "difference" else f"{100 * value:.1f} %" for value in values]
        print(f"{label:44}" + "".join(f"{text:>22}" for text in shown))
    return all(verdict(getattr(result, name)) != "too liberal" for result in found for name in HELD.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--boards", type=int, default=2000)
    boards = parser.parse_args().boards
    held = [show(rows, boards) for rows in ROWS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
