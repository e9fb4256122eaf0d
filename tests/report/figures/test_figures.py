"""Figures: what they show against hand computation, and files that repeat, parse and keep outside text inert."""

from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from scipy import stats

from robench.analysis.frequency import centroid, frequencies
from robench.analysis.photographs import crops
from robench.board.board import Spread
from robench.board.verdict import verdicts
from robench.report.figures import style
from robench.report.figures.critical import critical_difference
from robench.report.figures.draw import FIGURES, _forest, draw
from robench.report.figures.forest import Estimate, forest
from robench.report.figures.profile import heat_map, severity_curves
from robench.report.figures.tradeoff import against_flops, against_sparsity, pareto_front
from tests.helpers.boards import HOSTILE, hostile, two_models, usual
from tests.helpers.records import build, make_rows

NUMBERS = st.integers(0, 5).map(float)


@pytest.fixture(autouse=True)
def settings():
    with style.settings():
        yield


def words(path):
    return " ".join(text.strip() for text in ElementTree.parse(path).getroot().itertext() if text.strip())


def test_every_figure_is_written_as_svg_and_png_and_again_with_the_same_bytes(tmp_path):
    first, second = (draw([two_models()], tmp_path / name).paths for name in ("a", "b"))
    assert len(first) == 2 * (len(FIGURES) + 1)  # and the forest plot
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert all(path.read_bytes().startswith(b"\x89PNG" if path.suffix == ".png" else b"<?xml") for path in first)
    text = {path.name.split("-")[-1]: words(path) for path in first if path.suffix == ".svg"}
    assert "sparsity [% of masked weights]" in text["sparsity.svg"]
    assert "training FLOPs [ratio to dense training]" in text["flops.svg"]
    assert "accuracy [%]" in text["severity.svg"]
    assert "[cycles a pixel]" in text["corruptions.svg"]
    assert all("mlp" in value and "cnn-small" in value for value in text.values())
    assert "difference of robust accuracy [points]" in text["0.5.svg"]


def test_outside_names_stay_inert(tmp_path):
    for path in draw([hostile()], tmp_path).paths:
        assert path.parent == tmp_path
        assert path.name.isascii()
        if path.suffix == ".svg":
            root = ElementTree.parse(path).getroot()
            assert not [node for node in root.iter() if "script" in node.tag]
            assert HOSTILE not in words(path)


def test_a_dollar_is_no_formula(tmp_path):
    figure, (axes,) = style.new(1)
    axes.set_title(style.name(r"$\frac{1}{0$ \alpha"))
    (path, _) = style.save(figure, tmp_path / "x")
    assert r"$\frac{1}{0$" in words(path)


def test_sparsity_panel_shows_means_and_t_intervals():
    board = usual()
    axes = against_sparsity(board).axes[0]
    lines = {container.get_label(): container for container in axes.containers}
    row = next(row for row in board.rows if row.label == "set")
    point, _, (bars,) = lines["set"]
    assert point.get_ydata() == pytest.approx([100 * np.mean(row.scores)])
    low, high = stats.t.interval(0.95, row.n - 1, np.mean(row.scores), stats.sem(row.scores))
    assert bars.get_segments()[0][:, 1] == pytest.approx([100 * low, 100 * high])


def test_no_interval_for_one_network():
    assert style.half_interval(Spread(mean=0.5, sd=None), 1, 0.05) == 0


def test_flops_panel_has_a_mark_for_each_row():
    board = usual()
    axes = against_flops(board).axes[0]
    marks = sorted((x, y) for c in axes.containers for x, y in zip(*c[0].get_data(), strict=True))
    expected = sorted((row.flops_train_ratio, 100 * row.robust_accuracy.mean) for row in board.rows)
    assert np.array(marks) == pytest.approx(np.array(expected))


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=12))
def test_the_front_is_what_nothing_dominates(points):
    front = {points[i] for i in pareto_front(points)}
    for cost, value in points:
        beaten = any((c < cost and v >= value) or (c <= cost and v > value) for c, v in points)
        assert ((cost, value) in front) != beaten


