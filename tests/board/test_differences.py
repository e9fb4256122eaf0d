"""Which row a row is compared with."""

import numpy as np
import pytest

from tests.helpers.records import build, make_rows

DENSE = [0.600, 0.604, 0.598, 0.602, 0.601]
REGULARISED = [0.612, 0.618, 0.611, 0.615, 0.613, 0.614]
SET = [0.590, 0.594, 0.588, 0.592, 0.591]


def test_a_variant_of_the_baseline_is_compared_with_it_and_is_none_itself():
    records = make_rows({"dense": DENSE, "set": SET})
    records += make_rows({"dense": REGULARISED}, options={"dropout": 0.1})
    (board,) = build(records)
    differences = {row.label: row.difference for row in board.rows}
    assert differences["dense"] is None
    assert differences["dense(dropout=0.1)"].mean == pytest.approx(np.mean(REGULARISED) - np.mean(DENSE))
    assert differences["set"].mean == pytest.approx(np.mean(SET) - np.mean(DENSE))
    assert board.protocol.comparisons == 2


def test_rows_of_a_sparse_baseline_at_several_sparsities_are_all_baselines():
    records = [
        *make_rows({"static": DENSE, "set": SET}, sparsity=0.5),
        *make_rows({"static": REGULARISED, "set": SET}, sparsity=0.9),
    ]
    (board,) = build(records, baseline="static")
    compared = [(row, board.control(row)) for row in board.rows]
    assert {row.sparsity: control.sparsity for row, control in compared if control} == {0.5: 0.5, 0.9: 0.9}
    assert all((control is None) == (row.method == "static") for row, control in compared)
    means = {row.sparsity: row.difference.mean for row in board.rows if row.method == "set"}
    assert means == {
        0.5: pytest.approx(np.mean(SET) - np.mean(DENSE)),
        0.9: pytest.approx(np.mean(SET) - np.mean(REGULARISED)),
    }
