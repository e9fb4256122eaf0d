"""Where the tests of the corruptions find photographs and files that a corruption needs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from robench import registry


@pytest.fixture(scope="session")
def root(request: pytest.FixtureRequest) -> Callable[[str], Path | None]:
    """Return the data root for a corruption by name; it skips only where files are needed and not to be had."""

    def find(name: str) -> Path | None:
        return request.getfixturevalue("shared_data") if registry.load("corruption", name).assets else None

    return find


@pytest.fixture(scope="session")
def photographs(shared_data: Path) -> np.ndarray:
    """The first 1,000 test images of CIFAR-10."""
    from robench_datasets.cifar import cifar10

    return cifar10.read(shared_data, "test")[0][:1000]
