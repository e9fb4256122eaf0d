"""A board as one JSON object; accuracies, errors and differences are fractions, null where there is no value."""

import json

from robench.board import Board


def render(board: Board) -> str:
    """Return the object, indented, ASCII only; never NaN or infinity."""
    return json.dumps(board.model_dump(mode="json"), indent=2, allow_nan=False)
