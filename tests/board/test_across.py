"""Rows over blocks of suite and model: ranks, tests and refusals."""

import numpy as np
import pytest
from rich.cells import cell_len
from scipy import stats
from statsmodels.stats.multitest import multipletests

from robench.board.across import across
from robench.errors import InputError
from robench.report.across import render
from tests.helpers.records import build, make_rows

RNG = np.random.default_rng(3)
GAINS = {"dense": 0.0, "set": 0.010, "rigl": 0.013}


def block(number, gains=GAINS, **spec):
    """Three networks a row; suites alternate, models differ."""
    base, rng = 0.5 + 0.01 * number, np.random.default_rng(number)
    values = {name: (base + gain + rng.normal(0, 0.004, 3)).tolist() for name, gain in gains.items()}
    return make_rows(values, suite=("s", "t")[number % 2], model=f"m{number // 2}", **spec)


def study(blocks, **spec):
    return build([record for number in range(blocks) for record in block(number, **spec)])


def only(boards):
    (found,) = across(boards)
    return found


def test_ranks_and_tests_are_those_of_scipy():
    found = only(study(8))
    table = {entry.method: np.array(entry.means) for entry in found.entries}
    columns = np.stack([*table.values()], axis=1)
    ranks = np.mean([stats.rankdata(-column) for column in columns], axis=0)
    assert [entry.mean_rank for entry in found.entries] == pytest.approx(ranks)
    chi2 = stats.friedmanchisquare(*table.values()).statistic
    assert found.friedman == pytest.approx(stats.f.sf(7 * chi2 / (16 - chi2), 2, 14))
    pairs = [("set", "dense"), ("rigl", "dense"), ("set", "rigl")]
    raw = [stats.wilcoxon(table[one] - table[other], method="exact").pvalue for one, other in pairs]
    adjusted = dict(zip(pairs, multipletests(raw, method="holm")[1], strict=True))
    for entry in found.entries:
        if entry.against:
            assert entry.against.p_adjusted == pytest.approx(adjusted[entry.method, "dense"])
    letters = {entry.method: set(entry.group) for entry in found.entries}
    assert all(bool(letters[one] & letters[other]) == (adjusted[one, other] > 0.05) for one, other in pairs)
    assert len(found.blocks) == len({(one.suite, one.model) for one in found.blocks}) == 8


def test_values_are_means_over_networks_and_counts_are_over_blocks():
    found = only(study(8))
    records = {(r.spec.suite, r.spec.model.name, r.spec.method.name): [] for n in range(8) for r in block(n)}
    for number in range(8):
        for r in block(number):
            records[r.spec.suite, r.spec.model.name, r.spec.method.name].append(r.metrics.robust_accuracy)
    for entry in found.entries:
        expected = [np.mean(records[b.suite, b.model, entry.method]) for b in found.blocks]
        assert entry.means == pytest.approx(expected)
        if entry.against:
            base = [np.mean(records[b.suite, b.model, "dense"]) for b in found.blocks]
            assert entry.against.ahead == np.count_nonzero(np.array(expected) > np.array(base))
            assert entry.against.low < entry.against.mean < entry.against.high
            assert 0 <= entry.against.better_in_at_least <= entry.against.tested == 8


def test_too_few_blocks_are_refused_in_words_and_differences_stay():
    found = only(study(5))
    assert (found.friedman, found.bars) == (None, None)
    assert all(entry.against is None or entry.against.p_adjusted is None for entry in found.entries)
    assert all(entry.against is None or entry.against.mean is not None for entry in found.entries)
    assert "6 blocks are needed" in " ".join(render([found]).split())
    untestable = only(study(6))  # three pairs: the smallest adjusted p is 3 / 32
    assert untestable.friedman is not None
    assert "8 blocks are needed" not in (untestable.refusal or "")
    assert "7 blocks are needed" in (untestable.refusal or "")


def test_where_lower_is_better_the_order_turns():
    higher, lower = only(study(8)), only(study(8, note={"endpoint": "mce"}))
    assert [entry.method for entry in lower.entries] == [entry.method for entry in higher.entries]
    for one, other in zip(lower.entries, higher.entries, strict=True):
        assert one.mean_rank == other.mean_rank
        if one.against and other.against:
            assert (one.against.ahead, one.against.mean) == (other.against.ahead, pytest.approx(-other.against.mean))


def test_rows_that_are_not_everywhere_are_named():
    records = [r for n in range(3) for r in block(n)] + block(3, {"dense": 0.0, "set": 0.01})
    found = only(build(records))
    assert found.left_out == ("rigl 0.5",)
    assert {entry.method for entry in found.entries} == {"dense", "set"}
    assert "left out: rigl 0.5" in render([found])


def test_a_suite_and_model_on_two_boards_is_an_error():
    boards = build([*block(0), *block(0, severities=(1,)), *block(1)])
    with pytest.raises(InputError, match="s with m0 stands on two boards"):
        across(boards)


def test_published_and_generated_never_share_a_table():
    boards = build([*block(0), *block(1), *block(0, source="published"), *block(1, source="published")])
    assert [(one.source, len(one.blocks)) for one in across(boards)] == [("generated", 2), ("published", 2)]
    assert across(build([*block(0), *block(1, source="published")])) == []


def test_a_sparse_baseline_is_met_at_its_own_sparsity():
    values = {"static": [0.5, 0.51, 0.52], "set": [0.53, 0.54, 0.56]}
    records = [
        record
        for model in ("m0", "m1")
        for share, shift in ((0.3, 0.0), (0.9, -0.2))
        for record in make_rows({k: [v + shift for v in vs] for k, vs in values.items()}, sparsity=share, model=model)
    ]
    (found,) = across(build(records, baseline="static"))
    compared = {entry.sparsity: entry.against for entry in found.entries if entry.method == "set"}
    assert {share: one.baseline_sparsity for share, one in compared.items()} == {0.3: 0.3, 0.9: 0.9}
    assert [one.mean for one in compared.values()] == pytest.approx([0.1 / 3] * 2)


def test_the_text_fits_and_says_what_it_rests_on():
    text = render([only(study(20))])
    assert max(map(cell_len, text.splitlines())) <= 100
    flat = " ".join(text.split())
    for fact in ("Over 20 blocks", "(20) t · m9", "Friedman", "Hartung and Knapp", "Holm over all pairs", "above 0 is"):
        assert fact in flat
