"""Boards as one JSON object; accuracies, errors and differences are fractions, null where there is no value."""

import json
from collections.abc import Sequence
from typing import Any

from robench.board.board import Board
from robench.report.view import USUAL, View

SCHEMA = "board.schema.json"
"""The file beside this one that says what `render` gives."""


def render(boards: Sequence[Board], view: View = USUAL) -> str:
    """Return one board as it is, any other number as `{"boards": [...]}`; indented, ASCII, never NaN or infinity."""
    dumped = [board.model_dump(mode="json") for board in boards]
    return json.dumps(dumped[0] if len(dumped) == 1 else {"boards": dumped}, indent=2, allow_nan=False)


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what `render` gives, made from the Board model; `SCHEMA` holds it."""
    board = Board.model_json_schema(mode="serialization", ref_template="#/$defs/{model}")
    parts = {**board.pop("$defs"), "Board": board}
    several = {
        "type": "object",
        "properties": {"boards": {"type": "array", "items": {"$ref": "#/$defs/Board"}}},
        "required": ["boards"],
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "robench leaderboard",
        "oneOf": [{"$ref": "#/$defs/Board"}, several],
        "$defs": parts,
    }
