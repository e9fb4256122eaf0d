import csv
import io
import json
import sys
from pathlib import Path

import pandas
import pytest

from robench.board.board import ROW, Board
from robench.errors import InputError
from robench.report import REPORTS, View
from robench.report.columns import columns
from robench.report.names import COLUMNS
from tests.helpers.boards import HOSTILE, hostile, two_models, usual


def lines_of(board):
    return list(csv.DictReader(io.StringIO(REPORTS["csv"]([board]))))


def test_csv_holds_fractions_with_the_unit_in_the_header():
    board = usual()
    lines = lines_of(board)
    assert [line["method"] for line in lines] == ["set", "rigl", "dense", "static"]
    for line, row in zip(lines, board.rows, strict=True):
        assert float(line["robust_accuracy_mean_fraction"]) == row.robust_accuracy.mean
        assert line["difference_low_fraction"] == ("" if row.difference is None else str(row.difference.low))
    assert (lines[1]["n"], lines[1]["n_planned"], lines[1]["preliminary"]) == ("3", "5", "true")


def test_csv_has_the_columns_that_were_asked_for():
    text = REPORTS["csv"]([usual()], View(columns=("mce", "method")))
    assert text.splitlines()[:2] == ["mce_fraction,method,role", f"{usual().rows[0].mce},set,dynamic"]
    fields = [field for several in COLUMNS.values() for field in several]
    assert len(set(fields)) == len(fields)
    assert set(fields) < set(ROW)


def test_every_column_can_be_asked_for_in_every_format():
    shown = {column.name for column in columns(two_models(), tuple(COLUMNS))}
    assert shown == set(COLUMNS) >= {column.name for column in columns(two_models())}
    view = View(columns=tuple(COLUMNS))
    assert all(REPORTS[kind]([two_models()], view) for kind in ("table", "markdown", "latex", "csv"))


def test_the_columns_are_documented():
    text = (Path(__file__).parents[2] / "leaderboard" / "README.md").read_text().replace("\n", " ")
    assert f"for people and for CSV: {', '.join(f'`{name}`' for name in COLUMNS)}." in text


def test_csv_is_no_spreadsheet_formula():
    for line in lines_of(hostile()):
        for name in ("suite", "model", "method"):
            assert not line[name].startswith(("=", "+", "-", "@"))
    assert lines_of(hostile())[0]["suite"] == f"'{HOSTILE}"


def test_csv_leaves_negative_numbers_alone():
    assert float(lines_of(usual())[3]["difference_mean_fraction"]) < 0


@pytest.mark.parametrize("board", [usual(), hostile(), two_models()])
def test_json_is_one_object_that_reads_back(board):
    text = REPORTS["json"]([board])
    assert text.isascii()
    assert Board.model_validate_json(text) == board
    assert json.loads(text)["rows"][0]["rank"] == 1


def test_one_function_a_format():
    assert all(isinstance(render([usual(), two_models()]), str) for render in REPORTS.values())


def test_a_data_frame_has_the_columns_and_values_of_csv():
    frame = usual().to_frame()
    read = pandas.read_csv(io.StringIO(REPORTS["csv"]([usual()])), na_values=[""], keep_default_na=False)
    assert list(frame.columns) == list(read.columns)
    assert frame["method"].tolist() == ["set", "rigl", "dense", "static"]
    assert frame["difference_low_fraction"].isna().tolist() == [False, False, True, False]
    for name in ("robust_accuracy_mean_fraction", "p_adjusted", "rank", "n"):
        pandas.testing.assert_series_equal(frame[name], read[name], check_dtype=False)


def test_without_pandas_a_data_frame_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match="to_frame: needs pandas"):
        usual().to_frame()
