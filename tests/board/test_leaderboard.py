import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_ind

from robench.errors import InputError
from robench.runs.record import Topology
from tests.helpers.records import build, make_failure, make_record, make_rows, make_spec

DENSE = [0.600, 0.604, 0.598, 0.602, 0.601]
METHODS = {
    "dense": DENSE,
    "set": [0.612, 0.618, 0.611, 0.615, 0.613],
    "rigl": [0.603, 0.606, 0.599, 0.607, 0.600],
    "static": [0.580, 0.584, 0.579, 0.583, 0.590],
}


def only(boards):
    (board,) = boards
    return board


def row(board, method):
    (found,) = (row for row in board.rows if row.method == method)
    return found


def test_a_board_agrees_with_scipy_and_statsmodels():
    board = only(build(make_rows(METHODS)))
    names = [name for name in METHODS if name != "dense"]
    theirs = [stats.ttest_ind(METHODS[name], DENSE, equal_var=False) for name in names]
    adjusted = multipletests([test.pvalue for test in theirs], method="holm")[1]
    for name, test, p in zip(names, theirs, adjusted, strict=True):
        difference, interval = row(board, name).difference, test.confidence_interval(0.95)
        assert difference.mean == pytest.approx(np.mean(METHODS[name]) - np.mean(DENSE))
        assert (difference.low, difference.high) == pytest.approx((interval.low, interval.high))
        assert (difference.p, difference.p_adjusted) == pytest.approx((test.pvalue, p))
        assert difference.significant == (p <= 0.05)
        assert difference.detectable > 0
    assert board.protocol.comparisons == 3
    assert row(board, "dense").difference is None
    assert row(board, "set").score.sd == pytest.approx(np.std(METHODS["set"], ddof=1))


@pytest.mark.parametrize("margin", [0.005, 0.02])
def test_noninferiority_agrees_with_statsmodels(margin):
    board = only(build(make_rows(METHODS, note={"margin": margin})))
    names = [name for name in METHODS if name != "dense"]
    theirs = [ttost_ind(METHODS[name], DENSE, -margin, 9.0, usevar="unequal")[1][1] for name in names]
    adjusted = multipletests(theirs, method="holm")[1]
    for name, p, corrected in zip(names, theirs, adjusted, strict=True):
        difference = row(board, name).difference
        assert (difference.p_noninferior, difference.p_noninferior_adjusted) == pytest.approx((p, corrected))
        assert difference.noninferior == (corrected <= 0.05)
    both = [ttost_ind(METHODS[name], DENSE, -margin, margin, usevar="unequal")[0] for name in names]
    for name, p, corrected in zip(names, both, multipletests(both, method="holm")[1], strict=True):
        difference = row(board, name).difference
        assert (difference.p_equivalent, difference.p_equivalent_adjusted) == pytest.approx((p, corrected))
        assert difference.equivalent == (corrected <= 0.05)
    assert any(f"by {100 * margin:g} points or more" in line for line in board.footers)


def test_a_row_holds_each_network_and_each_cell():
    records = make_rows({"dense": DENSE})
    for number, record in enumerate(records):
        cells = [
            cell.model_copy(update={"error": (number + place) / 10}) for place, cell in enumerate(record.metrics.cells)
        ]
        metrics = record.metrics.model_copy(update={"cells": tuple(cells)})
        records[number] = record.model_copy(update={"metrics": metrics})
    found = row(only(build(records)), "dense")
    assert found.scores == tuple(DENSE)
    assert (found.seeds, found.ids) == ((0, 1, 2, 3, 4), tuple(record.id for record in records))
    cells = [(cell.corruption, cell.severity, round(cell.mean, 9), round(cell.sd, 9)) for cell in found.cells]
    sd = round(np.sqrt(0.025), 9)
    assert cells == [
        ("gaussian_noise", 1, 0.2, sd),
        ("gaussian_noise", 3, 0.3, sd),
        ("fog", 1, 0.4, sd),
        ("fog", 3, 0.5, sd),
    ]


