import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from robench.cli import leaderboard
from robench.errors import InputError
from robench.report import REPORTS
from robench.runs.store import Store
from tests.helpers.boards import ACCURACIES
from tests.helpers.records import keep, make_rows, make_spec


def fill(path, records, unfinished=()):
    store = Store(path)
    store.open()
    store.plan(unfinished)
    for record in records:
        keep(store, record)
    return path


@pytest.fixture
def store(tmp_path):
    return fill(tmp_path / "store", make_rows(ACCURACIES), [make_spec("rigl", 3)])


@pytest.fixture
def two_settings(tmp_path):
    other = make_rows({"dense": [0.5, 0.51, 0.52]}, epochs=6)
    return fill(tmp_path / "store", [*make_rows(ACCURACIES), *other], [make_spec("dense", epochs=7)])


def call(*arguments):
    return CliRunner().invoke(leaderboard.command, [str(a) for a in arguments], standalone_mode=False)


def board_of(*arguments):
    result = call(*arguments, "--json")
    assert result.exception is None, result.exception
    return json.loads(result.stdout)


def test_the_table_is_the_default(store):
    result = call("--store", store)
    assert "1 a  set" in result.stdout
    assert "seed 3 (unfinished)" in result.stdout.replace("\n", " ")
    assert result.stderr == ""


def test_json_is_exactly_one_object(store):
    board = board_of("--store", store)
    assert [row["method"] for row in board["rows"]] == ["set", "rigl", "dense", "static"]
    assert board == json.loads(call("--store", store, "--format", "json").stdout)


def test_every_format_is_offered(store):
    assert set(leaderboard.FORMATS) == set(REPORTS)
    assert all(call("--store", store, "--format", kind).stdout for kind in REPORTS)


def test_filters_keep_the_baseline(store):
    board = board_of("--store", store, "--methods", "set")
    assert [row["method"] for row in board["rows"]] == ["set", "dense"]
    board = board_of("--store", store, "--methods", "set", "--baseline", "static")
    assert [row["method"] for row in board["rows"]] == ["set", "static"]


def test_sparsity_keeps_a_dense_baseline(tmp_path):
    dense = make_rows({"dense": [0.6, 0.61, 0.62]})
    sparse = [record for share in (0.3, 0.5) for record in make_rows({"set": [0.6, 0.61, 0.63]}, sparsity=share)]
    store = fill(tmp_path / "store", [*dense, *sparse])
    rows = board_of("--store", store, "--sparsity", "0.3")["rows"]
    assert sorted((row["method"], row["sparsity"]) for row in rows) == [("dense", 0.0), ("set", 0.3)]
    rows = board_of("--store", store, "--sparsity", "0.3,0.5", "--baseline", "set")["rows"]
    assert sorted(row["sparsity"] for row in rows) == [0.3, 0.5]
    rows = board_of("--store", store, "--sparsity", "0.3", "--baseline", "set")["rows"]
    assert [row["sparsity"] for row in rows] == [0.3]


def test_plugin_leaves_out_other_versions_of_that_distribution(tmp_path):
    dense, old = make_rows({"dense": [0.6, 0.61, 0.62]}), {"method:mine": "mine==1.0"}
    mine = make_rows({"mine": [0.6, 0.61, 0.63]}, versions=old)
    newer = make_rows({"mine": [0.7, 0.71, 0.73]}, versions={"method:mine": "mine==2.0"})
    store = fill(tmp_path / "store", [*dense, *mine, *newer])
    assert len(board_of("--store", store)["rows"]) == 3
    rows = board_of("--store", store, "--plugin", "mine==2.0")["rows"]
    assert [(row["method"], row["versions"]["method:mine"]) for row in rows if row["method"] != "dense"] == [
        ("mine", "mine==2.0")
    ]
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("--sparsity", "0.4", "sparsity: no run at 0.4; there are 0, 0.5"),
        ("--sparsity", "half", "sparsity: could not convert string to float: 'half'"),
        ("--plugin", "robench==0.1", "did you mean 'robench==0.1.0'"),
        ("--methods", "rigll", "did you mean 'rigl'"),
        ("--models", "cnn", "did you mean 'cnn-small'"),
        ("--suite", "digit-c", "did you mean 'digits-c'"),
        ("--baseline", "densse", "did you mean 'dense'"),
        ("--board", "zz", "board: unknown 'zz'"),
    ],
)
def test_a_wrong_name_gets_the_nearest_right_one(store, option, value, hint):
    result = call("--store", store, option, value)
    assert isinstance(result.exception, InputError)
    assert hint in str(result.exception)


def test_an_empty_store_is_an_input_error(tmp_path):
    result = call("--store", tmp_path)
    assert isinstance(result.exception, InputError)
    assert "no finished run" in str(result.exception)


