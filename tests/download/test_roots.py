import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from robench import download


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.delenv("ROBENCH_DATA", raising=False)
    monkeypatch.delenv("ROBENCH_CACHE", raising=False)


def test_the_user_cache_is_the_default():
    assert download.cache() == platformdirs.user_cache_path("robench", appauthor=False)
    assert download.root() == download.cache() / "data"


def test_given_goes_before_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("ROBENCH_DATA", str(tmp_path / "environment"))
    assert download.root() == tmp_path / "environment"
    assert download.root(tmp_path / "given") == tmp_path / "given"


def test_the_cache_moves_with_its_variable_and_home_is_expanded(monkeypatch):
    monkeypatch.setenv("ROBENCH_CACHE", "~/elsewhere")
    assert download.cache() == Path.home() / "elsewhere"
    assert download.root(Path("~/sets")) == Path.home() / "sets"


def test_importing_downloads_leaves_torch_alone():
    code = "import sys, robench.download.fetch; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
