"""Legend: what the columns of a table mean, as short as it can be said honestly."""

from collections.abc import Collection, Sequence

from robench.board.board import Board
from robench.board.endpoints import endpoint
from robench.board.footers import caveats, two_tests
from robench.report.view import Notes


def legend(board: Board, names: Collection[str]) -> list[str]:
    """Return a sentence or two for each of the columns of these names that needs one."""
    lines = [_difference(board) if "difference" in names else "", _ranks(board) if "rank" in names else ""]
    lines.append(" ".join(_measures(board, names)))
    return [line for line in lines if line]


def notes_of(board: Board, how: Notes, names: Collection[str]) -> list[str]:
    """Return what is said below a table of these columns."""
    if how == "all":
        return list(board.footers)
    return [*caveats(board), *(legend(board, names) if how == "legend" else ())]


def _difference(board: Board) -> str:
    compared = [row.difference for row in board.rows if row.difference]
    if not compared:
        return f"No other row to compare with the baseline {board.baseline}."
    metric, tests = endpoint(board.endpoint), board.protocol
    marks = [f"* p <= {board.alpha:g}, Welch, Holm over {tests.comparisons}"] if tests.comparisons else []
    if any(difference.noninferior for difference in compared):
        marks.append(f"≥ not worse by {metric.factor * tests.margin:g} {metric.difference_unit} or more")
    if any(difference.p is None for difference in compared):
        marks.append(f"no p below {tests.test_from} networks (n too small) or where nothing varies")
    unit = f"row minus {board.baseline}, {100 * tests.interval:g}% interval"
    return f"± standard deviation over networks (n). Difference: {'; '.join([unit, *marks])}."


def _ranks(board: Board) -> str:
    line = "Ranks: tests of all pairs; rows with a letter in common cannot be told apart."
    return " ".join(filter(None, [line, two_tests(board)])) if board.rows else ""


def _measures(board: Board, names: Collection[str]) -> Sequence[str]:
    lines = []
    if "mce" in names:
        lines.append(f"{board.mce_name}." if board.mce_name[:3] == "mCE" else f"mCE: {board.mce_name}.")
    if "relative_robustness" in names:
        lines.append("Rel. rob.: robust / clean accuracy.")
    if {"flops_train", "flops_inference"} & set(names):
        lines.append("FLOPs: ratio to dense training, theoretical.")
    return lines
