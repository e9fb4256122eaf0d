"""A cache of its own for every test, and a local web server."""

import threading
from collections.abc import Iterator

import pytest
from serving import Server


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ROBENCH_CACHE", str(folder))
    monkeypatch.delenv("ROBENCH_DATA", raising=False)
    monkeypatch.delenv("ROBENCH_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    return folder


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()
