"""The verdict on boards: which contrasts there are, what their numbers are, what is refused."""

import numpy as np
import pytest
from rich.cells import cell_len
from scipy import stats
from statsmodels.stats.multitest import multipletests

from robench.board.verdict import verdicts
from robench.contracts import Role
from robench.report.verdict import render
from tests.helpers.records import build, make_record, make_rows

DENSE = {"dense": [0.600, 0.604, 0.598, 0.602, 0.601]}
SPARSE = {
    "set": [0.612, 0.618, 0.611, 0.615, 0.613],
    "rigl": [0.603, 0.606, 0.599, 0.607, 0.600],
    "static": [0.580, 0.584, 0.579, 0.583, 0.590],
    "small": [0.590, 0.594, 0.589, 0.599, 0.596],
}


def scenario(shift=0.0, sparsities=(0.3,), **spec):
    """Records of one suite and model, all accuracies moved by `shift`."""
    moved = {name: [value + shift for value in values] for name, values in SPARSE.items()}
    dense = {name: [value + shift for value in values] for name, values in DENSE.items()}
    sparse = [record for share in sparsities for record in make_rows(moved, sparsity=share, **spec)]
    return [*make_rows(dense, **spec), *sparse]


def only(records):
    (verdict,) = verdicts(build(records))
    return verdict


def test_each_dynamic_row_meets_each_control_of_its_scenario():
    verdict = only(scenario(sparsities=(0.3, 0.5, 0.9)))
    pairs = [(c.role, c.control, c.method, c.sparsity) for c in verdict.contrasts]
    assert pairs == [
        (role, name, method, share)
        for role, name in ((Role.DENSE, "dense"), (Role.STATIC, "static"), (Role.SMALL, "small"))
        for share in (0.3, 0.5)
        for method in ("rigl", "set")
    ]


def test_numbers_agree_with_scipy_and_statsmodels():
    verdict = only(scenario())
    for role, name in ((Role.DENSE, "dense"), (Role.STATIC, "static"), (Role.SMALL, "small")):
        found = [contrast for contrast in verdict.contrasts if contrast.role == role]
        control = DENSE.get(name) or SPARSE[name]
        tests = [stats.ttest_ind(SPARSE[contrast.method], control, equal_var=False) for contrast in found]
        adjusted = multipletests([test.pvalue for test in tests], method="holm")[1]
        for contrast, test, p in zip(found, tests, adjusted, strict=True):
            interval = test.confidence_interval(0.95)
            assert contrast.mean == pytest.approx(np.mean(SPARSE[contrast.method]) - np.mean(control))
            assert (contrast.low, contrast.high) == pytest.approx((interval.low, interval.high))
            assert (contrast.p, contrast.p_adjusted) == pytest.approx((test.pvalue, p))
            assert contrast.significant == (p <= 0.05)


def test_counts_over_scenarios_are_those_of_the_partial_conjunction():
    verdict = only([*scenario(), *scenario(shift=-0.1, model="mlp")])
    counts = {(c.method, c.control): (c.scenarios, c.ahead, c.tested, c.better_in_at_least) for c in verdict.counts}
    one = stats.ttest_ind(SPARSE["rigl"], DENSE["dense"], equal_var=False, alternative="greater").pvalue
    assert one > 0.05  # so rigl is ahead of dense twice and shown better nowhere, set is twice
    assert counts["set", "dense"] == (2, 2, 2, 2)
    assert counts["rigl", "dense"] == (2, 2, 2, 0)
    assert counts["rigl", "static"] == (2, 2, 2, 2)


def test_below_six_blocks_there_is_a_pooled_difference_and_no_test():
    better = make_rows({"set": [0.632, 0.638, 0.631, 0.635, 0.633]}, sparsity=0.3, model="mlp")
    second = [record for record in scenario(model="mlp") if record.spec.method.name != "set"]
    verdict = only([*scenario(), *second, *better])
    assert {found.blocks for found in verdict.across} == {2}
    assert all(found.p is None and "7 blocks are needed" in found.refusal for found in verdict.across)
    found = next(f for f in verdict.across if (f.method, f.control) == ("set", "dense"))
    assert found.low < found.mean < found.high
    assert found.mean == pytest.approx(np.mean(SPARSE["set"]) + 0.01 - np.mean(DENSE["dense"]))


def test_as_many_blocks_as_the_smallest_adjusted_p_takes_are_tested():
    records = [r for number in range(7) for r in scenario(shift=-0.01 * number, model=f"m{number}")]
    verdict = only(records)
    assert all(found.p == pytest.approx(2 / 2**7) and found.refusal is None for found in verdict.across)
    assert all(found.p_adjusted == pytest.approx(4 / 2**7) for found in verdict.across)  # two methods a control
    one = [record for record in records if record.spec.method.name != "rigl" and record.spec.model.name != "m6"]
    assert all(found.p == found.p_adjusted == pytest.approx(2 / 2**6) for found in only(one).across)


