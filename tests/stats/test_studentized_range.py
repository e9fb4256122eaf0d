import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from robench.stats.studentized_range import studentized_range

Q = np.array([0.1, 1.0, 3.0, 5.0, 8.0, 15.0, 30.0])


@pytest.mark.parametrize("means", [2, 3, 5, 10, 50])
@pytest.mark.parametrize("degrees", [2, 2.3, 4, 8.5, 40])
def test_equals_scipy(means, degrees):
    expected = stats.studentized_range.sf(Q, means, degrees)
    known = expected > 1e-11  # scipy's own absolute error
    assert studentized_range(Q, means, degrees)[known] == pytest.approx(expected[known], rel=1e-5)


@pytest.mark.parametrize("degrees", [2, 7.7, 30])
def test_two_means_are_students_t(degrees):
    q = np.array([0.5, 3.0, 8.0])
    assert studentized_range(q, 2, degrees) == pytest.approx(2 * special.stdtr(degrees, -q / np.sqrt(2)), rel=1e-5)


def test_tables_upper_five_percent_points():
    # Harter's table, printed in every textbook: q(.05; means, degrees)
    table = {(3, 10): 3.877, (5, 20): 4.232, (4, 8): 4.529, (10, 30): 4.824}
    for (means, degrees), q in table.items():
        assert studentized_range(q, means, degrees)[0] == pytest.approx(0.05, abs=1e-4)


@settings(deadline=None, max_examples=50)  # the first call for a number of means makes its table
@given(st.floats(0, 50), st.floats(0, 10), st.sampled_from([2, 3, 5, 12]), st.floats(2, 100))
def test_falls_with_the_range_and_rises_with_the_number_of_means(q, more, means, degrees):
    here = studentized_range(q, means, degrees)[0]
    assert 0 <= here <= 1
    assert studentized_range(q + more, means, degrees)[0] <= here * (1 + 1e-9)
    assert studentized_range(q, means + 1, degrees)[0] >= here * (1 - 1e-5)