def test_severity_curves_are_accuracies_and_differences():
    board = usual()
    upper, lower = severity_curves(board).axes
    curve = {line.get_label(): line.get_ydata() for line in upper.lines}
    row = next(row for row in board.rows if row.label == "set")
    expected = [1 - np.mean([cell.mean for cell in row.cells if cell.severity == s]) for s in board.severities]
    assert {line.get_label() for line in upper.lines} == {"dense", "set 50", "rigl 50", "static 50"}
    assert curve["set 50"] == pytest.approx([100 * row.clean_accuracy.mean, *(100 * np.array(expected))])
    difference = {line.get_label(): line.get_ydata() for line in lower.lines}
    assert difference["set 50"] == pytest.approx(curve["set 50"] - curve["dense"])


def test_heat_map_orders_by_frequency_and_shows_gains():
    axes = heat_map(usual(), {"gaussian_noise": 0.37, "fog": 0.03}).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["fog 0.03", "gaussian_noise 0.37"]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["rigl 50%", "set 50%", "static 50%"]
    means = {row.label: np.mean(row.scores) for row in usual().rows}
    gains = axes.images[0].get_array()[labels.index("set 50%")]
    assert list(gains) == pytest.approx([100 * (means["set"] - means["dense"])] * 2)


def test_figures_compare_with_the_baseline_row_of_the_same_sparsity():
    low = make_rows({"static": [0.5, 0.51, 0.52], "set": [0.6, 0.61, 0.62]}, sparsity=0.3)
    high = make_rows({"static": [0.2, 0.21, 0.22], "set": [0.25, 0.26, 0.27]}, sparsity=0.9)
    (board,) = build([*low, *high], baseline="static")
    axes = heat_map(board, {}).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["set 30%", "set 90%"]
    assert np.asarray(axes.images[0].get_array()) == pytest.approx(np.array([[10, 10], [5, 5]]))


def test_a_board_without_comparison_still_draws(tmp_path):
    board = usual()
    alone = board.model_copy(update={"rows": tuple(row for row in board.rows if row.label == "set")})
    assert len(draw([alone], tmp_path).paths) == 2 * len(FIGURES)
    assert draw([board.model_copy(update={"rows": ()})], tmp_path) == ([], [])


def test_no_text_is_cut_off_and_no_legend_hides_a_panel(tmp_path):
    """Legends of many rows, long names: every text lies inside the canvas, legends beside the panels."""
    rows = {f"{'a-long-name-of-a-method'[: 6 + 2 * i]}{i}": [0.6 + i / 100, 0.61 + i / 100] for i in range(9)}
    (board,) = build(make_rows({"dense": [0.6, 0.61, 0.62], **rows}))
    for make in (*FIGURES.values(), lambda board: _forest(*verdicts([board]))):
        figure = make(board)
        FigureCanvasAgg(figure).draw()
        ticks = {text for axes in figure.axes for text in axes.get_xticklabels()}  # some lie beyond the axis, undrawn
        texts = [text for text in figure.findobj(Text) if text.get_text() and text not in ticks]
        boxes = [text.get_window_extent() for text in texts]
        canvas = figure.bbox.padded(1)
        assert all(canvas.contains(box.x0, box.y0) and canvas.contains(box.x1, box.y1) for box in boxes)
        outside = [box for legend in figure.legends for box in [legend.get_window_extent()]]
        inside = [axes.get_window_extent() for axes in figure.axes]
        assert not any(one.overlaps(other) for one in outside for other in inside)


