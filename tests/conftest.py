"""Fixtures that several folders of tests share."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from robench import registry
from tests.helpers.distributions import seen
from tests.helpers.serving import Server

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


@pytest.fixture(scope="session")
def root_of(request: pytest.FixtureRequest) -> Callable[[str], Path | None]:
    """Return the data root for a corruption by name; it skips only where files are needed and not to be had."""

    def find(name: str) -> Path | None:
        return request.getfixturevalue("shared_data") if registry.load("corruption", name).assets else None

    return find


@pytest.fixture(scope="session")
def photographs(shared_data: Path) -> np.ndarray:
    """The first 1,000 test images of CIFAR-10."""
    from robench_datasets.cifar import cifar10

    return cifar10.read(shared_data, "test")[0][:1000]


@pytest.fixture
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own, and no data root or mirror from the environment."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ROBENCH_CACHE", str(folder))
    monkeypatch.delenv("ROBENCH_DATA", raising=False)
    monkeypatch.delenv("ROBENCH_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    return folder


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server on the loopback interface."""
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on sys.path for distributions made by a test; they and their modules are forgotten after it."""
    folder = tmp_path_factory.mktemp("site")
    with seen([str(folder)]):
        yield folder
