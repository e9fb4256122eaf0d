import pytest

from robench.board.groups import check_networks
from robench.errors import InputError


def test_accepts_networks_that_differ():
    check_networks(["a", "b", "c"], ["0", "1", "2"])
    check_networks([], [])


def test_refuses_one_network_twice():
    with pytest.raises(InputError, match=r"networks: run-7 occurs twice"):
        check_networks(["run-7", "run-8", "run-7"], ["0", "1", "0"])


def test_refuses_identical_weights_and_names_both():
    with pytest.raises(InputError, match=r"seed-1 and seed-3 have identical weights \(feed"):
        check_networks(["seed-1", "seed-2", "seed-3"], ["feed" * 16, "beef" * 16, "feed" * 16])


def test_refuses_unequal_lengths():
    with pytest.raises(ValueError, match="shorter"):
        check_networks(["a", "b"], ["0"])