def test_a_critical_difference_diagram_from_six_blocks_and_the_refusal_below(tmp_path):
    def boards(count):
        values = {"dense": [0.60, 0.61, 0.62], "set": [0.63, 0.64, 0.66]}
        return build([record for i in range(count) for record in make_rows(values, model=f"m{i}")])

    five, six = draw(boards(5), tmp_path / "five"), draw(boards(6), tmp_path / "six")
    assert not [path for path in five.paths if path.name.startswith("critical")]
    assert len(five.refused) == 1
    assert "no critical-difference diagram on 5 blocks" in five.refused[0]
    assert "6 blocks are needed" in five.refused[0]
    (path,) = [path for path in six.paths if path.name.startswith("critical") and path.suffix == ".svg"]
    assert six.refused == []
    assert "6 blocks, robust accuracy" in words(path)


@pytest.mark.parametrize("cycles", [(0, 0), (1, 0), (0, 3), (3, 4)])
def test_centroid_of_one_wave_is_its_frequency(cycles):
    y, x = np.mgrid[:32, :32] / 32
    wave = np.cos(2 * np.pi * (cycles[0] * y + cycles[1] * x))
    assert centroid(wave[None, :, :, None]) == pytest.approx(np.hypot(*cycles) / 32, abs=1e-12)


def test_frequencies_of_known_corruptions():
    found = frequencies("digits-c", ("brightness", "gaussian_noise", "fog", "no-such-corruption"))
    assert set(found) == {"brightness", "gaussian_noise", "fog"}
    white = np.hypot(np.fft.fftfreq(32)[:, None], np.fft.fftfreq(32)[None, :]).mean()
    assert found["gaussian_noise"] == pytest.approx(white, rel=0.1)  # clipping and truncation are not white
    assert found["brightness"] < found["fog"] < found["gaussian_noise"]
    assert frequencies("no-such-suite", ("fog",)) == {}


def test_pictures_are_twelve_different_crops():
    made = crops(32)
    assert made.shape == (12, 32, 32, 3)
    assert made.dtype == np.uint8
    assert len({image.tobytes() for image in made}) == 12


def test_forest_fills_what_is_significant(tmp_path):
    estimates = [
        Estimate("dense", "mlp", "a", 1.0, 0.5, 1.5, True),
        Estimate("dense", "mlp", "b", -0.2, -1.0, 0.6, False),
        Estimate("static", "mlp", "b", 0.3, None, None, False),
    ]
    figure = forest(estimates, 0.5, "difference [points]")
    marks = [[line for line in axes.lines if line.get_marker() == "s"] for axes in figure.axes]
    assert [[mark.get_markerfacecolor() == "white" for mark in panel] for panel in marks] == [[False, True], [True]]
    assert [float(mark.get_ydata()[0]) for panel in marks for mark in panel] == [1, 2, 2]  # below the name of the group
    margins = [line.get_xdata()[0] for axes in figure.axes for line in axes.lines if line.get_linestyle() == ":"]
    assert margins == [-0.5, -0.5]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a", "b", "mlp"]
    (path, _) = style.save(figure, tmp_path / "forest")
    assert all(word in words(path) for word in ("minus dense", "minus static", "margin 0.5", "difference [points]"))


def test_forest_says_worse_where_lower_is_better():
    figure = forest([Estimate("dense", "", "a", 1.0, 0.5, 1.5, True)], 0.5, "mCE", higher_is_better=False)
    (mark,) = [line for line in figure.axes[0].lines if line.get_marker() == "s"]
    legend = {
        text.get_text(): handle
        for text, handle in zip(figure.legends[0].texts, figure.legends[0].legend_handles, strict=True)
    }
    assert mark.get_markerfacecolor() == legend["significantly worse"].get_markerfacecolor()
    (margin,) = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_linestyle() == ":"]
    assert margin == 0.5


def test_critical_difference_draws_a_bar_for_each_clique(tmp_path):
    ranks = {"a": 1.2, "b": 1.9, "c": 2.9}
    axes = critical_difference(ranks, [("a", "b"), ("c",)], "Wilcoxon, Holm, 8 blocks").axes[0]
    (bar,) = [line for line in axes.lines if line.get_linewidth() > 2]
    assert bar.get_xdata() == pytest.approx([1.2 - 0.03, 1.9 + 0.03])