def test_several_boards_are_all_printed_and_one_can_be_chosen(two_settings):
    result = call("--store", two_settings)
    assert result.stdout.count("corruptions generated · setting") == 2
    assert "1 unfinished runs of settings without any record" in result.stderr
    assert sorted(board["epochs"] for board in board_of("--store", two_settings)["boards"]) == [5, 6]
    lines = call("--store", two_settings, "--format", "csv").stdout.splitlines()
    assert len(lines) == 1 + 4 + 1
    setting = make_spec(epochs=6).setting
    assert len(board_of("--store", two_settings, "--board", setting)["rows"]) == 1

    both = f"{setting},{make_spec().setting}"
    assert len(board_of("--store", two_settings, "--board", both)["boards"]) == 2


def test_figures_go_to_a_folder_and_are_counted_on_stderr(store, tmp_path):
    plain, drawn = call("--store", store), call("--store", store, "--figures", tmp_path / "figures")
    assert drawn.exception is None
    assert drawn.stdout == plain.stdout
    names = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert f"robench: {len(names)} files in" in drawn.stderr
    kinds = {name.rpartition("-")[2] for name in names if name.startswith("digits-c-")}
    assert kinds == {
        f"{kind}.{end}" for kind in ("sparsity", "flops", "severity", "corruptions") for end in ("svg", "png")
    }
    assert [name for name in names if name.startswith("forest-")]
    (tmp_path / "file").write_text("")
    refused = call("--store", store, "--figures", tmp_path / "file" / "below").exception
    assert isinstance(refused, InputError)
    assert "figures: cannot write" in str(refused)


def test_several_suites_are_ranked_on_one_board(store, tmp_path):
    refused = call("--store", store, "--across").exception
    assert isinstance(refused, InputError)
    assert "needs two (suite, model)" in str(refused)
    second = make_rows(ACCURACIES, suite="other")
    both = fill(tmp_path / "both", [*make_rows(ACCURACIES), *second])
    assert "Over 2 blocks" in call("--store", both, "--across").stdout
    (found,) = json.loads(call("--store", both, "--across", "--json").stdout)["across"]
    assert [block["suite"] for block in found["blocks"]] == ["digits-c", "other"]


def test_the_grid_of_corruptions_is_labelled_exploratory(store):
    assert call("--store", store, "--explore").stdout.startswith("exploratory: ")
    (grid,) = json.loads(call("--store", store, "--explore", "--json").stdout)["grids"]
    assert grid["label"] == "exploratory"


def test_a_damaged_run_is_named_and_not_counted(store):
    victim = make_rows(ACCURACIES)[0].id
    (store / "runs" / victim / "record.json").write_text("{")
    result = call("--store", store)
    assert result.stderr.startswith(f"robench: {victim}: record.json")
    assert len(result.stderr.splitlines()) == 1
    assert victim not in json.dumps(board_of("--store", store))


def test_output_is_a_file_without_colour(store, tmp_path):
    target = tmp_path / "board.md"
    assert call("--store", store, "--format", "markdown", "--output", target).stdout == ""
    assert target.read_text() == call("--store", store, "--format", "markdown").stdout
    refused = call("--store", store, "--output", tmp_path / "absent" / "board.md").exception
    assert isinstance(refused, InputError)
    assert "output" in str(refused)


def test_ranking_imports_neither_torch_nor_a_plugin(store):
    code = (
        "import sys; from robench.cli import leaderboard; "
        f"leaderboard.command(['--store', {str(store)!r}], standalone_mode=False); "
        "heavy = {'torch', 'scipy.stats', 'pandas', 'cv2'} & set(sys.modules); "
        "assert not heavy, heavy; "
        "assert not [name for name in sys.modules if name.startswith('robench_')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--columns", "mcee"], "columns: unknown 'mcee'; did you mean 'mce'"),
        (["--columns", ""], "columns: it is empty"),
        (["--columns", "n,n"], "columns: n is given twice"),
        (["--columns", "n", "--json"], "columns: not with the format json; with table, markdown, latex, csv"),
        (["--brief", "--format", "csv"], "brief: not with the format csv; with table, markdown, latex"),
        (["--document"], "document: not with the format table; with latex"),
        (["--brief", "--notes"], "brief: leaves out what --notes asks for"),
        (["--columns", "n", "--verdict"], "columns: says what of a board is shown; not with --verdict"),
        (["--notes", "--compare", "a", "b"], "notes: says what of a board is shown; not with --compare"),
    ],
)
def test_what_is_shown_goes_with_formats_that_show_it(store, options, hint):
    refused = call("--store", store, *options).exception
    assert isinstance(refused, InputError)
    assert hint in str(refused)


def test_columns_and_notes_are_chosen(store):
    text = call("--store", store, "--columns", "method,mce", "--brief").stdout
    assert [line.split() for line in text.splitlines()[4:6]] == [["set", "38.6"], ["rigl", "39.7"]]
    assert "tests of all pairs" not in text
    assert "(all pairs, " in call("--store", store, "--notes").stdout.replace("\n", " ")
    assert call("--store", store, "--format", "latex", "--document").stdout.startswith("\\documentclass")