def with_errors(method, seed, noise, fog):
    """One network whose two corruptions have these errors at both severities."""
    record = make_record(method, seed, 1 - (noise + fog) / 2)
    errors = (noise, noise, fog, fog)
    cells = tuple(c.model_copy(update={"error": error}) for c, error in zip(record.metrics.cells, errors, strict=True))
    return record.model_copy(update={"metrics": record.metrics.model_copy(update={"cells": cells})})


def test_the_order_is_tried_without_each_corruption():
    noisy = [with_errors("set", seed, 0.1 + seed / 100, 0.5) for seed in range(3)]  # best on noise, mean 0.31
    foggy = [with_errors("rigl", seed, 0.4 + seed / 100, 0.3) for seed in range(3)]  # best on fog, mean 0.355
    board = only(build([*noisy, *foggy]))
    assert [(r.method, r.leave_one_out) for r in board.rows] == [("set", (1, 2)), ("rigl", (1, 2))]
    mce = only(build(make_rows(METHODS, note={"endpoint": "mce"})))
    assert {r.leave_one_out for r in mce.rows} == {None}


def test_resampled_ranks_are_those_of_separate_networks_and_of_chance():
    apart = only(build(make_rows({"dense": [0.1, 0.11, 0.12], "set": [0.5, 0.51, 0.52], "rigl": [0.9, 0.91, 0.92]})))
    assert [(r.rank_interval, r.p_best) for r in apart.rows] == [((1, 1), 1.0), ((2, 2), 0.0), ((3, 3), 0.0)]
    assert apart.agreement == {"cnn-small": 1.0}
    equal = only(build(make_rows({"dense": DENSE, "rigl": DENSE})))
    assert all(r.rank_interval == (1, 2) and abs(r.p_best - 0.5) < 0.05 for r in equal.rows)
    single = only(build(make_rows({"dense": [0.5], "rigl": DENSE})))
    assert {r.n: r.rank_interval is None for r in single.rows} == {1: True, 5: False}


def test_identical_weights_under_different_seeds_are_an_error():
    records = make_rows(METHODS)
    same = [record.model_copy(update={"files": {"model.safetensors": "ab" * 32}}) for record in records[:2]]
    with pytest.raises(InputError, match=f"{records[0].id} and {records[1].id} have identical weights"):
        build([*same, *records[2:]])
    twin = make_record("rigl", 0, versions={"corruption:fog": "robench==0.2.0"}).model_copy(
        update={"files": same[0].files}
    )
    build([same[0], twin])  # one seed, two rows: the weights are the same because the training is


def test_rows_are_ranked_best_first_and_share_a_rank_when_not_separable():
    board = only(build(make_rows(METHODS)))
    assert [(r.method, r.rank, r.rank_range) for r in board.rows] == [
        ("set", 1, (1, 1)),
        ("rigl", 2, (2, 3)),
        ("dense", 2, (2, 3)),
        ("static", 4, (4, 4)),
    ]
    assert [r.group for r in board.rows] == ["a", "b", "b", "c"]


def test_the_keys_of_the_design():
    data = only(build(make_rows(METHODS))).model_dump(mode="json")
    top = "suite baseline endpoint alpha protocol n_min rows missing footers"
    of_row = (
        "method model sparsity n rank rank_interval group clean_accuracy robust_accuracy mce relative_mce "
        "relative_robustness difference flops_train_ratio flops_inference_ratio parameters nonzero ids"
    )
    assert set(top.split()) <= set(data)
    assert all(set(of_row.split()) <= set(entry) for entry in data["rows"])
    assert set(data["rows"][0]["clean_accuracy"]) == {"mean", "sd"}
    assert {"mean", "low", "high", "p", "p_adjusted", "detectable"} <= set(data["rows"][0]["difference"])


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(20)))
def test_the_order_of_records_does_not_matter(order):
    records = make_rows(METHODS)
    assert build([records[i] for i in order]) == build(records)


