import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench.sparse.schedules import cosine, cubic, is_update, landing, last_update


def updates(interval, stop, total):
    return [step for step in range(total) if is_update(step, interval=interval, stop=stop, total=total)]


def test_updates_fall_between_the_first_step_and_the_stop():
    assert updates(interval=10, stop=40, total=100) == [10, 20, 30]
    assert updates(interval=10, stop=0, total=100) == []


def test_the_last_step_is_left_to_train():
    assert updates(interval=1, stop=5, total=5) == [1, 2, 3]


@given(st.integers(1, 20), st.integers(0, 60), st.integers(1, 60))
def test_never_on_the_first_or_last_step(interval, stop, total):
    assert not {0, total - 1} & set(updates(interval, stop, total))


def test_cosine():
    assert cosine(0.3, 0, 80) == 0.3
    assert cosine(0.3, 20, 80) == pytest.approx(0.15 * (1 + 2**-0.5))
    assert cosine(0.3, 40, 80) == pytest.approx(0.15)
    assert cosine(0.3, 80, 80) == 0


def test_last_update_is_the_last_step_that_is_one():
    for interval, stop, total in [(3, 20, 20), (5, 12, 30), (7, 5, 9), (1, 10, 10)]:
        due = [step for step in range(total) if is_update(step, interval=interval, stop=stop, total=total)]
        for step in range(total):
            expected = max((one for one in due if one <= step), default=0)
            assert last_update(step, interval=interval, stop=stop, total=total) == expected


def test_landing_leaves_a_step_to_train():
    assert [landing(*pair) for pair in [(75, 100), (100, 100), (99, 100), (2, 2), (1, 1)]] == [75, 98, 98, 0, 0]


def test_cubic_surplus():
    assert [cubic(step, 10, 30) for step in (0, 10, 20, 30, 40)] == [1, 1, 0.125, 0, 0]
    assert cubic(10, 10, 10) == 0