def test_networks_that_stand_on_two_boards_are_no_two_blocks():
    verdict = only([*scenario(), *scenario(severities=(1,))])
    assert len(verdict.contrasts) == 12
    assert {(found.mean, found.p) for found in verdict.across} == {(None, None)}
    assert all("digits-c with cnn-small stands on two boards" in found.refusal for found in verdict.across)
    assert "stands on two boards" in " ".join(render([verdict]).split())


def test_the_answers_count_what_is_significant():
    verdict = only(scenario())
    for answer in verdict.answers:
        found = [contrast for contrast in verdict.contrasts if contrast.role == answer.role]
        signs = [contrast.significant and np.sign(contrast.mean) for contrast in found]
        assert (answer.contrasts, answer.better, answer.worse, answer.open) == (
            2,
            signs.count(1),
            signs.count(-1),
            signs.count(False),
        )
    assert "than dense: significantly better in 1, worse in 0, open in 1 of 2 comparisons" in render([verdict])
    turned = only(scenario(note={"endpoint": "mce"}))
    assert [answer.better for answer in turned.answers] == [answer.better for answer in verdict.answers]


def test_many_scenarios_still_make_one_page():
    blocks = [{"model": f"m{number}", "shift": -0.01 * number} for number in range(9)]
    text = render([only([r for block in blocks for r in scenario(sparsities=(0.1, 0.3, 0.5), **block)])])
    assert len(text.splitlines()) < 70
    flat = " ".join(text.split())
    assert "The 162 comparisons stand in --verdict --json and in --figures." in flat
    assert "set: mean ahead in 27 of 27 scenarios; shown better in at least 27 of 27" in flat


def test_published_and_generated_are_judged_apart():
    records = [*scenario(), *scenario(source="published")]
    assert [verdict.source for verdict in verdicts(build(records))] == ["generated", "published"]


def test_what_is_not_there_is_named():
    records = [record for record in scenario() if record.spec.method.name not in ("static", "small")]
    (text,) = only(records).absent
    assert text == "digits-c cnn-small at 0.3: no small, static control"
    assert only(make_rows(DENSE)).absent == ("digits-c: no dynamic method at sparsity 0.1 to 0.5",)
    unsaid = [
        record.model_copy(
            update={"plugins": {key: note.model_copy(update={"role": None}) for key, note in record.plugins.items()}}
        )
        for record in make_rows(DENSE)
    ]
    assert "records of dense do not say what the method is compared as" in only(unsaid).absent[0]
    assert verdicts([]) == []


def test_too_few_networks_are_counted_as_untested():
    few = [record for record in scenario() if record.spec.seed < 2]
    verdict = only(few)
    assert all(contrast.p is None and not contrast.significant for contrast in verdict.contrasts)
    assert all(count.tested == 0 and count.better_in_at_least == 0 for count in verdict.counts)
    assert "n<3" in render([verdict])


def test_where_lower_is_better():
    verdict = only(scenario(note={"endpoint": "mce"}))
    found = next(c for c in verdict.contrasts if (c.method, c.control) == ("set", "dense"))
    assert (found.mean < 0, found.significant, found.p_better < 0.05) == (True, True, True)
    assert next(c for c in verdict.counts if (c.method, c.control) == ("set", "dense")).ahead == 1


def test_the_page_says_what_it_rests_on():
    text = render([only([*scenario(), *scenario(model="mlp")])])
    assert max(map(cell_len, text.splitlines())) <= 100
    flat = " ".join(text.split())
    for fact in (
        "Better than dense (dense)?",
        "Better than static (static)?",
        "Better than small (small)?",
        "digits-c · cnn-small",
        "set: mean ahead in 2 of 2 scenarios; shown better in at least 2 of 2",
        "set 30 2 +1.28 [+1.28, +1.28] –",
        "7 blocks are needed",
        "Holm over the comparisons of a suite",
        "above 0 is better",
    ):
        assert fact in flat
    (line,) = [line for line in text.splitlines() if line.startswith("    set") and "+1.28" in line][:1]
    assert line.split()[:5] == ["set", "30", "5:5", "+1.28", "[+0.91,"]


def test_a_method_without_a_seed_in_common_still_counts():
    """Networks are not paired by seed: other seeds, same numbers."""
    moved = [make_record("set", seed + 50, value, sparsity=0.3) for seed, value in enumerate(SPARSE["set"])]
    others = [record for record in scenario() if record.spec.method.name != "set"]
    assert only([*others, *moved]).contrasts == only(scenario()).contrasts