def test_two_networks_have_an_interval_and_no_p():
    board = only(build(make_rows({"dense": [0.6, 0.61], "rigl": [0.7, 0.72]})))
    difference = row(board, "rigl").difference
    assert difference.p is None
    assert difference.p_adjusted is None
    assert difference.low < difference.mean < difference.high
    assert not difference.significant
    assert {r.rank_range for r in board.rows} == {(1, 2)}
    assert any("n too small" in line for line in board.footers)


def test_one_network_has_a_mean_and_nothing_else():
    board = only(build(make_rows({"dense": [0.6], "rigl": [0.7]})))
    found = row(board, "rigl")
    assert found.score.sd is None
    assert found.difference.mean == pytest.approx(0.1)
    assert (found.difference.low, found.difference.detectable, found.difference.hedges_g) == (None, None, None)


def test_identical_networks_are_not_tested():
    board = only(build(make_rows({"dense": [0.6] * 3, "rigl": [0.7] * 3})))
    assert row(board, "rigl").difference.p is None
    assert board.protocol.comparisons == 0


def test_below_the_minimum_a_row_is_preliminary():
    board = only(build(make_rows({"dense": DENSE, "rigl": DENSE[:4]})))
    assert not row(board, "dense").preliminary
    assert row(board, "rigl").preliminary
    assert board.n_min == 4
    assert "† preliminary, fewer than 5 networks: rigl 0.5 (n = 4)." in board.footers


def test_what_has_no_result_is_listed_and_not_averaged():
    records = [*make_rows({"dense": DENSE, "rigl": DENSE[:3]}), make_failure("rigl", 3)]
    waiting = [make_spec("rigl", 4), make_spec("set", 0), make_spec("dense", 0)]
    board = only(build(records, waiting))
    assert (row(board, "rigl").n, row(board, "rigl").planned) == (3, 5)
    assert row(board, "dense").planned == 5  # a run with a record is not missing
    assert [(m.method, m.seed, m.reason) for m in board.missing] == [
        ("rigl", 3, "failed at step 17: loss became nan"),
        ("rigl", 4, "unfinished"),
        ("set", 0, "unfinished"),
    ]
    assert any("Missing, not counted: rigl 0.5 cnn-small seed 3 (failed" in line for line in board.footers)


def test_a_board_of_failures_has_no_rows():
    board = only(build([make_failure("rigl", 0)]))
    assert (board.rows, board.n_min, len(board.missing)) == ((), 0, 1)


def test_an_undefined_endpoint_is_missing():
    note = {"endpoint": "relative_robustness"}
    records = [make_record("dense", 0, 0.0, clean=0.0, note=note), make_record("dense", 1, 0.5, note=note)]
    board = only(build(records))
    assert [m.reason for m in board.missing] == ["relative_robustness is undefined"]
    assert row(board, "dense").n == 1


def test_an_undefined_secondary_metric_is_not_averaged_over_the_rest():
    board = only(build([make_record("dense", 0, 0.0, clean=0.0), make_record("dense", 1, 0.5)]))
    assert row(board, "dense").relative_robustness is None


@pytest.mark.parametrize(
    "change",
    [{"source": "published"}, {"severities": (1,)}, {"epochs": 6}, {"test_limit": 50}, {"suite": "other"}],
)
def test_what_may_not_be_compared_stands_on_another_board(change):
    boards = build([*make_rows(METHODS), *make_rows(METHODS, **change)])
    assert len({board.setting for board in boards}) == 2
    assert all(sum(r.n for r in board.rows) == 20 for board in boards)


