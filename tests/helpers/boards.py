"""Boards that the tests of all formats share."""

from robench.board.board import Board
from tests.helpers.records import build, make_failure, make_rows, make_spec

ACCURACIES = {
    "dense": [0.600, 0.604, 0.598, 0.602, 0.601],
    "set": [0.612, 0.618, 0.611, 0.615, 0.613],
    "rigl": [0.603, 0.606, 0.599],
    "static": [0.580, 0.584, 0.579, 0.583, 0.590],
}
# a name that tries Markdown, HTML, a terminal's control sequences, rich's markup, a spreadsheet and a reader's patience
HOSTILE = "=cmd|'/c calc'!A0 [red]x[/red] [a](b) <script>alert(1)</script> `c` \x1b[31m\x07\n\u202e" + "y" * 10_000


def usual() -> Board:
    """Four rows, one of them short of a failed and an unfinished run."""
    (board,) = build([*make_rows(ACCURACIES), make_failure("rigl", 3)], [make_spec("rigl", 4)])
    return board


def hostile() -> Board:
    """A board on which method, model, suite and failure have HOSTILE for a name."""
    change = {"model": HOSTILE, "suite": HOSTILE}
    rows = make_rows({"dense": [0.6, 0.61, 0.62], HOSTILE: [0.7, 0.71, 0.73]}, **change)
    (board,) = build([*rows, make_failure(HOSTILE, 4, HOSTILE, **change)])
    return board


def two_models() -> Board:
    """One row of the second model has two networks."""
    second = make_rows({"dense": [0.30, 0.32, 0.31], "set": [0.50, 0.51]}, model="mlp")
    (board,) = build([*make_rows(ACCURACIES), *second])
    return board
