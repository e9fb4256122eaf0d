"""Every test of this folder has a cache of its own."""

import pytest


@pytest.fixture(autouse=True)
def alone(own_cache):
    """Use it."""