def test_another_protocol_or_data_set_stands_on_another_board():
    other = make_rows({"rigl": DENSE}, note={"dataset_digest": "11"})
    boards = build([*make_rows({"dense": DENSE}), *other])
    assert [len(board.rows) for board in boards] == [1, 1]
    assert len({board.setting for board in boards}) == 2
    assert all(board.setting.startswith(make_spec().setting) for board in boards)


def test_options_that_differ_make_rows_of_their_own_and_name_themselves():
    records = [
        *make_rows({"rigl": DENSE}, options={"drop_fraction": 0.3, "distribution": "erk"}),
        *make_rows({"rigl": DENSE}, options={"drop_fraction": 0.5, "distribution": "erk"}),
        *make_rows({"rigl": DENSE}, options={"drop_fraction": 0.5, "distribution": "erk"}, sparsity=0.9),
    ]
    board = only(build(records))
    labels = sorted((r.label, r.sparsity) for r in board.rows)
    assert labels == [
        ("rigl(drop_fraction=0.3)", 0.5),
        ("rigl(drop_fraction=0.5)", 0.5),
        ("rigl(drop_fraction=0.5)", 0.9),
    ]


def test_versions_that_differ_make_rows_of_their_own():
    newer = make_rows({"rigl": DENSE}, versions={"method:rigl": "robench==0.2.0"})
    board = only(build([*make_rows({"dense": DENSE, "rigl": DENSE}), *newer]))
    assert sorted(r.label for r in board.rows) == ["dense", "rigl(robench==0.1.0)", "rigl(robench==0.2.0)"]
    assert all(r.difference.baseline == "dense" for r in board.rows if r.method == "rigl")


def test_models_are_ranked_and_compared_apart():
    records = [*make_rows(METHODS), *make_rows({"dense": [0.3, 0.31, 0.32], "set": [0.5, 0.52, 0.51]}, model="mlp")]
    board = only(build(records))
    assert board.models == ("cnn-small", "mlp")
    mlp = [r for r in board.rows if r.model == "mlp"]
    assert [(r.method, r.rank) for r in mlp] == [("set", 1), ("dense", 2)]
    assert mlp[0].difference.mean == pytest.approx(0.2)
    assert board.protocol.comparisons == 4


def test_the_baseline_can_be_another_method():
    board = only(build(make_rows(METHODS), baseline="static"))
    assert board.baseline == "static"
    assert row(board, "static").difference is None
    assert row(board, "dense").difference.mean == pytest.approx(np.mean(DENSE) - np.mean(METHODS["static"]))


def test_a_sparse_baseline_is_compared_at_equal_sparsity():
    low = {"static": [0.5, 0.51, 0.52], "rigl": [0.6, 0.61, 0.62]}
    high = {"static": [0.2, 0.21, 0.22], "rigl": [0.3, 0.31, 0.33]}
    board = only(build([*make_rows(low, sparsity=0.3), *make_rows(high, sparsity=0.9)], baseline="static"))
    compared = {r.sparsity: r.difference.mean for r in board.rows if r.method == "rigl"}
    assert compared == {0.3: pytest.approx(0.1), 0.9: pytest.approx(0.31 + 0.01 / 3 - 0.21)}


def test_without_a_baseline_there_is_no_difference_and_it_is_said():
    board = only(build(make_rows({"rigl": DENSE})))
    assert row(board, "rigl").difference is None
    assert any("baseline dense" in line for line in board.footers)
    assert build(make_rows({"rigl": DENSE}), [make_spec("set")], baseline="set")[0].baseline == "set"
    with pytest.raises(InputError, match="did you mean 'rigl'"):
        build(make_rows({"rigl": DENSE}), baseline="rigll")


def test_where_lower_is_better():
    board = only(build(make_rows(METHODS, note={"endpoint": "mce"})))
    assert [r.method for r in board.rows] == ["set", "rigl", "dense", "static"]
    assert row(board, "set").difference.mean < 0
    assert not board.higher_is_better


