"""Fixtures that several folders of tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("robench", deadline=None)  # no test on wall-clock time
settings.load_profile("robench")

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests share the cores; two threads each would fight over them

SHARED = Path(os.environ.get("ROBENCH_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference outputs and real data beside the checkout; a test that needs it skips elsewhere."""
    if not (SHARED / "golden").is_dir():
        pytest.skip("no folder of reference data beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """The data root with the real CIFAR-10 and the frost textures."""
    return shared / "data"
