import re

import pytest
from rich.cells import cell_len

from robench.report.terminal import render
from tests.helpers.boards import hostile, two_models, usual

AT_100 = """\
digits-c · cnn-small · 5 epochs · corruptions generated · setting 96e431c6
                 sparse             clean      robust        difference [95%]      p        FLOPs
 rank  method         %     n  accuracy %  accuracy %               in points   adj.   MDE  train
─────────────────────────────────────────────────────────────────────────────────────────────────
  1 a  set           50     5  90.00±0.00  61.38±0.28  +1.28 [+0.91, +1.65]*≥  <.001  0.51  0.500
2–3 b  rigl          50  3/5†  90.00±0.00  60.27±0.35    +0.17 [-0.55, +0.89]   .514  0.96  0.500
2–3 b  dense          0     5  90.00±0.00  60.10±0.22                       –      –     –  1.000
  4 c  static        50     5  90.00±0.00  58.32±0.43   -1.78 [-2.31, -1.25]*  <.001  0.73  0.500
No room for Hedges g; ranks resampled; P best; ranks, one out; mCE %; relative robustn. %; FLOPs
infer: --format markdown, or a wider terminal."""

AT_60 = """\
                 sparse      robust        difference [95%]
 rank  method         %  accuracy %               in points
───────────────────────────────────────────────────────────
  1 a  set           50  61.38±0.28  +1.28 [+0.91, +1.65]*≥
2–3 b  rigl          50  60.27±0.35    +0.17 [-0.55, +0.89]
2–3 b  dense          0  60.10±0.22                       –
  4 c  static        50  58.32±0.43   -1.78 [-2.31, -1.25]*"""


def test_the_table_at_two_widths():
    assert AT_100 in render(usual(), width=100, color=False)
    assert AT_60 in render(usual(), width=60, color=False)


@pytest.mark.parametrize("board", [usual(), hostile(), two_models()])
@pytest.mark.parametrize("width", [60, 72, 100, 140])
def test_no_line_is_wider_than_asked(board, width):
    text = render(board, width=width, color=False)
    assert max(map(cell_len, text.splitlines())) <= width
    assert all(letter.isprintable() for letter in text.replace("\n", ""))


def test_columns_go_from_the_least_important():
    heads = {width: render(usual(), width=width, color=False).split("──")[0] for width in (60, 80, 100, 140)}
    assert all("difference" in head and "robust" in head and "sparse" in head for head in heads.values())
    first_gone = {"mCE": 100, "infer": 100, "train": 80, "MDE": 80, "clean": 80, "adj.": 60}
    for title, width in first_gone.items():
        assert [wide for wide in heads if title in heads[wide]] == [wide for wide in heads if wide > width], title


def test_colour_only_repeats_what_sign_and_star_say():
    plain, coloured = (render(usual(), width=100, color=color) for color in (False, True))
    assert "\x1b[32m" in coloured
    assert "\x1b[31m" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in stripped.splitlines()] == plain.splitlines()


def test_hostile_names_are_shown_and_do_nothing():
    text = render(hostile(), width=100, color=False)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[red]x[/red]" in text.replace("\n", "")
    assert len(text) < 10_000


def test_too_few_networks_say_so():
    text = render(two_models(), width=120, color=False)
    assert "n<3" in text
    assert "2†" in text
    assert "n too small" in text.replace("\n", " ")


def test_footers_are_printed():
    text = render(usual(), width=100, color=False).replace("\n", " ")
    assert "Missing, not counted: rigl 0.5 cnn-small seed 3 (failed at step 17: loss became nan)" in text
    assert "† preliminary, fewer than 5 networks: rigl 0.5 (n = 3)" in text


def test_the_environment_decides_when_nothing_is_said(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert AT_60 in render(usual())
