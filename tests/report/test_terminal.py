import re

import pytest
from rich.cells import cell_len

from robench.errors import InputError
from robench.report.terminal import render
from robench.report.view import View
from tests.helpers.boards import ACCURACIES, hostile, two_models, usual
from tests.helpers.records import build, make_rows

AT_100 = """\
digits-c · cnn-small · 5 epochs · corruptions generated · setting 96e431c6
                 sparse             clean      robust        difference [95%]   mCE   rel.  FLOPs
 rank  method         %     n  accuracy %  accuracy %               in points     %  rob.%  train
─────────────────────────────────────────────────────────────────────────────────────────────────
  1 a  set           50     5  90.00±0.00  61.38±0.28  +1.28 [+0.91, +1.65]*≥  38.6   68.2  0.500
2–3 b  rigl          50  3/5†  90.00±0.00  60.27±0.35    +0.17 [-0.55, +0.89]  39.7   67.0  0.500
2–3 b  dense          0     5  90.00±0.00  60.10±0.22                       –  39.9   66.8  1.000
  4 c  static        50     5  90.00±0.00  58.32±0.43   -1.78 [-2.31, -1.25]*  41.7   64.8  0.500
† preliminary, fewer than 5 networks: rigl 0.5 (n = 3)."""

AT_60 = """\
                 sparse      robust        difference [95%]
 rank  method         %  accuracy %               in points
───────────────────────────────────────────────────────────
  1 a  set           50  61.38±0.28  +1.28 [+0.91, +1.65]*≥
2–3 b  rigl          50  60.27±0.35    +0.17 [-0.55, +0.89]
2–3 b  dense          0  60.10±0.22                       –
  4 c  static        50  58.32±0.43   -1.78 [-2.31, -1.25]*"""


def test_the_table_at_two_widths():
    assert AT_100 in render([usual()], width=100, color=False)
    assert AT_60 in render([usual()], width=60, color=False)


@pytest.mark.parametrize("board", [usual(), hostile(), two_models()])
@pytest.mark.parametrize("width", [60, 72, 100, 140])
def test_no_line_is_wider_than_asked(board, width):
    text = render([board], width=width, color=False)
    assert max(map(cell_len, text.splitlines())) <= width
    assert all(letter.isprintable() for letter in text.replace("\n", ""))


def test_columns_go_from_the_least_important():
    heads = {width: render([usual()], width=width, color=False).split("──")[0] for width in (60, 80, 100, 140)}
    assert all("difference" in head and "robust" in head and "sparse" in head for head in heads.values())
    first_gone = {"infer": 100, "MDE": 100, "adj.": 100, "rel.": 80, "clean": 80, "mCE": 60, "train": 60}
    for title, width in first_gone.items():
        assert [wide for wide in heads if title in heads[wide]] == [wide for wide in heads if wide > width], title


def test_colour_only_repeats_what_sign_and_star_say():
    plain, coloured = (render([usual()], width=100, color=color) for color in (False, True))
    assert "\x1b[32m" in coloured
    assert "\x1b[31m" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in stripped.splitlines()] == plain.splitlines()


def test_hostile_names_are_shown_and_do_nothing():
    text = render([hostile()], width=100, color=False)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[red]x[/red]" in text.replace("\n", "")
    assert len(text) < 10_000


def test_too_few_networks_say_so():
    text = render([two_models()], width=120, color=False)
    assert "n<3" in text
    assert "2†" in text
    assert "n too small" in text.replace("\n", " ")


def test_a_legend_is_below_and_the_rest_is_said_on_request():
    usually, brief, everything = (
        render([usual()], View(notes=notes), width=100, color=False).replace("\n", " ")
        for notes in (None, "brief", "all")
    )
    for text in (usually, brief, everything):
        assert "Missing, not counted: rigl 0.5 cnn-small seed 3 (failed at step 17: loss became nan)" in text
        assert "† preliminary, fewer than 5 networks: rigl 0.5 (n = 3)" in text
    for fact in ("* p <= 0.05, Welch, Holm over 3", "≥ not worse by 0.5 points", "unnormalised", "--notes says how"):
        assert fact in usually
        assert fact not in brief
    assert "--columns shows p, mde, hedges_g, ranks_resampled, p_best, ranks_one_out, flops_inference;" in usually
    assert all(footer in everything for footer in usual().footers)
    assert "--notes" not in everything


def test_what_several_boards_have_to_say_is_said_once():
    text = render([usual(), two_models()], width=100, color=False)
    assert text.count("· setting") == 2
    assert text.count("tests of all pairs") == 1
    assert text.rindex("tests of all pairs") > text.rindex("mlp  ")
    assert text.count("† preliminary, fewer than 5 networks: ") == 2  # each board's own
    everything = render([usual(), two_models()], View(notes="all"), width=100, color=False)
    assert everything.count("Versions: robench==0.1.0.") == 1


def test_columns_that_were_asked_for_stand_in_their_order_and_stay():
    view = View(columns=("mce", "sparsity", "ids"))
    first, *rest = render([usual()], view, width=40, color=False).split("─")
    assert re.findall(r"mCE|sparse|ids", first) == ["mCE", "sparse", "ids"]
    assert usual().rows[0].ids[0] in rest[-1]
    assert "38.6" in render([usual()], View(columns=("mce", "p_best")), width=20, color=False)
    with pytest.raises(InputError, match="columns: unknown 'mcee'; did you mean 'mce'"):
        render([usual()], View(columns=("mcee",)))


def test_long_names_fold_before_columns_go():
    options = [{"drop_fraction": 0.3, "update_interval": 50}, {"drop_fraction": 0.5, "update_interval": 100}]
    records = [record for each in options for record in make_rows({"rigl": ACCURACIES["set"]}, options=each)]
    (board,) = build([*records, *make_rows({"dense": ACCURACIES["dense"]})])
    text = render([board], width=100, color=False)
    assert "mCE" in text
    assert "rob.%" in text
    assert max(map(cell_len, text.splitlines())) <= 100


def test_the_environment_decides_when_nothing_is_said(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert AT_60 in render([usual()])
