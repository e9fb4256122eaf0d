import csv
import io
import json

import pytest
from boards import HOSTILE, hostile, two_models, usual

from robench.board import Board
from robench.report import ONE_BOARD, REPORTS


def lines_of(board):
    return list(csv.DictReader(io.StringIO(REPORTS["csv"](board))))


def test_csv_holds_fractions_with_the_unit_in_the_header():
    board = usual()
    lines = lines_of(board)
    assert [line["method"] for line in lines] == ["set", "rigl", "dense", "static"]
    for line, row in zip(lines, board.rows, strict=True):
        assert float(line["robust_accuracy_mean_fraction"]) == row.robust_accuracy.mean
        assert line["difference_low_fraction"] == ("" if row.difference is None else str(row.difference.low))
    assert (lines[1]["n"], lines[1]["n_planned"], lines[1]["preliminary"]) == ("3", "5", "true")


def test_csv_is_no_spreadsheet_formula():
    for line in lines_of(hostile()):
        for name in ("suite", "model", "method"):
            assert not line[name].startswith(("=", "+", "-", "@"))
    assert lines_of(hostile())[0]["suite"] == f"'{HOSTILE}"


def test_csv_leaves_negative_numbers_alone():
    assert float(lines_of(usual())[3]["difference_mean_fraction"]) < 0


@pytest.mark.parametrize("board", [usual(), hostile(), two_models()])
def test_json_is_one_object_that_reads_back(board):
    text = REPORTS["json"](board)
    assert text.isascii()
    assert Board.model_validate_json(text) == board
    assert json.loads(text)["rows"][0]["rank"] == 1


def test_one_function_a_format():
    assert ONE_BOARD.issubset(REPORTS)
    assert all(isinstance(render(usual()), str) for render in REPORTS.values())