def test_an_unknown_endpoint_is_refused():
    with pytest.raises(InputError, match="endpoint"):
        build(make_rows(METHODS, note={"endpoint": "accuracy"}))


def test_a_network_counts_once():
    record = make_record()
    with pytest.raises(InputError, match=f"id {record.id} occurs twice"):
        build([record, record])
    with pytest.raises(InputError, match=rf"cnn-small rigl 0\.5 seed 0 occurs twice \({record.id} and other\)"):
        build([record, record.model_copy(update={"id": "other"})])


def test_nothing_gives_no_board():
    assert build([]) == []


def test_footers_say_what_the_reader_must_know():
    text = " ".join(only(build(make_rows(METHODS, train_limit=500))).footers)
    for fact in (
        "n = 5 trained networks",
        "robust_accuracy",
        "95% Welch interval",
        "Holm-adjusted over 3 comparisons",
        "dense (baseline)",
        "unnormalised mean corruption error",
        "generated",
        "gaussian_noise, fog",
        "severities 1, 3",
        "5 epochs on the first 500 training images",
        "all test images",
        "f = multiplications + additions",
        "robench==0.1.0",
    ):
        assert fact in text
    assert "preliminary" not in text
    assert "Missing" not in text


def test_a_dynamic_method_that_never_updated_is_pointed_out():
    rest = Topology(updates=0, nonzero=500, exploration_rate=0.5)
    kinds = {"set": {"update_interval": 100}, "rigl": {"update_interval": 10}, "static": {}}
    records = [make_record(method, options=options) for method, options in kinds.items()]
    records = [r if r.spec.method.name == "rigl" else r.model_copy(update={"topology": rest}) for r in records]
    (board,) = build(records)
    assert {row.method: row.updates for row in board.rows} == {"set": 0, "rigl": 3, "static": 0}
    (footer,) = [line for line in board.footers if line.startswith("Topology never updated")]
    assert footer.endswith("update_interval: set 0.5; these masks were fixed.")


def test_one_label_is_one_method_on_every_board_shown():
    one, other = ({"drop_fraction": 0.3}, 5), ({"drop_fraction": 0.5}, 6)
    boards = build(
        [r for options, epochs in (one, other) for r in make_rows({"rigl": DENSE}, options=options, epochs=epochs)]
    )
    assert sorted(board.rows[0].label for board in boards) == ["rigl(drop_fraction=0.3)", "rigl(drop_fraction=0.5)"]


def test_what_is_missing_bears_the_label_of_its_row():
    records = make_rows({"rigl": DENSE}, options={"drop_fraction": 0.3})
    board = only(build(records, [make_spec("rigl", seed, options={"drop_fraction": 0.5}) for seed in (0, 1)]))
    assert [(m.label, m.seed) for m in board.missing] == [
        ("rigl(drop_fraction=0.5)", 0),
        ("rigl(drop_fraction=0.5)", 1),
    ]
    assert "Missing, not counted: rigl(drop_fraction=0.5) 0.5 cnn-small seeds 0, 1 (unfinished)." in board.footers


def test_options_that_are_not_the_default_are_said_once():
    kinds = {"set": {"update_interval": 10}, "rigl": {"update_interval": 10}, "dense": {}}
    defaults = {"sparsity": 0.5, "update_interval": 100}
    records = [
        record.model_copy(
            update={
                "plugins": {
                    name: note.model_copy(update={"defaults": defaults if name[:7] == "method:" else {"width": 16}})
                    for name, note in record.plugins.items()
                }
            }
        )
        for method, options in kinds.items()
        for record in make_rows({method: DENSE}, options=options, model_options={"width": 32})
    ]
    board = only(build(records))
    assert sorted(r.label for r in board.rows) == ["dense", "rigl", "set"]
    assert board.models == ("cnn-small(width=32)",)
    assert "Not at their defaults: rigl, set update_interval=10." in board.footers
